"""Which curve is which run's, and its value where the cursor stands, or else the last one."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.controls.flow import Flow
from gui.theme import FontSize, Space, font, theme, tokens
from gui.training.quantities import Part, Quantity
from gui.training.words import part_name, quantity_text

_STROKE = 16
_MOST_NAME = 90
_HEIGHT = 28


@dataclass(frozen=True, slots=True, eq=False)
class LegendRun:
    """A run: its name, empty where it need not be told from others, its colour, and a value for each of its curves."""

    name: str
    colour: QColor
    values: tuple[tuple[Part, float | None], ...]
    is_dev_dashed: bool = True
    quantity: Quantity = Quantity.LOSS


class CurveLegend(Flow):
    """An entry for each run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=Space.M)
        self.entries: list[LegendEntry] = []

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """A line at least."""
        return QSize(super().minimumSizeHint().width(), _HEIGHT)

    def set_runs(self, runs: Sequence[LegendRun]) -> None:
        """Show these; entries are reused, since values change with every move of the pointer."""
        while len(self.entries) > len(runs):
            self.entries.pop().deleteLater()
        is_new = len(self.entries) < len(runs) or any(
            entry.run.name != run.name or len(entry.run.values) != len(run.values)
            for entry, run in zip(self.entries, runs, strict=False)
        )
        for entry, run in zip(self.entries, runs, strict=False):
            entry.set_run(run)
        for run in runs[len(self.entries) :]:
            entry = LegendEntry(run, self)
            entry.show()
            self.entries.append(entry)
        if is_new or len(self._widgets) != len(self.entries):
            self.set_widgets(self.entries)


class LegendEntry(QWidget):
    """One run: its name, and for each of its curves how it is drawn, whose it is, and its value."""

    def __init__(self, run: LegendRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.set_run(run)
        theme().changed.connect(self.update)

    @property
    def text(self) -> str:
        """All of it in words."""
        values = ", ".join(
            f"{part_name(part)} {quantity_text(self.run.quantity, value)}" for part, value in self.run.values
        )
        return f"{self.run.name}: {values}" if self.run.name else values

    def set_run(self, run: LegendRun) -> None:
        """Show another run, or other values."""
        self.run = run
        self.setAccessibleName(self.text)
        # Tooltips guess whether they are rich text, which the name of a run must never be.
        self.setToolTip(f"<p>{html.escape(self.text)}</p>")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for names and values, alike for all values so that nothing moves with the pointer."""
        return QSize(round(self._draw(None)), _HEIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As much as a stroke."""
        return QSize(_STROKE, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter)
        painter.end()

    def _draw(self, painter: QPainter | None) -> float:
        """Draw, or only measure; the width."""
        x = 0.0
        name_font, value_font = font(FontSize.SECONDARY, QFont.Weight.DemiBold), font(FontSize.SECONDARY)
        if self.run.name:
            metrics = QFontMetrics(name_font)
            name = metrics.elidedText(self.run.name, Qt.TextElideMode.ElideMiddle, _MOST_NAME)
            x = self._text(painter, x, name, name_font, metrics.horizontalAdvance(name)) + Space.S
        metrics = QFontMetrics(value_font)
        for part, value in self.run.values:
            if painter is not None:
                is_dashed = part is Part.DEV and self.run.is_dev_dashed
                style = Qt.PenStyle.DashLine if is_dashed else Qt.PenStyle.SolidLine
                painter.setPen(QPen(self.run.colour, 2, style))
                painter.drawLine(QPointF(x, self.height() / 2), QPointF(x + _STROKE, self.height() / 2))
            x += _STROKE + Space.XS
            if not self.run.name:  # among several runs there is room for names and values only
                name = part_name(part)
                x = self._text(painter, x, name, value_font, metrics.horizontalAdvance(name), is_faint=True) + Space.XS
            text = quantity_text(self.run.quantity, value)
            x = self._text(painter, x, text, name_font, metrics.horizontalAdvance("00.00")) + Space.S
        return x

    def _text(
        self, painter: QPainter | None, x: float, text: str, type_face: QFont, width: int, *, is_faint: bool = False
    ) -> float:
        if painter is not None:
            painter.setFont(type_face)
            painter.setPen(tokens().secondary if is_faint else QColor(tokens().text))
            baseline = (self.height() + painter.fontMetrics().ascent() - painter.fontMetrics().descent()) / 2
            painter.drawText(QPointF(x, baseline), text)
        return x + width
