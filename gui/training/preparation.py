"""What a run is to learn from: chosen or dropped, completed by features where there are none, and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PySide6.QtCore import QObject, Signal

from captioner.errors import CaptionerError
from captioner.file_names import file_name
from captioner.worker.training_protocol import (
    DatasetChoice,
    ExtractionEnded,
    ExtractionFailed,
    ExtractionReport,
    ExtractionRequest,
)
from gui.training import dialogs
from gui.training_bridge import TrainingBridge
from gui.viewmodels.corrections import choice_in
from gui.viewmodels.dataset_choice import DatasetSelection
from gui.viewmodels.dataset_files import is_of_other_split, looks_like_data
from gui.viewmodels.feature_wishes import FeatureWishes, encoder_question

if TYPE_CHECKING:
    from gui.training.page import TrainPage


def features_folder() -> Path:
    """Where features are kept that the window makes."""
    return Path(platformdirs.user_data_dir("captioner", appauthor=False)) / "features"


class Preparation(QObject):
    """Ties the data panel to the selection, and this to the processes that check and extract.

    Signals
    -------
    features_changed()
        Features are being made, or are not any more.
    """

    features_changed = Signal()

    def __init__(self, bridge: TrainingBridge, page: TrainPage, dataset: DatasetSelection) -> None:
        super().__init__(page)
        self._bridge, self._page, self._dataset = bridge, page, dataset
        self._extraction: ExtractionRequest | None = None
        self._waiting: list[ExtractionRequest] = []
        self._made: list[str] = []
        self._images: str | None = None
        self._model: str | None = None
        self._weights: str | None = None
        self._is_beside = False
        self._connect_signals()
        self._on_dataset_changed()

    @property
    def is_making_features(self) -> bool:
        """Whether features of photographs are being made."""
        return self._extraction is not None

    @property
    def lacks_weights(self) -> bool:
        """Whether the weights of an encoder have to be chosen before anything else can be done."""
        return self._page.wishes.lacks_weights(self._dataset, self._page.form.start_from)

    def take(self, paths: Sequence[str]) -> bool:
        """Take up files and folders that a model can learn from; whether there was one among them."""
        collection = choice_in(Path(paths[0])) if len(paths) == 1 else None
        if collection is not None:
            self._dataset.set_choice(collection)
            return True
        wanted = [path for path in paths if looks_like_data(path)]
        if wanted:
            self._dataset.add(wanted)
        return bool(wanted)

    def ask_files(self) -> None:
        """Ask for the files to learn from."""
        dialogs.ask_files(self._page, self._take_chosen)

    def ask_folder(self) -> None:
        """Ask for a folder to learn from."""
        dialogs.ask_folder(self._page, lambda path: self._take_chosen([path]))

    def check(self) -> None:
        """Have the chosen data checked."""
        paths = self._dataset.begin_check()
        try:
            # Whoever teaches a model further has its words, however rare those of the new captions are.
            form = self._page.form
            self._bridge.check(paths, 1 if form.start_from else int(form.value("min_word_count")))
        except CaptionerError as error:
            self._dataset.drop_check()
            self._page.message.emit(error.message, "error")

    def make_features(self) -> None:
        """Have features made of the photographs: of each split apart where it is known which are which."""
        features_folder().mkdir(parents=True, exist_ok=True)
        self._model = self._page.form.start_from or None
        dataset, folder = self._dataset, features_folder()
        self._is_beside = bool(dataset.pixel_files or dataset.captions_files)
        if self._is_beside:
            self._waiting = pixel_requests(dataset.pixel_files, folder, self._model)
            self._waiting += captions_requests(dataset.choice, dataset.captions_files, folder, self._model)
        else:
            self._waiting = extraction_requests(dataset.choice, folder, self._model)
        self._waiting = with_wishes(self._waiting, self._page.wishes, dataset.choice.dev_split)
        self._weights = next((request.weights for request in self._waiting), None)
        self._made = []
        self._images = None
        self._page.data.set_problem("")
        self._make_next()

    def stop_features(self) -> None:
        """Have the making of features end; what is done is kept for the next time."""
        self._waiting = []
        if self._extraction is not None:
            self._bridge.stop_extraction(self._extraction.output)

    # Wiring

    def _connect_signals(self) -> None:
        bridge, data, invitation = self._bridge, self._page.data, self._page.invitation
        for source in (data, invitation):
            source.files_wanted.connect(self.ask_files)
            source.folder_wanted.connect(self.ask_folder)
        data.removed.connect(self._dataset.remove)
        data.stop_wanted.connect(self.stop_features)
        data.options.encoder_chosen.connect(self._page.wishes.set_encoder)
        data.options.weights_wanted.connect(lambda: dialogs.ask_weights(self._page, self._page.wishes.set_weights))
        data.options.views_chosen.connect(self._page.wishes.set_views)
        self._page.wishes.changed.connect(self._on_wishes_changed)
        bridge.dataset_checked.connect(self._dataset.take_report)
        bridge.extraction_reported.connect(self._on_extraction_reported)
        bridge.extraction_ended.connect(self._on_extraction_ended)
        bridge.extraction_failed.connect(self._on_extraction_failed)
        self._dataset.changed.connect(self._on_dataset_changed)
        self._page.form.changed.connect(self._on_form_changed)

    def _take_chosen(self, paths: Sequence[str]) -> None:
        if not self.take(paths):
            sentence = self.tr("There is nothing in {name} that a model could learn from.")
            self._page.message.emit(sentence.format(name=file_name(Path(paths[0]))), "warning")

    def _on_form_changed(self) -> None:
        model = self._page.form.start_from or None
        self._dataset.keep_features_of(model)
        if model != self._model:
            self._page.data.set_problem("")
        self._show_buildable()

    def _on_wishes_changed(self) -> None:
        self._page.data.set_problem("")
        self._show_buildable()

    def _show_buildable(self) -> None:
        is_buildable = self._dataset.is_buildable or self._extraction is not None
        model, wishes, data = self._page.form.start_from, self._page.wishes, self._page.data
        data.set_buildable(is_buildable, model, wishes.encoder)
        data.options.show_wishes(
            encoder_question(self._dataset) if self._extraction is None else None,
            wishes,
            made_by="" if self._dataset.report is None else self._dataset.report.encoder,
            has_own_encoder=bool(model),
            lacks_weights=self.lacks_weights,
        )

    def _on_dataset_changed(self) -> None:
        self._page.data.set_problem("")
        self._show_dataset()

    def _show_dataset(self) -> None:
        dataset, data = self._dataset, self._page.data
        data.set_choice(dataset.choice)
        self._show_buildable()
        has_photographs = bool(dataset.choice.images and not dataset.choice.captions)
        for view in (data, self._page.preparation):
            view.set_report(dataset.report, has_photographs=has_photographs)

    # Features

    def _make_next(self) -> None:
        """Go on with what waits; when nothing does, the features that were made are learned from."""
        # Those that were made before, of the same photographs and lists, are there already.
        while self._waiting and Path(self._waiting[0].output).exists():
            self._made.append(self._waiting.pop(0).output)
        self._extraction = self._waiting[0] if self._waiting else None
        if self._extraction is not None:
            try:
                self._bridge.extract(self._extraction)
            except CaptionerError as error:
                self._give_up(error.message)
                return
            self._page.data.set_extraction(self.tr("Beginning…"))
            self._show_buildable()
        else:
            self._page.data.set_extraction(None)
            self._take_features()
            self.check()
        self.features_changed.emit()

    def _take_features(self) -> None:
        if self._is_beside:
            self._dataset.add_features(self._made, self._model, self._weights, self._images)
        else:
            train, dev = (*self._made, None)[:2]
            self._dataset.set_features(str(train), dev, self._model, self._weights, self._images)

    def _on_extraction_reported(self, event: ExtractionReport) -> None:
        if self._is_ours(event.output):
            data = self._page.data
            text = data.extraction_text(event.done, event.images, event.images_per_second, event.failed)
            data.set_extraction(text, (event.done + event.failed) / max(event.images, 1))

    def _on_extraction_ended(self, event: ExtractionEnded) -> None:
        if not self._is_ours(event.output):
            return
        if event.failed:
            sentence = self.tr("%Ln photograph(s) could not be read and are left out.", "", event.failed)
            self._page.message.emit(sentence, "warning")
        self._made.append(event.path)
        self._images = event.images or self._images
        self._waiting = self._waiting[1:]
        self._make_next()

    def _on_extraction_failed(self, event: ExtractionFailed) -> None:
        if self._is_ours(event.output):
            self._give_up(event.message)

    def _give_up(self, message: str) -> None:
        self._extraction, self._waiting = None, []
        self._page.data.set_extraction(None)
        self._show_dataset()
        self._page.data.set_problem(message)
        self.features_changed.emit()
        if message:
            self._page.message.emit(message, "error")

    def _is_ours(self, output: str) -> bool:
        return self._extraction is not None and output == self._extraction.output


def pixel_requests(files: Sequence[str], folder: Path, model: str | None = None) -> list[ExtractionRequest]:
    """What makes features of files of images, such as ``TRAIN_IMAGES_*.hdf5``: one request for each.

    Parameters
    ----------
    files
        HDF5 files of images.
    folder, model
        As of `extraction_requests`.
    """
    requests = []
    for path in files:
        parts = (path, model or "", _stamp(path))
        key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:8]
        output = str(folder / f"{Path(path).stem}-{key}.h5")
        requests.append(ExtractionRequest(images=path, output=output, model=model))
    return requests


def captions_requests(
    choice: DatasetChoice, files: Sequence[str], folder: Path, model: str | None = None
) -> list[ExtractionRequest]:
    """What makes features of the photographs of several captions ``files``, such as COCO's: one request for each.

    Those by which the best epoch is chosen come last: samples are shown of their photographs.
    """
    requests = []
    for path in sorted(files, key=is_of_other_split):
        alone = replace(choice, captions=path, train_split=None, dev_split=None)
        requests += extraction_requests(alone, folder, model)
    return requests


def extraction_requests(choice: DatasetChoice, folder: Path, model: str | None = None) -> list[ExtractionRequest]:
    """What makes features of photographs: one request for each split, or one for all images that have captions.

    Parameters
    ----------
    choice
        The photographs, and what names them.
    folder
        Where the features go.
    model
        Whose encoder makes them; the bundled one's when None.
    """
    if choice.images is None:
        return []
    name = file_name(Path(choice.images)).strip("/\\:") or "photographs"
    # The same photographs and lists go on where they were left, others never write over them.
    lists = (choice.captions, choice.train_split or "", choice.dev_split or "")
    parts = (choice.images, model or "", *lists, *map(_stamp, lists))
    key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    splits = [("train", choice.train_split), ("dev", choice.dev_split)] if choice.train_split else [("all", None)]
    return [
        ExtractionRequest(
            images=choice.images,
            output=str(folder / f"{name}-{key}-{part}.h5"),
            split=split,
            captions=None if split else choice.captions,
            model=model,
        )
        for part, split in splits
        if split or part == "all"
    ]


def with_wishes(
    requests: Sequence[ExtractionRequest], wishes: FeatureWishes, dev_split: str | None = None
) -> list[ExtractionRequest]:
    """The requests as the user wants them made, each into a file of its own for other wishes than the usual.

    Whoever names a model wants its encoder. Images that only choose the best epoch need no extra views.
    """
    asked = []
    for request in requests:
        named = ("", "") if request.model else (wishes.encoder, wishes.weights)
        is_of_dev = request.split == dev_split if request.split else is_of_other_split(_source(request, requests))
        views = 0 if is_of_dev else wishes.views
        output = Path(request.output)
        if any(named) or views:
            parts = (*named, _stamp(named[1]), str(views))
            key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:8]
            output = output.with_name(f"{output.stem}-{key}{output.suffix}")
        encoder, weights = (one or None for one in named)
        asked.append(replace(request, encoder=encoder, weights=weights, views=views, output=str(output)))
    return asked


def _source(request: ExtractionRequest, requests: Sequence[ExtractionRequest]) -> str:
    """The file whose name may tell which images a request is for: one of images, or one captions file of several."""
    return request.captions if request.captions and len(requests) > 1 else request.images


def _stamp(path: str) -> str:
    """What changes when a file is written anew; empty where there is none."""
    try:
        status = Path(path).stat()
    except OSError:
        return ""
    return f"{status.st_mtime_ns}-{status.st_size}"
