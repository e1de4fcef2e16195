"""All that the model says about one word."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from gui.controls.elided_label import ElidedLabel
from gui.controls.numbers import decimal_text, percent_text
from gui.controls.section import Section
from gui.theme import FontSize, Space, font, theme, tokens
from gui.viewmodels.word_details import WordDetails

_USUAL_ROWS = 4
_NONE = "\N{EN DASH}"


class WordPanel(QWidget):
    """A word, how sure the model was of it, what else it might have said, and how it looked.

    Its height stays the same from word to word, so that nothing below it moves.

    Signals
    -------
    alternative_chosen(str)
        Another word is to stand here instead.
    """

    alternative_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[AlternativeRow] = []
        self._build()
        self.show_word(None)

    def show_word(self, details: WordDetails | None) -> None:
        """Show a word; None where none is pointed at."""
        self._pages.setCurrentIndex(0 if details is None else 1)
        if details is None:
            return
        self._word.setText(details.text)
        self._word.setAccessibleName(details.text)
        self._probability.setText("" if details.probability is None else percent_text(details.probability))
        self._bar.set_share(details.probability)
        self._show_alternatives(details)
        self._show_facts(details)
        self._show_note(details)

    @property
    def rows(self) -> list[AlternativeRow]:
        """The rows in use, one for each other word that could stand here."""
        return [row for row in self._rows if not row.isHidden()]

    @property
    def note(self) -> str:
        """What is said below the alternatives, such as the place that the word looked at."""
        return self._note.text()

    def _build(self) -> None:
        section = Section(self.tr("Word"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(section)
        hint = QLabel(self.tr("Point at a word of the caption to see how sure the model was and where it looked."))
        hint.setWordWrap(True)
        hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        hint.setProperty("role", "secondary")
        self._pages = QStackedLayout()
        self._pages.addWidget(hint)
        self._pages.addWidget(self._build_details())
        section.body.addLayout(self._pages)

    def _build_details(self) -> QWidget:
        details = QWidget()
        column = QVBoxLayout(details)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        self._bar = ShareBar()
        self._rows_column = QVBoxLayout()
        self._rows_column.setSpacing(2)
        self._rows_column.setContentsMargins(0, 0, 0, Space.XS)
        self._add_rows(_USUAL_ROWS)
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self._note.setMinimumHeight(2 * self._note.fontMetrics().lineSpacing() + Space.S)
        column.addLayout(self._build_head())
        column.addWidget(self._bar)
        column.addWidget(self._note)
        column.addLayout(self._rows_column)
        column.addLayout(self._build_facts())
        column.addStretch(1)
        return details

    def _build_head(self) -> QHBoxLayout:
        self._word = ElidedLabel()
        self._word.setFont(font(FontSize.CAPTION, QFont.Weight.DemiBold))
        self._word.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._probability = QLabel()
        self._probability.setFont(font(FontSize.HEADING))
        self._probability.setToolTip(self.tr("How likely this word was, given the photograph and the words before it"))
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._word, 1)
        head.addWidget(self._probability)
        return head

    def _build_facts(self) -> QGridLayout:
        self._entropy, self._gate = QLabel(), QLabel()
        facts = (
            (
                self.tr("Entropy"),
                self._entropy,
                self.tr("How widely the word looked: 0 is one place only, the most is all alike"),
            ),
            (self.tr("Gate"), self._gate, self.tr("How much of what was seen was used: 0 is nothing, 1 is all of it")),
        )
        grid = QGridLayout()
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(0, 1)
        for row, (name, value, tooltip) in enumerate(facts):
            label = QLabel(name)
            label.setProperty("role", "secondary")
            value.setFont(font())
            for widget in (label, value):
                widget.setToolTip(tooltip)
            value.setAccessibleName(name)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTrailing)
        return grid

    def _add_rows(self, count: int) -> None:
        for _ in range(count):
            row = AlternativeRow()
            policy = row.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            row.setSizePolicy(policy)
            row.clicked.connect(lambda _=False, row=row: self.alternative_chosen.emit(row.word))
            self._rows_column.addWidget(row)
            self._rows.append(row)

    def _show_alternatives(self, details: WordDetails) -> None:
        others = [(word, share) for word, share in details.alternatives if word != details.text]
        self._add_rows(len(others) - len(self._rows))
        for row, (word, share) in zip(self._rows, others, strict=False):
            row.show_alternative(word, share)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(others))

    def _show_facts(self, details: WordDetails) -> None:
        entropy, most = details.entropy, details.most_entropy
        if entropy is None:
            text = _NONE
        elif most is None:
            text = self.tr("{bits} bits").format(bits=decimal_text(entropy))
        else:
            text = self.tr("{bits} of {most} bits").format(bits=decimal_text(entropy), most=decimal_text(most))
        self._entropy.setText(text)
        self._gate.setText(_NONE if details.gate is None else decimal_text(details.gate, 2))

    def _show_note(self, details: WordDetails) -> None:
        if details.is_edited:
            text = self.tr("Written by hand. The model says nothing about this word.")
        elif details.is_flat:
            text = self.tr("Looked everywhere about alike, so the map says little about this word.")
        else:
            text = self.tr("Looked at {place}").format(place=details.place) if details.place else ""
        self._note.setText(text)
        self._note.setProperty("role", "warning" if details.is_flat and not details.is_edited else "")
        self._note.style().polish(self._note)


class ShareBar(QWidget):
    """A share in [0, 1] as a bar 4 pixels high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share: float | None = None
        self.setFixedHeight(4)
        theme().changed.connect(self.update)

    def set_share(self, share: float | None) -> None:
        """Show another share; None shows an empty bar."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().colour("text", 0.10))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        if self._share is not None:
            painter.setBrush(tokens().colour("accent"))
            filled = self.rect().adjusted(0, 0, round(self.width() * (self._share - 1)), 0)
            painter.drawRoundedRect(QRectF(QStyle.visualRect(self.layoutDirection(), self.rect(), filled)), 2, 2)


class AlternativeRow(QAbstractButton):
    """Another word and its probability, as a button over a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = ""
        self._share = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(self.tr("Write the caption again from here with this word"))
        theme().changed.connect(self.update)

    def show_alternative(self, word: str, share: float) -> None:
        """Offer another word."""
        self.word, self._share = word, share
        self.setAccessibleName(f"{word}, {percent_text(share)}")
        self.setAccessibleDescription(self.toolTip())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line of text and some air."""
        return QSize(8 * Space.L, self.fontMetrics().height() + Space.S + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Bar, word, number."""
        colours, direction = tokens(), self.layoutDirection()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.rect()
        painter.setPen(Qt.PenStyle.NoPen)
        is_hovered = self.underMouse()
        painter.setBrush(colours.colour("text", 0.10 if self.isDown() else 0.06 if is_hovered else 0.03))
        painter.drawRoundedRect(QRectF(area), 6, 6)
        filled = area.adjusted(0, 0, round(self.width() * (min(self._share, 1.0) - 1)), 0)
        painter.setBrush(colours.colour("accent", 0.28))
        painter.setClipRect(QStyle.visualRect(direction, area, filled))
        painter.drawRoundedRect(QRectF(area), 6, 6)
        painter.setClipping(False)
        self._paint_text(painter)
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 5, 5)

    def _paint_text(self, painter: QPainter) -> None:
        colours, direction = tokens(), self.layoutDirection()
        inside = self.rect().adjusted(Space.S, 0, -Space.S, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font())
        number = percent_text(self._share)
        number_width = painter.fontMetrics().horizontalAdvance(number)
        painter.setPen(colours.secondary)
        painter.drawText(inside, QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignRight) | middle, number)
        painter.setPen(colours.colour("text"))
        word_area = QStyle.visualRect(direction, inside, inside.adjusted(0, 0, -number_width - Space.S, 0))
        word = painter.fontMetrics().elidedText(self.word, Qt.TextElideMode.ElideRight, word_area.width())
        painter.drawText(word_area, QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft) | middle, word)
