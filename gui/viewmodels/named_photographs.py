"""Whether the photographs that captions are of can be in a folder at all, before any is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from captioner.data.annotations import read_annotations, read_split
from captioner.errors import CaptionerError
from captioner.worker.training_protocol import ExtractionRequest

MOST_BYTES = 2**25
"""Of a file of captions; to read a larger one would hold up whoever asks."""


class Mismatch(NamedTuple):
    """`file` names so many `images`, `example` for one, and none of them is in `folder`."""

    images: int
    file: str
    example: str
    folder: str


def mismatch(request: ExtractionRequest) -> Mismatch | None:
    """What does not match; None where at least one photograph is there, or where there is no telling quickly."""
    path = request.split or request.captions
    if path is None:
        return None
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            return None
        names = read_split(path) if request.split else [image.file_name for image in read_annotations(path).images]
        # The first that is there ends this, so that it takes time only where something is wrong.
        if not names or any((Path(request.images) / name).exists() for name in names):
            return None
    except (OSError, ValueError, CaptionerError):
        return None  # the extraction itself says what is wrong with the file
    return Mismatch(len(names), path, names[0], request.images)
