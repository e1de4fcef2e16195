"""The same photographs after every epoch: what the model writes for them, and what people wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from captioner.training.sample_attention import SampleAttention
from gui.controls.calm_inputs import CalmSlider
from gui.icons import describe
from gui.theme import Space
from gui.thumbnails import Thumbnails
from gui.training.sample_card import Sample, SampleCard
from gui.viewmodels.overlay_style import OverlayStyle

__all__ = ["MOST_CARDS", "AttentionOf", "Sample", "SamplesStrip"]

AttentionOf = Callable[[int], Mapping[str, SampleAttention]]
"""Where a model looked at samples after an epoch, by their names; empty where that is not known."""

MOST_CARDS = 12
_LEAST_HEIGHT = 96


class SamplesStrip(QWidget):
    """Cards side by side, and a slider back through the epochs.

    Attributes
    ----------
    head
        The slider and the epoch it stands at, for the page to place.

    Signals
    -------
    epoch_chosen(int)
        The user looks at the captions of this epoch; never emitted for `set_captions`.
    opened(object)
        The photograph of the sample of this name is to be seen larger.
    """

    epoch_chosen = Signal(int)
    opened = Signal(object)  # not str: a name that is no text would lose bytes on its way through Qt

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._captions: Mapping[int, Mapping[str, str]] = {}
        self._attention_of: AttentionOf = _nothing
        self._style = OverlayStyle()
        self._epochs: list[int] = []
        self._samples: tuple[Sample, ...] = ()
        self.cards: list[SampleCard] = []
        self._follows = self._is_head_visible = True
        self._build()
        self.slider.valueChanged.connect(self._on_slid)
        self._show()

    @property
    def epoch(self) -> int | None:
        """Whose captions are shown."""
        return self._epochs[self.slider.value()] if self._epochs else None

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The images that are shown."""
        return self._samples

    @property
    def captions(self) -> Mapping[int, Mapping[str, str]]:
        """Captions of each epoch by image."""
        return self._captions

    @property
    def attention_of(self) -> AttentionOf:
        """Tells where the model looked."""
        return self._attention_of

    def set_samples(self, samples: Sequence[Sample]) -> None:
        """Show these images, at most 12."""
        samples = tuple(samples)[:MOST_CARDS]
        if samples == self._samples:
            return
        self._samples = samples
        for card in self.cards:
            card.deleteLater()
        self.cards = [SampleCard(sample, self._thumbnails) for sample in samples]
        for card in self.cards:
            card.set_style(self._style)
            card.opened.connect(lambda name=card.sample.name: self.opened.emit(name))
            self._row.insertWidget(self._row.count() - 1, card)
        self._show()

    def set_style(self, style: OverlayStyle) -> None:
        """Lay attention over the photographs so."""
        self._style = style
        for card in self.cards:
            card.set_style(style)

    def set_captions(self, captions: Mapping[int, Mapping[str, str]], attention_of: AttentionOf | None = None) -> None:
        """Take the captions of each epoch by image; the newest is shown unless the user looks at an older one.

        Both may read what they tell when it is first looked at.
        """
        self._captions, self._attention_of = captions, attention_of or _nothing
        shown, self._epochs = self.epoch, sorted(captions)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(len(self._epochs) - 1, 0))
        is_kept = shown in self._epochs and not self._follows
        self.slider.setValue(self._epochs.index(shown) if shown is not None and is_kept else len(self._epochs) - 1)
        self.slider.blockSignals(False)
        self._show()

    def set_empty_text(self, text: str) -> None:
        """Say this where there are no captions; only what will be there when the text is empty."""
        general = self.tr("After each epoch, captions of the same few photographs appear here.")
        self._empty.setText(text or general)

    @property
    def empty_text(self) -> str:
        """What is said where there are no captions."""
        return self._empty.text()

    def set_head_visible(self, is_visible: bool) -> None:
        """Show the slider where there is something to go back through, or hide it whatever there is."""
        self._is_head_visible = is_visible
        self._show()

    def _build(self) -> None:
        self.slider = CalmSlider()
        self.slider.setPageStep(1)
        describe(self.slider, self.tr("Epoch whose captions are shown"))
        self._title = QLabel()
        self._title.setProperty("role", "secondary")
        self.head = QWidget()
        head = QHBoxLayout(self.head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(Space.M)
        head.addWidget(self._title)
        head.addWidget(self.slider, 1)
        content = QWidget()
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(Space.M)
        self._row.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(content)
        self._scroll.setMinimumHeight(_LEAST_HEIGHT)
        self._scroll.setAccessibleName(self.tr("Captions of sample photographs"))
        self._empty = QLabel()
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self.set_empty_text("")
        self._empty.setProperty("role", "secondary")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll, 1)
        column.addWidget(self._empty, 1)

    def _show(self) -> None:
        has_captions = bool(self._epochs and self.cards)
        self._scroll.setVisible(has_captions)
        self._empty.setVisible(not has_captions)
        for part in (self._title, self.slider):
            part.setVisible(has_captions and self._is_head_visible)
        self.slider.setEnabled(len(self._epochs) > 1)
        epoch = self.epoch
        if epoch is None:
            return
        self._title.setText(self.tr("Epoch {epoch}").format(epoch=epoch))
        self.slider.setAccessibleDescription(self._title.text())
        captions, attention = self._captions.get(epoch, {}), self._attention_of(epoch)
        for card in self.cards:
            card.set_caption(captions.get(card.sample.name, ""), attention.get(card.sample.name))

    def _on_slid(self, place: int) -> None:
        self._follows = place == self.slider.maximum()
        self._show()
        if self._epochs:
            self.epoch_chosen.emit(self._epochs[place])


def _nothing(epoch: int) -> Mapping[str, SampleAttention]:
    return {}
