"""A sample, large: the photograph, the words below it, and the way back through the epochs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from captioner.file_names import printable
from captioner.training.sample_attention import SampleAttention
from captioner.worker.protocol import PhotographOpened
from gui.caption.canvas import Layer, PhotographCanvas
from gui.caption.photograph_loader import PhotographLoader
from gui.caption.word_strip import WordStrip
from gui.controls.calm_inputs import CalmSlider
from gui.controls.clamped_label import ClampedLabel
from gui.engine_bridge import EngineBridge
from gui.icons import describe, icon
from gui.theme import FontSize, Space
from gui.training.region_item import Region, RegionItem
from gui.training.sample_card import Sample
from gui.training.sample_overlay import layer_of, regions_of
from gui.training.samples_strip import SamplesStrip
from gui.viewmodels.caption_view import ShownWord
from gui.viewmodels.overlay_style import OverlayStyle

_SIZE = QSize(720, 640)


class SampleView(QDialog):
    """One of the samples of a strip, as they are when it is opened; it deletes itself when it is closed.

    Pointing at a word lays what it looked at over the photograph, clicking or stepping to it keeps it there; the same
    word stays while epochs are gone through.

    Parameters
    ----------
    engine
        Opens photographs.
    strip
        Whose samples, captions and epoch are taken.
    name
        Of the sample to begin with.
    style
        How attention is drawn.
    """

    def __init__(
        self, engine: EngineBridge, strip: SamplesStrip, name: str, style: OverlayStyle, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._samples = [sample for sample in strip.samples if sample.path]
        self._place = next((place for place, sample in enumerate(self._samples) if sample.name == name), 0)
        self._captions, self._attention_of = strip.captions, strip.attention_of
        self._epochs = sorted(strip.captions)
        self._style = style
        self._held: int | None = None
        self._pointed: int | None = None
        self._shown: list[ShownWord] = []
        self._size = (0, 0)
        self._loader = PhotographLoader(engine, self)
        self._build(strip.epoch)
        self._connect_signals()
        self._open_photograph()

    @property
    def sample(self) -> Sample:
        """What is looked at."""
        return self._samples[self._place]

    @property
    def attention(self) -> SampleAttention | None:
        """Where the model looked in the epoch that is shown; None where that is not known."""
        return self._attention_of(self._epochs[self.slider.value()]).get(self.sample.name)

    @property
    def word(self) -> int | None:
        """Number of the word whose attention is shown."""
        return self._held if self._pointed is None else self._pointed

    def step(self, by: int) -> None:
        """Look at the next photograph or the one before."""
        self._place = (self._place + by) % len(self._samples)
        self._open_photograph()

    # Building

    def _build(self, epoch: int | None) -> None:
        self.canvas, self.words = PhotographCanvas(), WordStrip()
        self.regions = RegionItem()
        self.canvas.scene().addItem(self.regions)
        self.canvas.set_style(self._style)
        self.canvas.setFrameShape(QFrame.Shape.NoFrame)
        self.reference = ClampedLabel(most_lines=3, size=FontSize.BODY, is_secondary=True)
        self.slider = CalmSlider()
        self.slider.setPageStep(1)
        self.slider.setRange(0, max(len(self._epochs) - 1, 0))
        self.slider.setValue(self._epochs.index(epoch) if epoch in self._epochs else len(self._epochs) - 1)
        self.slider.setEnabled(len(self._epochs) > 1)
        describe(self.slider, self.tr("Epoch whose captions are shown"))
        self._title = QLabel()
        self._title.setProperty("role", "secondary")
        self.previous_button = _button("caret-left", self.tr("Photograph before"))
        self.next_button = _button("caret-right", self.tr("Next photograph"))
        foot = QHBoxLayout()
        foot.setSpacing(Space.M)
        for widget in (self.previous_button, self.next_button, self._title):
            foot.addWidget(widget)
            widget.setVisible(len(self._samples) > 1 or widget is self._title)
        foot.addWidget(self.slider, 1)
        texts = QVBoxLayout()
        texts.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        texts.setSpacing(Space.M)
        texts.addWidget(self.words)
        texts.addWidget(self.reference)
        texts.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addLayout(texts)
        self.setTabOrder(self.words, self.previous_button)
        screen = QGuiApplication.primaryScreen().availableSize()
        self.resize(_SIZE.boundedTo(screen * 0.9))

    def _connect_signals(self) -> None:
        self._loader.opened.connect(self._on_opened)
        self._loader.sharpened.connect(lambda event: self.canvas.show_sharper(event.pixels))
        self._loader.failed.connect(lambda _, message: self.canvas.show_message(message, "error"))
        self.canvas.resolution_wanted.connect(self._loader.sharpen)
        self.words.word_hovered.connect(self._on_pointed)
        self.words.word_left.connect(lambda: self._on_pointed(None))
        self.words.word_focused.connect(self._hold)
        self.words.word_clicked.connect(self._on_clicked)
        self.slider.valueChanged.connect(self._show_caption)
        self.previous_button.clicked.connect(lambda: self.step(-1))
        self.next_button.clicked.connect(lambda: self.step(1))

    # Showing

    def _open_photograph(self) -> None:
        self.setWindowTitle(printable(self.sample.name))
        self._size = (0, 0)
        self.canvas.clear()
        self.canvas.setAccessibleName(self.tr("Photograph {name}").format(name=printable(self.sample.name)))
        self.reference.set_text(self.tr("People wrote: {caption}").format(caption=self.sample.reference))
        self.reference.setVisible(bool(self.sample.reference))
        self._held = self._pointed = None
        self._show_caption()
        self._loader.open(self.sample.path)

    def _show_caption(self) -> None:
        epoch = self._epochs[self.slider.value()]
        self._title.setText(self.tr("Epoch {epoch}").format(epoch=epoch))
        self.slider.setAccessibleDescription(self._title.text())
        attention = self.attention
        caption = self._captions.get(epoch, {}).get(self.sample.name, "")
        texts = list(caption.split() if attention is None else attention.words)
        kept = self._held if texts == [chip.text for chip in self._shown] else None
        self._shown = [ShownWord(text, number) for number, text in enumerate(texts)]
        self.words.set_words(self._shown)
        self._held, self._pointed = kept, None
        self._draw()

    def _draw(self) -> None:
        word, attention = self.word, self.attention
        self.words.set_focus(word)
        layers: list[Layer] = []
        regions: tuple[Region, ...] = ()
        if word is not None and attention is not None and self._size[0]:
            if attention.boxes:
                regions = regions_of(attention, word, self._style)
            else:
                layers = [layer_of(attention, word, self._size, self._style)]
        self.canvas.set_layers(layers)
        self.regions.set_regions(regions, self._style)

    def _on_opened(self, event: PhotographOpened) -> None:
        self._size = (event.width, event.height)
        self.canvas.show_photograph(event.pixels, event.width, event.height)
        self.regions.set_size(event.width, event.height)
        self._draw()

    # Words

    def _on_pointed(self, word: int | None) -> None:
        self._pointed = word
        self._draw()

    def _hold(self, word: int | None) -> None:
        self._held, self._pointed = word, None
        self._draw()

    def _on_clicked(self, word: int) -> None:
        self._hold(None if word == self._held else word)


def _button(name: str, text: str) -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "quiet")
    button.setIcon(icon(name))
    button.setIconSize(QSize(16, 16))
    describe(button, text)
    return button
