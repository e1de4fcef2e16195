"""The Train page: runs on the left, curves over sample captions in the middle, data and settings on the right."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from captioner.worker.training_protocol import DatasetChoice
from gui.controls.segmented import Segmented
from gui.engine_bridge import EngineBridge
from gui.settings import SettingsStore
from gui.theme import Space
from gui.thumbnails import Thumbnails
from gui.training.action_bar import ActionBar
from gui.training.controller import TrainController
from gui.training.curves_panel import CurvesPanel
from gui.training.data_panel import DataPanel
from gui.training.drop_invitation import DropInvitation
from gui.training.log_view import CommandView, LogView
from gui.training.preparation_view import PreparationView
from gui.training.run_header import RunHeader
from gui.training.runs_panel import RunsPanel
from gui.training.sample_view import SampleView
from gui.training.samples_strip import SamplesStrip
from gui.training.settings_panel import SettingsPanel
from gui.training_bridge import TrainingBridge
from gui.viewmodels.dataset_choice import DatasetSelection
from gui.viewmodels.feature_wishes import FeatureWishes
from gui.viewmodels.training_form import TrainingForm
from gui.viewmodels.training_runs import RunShelf

RUNS_WIDTH, SIDE_WIDTH = 200, 288
VIEWS = ("samples", "log", "command")


class TrainPage(QWidget):
    """The widgets and where they stand; `gui.training.controller` makes them act.

    Parameters
    ----------
    bridge, engine
        To the processes that train, and to the worker, which makes small pictures.
    settings
        Keep how wide the columns are.
    shelf
        The runs; those of the user's data folder when absent.

    Signals
    -------
    model_ready(str)
        Folder of a model package that is to be used now.
    message(str, str)
        A sentence for a toast and its kind: ``info``, ``done``, ``warning`` or ``error``.
    """

    model_ready = Signal(object)
    message = Signal(str, str)

    def __init__(
        self,
        bridge: TrainingBridge,
        engine: EngineBridge,
        settings: SettingsStore,
        shelf: RunShelf | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.shelf, self.dataset, self.form = shelf or RunShelf(), DatasetSelection(), TrainingForm()
        self.wishes = FeatureWishes()
        self._settings = settings
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.thumbnails = Thumbnails(engine, self)
        self.runs, self.header, self.curves = RunsPanel(), RunHeader(), CurvesPanel()
        self.samples, self.log, self.command = SamplesStrip(self.thumbnails), LogView(), CommandView()
        self.data, self.settings, self.buttons = DataPanel(), SettingsPanel(self.form), ActionBar()
        self.invitation, self.preparation = DropInvitation(), PreparationView()
        self._build_layout()
        self._restore_layout()
        self._follow_style(settings)
        self.samples.opened.connect(functools.partial(self._open_sample, engine))
        self.controller = TrainController(bridge, self)

    def take(self, paths: Sequence[str]) -> bool:
        """Learn from what was dropped, if that is possible.

        Returns
        -------
        bool
            Whether it was of use here; photographs alone are not.
        """
        return self.controller.take(paths)

    def learn_from(self, choice: DatasetChoice, photographs: int, model: str) -> None:
        """Prepare to teach a model further on captions that were collected; what is to be done next is offered.

        Parameters
        ----------
        choice
            The captions and their photographs.
        photographs
            How many there are.
        model
            Name of the model.
        """
        self.controller.learn_from(choice, photographs, model)

    def set_model_in_use(self, path: str) -> None:
        """Tell which model, by its folder, writes the captions; empty where none does."""
        self.controller.set_model_in_use(path)

    def show_run(self, is_shown: bool) -> None:
        """Show a run in the middle, or else what a new one would learn from, or where to drop that."""
        prepared = self.invitation if self.preparation.report is None else self.preparation
        self.centre.setCurrentWidget(self._run_area if is_shown else prepared)

    def _build_layout(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.runs.setMinimumWidth(168)
        self.centre = QStackedWidget()
        self.centre.setMinimumWidth(380)
        self._run_area = self._build_run_area()
        self.centre.addWidget(self.invitation)
        self.centre.addWidget(self.preparation)
        self.centre.addWidget(self._run_area)
        for widget, stretch in ((self.runs, 0), (self.centre, 1), (self._build_side(), 0)):
            self.splitter.addWidget(widget)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setSizes([RUNS_WIDTH, 10_000, SIDE_WIDTH])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

    def _build_run_area(self) -> QSplitter:
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.curves, 1)
        area = QSplitter(Qt.Orientation.Vertical)
        area.setChildrenCollapsible(False)
        area.setHandleWidth(1)
        area.addWidget(upper)
        area.addWidget(self._build_lower())
        area.setStretchFactor(0, 3)
        area.setStretchFactor(1, 1)
        area.setSizes([10_000, 168])
        return area

    def _build_lower(self) -> QWidget:
        self.views = Segmented(
            (
                ("samples", self.tr("Captions"), self.tr("The same photographs after every epoch")),
                ("log", self.tr("Log"), self.tr("What the run notes down")),
                ("command", self.tr("Command"), self.tr("The command that repeats this run")),
            )
        )
        self.views.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # Segments are equally wide, so that the longest word rules.
        widest = max(self.views.segment(key).sizeHint().width() for key in VIEWS)
        self.views.setFixedWidth(len(VIEWS) * widest + Space.S)
        self.views.setAccessibleName(self.tr("Below the curves"))
        self._lower = QStackedWidget()
        for widget in (self.samples, self.log, self.command):
            self._lower.addWidget(widget)
        self.views.chosen.connect(self._on_view_chosen)
        self.views.set_chosen("samples")
        lower = QWidget()
        lower.setProperty("role", "panel")
        lower.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(lower)
        column.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        column.setSpacing(Space.S)
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        head.addWidget(self.views)
        head.addWidget(self.samples.head, 1)
        column.addLayout(head)
        column.addWidget(self._lower, 1)
        return lower

    def _build_side(self) -> QWidget:
        content = QWidget()
        content.setProperty("role", "panel")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for panel in (self.data, self.settings):
            column.addWidget(panel)
            column.addWidget(_hairline())
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setProperty("role", "panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        side = QWidget()
        side.setProperty("role", "panel")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setMinimumWidth(SIDE_WIDTH - 16)
        stack = QVBoxLayout(side)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(scroll, 1)
        stack.addWidget(_hairline())
        stack.addWidget(self.buttons)
        return side

    def _restore_layout(self) -> None:
        for splitter, key in ((self.splitter, "train"), (self._run_area, "train_run")):
            kept = self._settings.settings.layouts.get(key, "")
            splitter.restoreState(QByteArray.fromBase64(kept.encode("ascii", "replace")))
            splitter.splitterMoved.connect(functools.partial(self._keep_layout, splitter, key))

    def _keep_layout(self, splitter: QSplitter, key: str, *_: int) -> None:
        state = bytes(splitter.saveState().toBase64().data()).decode("ascii")
        self._settings.change(layouts={**self._settings.settings.layouts, key: state})

    def _follow_style(self, settings: SettingsStore) -> None:
        """Draw attention as on the Caption page."""
        self.samples.set_style(settings.settings.overlay)
        settings.changed.connect(lambda changed: self.samples.set_style(changed.overlay))

    def _open_sample(self, engine: EngineBridge, name: str) -> None:
        view = SampleView(engine, self.samples, name, self._settings.settings.overlay, self)
        view.open()

    def _on_view_chosen(self, key: str) -> None:
        self._lower.setCurrentWidget({"samples": self.samples, "log": self.log, "command": self.command}[key])
        self.samples.set_head_visible(key == "samples")


def _hairline() -> QFrame:
    line = QFrame()
    line.setProperty("role", "hairline")
    return line
