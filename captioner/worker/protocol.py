"""What a window asks of the worker and what the worker answers: frozen messages, none of which imports torch.

Every request carries a `job_id` of the asker's choice. Its answers carry the same id: any number of events, then
exactly one of `Finished`, `Cancelled` or `Failed`. Paths are text as `os.fsdecode` makes it, so that any name survives.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from captioner.caption import Caption
from captioner.caption import CaptionEntry as CaptionEntry  # noqa: PLC0414 (part of these messages)
from captioner.caption import TextFormat as TextFormat  # noqa: PLC0414
from captioner.config import DecodingOptions

# Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something that the worker is asked to do."""

    job_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindImages(Request):
    """Find the photographs in files and folders; answered by `ImagesFound`, many times, and `PathRefused`."""

    paths: tuple[str, ...]
    is_recursive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeThumbnails(Request):
    """Make small pictures, each within ``side`` x ``side`` pixels; answered by `ThumbnailMade` and `ImageFailed`."""

    paths: tuple[str, ...]
    side: int = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPhotograph(Request):
    """Decode a photograph for the screen; answered by `PhotographOpened` or `ImageFailed`.

    Attributes
    ----------
    side
        Both sides of the pixels stay at most this long; 0 asks for all of them.
    """

    path: str
    side: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionImages(Request):
    """Caption photographs in this order; answered by one `ImageCaptioned` or `ImageFailed` each.

    Attributes
    ----------
    options
        How words are chosen; the model's own recommendation when None.
    beginning
        Words with which the captions must begin.
    model
        Name or folder of the model; the one that was loaded last when None.
    """

    paths: tuple[str, ...]
    options: DecodingOptions | None = None
    beginning: tuple[str, ...] = ()
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadModel(Request):
    """Load a model, by name or folder, and make it the current one; answered by `ModelLoaded`.

    None stands for the model that comes with the program. When loading fails, the model before stays.
    """

    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListModels(Request):
    """List bundled and installed models; answered by `ModelsListed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportModel(Request):
    """Verify a model package, a folder or a ``.zip`` of one, and install it; answered by `ModelImported`."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportModel(Request):
    """Write an installed or bundled model to the new ``.zip`` file ``target``; answered by `FileWritten`."""

    name: str
    target: str
    is_overwriting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveModel(Request):
    """Remove an installed model; a bundled one is refused. Answered by `ModelRemoved`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCaptions(Request):
    """Write captions; answered by `FileWritten`, once for each file.

    Attributes
    ----------
    format
        ``txt`` writes a file beside each photograph; ``csv``, ``json``, ``coco`` and ``html`` one file.
    target
        That file; not used by ``txt``.
    is_overwriting
        Replace files that are there; otherwise they fail the job before anything is written.
    """

    format: TextFormat
    entries: tuple[CaptionEntry, ...]
    target: str = ""
    is_overwriting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFigure(Request):
    """Draw one caption and where its words looked, by the ending of ``target``; answered by `FileWritten`.

    ``.png``, ``.jpg`` and ``.webp`` are pictures, ``.svg`` and ``.pdf`` figures for print, ``.gif`` an animation that
    goes from word to word.
    """

    entry: CaptionEntry
    target: str
    is_smooth: bool = True
    is_scale_shared: bool = True
    is_overwriting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Request):
    """Stop the job with this id as soon as may be; it then ends with `Cancelled`. Has no answer of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown(Request):
    """End the process; whatever is under way is dropped."""


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; `job_id` is 0 where no request asked for it."""

    job_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStarted(Event):
    """The process runs and takes requests; it may still be importing torch."""

    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerReady(Event):
    """The engine is imported; loading and captioning can begin at once."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerUnusable(Event):
    """The engine cannot be imported: one sentence that says what to do, and the details for a report."""

    message: str
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDied(Event):
    """The process ended by itself; another one is being started. Told by the client, not by the worker.

    The details are the last lines of its log.
    """

    message: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class FoundImage:
    """A file that may be a photograph: its path, size in bytes, and time of change in nanoseconds since 1970."""

    path: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesFound(Event):
    """Some more photographs, in natural order within each folder."""

    images: tuple[FoundImage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRefused(Event):
    """A path that stands for no photograph, and why, in a sentence."""

    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThumbnailMade(Event):
    """A small picture.

    Attributes
    ----------
    width, height
        Of the upright original, in pixels.
    pixels
        (h, w, 3) uint8 RGB, upright.
    """

    path: str
    width: int
    height: int
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhotographOpened(Event):
    """A photograph for the screen; attributes as in `ThumbnailMade`."""

    path: str
    width: int
    height: int
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCaptioned(Event):
    """A photograph and its caption."""

    path: str
    caption: Caption


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFailed(Event):
    """A photograph that could not be read or captioned, and a sentence that says why and what to do."""

    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDetails:
    """A model as a window shows it.

    Attributes
    ----------
    name, description, origin
        Its folder's name; one sentence; ``bundled``, ``installed`` or ``folder``.
    path
        Its folder.
    size
        Bytes of all its files.
    encoder, decoder
        One line each, such as ``stepped_resnet18 at 224 x 224``; no encoder where the model captions features alone.
    grid
        Rows and columns of the places that attention weighs; (0, 0) without an encoder.
    vocabulary
        Number of words it knows.
    decoding
        The decoding options it was tuned for.
    data, licence, limits
        What it learned from, under what terms it may be used, what it cannot do; empty where its maker says nothing.
    scores, protocol
        Name and value of each score, such as ``("CIDEr", 50.3)``, and how they were obtained.
    card
        The whole model card, Markdown.
    """

    name: str
    description: str
    origin: str
    path: str
    size: int
    encoder: str
    decoder: str
    grid: tuple[int, int]
    vocabulary: int
    decoding: DecodingOptions = field(default_factory=DecodingOptions)
    data: str = ""
    licence: str = ""
    limits: str = ""
    scores: tuple[tuple[str, float], ...] = ()
    protocol: str = ""
    card: str = ""

    @property
    def is_features_only(self) -> bool:
        """Whether it can caption no photographs, because nobody knows what made the features it learned from."""
        return not self.encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLoaded(Event):
    """The model is ready to caption, after this many seconds."""

    model: ModelDetails
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsListed(Event):
    """All models that can be read, by name, and a sentence for each that cannot."""

    models: tuple[ModelDetails, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelImported(Event):
    """The model was verified and installed."""

    model: ModelDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRemoved(Event):
    """The model is no longer installed."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWritten(Event):
    """A file is there, whole."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingStarted(Event):
    """A file is about to be decoded; if the worker dies now, it is this file's doing."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingFinished(Event):
    """The file was decoded or refused."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Event):
    """The job is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Event):
    """The job was stopped as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """The job could not be done: one or two sentences that say what to do, and the details for a report."""

    message: str
    details: str = ""
