"""The run that is looked at: its name, how far it is, how fast, and what there is to notice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from gui.controls.clamped_label import ClampedLabel
from gui.controls.elided_label import ElidedLabel
from gui.controls.flow import Flow
from gui.library.icon_mark import IconMark
from gui.theme import FontSize, Space, font

_ROLES = {"info": "info", "warning": "warning", "error": "warning-circle", "done": "check-circle"}


class RunHeader(QWidget):
    """Name and state, progress and figures, and a line for what is worth knowing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.state = ElidedLabel(), QLabel()
        self.name.setProperty("role", "heading")
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setProperty("role", "secondary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of training"))
        self.figures = Flow(spacing=Space.M)
        self._labels: list[QLabel] = []
        self._notes = QVBoxLayout()
        self._notes.setSpacing(Space.XS)
        self._note_texts: tuple[tuple[str, str], ...] = ()
        self._build_layout()

    @property
    def figure_texts(self) -> tuple[str, ...]:
        """The figures as they are shown."""
        return tuple(label.text() for label in self._labels)

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """Kind and sentence of each note."""
        return self._note_texts

    def set_run(self, name: str, state: str) -> None:
        """Call the run by its name, and say what it is doing."""
        self.name.setText(name)
        self.name.setToolTip(name if "<" not in name else "")
        self.state.setText(state)

    def set_progress(self, share: float | None) -> None:
        """How much is done, in [0, 1]; None hides the bar."""
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.setVisible(share is not None)
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * (share or 0.0)))

    def set_figures(self, texts: Sequence[str]) -> None:
        """Show these short texts one beside the other."""
        if len(texts) != len(self._labels):
            for label in self._labels:
                label.deleteLater()
            self._labels = [self._figure() for _ in texts]
            self.figures.set_widgets(self._labels)
        for label, text in zip(self._labels, texts, strict=True):
            if label.text() != text:
                label.setText(text)
        self.figures.setVisible(bool(texts))

    def set_notes(self, notes: Sequence[tuple[str, str]]) -> None:
        """Show sentences, each with its kind: ``info``, ``done``, ``warning`` or ``error``."""
        if tuple(notes) == self._note_texts:
            return
        self._note_texts = tuple(notes)
        while (item := self._notes.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for kind, sentence in notes:
            self._notes.addWidget(_note(kind, sentence))

    def _figure(self) -> QLabel:
        label = QLabel(self.figures)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(font(FontSize.SECONDARY))
        label.show()
        return label

    def _build_layout(self) -> None:
        self.name.setFont(font(FontSize.HEADING, QFont.Weight.DemiBold))
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(self.name, 1)
        head.addWidget(self.state)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, 0)
        column.setSpacing(Space.S)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.figures)
        column.addLayout(self._notes)


def _note(kind: str, sentence: str) -> QWidget:
    row_widget = QWidget()
    row = QHBoxLayout(row_widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(Space.S)
    text = ClampedLabel(sentence, most_lines=3 if kind == "error" else 2)
    role = kind if kind in ("warning", "error", "done") else "accent"
    row.addWidget(IconMark(_ROLES.get(kind, "info"), role), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(text, 1)
    return row_widget
