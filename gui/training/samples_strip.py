"""The same photographs after every epoch: what the model writes for them, and what people wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.controls.calm_inputs import CalmSlider
from gui.controls.clamped_label import ClampedLabel
from gui.covering import draw_covering
from gui.icons import describe, icon
from gui.theme import RADIUS, FontSize, Space, theme, tokens
from gui.thumbnails import Thumbnails

PICTURE = QSize(96, 72)
CARD_WIDTH = 292
MOST_CARDS = 12
_LEAST_HEIGHT = 96


@dataclass(frozen=True, slots=True)
class Sample:
    """A dev image: its name, the path of the photograph, empty where not known, and a caption that people wrote."""

    name: str
    path: str = ""
    reference: str = ""


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
    """

    epoch_chosen = Signal(int)

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._captions: dict[int, Mapping[str, str]] = {}
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
            self._row.insertWidget(self._row.count() - 1, card)
        self._show()

    def set_captions(self, captions: Mapping[int, Mapping[str, str]]) -> None:
        """Take the captions of each epoch by image; the newest is shown unless the user looks at an older one."""
        self._captions = dict(captions)
        shown, self._epochs = self.epoch, sorted(captions)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(len(self._epochs) - 1, 0))
        is_kept = shown in self._epochs and not self._follows
        self.slider.setValue(self._epochs.index(shown) if shown is not None and is_kept else len(self._epochs) - 1)
        self.slider.blockSignals(False)
        self._show()

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
        self._empty = QLabel(self.tr("After each epoch, captions of the same few photographs appear here."))
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
        captions = self._captions[epoch]
        for card in self.cards:
            card.set_caption(captions.get(card.sample.name, ""))

    def _on_slid(self, place: int) -> None:
        self._follows = place == self.slider.maximum()
        self._show()
        if self._epochs:
            self.epoch_chosen.emit(self._epochs[place])


class SampleCard(QWidget):
    """A photograph, the model's caption, and a caption that people wrote."""

    def __init__(self, sample: Sample, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sample = sample
        self.caption = ClampedLabel(most_lines=3)
        self.reference = ClampedLabel(sample.reference, most_lines=2, size=FontSize.SECONDARY, is_secondary=True)
        if not sample.reference:
            self.reference.hide()
        self.setFixedWidth(CARD_WIDTH)
        for text in (self.caption, self.reference):
            text.setFixedWidth(CARD_WIDTH - PICTURE.width() - Space.M)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        texts = QVBoxLayout()
        texts.setSpacing(Space.XS)
        texts.addWidget(self.caption)
        texts.addWidget(self.reference)
        texts.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(_Picture(sample, thumbnails), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)

    def set_caption(self, text: str) -> None:
        """Show what the model wrote."""
        self.caption.set_text(text or self.tr("No caption in this epoch"))
        self.caption.setFixedHeight(self.caption.heightForWidth(self.caption.width()))
        said = self.tr("{name}: {caption}").format(name=self.sample.name, caption=self.caption.text)
        self.setAccessibleName(said)


class _Picture(QWidget):
    """The photograph, small; a sign in its place where there is none."""

    def __init__(self, sample: Sample, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._path, self._thumbnails = sample.path, thumbnails
        self.setFixedSize(PICTURE)
        describe(self, sample.name)
        self.setToolTip(sample.name if "<" not in sample.name else "")
        self._sign = icon("image")
        thumbnails.thumbnail_arrived.connect(self._on_thumbnail_arrived)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw it."""
        area = QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pixmap = self._thumbnails.pixmap(self._path, self.devicePixelRatioF()) if self._path else None
        if pixmap is not None:
            draw_covering(painter, area, pixmap, RADIUS)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens().colour("text", 0.06))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
            if not self._path or self._thumbnails.is_broken(self._path):
                painter.setOpacity(0.4)
                self._sign.paint(painter, self.rect().adjusted(34, 22, -34, -22))
        painter.end()

    def _on_thumbnail_arrived(self, path: str) -> None:
        if path == self._path:
            self.update()
