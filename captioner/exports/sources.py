"""The photographs that captions belong to, opened again for export."""

from __future__ import annotations

from pathlib import Path

from captioner.caption import CaptionEntry
from captioner.errors import ImageError
from captioner.file_names import file_name
from captioner.imaging import Photograph, open_photograph

_MEGAPIXELS = 64.0


def photograph_of(entry: CaptionEntry, at_least: int) -> Photograph:
    """Decode the photograph of an entry, reduced to sides of ``at_least`` pixels or more.

    Raises
    ------
    ImageError
        When it cannot be read any more, or is no longer the one that was captioned.
    """
    caption = entry.caption
    # Whoever had a larger one captioned allowed it then; the little more is for rounding.
    captioned = 0.0 if caption is None else 1.001 * caption.width * caption.height / 1e6
    photograph = open_photograph(entry.path, max_megapixels=max(_MEGAPIXELS, captioned), at_least=at_least)
    if caption is not None and (photograph.width, photograph.height) != (caption.width, caption.height):
        message = f"{file_name(Path(entry.path))} has been changed since it was captioned. Caption it again."
        raise ImageError(message, path=entry.path)
    return photograph
