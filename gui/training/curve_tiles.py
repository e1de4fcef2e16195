"""All quantities at a glance: name, last value and a small curve of each; the chosen one is drawn large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSizePolicy, QWidget

from gui.theme import RADIUS, FontSize, Space, font, theme, tokens
from gui.training.quantities import Curve, Numbers, Part, Quantity, RunCurves
from gui.training.words import part_name, quantity_name, quantity_sentence, quantity_text

_HEIGHT = 54
_SPARK = 14
_MOST_POINTS = 120


class CurveTiles(QWidget):
    """A tile for each quantity; one stop of the Tab key, the arrows choose.

    Signals
    -------
    chosen(Quantity)
        The user wants this one drawn large; never emitted for `set_chosen`.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.tiles = {quantity: CurveTile(quantity, self) for quantity in Quantity}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS)
        for quantity, tile in self.tiles.items():
            self._group.addButton(tile)
            row.addWidget(tile, tile.sizeHint().width())
            tile.clicked.connect(lambda _=False, quantity=quantity: self.chosen.emit(quantity))
        self.tiles[Quantity.REWARD].hide()

    @property
    def value(self) -> Quantity:
        """The one that is chosen."""
        return next((quantity for quantity, tile in self.tiles.items() if tile.isChecked()), Quantity.LOSS)

    def set_chosen(self, quantity: Quantity) -> None:
        """Choose a quantity."""
        self.tiles[quantity].setChecked(True)

    def set_run(self, run: RunCurves | None) -> None:
        """Show the numbers of this run."""
        for quantity, tile in self.tiles.items():
            tile.set_curves(run.of(quantity) if run is not None else ())
        # Only a second stage has rewards, which most runs do not have.
        reward = self.tiles[Quantity.REWARD]
        reward.setVisible(reward.has_values)
        if not reward.has_values and reward.isChecked():
            self.set_chosen(Quantity.LOSS)
            self.chosen.emit(Quantity.LOSS)


class CurveTile(QRadioButton):
    """One quantity."""

    def __init__(self, quantity: Quantity, parent: QWidget | None = None) -> None:
        super().__init__(quantity_name(quantity), parent)
        self.quantity = quantity
        self._curves: tuple[Curve, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(quantity_sentence(quantity))
        self.setAccessibleDescription(quantity_sentence(quantity))
        theme().changed.connect(self.update)
        self.set_curves(())

    @property
    def has_values(self) -> bool:
        """Whether anything was measured."""
        return bool(self._curves)

    @property
    def value_text(self) -> str:
        """The newest value: of the dev images where the model learns from others, since that is what counts."""
        shown = self._main_curve()
        return quantity_text(self.quantity, shown.latest if shown is not None else None)

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Show these: training, dev, or both."""
        self._curves = tuple(curves)
        parts = ", ".join(
            f"{part_name(curve.part)} {quantity_text(self.quantity, curve.latest)}" for curve in self._curves
        )
        self.setAccessibleName(f"{self.text()}: {parts or quantity_text(self.quantity, None)}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for the name."""
        name = QFontMetrics(font(FontSize.SECONDARY)).horizontalAdvance(self.text())
        return QSize(name + 2 * Space.S + 2, _HEIGHT).expandedTo(self.minimumSizeHint())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for three digits; longer names and values are cut with an ellipsis."""
        value = QFontMetrics(font(FontSize.BODY, QFont.Weight.DemiBold)).horizontalAdvance("0.00")
        return QSize(value + 2 * Space.S, _HEIGHT)

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802
        """Whether a press here counts: anywhere does."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw name, value and curve."""
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        inner = self.rect().adjusted(Space.S, Space.XS + 1, -Space.S, 0)
        painter.setFont(font(FontSize.SECONDARY))
        painter.setPen(colours.secondary)
        metrics = painter.fontMetrics()
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, self._fitting(metrics, self.text(), inner.width()))
        inner.setTop(inner.top() + metrics.height() + 1)
        painter.setFont(font(FontSize.BODY, QFont.Weight.DemiBold))
        painter.setPen(colours.colour("text", 1.0 if self.has_values else 0.5))
        metrics = painter.fontMetrics()
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, self._fitting(metrics, self.value_text, inner.width()))
        self._paint_spark(painter, QRectF(inner.left(), self.height() - _SPARK - 5, inner.width(), _SPARK))
        painter.end()

    def _main_curve(self) -> Curve | None:
        return next((curve for curve in self._curves if curve.part is Part.DEV), None) or next(iter(self._curves), None)

    def _fitting(self, metrics: QFontMetrics, text: str, width: int) -> str:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width + 2)

    def _paint_ground(self, painter: QPainter) -> None:
        colours = tokens()
        edge = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent", 0.12) if self.isChecked() else colours.colour("text", 0.05))
            painter.drawRoundedRect(edge, RADIUS, RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(edge, RADIUS, RADIUS)

    def _paint_spark(self, painter: QPainter, area: QRectF) -> None:
        curve = self._main_curve()
        if curve is None:
            return
        values, epochs = _few(curve.values), _few(curve.epochs)
        finite = np.isfinite(values)
        values, epochs = values[finite], epochs[finite]
        if len(values) < 2:
            return
        low, high, first, last = values.min(), values.max(), epochs[0], epochs[-1]
        x = area.left() + area.width() * (epochs - first) / max(last - first, 1e-9)
        y = area.bottom() - area.height() * (values - low) / (high - low if high > low else 1.0)
        painter.setPen(QPen(tokens().colour("accent", 1.0 if self.isChecked() else 0.7), 1.4))
        painter.drawPolyline(QPolygonF([QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]))


def _few(values: Numbers) -> Numbers:
    """So many values that a small curve can show them, the first and the last among them."""
    if len(values) <= _MOST_POINTS:
        return values
    few: Numbers = values[np.linspace(0, len(values) - 1, _MOST_POINTS).round().astype(int)]
    return few
