"""One model in full: its card to read, its scores and facts beside it, and all that can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from captioner.worker.protocol import ModelDetails
from gui.controls.clamped_label import ClampedLabel
from gui.icons import describe, icon
from gui.library.card_text import CardText
from gui.library.fact_widgets import FactTable, ScoreRow, label
from gui.library.facts import build_of, facts_of, main_scores, use_hint
from gui.library.in_use_mark import InUseMark
from gui.theme import FontSize, Space

TEXT_WIDTH = 680
SIDE_WIDTH = 280


class ModelView(QWidget):
    """The page of one model.

    Signals
    -------
    left()
        Back to all models.
    use_wanted(), export_wanted(), reveal_wanted(), remove_wanted()
        What the user asked to be done with this model.
    """

    left = Signal()
    use_wanted = Signal()
    export_wanted = Signal()
    reveal_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model: ModelDetails | None = None
        self._side: QWidget | None = None
        self._build()
        self._connect_signals()

    def show_model(self, model: ModelDetails) -> None:
        """Show another model."""
        self.model = model
        self._name.set_text(model.name)
        self._text.set_card(_without_title(model) or self._card_in_place_of_none())
        self._remove.setEnabled(model.origin == "installed")
        self._side_area.setWidget(self._build_side(model))

    def set_active(self, is_active: bool, is_loading: bool = False) -> None:
        """Tell whether it is the model that writes the captions, or is about to be."""
        self._mark.setVisible(is_active)
        self._use.setVisible(not is_active)
        hint = "" if self.model is None else use_hint(self.model)
        self._use.setEnabled(not (is_loading or hint))
        self._use.setToolTip(hint)
        self._use.setText(self.tr("Loading…") if is_loading else self.tr("Use this model"))

    def focus(self) -> None:
        """Give the keyboard to its first control."""
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    # Building

    def _build(self) -> None:
        self._text = CardText()
        self._text.setMaximumWidth(TEXT_WIDTH)
        self._side_area = QScrollArea()
        self._side_area.setWidgetResizable(True)
        self._side_area.setFixedWidth(SIDE_WIDTH)
        self._side_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QHBoxLayout()
        body.setContentsMargins(Space.XL, Space.L, Space.S, 0)
        body.setSpacing(Space.XL)
        body.addStretch(1)
        body.addWidget(self._text, 1000)
        body.addWidget(self._side_area)
        body.addStretch(1)
        paper = QWidget()
        paper.setProperty("role", "panel")
        paper.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        paper.setLayout(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._build_header())
        column.addWidget(_hairline())
        column.addWidget(paper, 1)

    def _build_header(self) -> QHBoxLayout:
        self._back = QToolButton()
        self._back.setIcon(icon("arrow-left"))
        self._back.setProperty("role", "quiet")
        describe(self._back, self.tr("Back to all models"))
        self._name = ClampedLabel(most_lines=1, size=FontSize.HEADING, is_bold=True)
        self._mark = InUseMark(self.tr("In use"))
        self._export, self._reveal, self._remove = (
            QPushButton(text) for text in (self.tr("Export…"), self.tr("Show in folder"), self.tr("Remove…"))
        )
        self._use = QPushButton(self.tr("Use this model"))
        self._use.setProperty("role", "primary")
        row = QHBoxLayout()
        row.setContentsMargins(Space.M, Space.S, Space.L, Space.S)
        row.setSpacing(Space.S)
        row.addWidget(self._back)
        row.addWidget(self._name, 1)
        for button in (self._export, self._reveal, self._remove):
            button.setProperty("role", "quiet")
            row.addWidget(button)
        row.addWidget(self._use)
        row.addWidget(self._mark)
        return row

    def _build_side(self, model: ModelDetails) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, Space.S, Space.L)
        column.setSpacing(Space.M)
        scores = main_scores(model, most=len(model.scores))
        for start in range(0, len(scores), 3):
            column.addWidget(ScoreRow(scores[start : start + 3]))
        if model.protocol:
            column.addWidget(label(model.protocol, "secondary", wraps=True))
        if scores:
            column.addWidget(_hairline())
        column.addWidget(FactTable(facts_of(model) + build_of(model), is_stacked=True))
        column.addStretch()
        return side

    def _card_in_place_of_none(self) -> str:
        return self.tr("*This model came without a card: what it learned from and what it cannot do is not known.*")

    def _connect_signals(self) -> None:
        self._back.clicked.connect(self.left)
        self._use.clicked.connect(self.use_wanted)
        self._export.clicked.connect(self.export_wanted)
        self._reveal.clicked.connect(self.reveal_wanted)
        self._remove.clicked.connect(self.remove_wanted)


def _without_title(model: ModelDetails) -> str:
    """The card, less a title that repeats the name which stands above it."""
    first, _, rest = model.card.lstrip().partition("\n")
    return rest.lstrip() if first.lstrip("#").strip() == model.name else model.card


def _hairline() -> QFrame:
    line = QFrame()
    line.setProperty("role", "hairline")
    return line
