"""The Caption page: collection on the left, photograph over its words in the middle, details on the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from captioner.caption import Caption
from gui.caption.alternatives_panel import MOST_HEIGHT, AlternativesPanel
from gui.caption.canvas import PhotographCanvas
from gui.caption.caption_editor import CaptionEditor
from gui.caption.collection_panel import CollectionPanel
from gui.caption.decoding_panel import DecodingPanel
from gui.caption.empty_state import EmptyState
from gui.caption.legend import LegendBar
from gui.caption.looking import Looking
from gui.caption.overlay_panel import OverlayPanel
from gui.caption.player_bar import PlayerBar
from gui.caption.word_panel import WordPanel
from gui.caption.word_strip import WordStrip
from gui.controls.elided_label import ElidedLabel
from gui.theme import Space
from gui.thumbnails import Thumbnails
from gui.viewmodels.image_collection import CollectedImage, ImageState
from gui.workspace import Workspace

SIDE_WIDTH = 272
COLLECTION_WIDTH = 264
ROOMY = QSize(520, 360)
TALL = 640
"""From this height in pixels on there is room for more than two of the other captions."""


class CaptionPage(QWidget):
    """The widgets and where they stand; `gui.caption.controller` makes them act.

    Signals
    -------
    text_committed(str)
        The caption was edited by hand.
    """

    text_committed = Signal(str)

    def __init__(self, workspace: Workspace, empty_state: EmptyState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "ground")
        self._workspace = workspace
        self.thumbnails = Thumbnails(workspace.bridge, self)
        self.empty_state = empty_state
        self.empty_state.show_thumbnails(self.thumbnails)
        self.collection = CollectionPanel(workspace.collection, self.thumbnails)
        self.canvas = PhotographCanvas()
        self.legend = LegendBar(self.canvas.viewport())
        self.strip, self.player, self.editor = WordStrip(), PlayerBar(), CaptionEditor()
        self.alternatives = AlternativesPanel()
        self.provenance = ElidedLabel()
        self.word, self.overlay, self.decoding = WordPanel(), OverlayPanel(), DecodingPanel()
        self.looking = Looking(workspace.view, self.canvas, self.legend, self.strip, self.player, self.word)
        self._words, self._no_words = QStackedWidget(), ElidedLabel()
        self._shown: CollectedImage | None = None
        self._stack = QStackedWidget()
        self._build_layout()
        self._connect_signals()

    # Where things stand

    def _build_layout(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        for widget, stretch in ((self.collection, 0), (self._build_centre(), 1), (self._build_side(), 0)):
            self.splitter.addWidget(widget)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setSizes([COLLECTION_WIDTH, 10_000, SIDE_WIDTH])
        self._stack.addWidget(self.empty_state)
        self._stack.addWidget(self.splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.legend.hide()
        self.canvas.viewport().installEventFilter(self)

    def _build_centre(self) -> QWidget:
        below = QWidget()
        below.setProperty("role", "panel")
        column = QVBoxLayout(below)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(Space.S)
        self._no_words.setProperty("role", "secondary")
        self._words.addWidget(self.strip)
        self._words.addWidget(self._no_words)
        self._words.addWidget(self.editor)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self.player, 1)
        self.provenance.setProperty("role", "secondary")
        self.provenance.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.provenance, 1)
        column.addWidget(self._words)
        column.addLayout(row)
        column.addWidget(self._hairline())
        column.addWidget(self.alternatives)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self._hairline())
        layout.addWidget(below)
        centre.setMinimumWidth(360)
        return centre

    def _build_side(self) -> QWidget:
        content = QWidget()
        content.setProperty("role", "panel")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for panel in (self.word, self.overlay, self.decoding):
            column.addWidget(panel)
            column.addWidget(self._hairline())
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setProperty("role", "panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        scroll.setMinimumWidth(SIDE_WIDTH)
        return scroll

    def _hairline(self) -> QFrame:
        line = QFrame()
        line.setProperty("role", "hairline")
        return line

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Keep the legend in the lower left corner of the photograph."""
        if watched is self.canvas.viewport() and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.place_legend()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave the photograph the most room."""
        super().resizeEvent(event)
        self.alternatives.set_most_height(MOST_HEIGHT if event.size().height() >= TALL else MOST_HEIGHT // 2)

    def place_legend(self) -> None:
        """Put the legend where it belongs, without its notes where the photograph is small."""
        area = self.canvas.viewport().size()
        self.legend.set_compact(area.width() < ROOMY.width() or area.height() < ROOMY.height())
        self.legend.move(Space.M, self.canvas.viewport().height() - self.legend.height() - Space.M)

    # What they show

    def _connect_signals(self) -> None:
        self.looking.legend_changed.connect(self.place_legend)
        self.strip.play_toggled.connect(self.player.toggle)
        self.strip.edit_wanted.connect(self.begin_editing)
        self.editor.text_committed.connect(self._on_text_committed)
        self.editor.cancelled.connect(self.end_editing)
        collection = self._workspace.collection
        collection.inserted.connect(self._on_count_changed)
        collection.removed.connect(self._on_count_changed)
        collection.was_cleared.connect(self._on_count_changed)

    def _on_count_changed(self, *_: int) -> None:
        self._stack.setCurrentWidget(self.splitter if len(self._workspace.collection) else self.empty_state)

    @property
    def is_empty(self) -> bool:
        """Whether the empty state is what is shown."""
        return self._stack.currentWidget() is self.empty_state

    def begin_editing(self) -> None:
        """Let the user write the caption; nothing happens where there is none."""
        image = self._workspace.view.image
        if image is not None and image.state not in (ImageState.WAITING, ImageState.CAPTIONING):
            self.editor.start(image.text)
            self._words.setCurrentWidget(self.editor)
            self.editor.setFocus()

    def end_editing(self) -> None:
        """Show the words again."""
        self._show_words()
        self.strip.setFocus()

    @property
    def words_text(self) -> str:
        """What stands where words would, while there are none."""
        return self._no_words.text() if self._words.currentWidget() is self._no_words else ""

    def _show_words(self) -> None:
        image = self._workspace.view.image
        reasons = {
            ImageState.WAITING: self.tr("Waits for its turn."),
            ImageState.CAPTIONING: self.tr("Is being captioned…"),
            ImageState.FAILED: self.tr("Has no caption."),
        }
        self._no_words.setText("" if image is None else reasons.get(image.state, ""))
        self._words.setCurrentWidget(self.strip if self._workspace.view.words else self._no_words)

    def _on_text_committed(self, text: str) -> None:
        self.end_editing()
        self.text_committed.emit(text)

    def show_image(self, image: CollectedImage | None) -> None:
        """Show what is known of an image beside its pixels: its other captions and where its words come from."""
        if image is not self._shown or not self.editor.is_editing:
            self._show_words()
        self._shown = image
        caption = None if image is None else image.caption
        self.provenance.setText("" if image is None else self._provenance_of(image))
        self.provenance.setToolTip(self.provenance.text())
        if caption is None:
            self.alternatives.set_alternatives(None, (), ())
            return
        others = [(other.text, other.log_probability) for other in caption.alternatives]
        self.alternatives.set_alternatives((caption.text, caption.log_probability), others, ())

    def _provenance_of(self, image: CollectedImage) -> str:
        if image.caption is None:
            return ""
        parts = [image.caption.model, self._settings_of(image.caption)]
        if image.state is ImageState.EDITED:
            parts.append(self.tr("edited by hand"))
        return " · ".join(parts)

    def _settings_of(self, caption: Caption) -> str:
        options = caption.options
        if options.method == "sample":
            return self.tr("sampled at temperature {value:g}").format(value=options.temperature)
        if options.beam_size == 1:
            return self.tr("greedy")
        return self.tr("beam {size}, length penalty {penalty:g}").format(
            size=options.beam_size, penalty=options.length_penalty
        )
