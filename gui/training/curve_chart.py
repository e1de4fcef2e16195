"""One chart: curves over epochs, with a cursor that tells which epoch is pointed at. Importing it imports pyqtgraph."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLocale, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.theme import FontSize, Space, font, theme, tokens
from gui.training.quantities import Numbers
from gui.training.words import value_text
from gui.viewmodels.curves import thin

MOST_MARKED = 60
_LINE, _FAINT = 1.8, 0.22
_KEY_STEPS = 60
_LONG = 200
_ZOOM_LIMIT = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What is drawn: `values` (N,) at `epochs` (N,), and `raw` (N,) faintly behind them where those were smoothed."""

    colour: QColor
    epochs: Numbers
    values: Numbers
    raw: Numbers | None = None
    is_dashed: bool = False

    @property
    def is_marked(self) -> bool:
        """Whether each of its points has a mark: where there is one an epoch."""
        return 0 < len(self.values) <= MOST_MARKED and self.raw is None


class CurveChart(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Dragging pans, the wheel zooms, a double click shows all again; the arrow keys move the cursor.

    Signals
    -------
    pointed(object)
        The epoch under the cursor as a float; None where the cursor is gone.
    """

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"left": _Axis("left"), "bottom": _Axis("bottom")}
        super().__init__(parent=parent, background=None, axisItems=axes)
        self._lines: tuple[Line, ...] = ()
        self._drawn: list[pg.PlotDataItem] = []
        self._cursor: float | None = None
        self._mark_epoch: float | None = None
        self._mark_text = ""
        self._plot = self.getPlotItem()
        self._build()
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def show_lines(self, lines: Sequence[Line], *, fits: bool = False) -> None:
        """Draw these instead.

        Parameters
        ----------
        fits
            Show all of them, whatever part was looked at before.
        """
        self._lines = tuple(lines)
        self._message.setVisible(not lines)
        self._draw()
        if fits:
            self._plot.enableAutoRange()
        self._place_cursor()

    def set_mark(self, epoch: float | None, text: str = "") -> None:
        """Draw a line across all curves at an epoch, and say beside it what began there; None takes it away."""
        self._mark_epoch, self._mark_text = epoch, text
        self._boundary.setVisible(epoch is not None)
        if epoch is not None:
            self._boundary.setValue(epoch)
            self._boundary.label.setPlainText(text)

    @property
    def mark(self) -> tuple[float | None, str]:
        """Where the line stands, and what it says."""
        return self._mark_epoch, self._mark_text

    def set_message(self, text: str) -> None:
        """What to say where there are no lines."""
        self._message.setText(text)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is drawn."""
        return self._lines

    @property
    def cursor_epoch(self) -> float | None:
        """Where the cursor stands."""
        return self._cursor

    def point_at(self, epoch: float | None) -> None:
        """Move the cursor to an epoch, or take it away."""
        if epoch != self._cursor:
            self._cursor = epoch
            self._place_cursor()
            self.pointed.emit(epoch)

    # Building

    def _build(self) -> None:
        plot, box = self._plot, self._plot.getViewBox()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.showGrid(x=False, y=True, alpha=0.12)
        plot.setContentsMargins(0, 6, 8, 0)
        box.setMouseEnabled(x=True, y=False)
        box.setAutoVisible(y=True)
        box.setDefaultPadding(0.03)
        box.setLimits(minXRange=_ZOOM_LIMIT)
        self._marker = pg.InfiniteLine(angle=90, movable=False)
        self._marks = pg.ScatterPlotItem(size=8, pxMode=True)
        # From its middle on, for the line may stand near the left or the right end.
        beside = {"position": 0.96, "anchors": [(0, 0.5), (1, 0.5)]}
        self._boundary = pg.InfiniteLine(angle=90, movable=False, label=" ", labelOpts=beside)
        for item in (self._marker, self._marks, self._boundary):
            item.setZValue(10)
            item.hide()
            # Of no account for what is shown of the curves.
            plot.addItem(item, ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFrameShape(self.Shape.NoFrame)
        self._message = QLabel()
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setProperty("role", "secondary")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._epoch = QLabel()
        self._epoch.setProperty("role", "secondary")
        self._epoch.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self.viewport())
        layout.setContentsMargins(Space.M, Space.XS, Space.M, Space.M)
        layout.addWidget(self._epoch, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._message, 1)

    def _draw(self) -> None:
        for item in self._drawn:
            self._plot.removeItem(item)
        self._drawn = []
        # Pens of pyqtgraph count in the screen's own pixels. Thick ones are slow, hence not a point for every pixel.
        most, ratio = max(self.width() // 2, 200), self.devicePixelRatioF()
        for line in self._lines:
            if line.raw is not None:
                self._add(*thin(line.epochs, line.raw, most), pg.mkPen(_faint(line.colour), width=1))
            style = Qt.PenStyle.DashLine if line.is_dashed else Qt.PenStyle.SolidLine
            pen = pg.mkPen(line.colour, width=_LINE * ratio, style=style)
            self._add(*thin(line.epochs, line.values, most), pen, line.colour if line.is_marked else None)

    def _add(self, x: Numbers, y: Numbers, pen: object, mark: QColor | None = None) -> None:
        marks = {} if mark is None else {"symbol": "o", "symbolSize": 5, "symbolPen": None, "symbolBrush": mark}
        item = pg.PlotDataItem(x, y, pen=pen, antialias=True, connect="finite", **marks)
        if len(x) > _LONG:
            # Qt takes a quarter of a second to draw so long a line in one piece, and next to nothing in many.
            item.curve.setSegmentedLineMode("on")
        self._plot.addItem(item)
        self._drawn.append(item)

    def _place_cursor(self) -> None:
        is_shown = self._cursor is not None and bool(self._lines)
        self._marker.setVisible(is_shown)
        self._marks.setVisible(is_shown)
        self._epoch.setText("")
        if self._cursor is None or not self._lines:
            return
        self._marker.setValue(self._cursor)
        self._epoch.setText(self.tr("Epoch {epoch}").format(epoch=QLocale().toString(self._cursor, "f", 1)))
        spots = []
        for line in self._lines:
            if len(line.epochs):
                nearest = abs(line.epochs - self._cursor).argmin()
                place = (line.epochs[nearest], line.values[nearest])
                spots.append({"pos": place, "brush": line.colour, "pen": pg.mkPen(tokens().panel, width=2)})
        self._marks.setData(spots)

    # What the user does

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the cursor follow the pointer."""
        super().mouseMoveEvent(event)
        box = self._plot.getViewBox()
        place = QPointF(event.position())
        is_inside = box.sceneBoundingRect().contains(place) and bool(self._lines)
        self.point_at(float(box.mapSceneToView(place).x()) if is_inside else None)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the cursor away."""
        super().leaveEvent(event)
        self.point_at(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show all again."""
        self._plot.enableAutoRange()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move the cursor by the arrow keys; Escape takes it away."""
        first, last = self._plot.getViewBox().viewRange()[0]
        step = (last - first) / _KEY_STEPS
        at = self._cursor if self._cursor is not None else last + step
        match event.key():
            case Qt.Key.Key_Left:
                self.point_at(max(at - step, first))
            case Qt.Key.Key_Right:
                self.point_at(min(at + step, last))
            case Qt.Key.Key_Home:
                self._plot.enableAutoRange()
            case Qt.Key.Key_Escape if self._cursor is not None:
                self.point_at(None)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self._set_ring(event.reason() is not Qt.FocusReason.MouseFocusReason)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Take the ring away."""
        super().focusOutEvent(event)
        self._set_ring(False)

    def _set_ring(self, is_shown: bool) -> None:
        pen = pg.mkPen(tokens().accent, width=2) if is_shown else None
        self._plot.getViewBox().setBorder(pen)

    def _on_theme_changed(self) -> None:
        for name in ("left", "bottom"):
            self._plot.getAxis(name).take_theme()
        self._marker.setPen(pg.mkPen(tokens().colour("text", 0.4), width=1))
        self._boundary.setPen(pg.mkPen(tokens().colour("text", 0.3), width=1, style=Qt.PenStyle.DotLine))
        self._boundary.label.setColor(tokens().secondary)
        self._boundary.label.setFont(font(FontSize.SECONDARY))


def _faint(colour: QColor) -> QColor:
    """A breath of a colour over the ground; itself opaque, since pieces of a line would show where they meet."""
    ground = QColor(tokens().ground)
    parts = zip(colour.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(_FAINT * one + (1 - _FAINT) * other) for one, other in parts))


class _Axis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Numbers as the language of the window writes them, in the type of the window."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=0, tickTextOffset=6, autoExpandTextSpace=False, maxTickLevel=0)
        if side == "left":
            self.setWidth(48)
        else:
            self.setHeight(22)

    def take_theme(self) -> None:
        """Take the present colours."""
        self.setPen(pg.mkPen(tokens().colour("text", 0.12)))
        self.setTextPen(pg.mkPen(tokens().secondary))
        if self.orientation == "bottom":
            self.setTickPen(pg.mkPen(None))
        self.setStyle(tickFont=font(FontSize.SECONDARY))

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Write the numbers of an axis, all with as many digits as tell them apart."""
        if self.orientation == "bottom":
            text = functools.partial(QLocale().toString, precision=0 if spacing >= 1 else 1 if spacing >= 0.1 else 2)
            return [text(float(value), "f") for value in values]
        if spacing < 1e-4:
            return [value_text(value) if value else "0" for value in values]
        digits = next((digits for digits in range(5) if spacing >= 0.999 * 10.0**-digits), 5)
        return [QLocale().toString(float(value), "f", digits) for value in values]
