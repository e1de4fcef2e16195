"""Other captions of the same photograph."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.controls.elided_label import ElidedLabel
from gui.controls.fitted_scroll_area import FittedScrollArea
from gui.controls.numbers import decimal_text
from gui.icons import describe, icon
from gui.theme import Space, font

Scored = tuple[str, float]
"""A caption and the natural logarithm of its probability."""

MOST_HEIGHT = 132
NARROW = 440
"""Below this width in pixels the button shows its icon alone."""


class AlternativesPanel(QWidget):
    """What else the search found, and what was drawn at random, each with its log-probability.

    Signals
    -------
    alternative_chosen(str)
        This caption is to stand instead.
    samples_wanted()
        Some captions are to be drawn at random.
    """

    alternative_chosen = Signal(str)
    samples_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[CaptionRow] = []
        self._build()
        self.set_alternatives(None, (), ())

    def set_alternatives(self, current: Scored | None, others: Sequence[Scored], samples: Sequence[Scored]) -> None:
        """Show the caption that stands and those that could; None where there is no caption yet.

        Each text is shown once, in the first place where it comes.
        """
        rows: dict[str, tuple[float, bool]] = {}
        if current is not None:
            for text, value in (current, *others):
                rows.setdefault(text, (value, False))
            for text, value in samples:
                rows.setdefault(text, (value, True))
        while len(self._rows) < len(rows):
            self._add_row()
        for row in self._rows[len(rows) :]:
            row.hide()
        for index, (row, (text, (value, is_drawn))) in enumerate(zip(self._rows, rows.items(), strict=False)):
            row.show_caption(text, value, is_current=index == 0, is_drawn=is_drawn)
            row.show()
        self._draw.setEnabled(current is not None)
        self._log_p.setVisible(bool(rows))
        self._hint.setVisible(len(rows) == 1)

    def set_most_height(self, most_height: int) -> None:
        """Let the list scroll from this height in pixels on."""
        self._area.set_most_height(most_height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the head on one line."""
        self._draw.setText("" if event.size().width() < NARROW else self.tr("Draw some"))
        super().resizeEvent(event)

    @property
    def rows(self) -> list[CaptionRow]:
        """The rows in use, that of the current caption first."""
        return [row for row in self._rows if not row.isHidden()]

    def _build(self) -> None:
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._hint = QLabel(self.tr("Nothing else was found. A larger beam looks for more, or draw some at random."))
        self._hint.setProperty("role", "secondary")
        self._hint.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        layout.addLayout(self._build_head())
        self._area = FittedScrollArea(self._page, MOST_HEIGHT)
        layout.addWidget(self._area)
        layout.addWidget(self._hint)

    def _build_head(self) -> QHBoxLayout:
        title = ElidedLabel(self.tr("Other ways to say it"))
        title.setProperty("role", "section")
        self._log_p = QLabel(self.tr("log p"))
        self._log_p.setProperty("role", "secondary")
        self._log_p.setToolTip(self.tr("Natural logarithm of the probability: the closer to 0, the likelier"))
        self._draw = QPushButton(self.tr("Draw some"))
        self._draw.setProperty("role", "quiet")
        self._draw.setIcon(icon("dice-five"))
        self._draw.setIconSize(QSize(16, 16))
        describe(self._draw, self.tr("Draw a few captions at random"))
        self._draw.clicked.connect(self.samples_wanted)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(title)
        head.addWidget(self._draw)
        head.addStretch(1)
        head.addWidget(self._log_p)
        head.addSpacing(CaptionRow.action_width() + Space.S)
        return head

    def _add_row(self) -> None:
        row = CaptionRow()
        row.use_button.clicked.connect(lambda: self.alternative_chosen.emit(row.text))
        self._column.addWidget(row)
        self._rows.append(row)


class CaptionRow(QWidget):
    """A caption, its log-probability, and a button that uses it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._drawn, self._number = QLabel(), QLabel(), QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setMinimumWidth(Space.XL)
        self._drawn.setProperty("role", "secondary")
        self._drawn.setText(self.tr("drawn"))
        self._drawn.setToolTip(self.tr("Drawn at random, not found by the search"))
        self._number.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        self._number.setFont(font())
        self.use_button = QPushButton()
        self.use_button.setProperty("role", "quiet")
        self.use_button.setFixedWidth(self.action_width())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._text, 1)
        row.addWidget(self._drawn)
        row.addWidget(self._number)
        row.addWidget(self.use_button)

    @staticmethod
    def action_width() -> int:
        """Of the button, whichever of its words it shows, in pixels."""
        metrics = QFontMetrics(font())
        return max(metrics.horizontalAdvance(text) for text in _action_texts()) + 2 * Space.L

    @property
    def text(self) -> str:
        """The caption."""
        return self._text.text()

    def show_caption(self, text: str, log_probability: float, *, is_current: bool, is_drawn: bool) -> None:
        """Show a caption; say whether it is the one that stands, and whether it was drawn at random."""
        use, in_use = _action_texts()
        self._text.setText(text)
        self._text.setFont(font(weight=QFont.Weight.DemiBold if is_current else QFont.Weight.Normal))
        self._drawn.setVisible(is_drawn)
        self._number.setText(decimal_text(log_probability))
        self.use_button.setText(in_use if is_current else use)
        self.use_button.setEnabled(not is_current)
        self.use_button.setAccessibleName(f"{self.use_button.text()}: {text}")


def _action_texts() -> tuple[str, str]:
    """What the button of another caption, and that of the one that stands, say."""
    return QCoreApplication.translate("CaptionRow", "Use"), QCoreApplication.translate("CaptionRow", "In use")
