"""Two models side by side: the same photograph, both captions with their differences marked, both maps linked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from captioner.caption import Caption
from captioner.file_names import file_name
from captioner.worker.protocol import ModelDetails, PhotographOpened
from gui.caption.photograph_loader import PhotographLoader
from gui.engine_bridge import EngineBridge
from gui.icons import describe, icon
from gui.library.compare_runner import CompareRunner
from gui.library.compare_side import CompareSide
from gui.library.differences import differing_runs, position_of, tint
from gui.library.fact_widgets import label
from gui.theme import Space, theme
from gui.viewmodels.overlay_style import OverlayStyle
from gui.viewmodels.word_difference import WordPair, difference


class CompareView(QWidget):
    """The comparison of two models.

    Signals
    -------
    left()
        Back to all models.
    open_wanted()
        The user wants to choose a photograph.
    """

    left = Signal()
    open_wanted = Signal()

    def __init__(self, bridge: EngineBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loader = PhotographLoader(bridge, self)
        self.runner = CompareRunner(bridge, self)
        self.sides = (CompareSide(), CompareSide())
        self._models: tuple[str, ...] = ()
        self._photographs: tuple[str, ...] = ()
        self._path = ""
        self._pairs: tuple[WordPair, ...] = ()
        self._held: tuple[int, int] | None = None
        self._build()
        self._connect_signals()
        self._show_place()

    @property
    def path(self) -> str:
        """The photograph that is compared on, empty for none."""
        return self._path

    @property
    def summary(self) -> str:
        """In how many places the captions differ."""
        return self._summary.text()

    def set_models(self, left: ModelDetails, right: ModelDetails) -> None:
        """Compare these two, on the photograph that is shown."""
        for side, model in zip(self.sides, (left, right), strict=True):
            side.set_model(model)
        names = (left.name, right.name)
        if names != self._models:
            self._models = names
            self._compare()

    def set_photographs(self, paths: Sequence[str]) -> None:
        """Let the user go through these; the first is shown unless another is being compared on."""
        self._photographs = tuple(paths)
        if paths and not (self._path and self.isVisible()):
            self.set_photograph(paths[0])
        self._show_place()

    def set_photograph(self, path: str) -> None:
        """Compare on this photograph."""
        self._path = path
        self._show_place()
        self._compare()

    def set_style(self, style: OverlayStyle) -> None:
        """Draw the overlays so."""
        for side in self.sides:
            side.set_style(style)

    def stop(self) -> None:
        """Forget whatever is under way; the next comparison begins anew."""
        self.runner.drop()
        self.loader.forget()
        self._models = ()

    def focus(self) -> None:
        """Give the keyboard to its first control."""
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    # Building

    def _build(self) -> None:
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(1)
        for number, side in enumerate(self.sides):
            both.addWidget(side)
            both.setStretchFactor(number, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._build_empty())
        self._stack.addWidget(both)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._build_header())
        column.addWidget(_hairline())
        column.addWidget(self._stack, 1)

    def _build_header(self) -> QHBoxLayout:
        self._back = _tool("arrow-left", self.tr("Back to all models"))
        self._previous = _tool("caret-left", self.tr("Previous photograph"))
        self._next = _tool("caret-right", self.tr("Next photograph"))
        self._summary = label("", "secondary")
        self._place = label("", "secondary")
        self._open = QPushButton(self.tr("Open photograph…"))
        self._open.setProperty("role", "quiet")
        row = QHBoxLayout()
        row.setContentsMargins(Space.M, Space.S, Space.L, Space.S)
        row.setSpacing(Space.S)
        row.addWidget(self._back)
        row.addWidget(label(self.tr("Compare"), "heading"))
        row.addSpacing(Space.S)
        row.addWidget(self._summary)
        row.addStretch()
        for widget in (self._place, self._previous, self._next, self._open):
            row.addWidget(widget)
        return row

    def _build_empty(self) -> QWidget:
        empty = QWidget()
        self._open_first = QPushButton(self.tr("Open photograph…"))
        self._open_first.setProperty("role", "primary")
        text = label(self.tr("Drop a photograph here to have it captioned by both models"), wraps=True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(empty)
        column.setSpacing(Space.L)
        column.addStretch()
        column.addWidget(text)
        column.addWidget(self._open_first, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return empty

    def _connect_signals(self) -> None:
        self._back.clicked.connect(self.left)
        self._open.clicked.connect(self.open_wanted)
        self._open_first.clicked.connect(self.open_wanted)
        self._previous.clicked.connect(lambda: self._go(-1))
        self._next.clicked.connect(lambda: self._go(1))
        self.loader.opened.connect(self._on_opened)
        self.loader.failed.connect(self._on_open_failed)
        self.runner.captioned.connect(self._on_captioned)
        self.runner.failed.connect(self._on_failed)
        theme().changed.connect(self._mark_words)
        for number, side in enumerate(self.sides):
            self._connect_side(number, side)

    def _connect_side(self, number: int, side: CompareSide) -> None:
        side.word_pointed_at.connect(lambda position: self._look(number, position))
        side.word_held.connect(lambda position: self._hold(number, position))
        side.word_left.connect(self._on_word_left)
        side.strip.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep both photographs equally large when one caption takes more lines than the other."""
        if event.type() is QEvent.Type.Resize:
            height = max(side.strip.height() for side in self.sides)
            for side in self.sides:
                side.set_words_height(height)
        return super().eventFilter(watched, event)

    # Comparing

    def _compare(self) -> None:
        self._pairs, self._held = (), None
        self._summary.clear()
        if not self._path or len(self._models) != len(self.sides):
            return
        for side in self.sides:
            side.begin(self._path)
        self.loader.open(self._path)
        self.runner.compare(self._path, self._models)

    def _go(self, by: int) -> None:
        if self._photographs:
            here = self._photographs.index(self._path) if self._path in self._photographs else -1
            self.set_photograph(self._photographs[(here + by) % len(self._photographs)])

    def _show_place(self) -> None:
        self._stack.setCurrentIndex(1 if self._path else 0)
        are_many = len(self._photographs) > 1
        self._previous.setVisible(are_many)
        self._next.setVisible(are_many)
        self._open.setVisible(bool(self._path))
        self._place.setText(file_name(Path(self._path)) if self._path else "")

    def _on_opened(self, event: PhotographOpened) -> None:
        for side in self.sides:
            side.show_photograph(event)

    def _on_open_failed(self, path: str, message: str) -> None:
        for side in self.sides:
            side.show_failure(message)

    def _on_captioned(self, model: str, caption: Caption) -> None:
        self.sides[self._models.index(model)].show_caption(caption)
        if all(side.view.caption is not None for side in self.sides):
            self._pairs = difference(self.sides[0].texts, self.sides[1].texts)
            self._show_difference()
            self._mark_words()

    def _on_failed(self, model: str, message: str) -> None:
        self.sides[self._models.index(model)].show_failure(message)

    def _show_difference(self) -> None:
        runs = differing_runs(self._pairs)
        if runs:
            self._summary.setText(self.tr("Different in %n place(s)", "", len(runs)))
        else:
            self._summary.setText(self.tr("Both say the same"))
        self._summary.setAccessibleDescription("; ".join(self._words_of(run) for run in runs))

    def _mark_words(self) -> None:
        runs = differing_runs(self._pairs)
        for number, side in enumerate(self.sides):
            side.set_colours(
                {
                    position: tint(colour)
                    for colour, run in enumerate(runs)
                    for pair in run
                    if (position := position_of(pair, number)) is not None
                }
            )

    def _words_of(self, run: Sequence[WordPair]) -> str:
        """Both readings of a place where they differ, for screen readers."""
        left, right = (
            " ".join(side.texts[position] for pair in run if (position := position_of(pair, number)) is not None)
            for number, side in enumerate(self.sides)
        )
        nothing = self.tr("nothing")
        return self.tr("{left} on the left, {right} on the right").format(left=left or nothing, right=right or nothing)

    # Looking

    def _look(self, number: int, position: int) -> None:
        self.sides[number].look_at(position)
        self.sides[1 - number].look_at(self._partner(number, position))

    def _hold(self, number: int, position: int) -> None:
        self._held = (number, position)
        self._look(number, position)

    def _on_word_left(self) -> None:
        if self._held is not None:
            self._look(*self._held)
            return
        for side in self.sides:
            side.look_at(None)

    def _partner(self, number: int, position: int) -> int | None:
        """The word of the other side that stands for this one."""
        found = (pair for pair in self._pairs if position_of(pair, number) == position)
        pair = next(found, None)
        return None if pair is None else position_of(pair, 1 - number)


def _tool(name: str, text: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setProperty("role", "quiet")
    describe(button, text)
    return button


def _hairline() -> QFrame:
    line = QFrame()
    line.setProperty("role", "hairline")
    return line
