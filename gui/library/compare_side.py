"""One half of the comparison: a model, the photograph, what the model says of it and where its words look."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from captioner.caption import Caption
from captioner.worker.protocol import ModelDetails, PhotographOpened
from gui.caption.canvas import Layer, PhotographCanvas
from gui.caption.word_strip import WordStrip
from gui.controls.clamped_label import ClampedLabel
from gui.controls.numbers import decimal_text, percent_text
from gui.library.fact_widgets import label
from gui.theme import Space
from gui.viewmodels.caption_view import CaptionView
from gui.viewmodels.image_collection import CollectedImage, ImageState
from gui.viewmodels.overlay_style import OverlayStyle


class CompareSide(QWidget):
    """What one of the two models says.

    Signals
    -------
    word_pointed_at(int), word_left()
        The pointer came to the word at this position, or to a place of the photograph that this word looked at most;
        it went away.
    word_held(int)
        The word at this position was clicked, or the keyboard came to it.
    """

    word_pointed_at = Signal(int)
    word_left = Signal()
    word_held = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = CaptionView()
        self._style = OverlayStyle()
        self._path = ""
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._build()
        self._connect_signals()

    @property
    def texts(self) -> tuple[str, ...]:
        """The words that it shows."""
        return tuple(word.text for word in self.view.words)

    @property
    def failure(self) -> str:
        """Why there is no caption, empty where there is one or may come."""
        return self._failure.text()

    def set_model(self, model: ModelDetails) -> None:
        """Stand for this model."""
        self._name.set_text(model.name)
        self.canvas.setAccessibleName(self.tr("Photograph with the attention of {name}").format(name=model.name))
        self.strip.setAccessibleName(self.tr("Words of {name}").format(name=model.name))

    def set_style(self, style: OverlayStyle) -> None:
        """Draw the overlay so."""
        self._style = style
        self.canvas.set_style(style)
        self._draw()

    def begin(self, path: str) -> None:
        """Wait for a photograph and its caption."""
        self._path = path
        self.view.set_image(None)
        self.canvas.clear()
        self._failure.clear()
        self._failure.hide()
        self._numbers.setText(self.tr("Captioning…"))

    def show_photograph(self, event: PhotographOpened) -> None:
        """Show the photograph."""
        self.canvas.show_photograph(event.pixels, event.width, event.height)
        self._failure.setVisible(bool(self.failure))

    def show_caption(self, caption: Caption) -> None:
        """Show what the model says."""
        image = CollectedImage(self._path, state=ImageState.DONE, caption=caption, text=caption.text)
        self.view.set_image(image)
        parts = [self.tr("log p {value}").format(value=decimal_text(caption.log_probability))]
        if image.confidence is not None:
            parts.append(self.tr("{percent} per word").format(percent=percent_text(image.confidence)))
        self._numbers.setText(" · ".join(parts))

    def show_failure(self, message: str) -> None:
        """Say why there is no caption, or no photograph: below it, or in its place."""
        self._numbers.clear()
        self._failure.setText(message)
        self._failure.setVisible(self.canvas.has_photograph)
        if not self.canvas.has_photograph:
            self.canvas.show_message(message, "error")

    def set_colours(self, colours: Mapping[int, QColor]) -> None:
        """Mark the words at these positions, which the other model does not say."""
        self.strip.set_pins(colours)

    def set_words_height(self, height: int) -> None:
        """Keep so much room for the words, as much as the other side needs."""
        self._words.setFixedHeight(height)

    def look_at(self, position: int | None) -> None:
        """Show where a word looked; nothing when None."""
        self.view.set_focus(position)

    def _build(self) -> None:
        self._name = ClampedLabel(most_lines=1, is_bold=True)
        self.canvas = PhotographCanvas()
        self.strip = WordStrip()
        self._numbers = label("", "secondary")
        self._failure = label("", "error", wraps=True)
        self._failure.hide()
        below = QVBoxLayout()
        below.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        below.setSpacing(Space.S)
        title = QHBoxLayout()
        title.setSpacing(Space.M)
        title.addWidget(self._name, 1)
        title.addWidget(self._numbers)
        below.addLayout(title)
        below.addWidget(self._failure)
        below.addWidget(self._build_words())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addLayout(below)

    def _build_words(self) -> QWidget:
        self._words = QWidget()
        column = QVBoxLayout(self._words)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.strip)
        column.addStretch()
        return self._words

    def _connect_signals(self) -> None:
        self.view.changed.connect(self._on_caption_changed)
        self.view.focus_changed.connect(self._on_focus_changed)
        self.strip.word_hovered.connect(self.word_pointed_at)
        self.strip.word_left.connect(self.word_left)
        self.strip.word_clicked.connect(self.word_held)
        self.strip.word_focused.connect(self.word_held)
        self.canvas.place_hovered.connect(self._on_place_hovered)
        self.canvas.place_left.connect(self.word_left)

    def _on_place_hovered(self, x: float, y: float) -> None:
        words = self.view.words_at(x, y)
        if words:
            self.word_pointed_at.emit(words[0][0])
        else:
            self.word_left.emit()

    def _on_caption_changed(self) -> None:
        words = self.view.words
        self.strip.set_words(words)
        self.strip.set_flat({position for position in range(len(words)) if self.view.is_flat(position)})
        self._draw()

    def _on_focus_changed(self, position: int | None) -> None:
        self.strip.set_focus(position)
        self._draw()

    def _draw(self) -> None:
        position, caption = self.view.focus, self.view.caption
        weights = None if position is None else self.view.map_of(position)
        if position is None or weights is None or caption is None:
            self.canvas.set_layers([])
            return
        full = self.view.full_weight(position, self._style.is_scale_shared)
        self.canvas.set_layers([Layer(weights, caption.geometry.visible, full, None)])
