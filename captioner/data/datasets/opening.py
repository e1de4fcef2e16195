"""Opening a data set of any layout from the files or the folder that a user has."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from captioner.data.datasets.cs231n import open_cs231n
from captioner.data.datasets.dataset import CaptionDataset
from captioner.data.datasets.named import open_named
from captioner.data.datasets.neuraltalk2 import open_neuraltalk2
from captioner.data.datasets.recognition import FoundFile, Kind, find_files
from captioner.data.datasets.sgrvinod import open_sgrvinod
from captioner.errors import AnnotationError
from captioner.file_names import file_name

_FEATURES = {Kind.FEATURES, Kind.REGIONS, Kind.KEYED_FEATURES, Kind.ARRAY_FOLDER, Kind.ID_ROWS, Kind.INTEGERS}


@dataclass(frozen=True, slots=True)
class _Layout:
    """A reader, the kinds of files that call for it, and those that it can use besides."""

    read: Callable[[Sequence[FoundFile], Sequence[str]], CaptionDataset]
    needs: Set[Kind]
    uses: Set[Kind]


# Texts come before token ids: they are what metrics are computed on, and rare words are not lost in them.
_LAYOUTS = (
    _Layout(open_cs231n, {Kind.CS231N_CAPTIONS}, {Kind.CS231N_VOCABULARY, Kind.FEATURES, Kind.NAMES, Kind.URLS}),
    _Layout(open_named, {Kind.CAPTIONS}, {Kind.NAMES, *_FEATURES}),
    _Layout(open_neuraltalk2, {Kind.LABELS, Kind.LABELLED_IMAGES}, _FEATURES),
    _Layout(open_sgrvinod, {Kind.TOKEN_ROWS, Kind.WORD_MAP}, {Kind.PIXELS, *_FEATURES}),
)


def is_captioned(files: Sequence[FoundFile]) -> bool:
    """Whether captions of some layout, or a part of them, are among these files."""
    kinds = {file.kind for file in files}
    return any(layout.needs & kinds for layout in _LAYOUTS)


def open_dataset(*paths: str | os.PathLike[str]) -> CaptionDataset:
    """Recognise the files of a data set by what is in them, check that they fit together, and open it.

    Captions are read, and every id and index in them is checked; features are read as they are asked for.

    Parameters
    ----------
    paths
        Files, folders of files, or both. Known are CS231n's ``coco_captioning``, sgrvinod's tutorial, neuraltalk2 and
        ImageCaptioning.pytorch, and captions files of `captioner.data.annotations` with feature files of this
        project, features by image id, or bottom-up attention regions. A layout's captions alone open as well.

    Raises
    ------
    CaptionerError
        If a file is missing, damaged or unsafe, no captions are among them, or files do not fit together. The
        message names the file and, inside it, dataset and row.
    """
    files, notes = find_files(paths)
    kinds = {file.kind for file in files}
    for layout in _LAYOUTS:
        if layout.needs & kinds:
            used = [file for file in files if file.kind in layout.needs | layout.uses]
            notes += [f"{file_name(file.path)} ({file.kind}) is not used." for file in files if file not in used]
            return layout.read(used, notes)
    first = Path(paths[0]) if paths else Path()
    if kinds & _FEATURES:
        problem = "comes without captions. Give the captions file of its images as well."
    elif Kind.PIXELS in kinds:
        problem = "holds images but no captions. Give the CAPTIONS and WORDMAP files as well."
    else:
        problem = "holds no data set of a layout that is known here. Name its captions and feature files."
    raise AnnotationError(f"{first} {problem}", path=first)
