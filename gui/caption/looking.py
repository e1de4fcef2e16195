"""Ties the words to the photograph: what is pointed at on one side shows on the other."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QCursor

from gui.caption.canvas import Layer, PhotographCanvas
from gui.caption.legend import LegendBar
from gui.caption.place_bubble import PlaceBubble
from gui.caption.player_bar import PlayerBar
from gui.caption.word_panel import WordPanel
from gui.caption.word_strip import WordStrip
from gui.theme import OKABE_ITO
from gui.viewmodels.caption_view import CaptionView
from gui.viewmodels.overlay_style import OverlayStyle
from gui.viewmodels.word_details import WordDetails
from gui.words_of_places import place_text

MOST_WORDS_OF_A_PLACE = 4


class Looking(QObject):
    """Keeps canvas, chips, player and the panel of one word in step with a `CaptionView`.

    Signals
    -------
    legend_changed()
        The legend may have another size, or be shown or hidden.
    """

    legend_changed = Signal()

    def __init__(
        self,
        view: CaptionView,
        canvas: PhotographCanvas,
        legend: LegendBar,
        strip: WordStrip,
        player: PlayerBar,
        panel: WordPanel,
    ) -> None:
        super().__init__(canvas)
        self._view, self._canvas, self._legend = view, canvas, legend
        self._strip, self._player, self._panel = strip, player, panel
        self.bubble = PlaceBubble(canvas.viewport())
        self._style = OverlayStyle()
        self._held: int | None = None
        self._connect_signals()

    def set_style(self, style: OverlayStyle) -> None:
        """Draw the overlay so."""
        self._style = style
        self._canvas.set_style(style)
        self._draw()

    def step(self, by: int) -> None:
        """Go to the next or the previous word."""
        self._view.step(by)
        self._held = self._view.focus

    def toggle_pin(self) -> None:
        """Pin the word that is shown, or let go of it."""
        if self._view.focus is not None:
            self._view.toggle_pin(self._view.focus)

    def _connect_signals(self) -> None:
        self._view.changed.connect(self._on_caption_changed)
        self._view.focus_changed.connect(self._on_focus_changed)
        self._view.pins_changed.connect(self._on_pins_changed)
        self._strip.word_hovered.connect(self._view.set_focus)
        self._strip.word_left.connect(self._on_word_left)
        self._strip.word_focused.connect(self._hold)
        self._strip.word_clicked.connect(self._on_word_clicked)
        self._player.position_changed.connect(self._hold)
        self._canvas.place_hovered.connect(self._on_place_hovered)
        self._canvas.place_left.connect(self._on_place_left)

    def _hold(self, position: int) -> None:
        self._held = position
        self._view.set_focus(position)

    def _on_word_left(self) -> None:
        self._view.set_focus(self._held)

    def _on_word_clicked(self, position: int) -> None:
        self._hold(position)
        self._view.toggle_pin(position)

    def _on_caption_changed(self) -> None:
        words = self._view.words
        self._held = None
        self.bubble.hide()
        self._strip.set_words(words)
        self._strip.set_flat({position for position in range(len(words)) if self._view.is_flat(position)})
        self._player.set_count(len(words))
        self._on_pins_changed()
        self._on_focus_changed(self._view.focus)

    def _on_focus_changed(self, position: int | None) -> None:
        self._strip.set_focus(position)
        if position is not None:
            self._player.set_position(position)
        self._panel.show_word(None if position is None else self.details(position))
        self._draw()

    def _on_pins_changed(self) -> None:
        self._strip.set_pins({position: QColor(OKABE_ITO[number]) for position, number in self._view.pins.items()})
        self._draw()

    def _draw(self) -> None:
        view = self._view
        layers = [
            layer
            for position, number in view.pins.items()
            if position != view.focus and (layer := self._layer(position, OKABE_ITO[number]))
        ]
        focused = None if view.focus is None else self._layer(view.focus, None)
        self._canvas.set_layers([*layers, focused] if focused else layers)
        self._legend.set_scale(focused.full if focused else None, self._style, has_unseen=self._has_unseen())
        # Its colours are those of the one word that is looked at; pinned words have colours of their own.
        self._legend.setVisible(focused is not None)
        self.legend_changed.emit()

    def _has_unseen(self) -> bool:
        caption = self._view.caption
        if caption is None:
            return False
        seen = caption.geometry.visible
        return (seen.left, seen.top, seen.right, seen.bottom) != (0, 0, caption.width, caption.height)

    def _layer(self, position: int, colour: str | None) -> Layer | None:
        weights = self._view.map_of(position)
        caption = self._view.caption
        if weights is None or caption is None:
            return None
        full = self._view.full_weight(position, self._style.is_scale_shared)
        label = "" if colour is None else self._view.words[position].text
        return Layer(weights, caption.geometry.visible, full, colour, label)

    def details(self, position: int) -> WordDetails:
        """What is known of the word at this position."""
        view, caption = self._view, self._view.caption
        shown = view.words[position]
        if shown.index is None or caption is None:
            return WordDetails(text=shown.text, is_edited=True)
        word, place = caption.words[shown.index], view.place_of(position)
        has_map = view.map_of(position) is not None
        return WordDetails(
            text=shown.text,
            probability=word.probability,
            alternatives=tuple((text, math.exp(value)) for text, value in word.alternatives),
            entropy=float(caption.entropy[shown.index]) if has_map else None,
            most_entropy=math.log2(caption.attention.shape[1]) if has_map else None,
            gate=word.gate,
            place="" if place is None else place_text(place),
            is_flat=view.is_flat(position),
        )

    def _on_place_hovered(self, x: float, y: float) -> None:
        ranked = self._view.words_at(x, y)[:MOST_WORDS_OF_A_PLACE]
        words = self._view.words
        self.bubble.show_words([(words[position].text, weight) for position, weight in ranked])
        self.bubble.move_beside(self._canvas.viewport().mapFromGlobal(QCursor.pos()))

    def _on_place_left(self) -> None:
        self.bubble.hide()
