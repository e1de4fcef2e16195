"""The curves of a run, and of others laid over it: tiles to choose from, a large chart, its legend and its tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from gui.controls.calm_inputs import CalmSlider
from gui.icons import describe, icon
from gui.library.icon_mark import IconMark
from gui.theme import Space, theme, tokens
from gui.training.chart_loader import ChartLoader
from gui.training.curve_colours import run_colour
from gui.training.curve_legend import CurveLegend, LegendRun
from gui.training.curve_tiles import CurveTiles
from gui.training.quantities import Part, Quantity, RunCurves
from gui.training.words import quantity_name
from gui.viewmodels.curves import smooth

if TYPE_CHECKING:
    from gui.training.curve_chart import CurveChart, Line

DRAWN_EVERY_MILLISECONDS = 250
_SLIDER_STEPS, _SLIDER_WIDTH = 20, 72
_LEAST_CHART = QSize(200, 120)


class CurvesPanel(QWidget):
    """Tiles, legend and chart.

    Signals
    -------
    smoothing_changed(float)
        The user wants curves smoothed by so much, in [0, 1).
    picture_wanted(), values_wanted()
        What is shown is to be saved as a picture, or its numbers as a table.
    """

    smoothing_changed = Signal(float)
    picture_wanted = Signal()
    values_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[RunCurves, ...] = ()
        self._smoothing = 0.0
        self._shown_paths: list[str] = []
        self.chart: CurveChart | None = None
        self._loader = ChartLoader(self)
        self._timer = QTimer(self, singleShot=True, interval=DRAWN_EVERY_MILLISECONDS)
        self._build()
        self._connect_signals()
        self.tiles.set_chosen(Quantity.LOSS)

    @property
    def runs(self) -> tuple[RunCurves, ...]:
        """What is shown; the run that is looked at is the first."""
        return self._runs

    @property
    def quantity(self) -> Quantity:
        """What the chart is of."""
        return self.tiles.value

    @property
    def smoothing(self) -> float:
        """How much training curves are smoothed, in [0, 1)."""
        return self._smoothing

    def set_runs(self, runs: Sequence[RunCurves]) -> None:
        """Show these runs, the first of which is looked at; may be told as often as one likes."""
        self._runs = tuple(runs)
        if [run.path for run in runs] != self._shown_paths:
            self._draw()
        elif not self._timer.isActive():
            self._timer.start()

    def set_smoothing(self, amount: float) -> None:
        """Smooth training curves by so much, in [0, 1)."""
        self._smoothing = amount
        self._slider.blockSignals(True)
        self._slider.setValue(round(amount * _SLIDER_STEPS))
        self._slider.blockSignals(False)
        self._draw()

    def choose(self, quantity: Quantity) -> None:
        """Draw this quantity large."""
        self.tiles.set_chosen(quantity)
        self._draw(fits=True)

    def figure(self) -> QImage:
        """Legend and chart as a picture, with at least twice the pixels of a plain screen."""
        ratio = max(self.devicePixelRatioF(), 2.0)
        legend, chart = self.legend, self._stack_area
        size = QSize(chart.width(), legend.height() + Space.S + chart.height()) + QSize(2 * Space.L, 2 * Space.L)
        image = QImage(size * ratio, QImage.Format.Format_ARGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(tokens().colour("panel"))
        flags = QWidget.RenderFlag.DrawChildren
        legend.render(image, QPoint(Space.L, Space.L), renderFlags=flags)
        chart.render(image, QPoint(Space.L, Space.L + legend.height() + Space.S), renderFlags=flags)
        return image

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Bring the chart in when it is first looked at."""
        super().showEvent(event)
        self._loader.start()

    # Building

    def _build(self) -> None:
        self.tiles, self.legend = CurveTiles(), CurveLegend()
        self._place = self._quiet_label(self.tr("Bringing in the curves…"))
        self._place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack_area = QWidget()
        self._stack_area.setMinimumSize(_LEAST_CHART)
        self._stack = QStackedLayout(self._stack_area)
        self._stack.addWidget(self._place)
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(self.legend, 1)
        tools = self._build_tools()
        head.addLayout(tools)
        head.setAlignment(tools, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        column.setSpacing(Space.S)
        column.addWidget(self.tiles)
        column.addLayout(head)
        column.addWidget(self._stack_area, 1)
        theme().changed.connect(self._draw)

    def _build_tools(self) -> QHBoxLayout:
        self._slider = CalmSlider()
        self._slider.setRange(0, _SLIDER_STEPS - 1)
        self._slider.setFixedWidth(_SLIDER_WIDTH)
        describe(self._slider, self.tr("Smoothing"))
        self._slider.setToolTip(self.tr("Smoothing: training curves drawn calmer, their values faintly behind"))
        self.export_button = QToolButton()
        self.export_button.setProperty("role", "quiet")
        self.export_button.setIcon(icon("export"))
        self.export_button.setIconSize(QSize(16, 16))
        self.export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        describe(self.export_button, self.tr("Save the curves"))
        menu = QMenu(self)
        menu.addAction(self.tr("Save as a picture…")).triggered.connect(self.picture_wanted)
        menu.addAction(self.tr("Save the numbers…")).triggered.connect(self.values_wanted)
        self.export_button.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(IconMark("waves"))
        row.addWidget(self._slider)
        row.addWidget(self.export_button)
        return row

    def _quiet_label(self, text: str = "") -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(text)
        label.setProperty("role", "secondary")
        return label

    def _connect_signals(self) -> None:
        self.tiles.chosen.connect(lambda _: self._draw(fits=True))
        self._slider.valueChanged.connect(self._on_slid)
        self._timer.timeout.connect(self._draw)
        self._loader.ready.connect(self._on_chart_ready)
        self._loader.failed.connect(self._on_chart_failed)

    def _on_chart_ready(self) -> None:
        from gui.training.curve_chart import CurveChart  # noqa: PLC0415 (imports pyqtgraph)

        self.chart = CurveChart()
        self.chart.setMinimumSize(_LEAST_CHART)
        self.chart.pointed.connect(self._on_pointed)
        self._stack.addWidget(self.chart)
        self._stack.setCurrentWidget(self.chart)
        self._draw(fits=True)

    def _on_chart_failed(self, reason: str) -> None:
        sentence = self.tr("Curves cannot be drawn: {reason}. Install pyqtgraph to see them.")
        self._place.setText(sentence.format(reason=reason))

    # Drawing

    def _draw(self, *, fits: bool = False) -> None:
        self.tiles.set_run(self._runs[0] if self._runs else None)
        self._show_legend(self.chart.cursor_epoch if self.chart is not None else None)
        paths = [run.path for run in self._runs]
        is_new, self._shown_paths = paths != self._shown_paths, paths
        if self.chart is None:
            return
        name = self.tr("{quantity} over epochs").format(quantity=quantity_name(self.quantity))
        self.chart.setAccessibleName(name)
        self.chart.set_message(self._message())
        self.chart.set_mark(self._runs[0].second_stage if self._runs else None, self.tr("Second stage: whole captions"))
        self.chart.show_lines(self._lines(), fits=fits or is_new)

    def _message(self) -> str:
        if not self._runs:
            return self.tr("Curves appear here with the first steps.")
        if self.quantity in (Quantity.CIDER, Quantity.BLEU_4):
            return self.tr("Scores appear here after the first epoch whose captions are compared.")
        return self.tr("There is nothing of this to draw yet.")

    def _lines(self) -> list[Line]:
        from gui.training.curve_chart import Line  # noqa: PLC0415

        lines = []
        for number, run in enumerate(self._runs):
            colour = run_colour(number, tokens())
            for curve in run.of(self.quantity):
                values, raw = curve.values, None
                # What there is once an epoch is not noisy, and the learning rate is what it is.
                is_smoothed = self._smoothing > 0 and len(values) > 2 and curve.is_noisy
                if is_smoothed:
                    values, raw = smooth(values, self._smoothing), values
                is_dashed = curve.part is Part.DEV and self._is_dev_dashed
                lines.append(Line(colour, curve.epochs, values, raw, is_dashed))
        return lines

    @property
    def _is_dev_dashed(self) -> bool:
        # Alone in a chart, a curve needs no other look.
        return self.quantity is Quantity.LOSS

    def _show_legend(self, epoch: float | None) -> None:
        entries = []
        for number, run in enumerate(self._runs):
            curves = run.of(self.quantity)
            values = tuple((curve.part, curve.latest if epoch is None else curve.at(epoch)) for curve in curves)
            name = run.name if len(self._runs) > 1 else ""
            entries.append(
                LegendRun(
                    name,
                    run_colour(number, tokens()),
                    values or ((Part.TRAIN, None),),
                    self._is_dev_dashed,
                    self.quantity,
                )
            )
        self.legend.set_runs(entries)

    def _on_pointed(self, epoch: float | None) -> None:
        self._show_legend(epoch)

    def _on_slid(self, place: int) -> None:
        self._smoothing = place / _SLIDER_STEPS
        self._draw()
        self.smoothing_changed.emit(self._smoothing)
