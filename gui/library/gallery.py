"""All models at a glance: their cards, what is being done with them, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from captioner.worker.protocol import ModelDetails
from gui.icons import icon
from gui.library.card_grid import CardGrid
from gui.library.fact_widgets import label
from gui.library.icon_mark import IconMark
from gui.library.model_card import ModelCard
from gui.theme import Space
from gui.viewmodels.model_shelf import COMPARED


class Gallery(QWidget):
    """The first thing on the Models page.

    Signals
    -------
    use_wanted(str), open_wanted(str), export_wanted(str), reveal_wanted(str), remove_wanted(str)
        What the user asked to be done with the model of this name.
    selection_toggled(str)
        The model of this name is to be compared, or not any more.
    compare_wanted()
        The two that are ticked, or the only two, are to be compared.
    import_file_wanted(), import_folder_wanted()
        A package is to be installed from a ``.zip`` file or from a folder.
    cancel_wanted()
        What is being done is to stop.
    retry_wanted()
        The models are to be listed once more.
    """

    use_wanted = Signal(str)
    open_wanted = Signal(str)
    export_wanted = Signal(str)
    reveal_wanted = Signal(str)
    remove_wanted = Signal(str)
    selection_toggled = Signal(str)
    compare_wanted = Signal()
    import_file_wanted = Signal()
    import_folder_wanted = Signal()
    cancel_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: dict[str, ModelCard] = {}
        self._models: tuple[ModelDetails, ...] = ()
        self._build()
        self._connect_signals()
        self.show_message(self.tr("Looking for models…"))

    @property
    def cards(self) -> tuple[ModelCard, ...]:
        """The cards in reading order."""
        return tuple(self._cards.values())

    def set_models(self, models: Sequence[ModelDetails]) -> None:
        """Show a card for each of these."""
        if tuple(models) == self._models:
            return
        had_focus = next((name for name, card in self._cards.items() if card.isAncestorOf(self.focusWidget())), None)
        self._models = tuple(models)
        self._cards = {model.name: self._make_card(model) for model in models}
        self._grid.set_cards(self.cards)
        for card in self.cards:
            card.set_comparable(len(models) >= COMPARED)
        self._compare.setVisible(len(models) >= COMPARED)
        self._message.setVisible(not models)
        if had_focus in self._cards:
            self.focus_card(had_focus)

    def set_state(self, active: str | None, loading: str | None, selected: Sequence[str], *, can_compare: bool) -> None:
        """Mark the model in use, the one that is about to be, and those that are ticked."""
        for name, card in self._cards.items():
            card.set_active(name == active, name == loading)
            card.set_selected(name in selected)
        self._compare.setEnabled(can_compare)
        self._hint.setVisible(bool(selected) and not can_compare)

    def set_problems(self, problems: Sequence[str]) -> None:
        """Say which packages cannot be read, a sentence each."""
        while (item := self._problem_list.takeAt(0)) is not None:
            if (row := item.widget()) is not None:
                row.deleteLater()
        for sentence in problems:
            self._problem_list.addWidget(_problem(sentence))
        self._problems.setVisible(bool(problems))

    def set_work(self, text: str) -> None:
        """Say what is being done; nothing when empty."""
        self._work_text.setText(text)
        self._work.setVisible(bool(text))
        self._import.setEnabled(not text)

    def show_message(self, text: str, *, is_error: bool = False) -> None:
        """Say why there are no cards."""
        self._message_text.setText(text)
        self._message_text.setProperty("role", "error" if is_error else "secondary")
        self._message_text.style().polish(self._message_text)
        self._retry.setVisible(is_error)
        self._message.setVisible(not self._cards)

    def focus_card(self, name: str) -> None:
        """Bring a card into sight and give it the keyboard."""
        card = self._cards.get(name)
        if card is not None:
            card.focus()
            self._scroll.ensureWidgetVisible(card, 0, Space.L)

    # Building

    def _build(self) -> None:
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(Space.XL, Space.S, Space.XL, Space.XL)
        inside.setSpacing(Space.L)
        self._grid = CardGrid()
        inside.addWidget(self._grid)
        inside.addWidget(self._build_message(), 3)
        inside.addWidget(self._build_problems())
        inside.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._build_header())
        column.addWidget(self._build_work())
        column.addWidget(self._scroll, 1)

    def _build_header(self) -> QHBoxLayout:
        self._hint = label(self.tr("Tick one more model to compare the two."), "secondary")
        self._hint.hide()
        self._compare = QPushButton(icon("columns"), self.tr("Compare"))
        self._compare.setToolTip(self.tr("Caption one photograph with both models"))
        self._compare.hide()
        self._import = QPushButton(icon("download-simple"), self.tr("Import"))
        menu = QMenu(self._import)
        menu.addAction(self.tr("From a file…"), self.import_file_wanted.emit)
        menu.addAction(self.tr("From a folder…"), self.import_folder_wanted.emit)
        self._import.setMenu(menu)
        self._import.setToolTip(self.tr("Install a model package; it can also be dropped here"))
        row = QHBoxLayout()
        row.setContentsMargins(Space.XL, Space.L, Space.XL, Space.S)
        row.setSpacing(Space.S)
        row.addWidget(label(self.tr("Models"), "heading"))
        row.addStretch()
        row.addWidget(self._hint)
        row.addWidget(self._compare)
        row.addWidget(self._import)
        return row

    def _build_work(self) -> QWidget:
        self._work = QWidget()
        self._work_text = label("")
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setMaximumWidth(200)
        bar.setAccessibleName(self.tr("Progress"))
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setProperty("role", "quiet")
        row = QHBoxLayout(self._work)
        row.setContentsMargins(Space.XL, 0, Space.XL, Space.S)
        row.setSpacing(Space.M)
        row.addWidget(self._work_text)
        row.addWidget(bar, 1)
        row.addWidget(self._cancel)
        row.addStretch()
        self._work.hide()
        return self._work

    def _build_message(self) -> QWidget:
        self._message = QWidget()
        self._message_text = label("", wraps=True)
        self._message_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._retry = QPushButton(self.tr("Look again"))
        column = QVBoxLayout(self._message)
        column.setSpacing(Space.M)
        column.addStretch()
        column.addWidget(self._message_text)
        column.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return self._message

    def _build_problems(self) -> QWidget:
        self._problems = QWidget()
        self._problems.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self._problems)
        column.setContentsMargins(0, Space.S, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(label(self.tr("Packages that cannot be read"), "section"))
        self._problem_list = QVBoxLayout()
        self._problem_list.setSpacing(Space.S)
        column.addLayout(self._problem_list)
        self._problems.hide()
        return self._problems

    def _make_card(self, model: ModelDetails) -> ModelCard:
        card, name = ModelCard(model), model.name
        card.use_wanted.connect(lambda: self.use_wanted.emit(name))
        card.open_wanted.connect(lambda: self.open_wanted.emit(name))
        card.export_wanted.connect(lambda: self.export_wanted.emit(name))
        card.reveal_wanted.connect(lambda: self.reveal_wanted.emit(name))
        card.remove_wanted.connect(lambda: self.remove_wanted.emit(name))
        card.selection_toggled.connect(lambda: self.selection_toggled.emit(name))
        return card

    def _connect_signals(self) -> None:
        self._compare.clicked.connect(self.compare_wanted)
        self._cancel.clicked.connect(self.cancel_wanted)
        self._retry.clicked.connect(self.retry_wanted)


def _problem(sentence: str) -> QWidget:
    mark = IconMark("warning", "warning")
    text = label(sentence, wraps=True)
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(Space.S)
    layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(text, 1)
    return row
