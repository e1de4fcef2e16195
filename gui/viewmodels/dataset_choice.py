"""What a model is to learn from: the files and folders that were chosen, and what the check found in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from psygnal import Signal

from captioner.worker.training_protocol import DatasetChecked, DatasetChoice, DatasetSummary
from gui.viewmodels.dataset_files import choice_of


class _Features(NamedTuple):
    """Features that were made of what was chosen, and the model whose encoder made them; None for the usual.

    Where that had other weights than the model's, `weights` is their file. The photographs were found in the folder
    `images`, where that is another than the one that was chosen. Those `beside` come with the other files of their data
    set, whose images or captions they were made of.
    """

    features: str = ""
    dev_features: str | None = None
    model: str | None = None
    weights: str | None = None
    beside: tuple[str, ...] = ()
    images: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.beside, *(path for path in (self.features, self.dev_features) if path))


class DatasetSelection:
    """The chosen files, each with its role, and the report on them.

    Attributes
    ----------
    report
        What the check found; None before it has ended, and when other files are chosen.
    is_checking
        Whether its end is awaited.

    Signals
    -------
    changed()
        Other files, or another report.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._paths: tuple[str, ...] = ()
        self._choice = DatasetChoice()
        self._given: DatasetChoice | None = None
        self._made: _Features | None = None
        self.report: DatasetSummary | None = None
        self.is_checking = False

    @property
    def choice(self) -> DatasetChoice:
        """The files by role, as training takes them."""
        return self._choice

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to check."""
        return not self._choice.files

    @property
    def has_features(self) -> bool:
        """Whether features are among the files, or may be as long as nothing was checked."""
        may_be = bool(self._choice.features or self._choice.paths)
        return may_be and (self.report is None or self.report.has_features)

    @property
    def pixel_files(self) -> tuple[str, ...]:
        """Files of images among those chosen, of which there are no features yet; known when they have been checked."""
        return () if self.report is None or not self.report.is_usable else self.report.pixel_files

    @property
    def captions_files(self) -> tuple[str, ...]:
        """Captions files beside photographs, where there are several; known when they have been checked."""
        is_apart = bool(self._choice.images and self._choice.paths)
        return () if self.report is None or not self.report.is_usable or not is_apart else self.report.captions_files

    @property
    def is_buildable(self) -> bool:
        """Whether there are photographs and captions, but no features of them yet."""
        has_photographs = bool(self._choice.images and self._choice.captions)
        return (has_photographs or bool(self.pixel_files or self.captions_files)) and not self.has_features

    @property
    def is_usable(self) -> bool:
        """Whether training can start."""
        return self.report is not None and self.report.is_usable and self.has_features

    @property
    def is_refused(self) -> bool:
        """Whether the check found that these files cannot be trained on."""
        return self.report is not None and not self.report.is_usable

    def add(self, paths: Iterable[str]) -> None:
        """Choose these files and folders as well; looks into folders, but into no file."""
        self._set_paths(dict.fromkeys((*self._paths, *paths)))

    def remove(self, path: str) -> None:
        """Choose a file or folder no more, be it one that was found inside a folder."""
        if self._made is not None and path in self._made.files:
            self._drop_features()
        elif path in self._paths:
            self._set_paths(one for one in self._paths if one != path)
        elif path in (parts := _parts(self._choice)):
            # A folder is named part by part once one part of it is not wanted.
            self._set_paths(one for one in parts if one != path)

    def clear(self) -> None:
        """Choose nothing."""
        self._made = None
        self._set_paths(())

    def set_features(
        self,
        features: str,
        dev_features: str | None = None,
        model: str | None = None,
        weights: str | None = None,
        images: str | None = None,
    ) -> None:
        """Learn from these features, which the encoder of ``model``, or of ``weights``, made of the photographs.

        They lie in the folder ``images``; in the one that was chosen, when None.
        """
        self._made = _Features(features, dev_features, model, weights, images=images)
        self._refresh()

    def add_features(
        self, files: Iterable[str], model: str | None = None, weights: str | None = None, images: str | None = None
    ) -> None:
        """Learn from these features as well, which the same made of the `pixel_files`, or by the `captions_files`."""
        self._made = _Features(model=model, weights=weights, beside=tuple(files), images=images)
        self._refresh()

    def keep_features_of(self, model: str | None) -> None:
        """Of features that were made of the chosen photographs, keep those by the encoder of this model alone."""
        if self._made is not None and self._made.model != model:
            self._drop_features()

    def _drop_features(self) -> None:
        self._made = None
        self._refresh()

    def set_choice(self, choice: DatasetChoice) -> None:
        """Choose exactly these files in these roles, such as those of an earlier run."""
        self._made, self._given = None, choice
        self._paths = _parts(choice)
        self._take(choice)

    def begin_check(self) -> tuple[str, ...]:
        """Await the end of a check; what is to be checked."""
        self.report, self.is_checking = None, True
        self.changed.emit()
        return self._choice.files

    def drop_check(self) -> None:
        """Await its end no more."""
        if self.is_checking:
            self.is_checking = False
            self.changed.emit()

    def take_report(self, event: DatasetChecked) -> None:
        """Take up what a check found; one of other files than those chosen now is passed over."""
        if event.paths == self._choice.files and self.is_checking:
            self.report, self.is_checking = event.report, False
            self.changed.emit()

    def _set_paths(self, paths: Iterable[str]) -> None:
        self._paths, self._given = tuple(paths), None
        self._refresh()

    def _refresh(self) -> None:
        choice = choice_of(self._paths) if self._given is None else self._given
        made = self._made
        if made is not None and made.beside and choice.paths:
            choice = replace(choice, paths=(*choice.paths, *made.beside))
        elif made is not None and made.features and not (choice.features or choice.paths):
            choice = replace(choice, features=made.features, dev_features=made.dev_features)
        else:
            made = None
        if made is not None:
            images = made.images or choice.images
            choice = replace(choice, images=images, model=made.model, encoder_weights=made.weights)
        self._take(choice)

    def _take(self, choice: DatasetChoice) -> None:
        if choice == self._choice:
            return
        if choice.files != self._choice.files:
            self.report, self.is_checking = None, False
        self._choice = choice
        self.changed.emit()


def _parts(choice: DatasetChoice) -> tuple[str, ...]:
    named = (choice.features, choice.dev_features, choice.captions)
    others = (choice.images, choice.train_split, choice.dev_split)
    return tuple(path for path in (*choice.paths, *named, *others) if path)
