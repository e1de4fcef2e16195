"""What a model is to learn from: the chosen files, what the check found in them, and how to make what is missing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QToolButton, QVBoxLayout, QWidget

from captioner.file_names import file_name, printable
from captioner.worker.training_protocol import DatasetChoice, DatasetSummary
from gui.controls.elided_label import ElidedLabel
from gui.controls.section import Section
from gui.icons import describe, icon
from gui.library.fact_widgets import label
from gui.theme import Space
from gui.training.feature_options import FeatureOptions
from gui.training.report_view import ReportView, finding
from gui.training.words import count_text


class DataPanel(Section):
    """Files, report, and the making of features.

    Signals
    -------
    files_wanted(), folder_wanted()
        The user wants to choose files, or a folder.
    removed(str)
        This file is not to be learned from.
    stop_wanted()
        The making of features is to stop.
    """

    files_wanted = Signal()
    folder_wanted = Signal()
    removed = Signal(object)
    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.choose_button = QToolButton()
        super().__init__(self.tr("Data"), self.choose_button, parent)
        self.rows: list[FileRow] = []
        self.problem = ""
        self._build()
        self.set_choice(DatasetChoice())
        self.set_buildable(False)
        self.set_extraction(None)

    def set_choice(self, choice: DatasetChoice) -> None:
        """Show which files are chosen."""
        for row in self.rows:
            row.deleteLater()
        self.rows = [FileRow(path, role, self) for role, path in self._roles(choice)]
        for row in self.rows:
            row.removed.connect(self.removed)
            self._files.addWidget(row)
        self._invitation.setVisible(not self.rows)

    def set_report(self, report: DatasetSummary | None, *, has_photographs: bool = False) -> None:
        """Show what the check found; see `gui.training.report_view.ReportView.set_report`."""
        self.report.set_report(report, has_photographs=has_photographs)

    def set_buildable(self, is_buildable: bool, model: str = "", encoder: str = "") -> None:
        """Say that features of the photographs are made first, and what by.

        It is the encoder of ``model``, or else ``encoder``, or else that of the bundled model.
        """
        self._build_part.setVisible(is_buildable)
        bundled = self.tr(
            "These photographs have no features yet. They are made once, by the encoder of the bundled model."
        )
        named = self.tr("These photographs have no features yet. They are made once, by the encoder of {name}.")
        chosen = self.tr("These photographs have no features yet. They are made once, by {encoder}.")
        text = named if model else chosen if encoder else bundled
        self._build_text.setText(text.format(name=printable(model), encoder=encoder))

    def set_extraction(self, text: str | None, share: float = 0.0) -> None:
        """Show how far the making of features is; None where none are being made."""
        self._extraction.setVisible(text is not None)
        self._extraction_text.setText(text or "")
        self._extraction_bar.setValue(round(1000 * share))

    def set_problem(self, text: str) -> None:
        """Say why no features could be made; nothing where the text is empty."""
        if text == self.problem:
            return
        self.problem = text
        while (item := self._problem.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        if text:
            self._problem.addWidget(finding("error", text))

    def extraction_text(self, done: int, images: int, rate: float, failed: int = 0) -> str:
        """How far it is, in words."""
        text = self.tr("{done} of {images} photographs, {rate} a second")
        text = text.format(done=count_text(done), images=count_text(images), rate=count_text(round(rate)))
        return f"{text}, {self.tr('%Ln could not be read', '', failed)}" if failed else text

    def _roles(self, choice: DatasetChoice) -> list[tuple[str, str]]:
        named = (
            (self.tr("Features"), choice.features),
            (self.tr("Dev features"), choice.dev_features),
            (self.tr("Captions"), choice.captions),
            (self.tr("Photographs"), choice.images),
            (self.tr("Training split"), choice.train_split),
            (self.tr("Dev split"), choice.dev_split),
        )
        data_set = self.tr("Data set")
        return [*((data_set, path) for path in choice.paths), *((role, path) for role, path in named if path)]

    def _build(self) -> None:
        self.choose_button.setProperty("role", "quiet")
        self.choose_button.setIcon(icon("plus"))
        self.choose_button.setIconSize(QSize(16, 16))
        self.choose_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        describe(self.choose_button, self.tr("Choose data"))
        menu = QMenu(self)
        menu.addAction(self.tr("Files…")).triggered.connect(self.files_wanted)
        menu.addAction(self.tr("Folder…")).triggered.connect(self.folder_wanted)
        self.choose_button.setMenu(menu)
        self._invitation = label(self.tr("None chosen yet. Drop files or a folder anywhere on this page."), wraps=True)
        self._invitation.setProperty("role", "secondary")
        self._files = QVBoxLayout()
        self._files.setSpacing(0)
        self.report = ReportView(is_brief=True)
        self.body.addWidget(self._invitation)
        self.body.addLayout(self._files)
        self.options = FeatureOptions()
        self.body.addWidget(self._build_offer())
        self.body.addWidget(self.options)
        self.body.addWidget(self.report)

    def _build_offer(self) -> QWidget:
        self._build_part = QWidget()
        column = QVBoxLayout(self._build_part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        self._extraction = QWidget()
        row = QHBoxLayout(self._extraction)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        texts = QVBoxLayout()
        texts.setSpacing(Space.XS)
        self._extraction_text = ElidedLabel()
        self._extraction_text.setProperty("role", "secondary")
        self._extraction_bar = QProgressBar()
        self._extraction_bar.setTextVisible(False)
        self._extraction_bar.setRange(0, 1000)
        self._extraction_bar.setAccessibleName(self.tr("Progress of making features"))
        texts.addWidget(self._extraction_text)
        texts.addWidget(self._extraction_bar)
        self.stop_button = QToolButton()
        self.stop_button.setProperty("role", "quiet")
        self.stop_button.setIcon(icon("x"))
        self.stop_button.clicked.connect(self.stop_wanted)
        describe(self.stop_button, self.tr("Stop making features"))
        row.addLayout(texts, 1)
        row.addWidget(self.stop_button)
        self._build_text = label("", "secondary", wraps=True)
        self._problem = QVBoxLayout()
        column.addWidget(self._build_text)
        column.addLayout(self._problem)
        column.addWidget(self._extraction)
        return self._build_part


class FileRow(QWidget):
    """A chosen file or folder: its name, what it is for, and a button that takes it out.

    Signals
    -------
    removed(str)
        The button was pressed; the path.
    """

    removed = Signal(object)

    def __init__(self, path: str, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path, self.role = path, role
        name = ElidedLabel(file_name(Path(path)))
        name.setToolTip(printable(path).replace("<", "‹"))
        kind = label(role, "secondary")
        self.remove_button = QToolButton()
        self.remove_button.setProperty("role", "quiet")
        self.remove_button.setIcon(icon("x"))
        self.remove_button.setIconSize(QSize(14, 14))
        describe(self.remove_button, self.tr("Take {name} out").format(name=file_name(Path(path)).replace("<", "‹")))
        self.remove_button.clicked.connect(lambda: self.removed.emit(self.path))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(name, 1)
        row.addWidget(kind)
        row.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignVCenter)
