"""One sample: its photograph, the words that a model wrote for it, and a caption that people wrote."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from captioner.file_names import printable
from captioner.training.sample_attention import SampleAttention
from gui.controls.clamped_label import ClampedLabel
from gui.covering import draw_covering
from gui.icons import describe, icon
from gui.theme import RADIUS, FontSize, Space, theme, tokens
from gui.thumbnails import Thumbnails
from gui.training.sample_overlay import with_attention
from gui.training.sample_words import SampleWords
from gui.viewmodels.overlay_style import OverlayStyle

PICTURE = QSize(96, 72)
CARD_WIDTH = 292
_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


@dataclass(frozen=True, slots=True)
class Sample:
    """A dev image: its name, the path of the photograph, empty where not known, and a caption that people wrote."""

    name: str
    path: str = ""
    reference: str = ""


class SampleCard(QWidget):
    """The photograph, the model's caption and a reference; a word that is shown lies over the photograph.

    Signals
    -------
    opened()
        The photograph is to be seen larger.
    """

    opened = Signal()

    def __init__(self, sample: Sample, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sample = sample
        self.attention: SampleAttention | None = None
        self.picture = SamplePicture(sample, thumbnails)
        self.caption = SampleWords(most_lines=3)
        self.reference = ClampedLabel(sample.reference, most_lines=2, size=FontSize.SECONDARY, is_secondary=True)
        if not sample.reference:
            self.reference.hide()
        self._build()
        self.picture.clicked.connect(self.opened)
        self.caption.word_changed.connect(self._on_word_changed)

    def _build(self) -> None:
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
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)

    def set_caption(self, text: str, attention: SampleAttention | None = None) -> None:
        """Show what the model wrote, and where it looked, if that is known and there is a photograph to see it on."""
        self.attention = attention if self.sample.path else None
        words = () if self.attention is None else self.attention.words
        self.caption.set_caption(text or self.tr("No caption in this epoch"), words)
        # The same caption of another epoch: its word may have looked elsewhere.
        self.picture.show_word(self.attention, self.caption.word)
        self.caption.setFixedHeight(self.caption.heightForWidth(self.caption.width()))
        said = self.tr("{name}: {caption}").format(name=printable(self.sample.name), caption=self.caption.text)
        self.setAccessibleName(said)

    def set_style(self, style: OverlayStyle) -> None:
        """Lay attention over the photograph so."""
        self.picture.set_style(style)

    def _on_word_changed(self, word: int | None) -> None:
        self.picture.show_word(self.attention, word)


class SamplePicture(QAbstractButton):
    """The photograph, small; a sign in its place where there is none. Pressed, it is to be seen larger."""

    def __init__(self, sample: Sample, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path, self._thumbnails = sample.path, thumbnails
        self._attention: SampleAttention | None = None
        self._word: int | None = None
        self._style = OverlayStyle()
        self._drawn: tuple[int, QPixmap] | None = None
        self._is_ringed = False
        self.setFixedSize(PICTURE)
        name = printable(sample.name)
        describe(self, name)
        self.setToolTip(name if "<" not in name else "")
        if sample.path:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setAccessibleDescription(self.tr("Press to see it larger"))
        else:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.setEnabled(False)
        self._sign = icon("image")
        thumbnails.thumbnail_arrived.connect(self._on_thumbnail_arrived)
        theme().changed.connect(self.update)

    @property
    def word(self) -> int | None:
        """Number of the word whose attention lies over the photograph."""
        return self._word

    def show_word(self, attention: SampleAttention | None, word: int | None) -> None:
        """Lay what a word looked at over the photograph; nothing where there is none."""
        word = None if attention is None else word
        if (attention, word) != (self._attention, self._word):
            self._attention, self._word, self._drawn = attention, word, None
            self.update()

    def set_style(self, style: OverlayStyle) -> None:
        """Draw attention so."""
        if style != self._style:
            self._style, self._drawn = style, None
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show a ring to those who came by keys."""
        self._is_ringed = event.reason() in _BY_KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Take the ring off."""
        self._is_ringed = False
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw it."""
        area = QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pixmap = self._thumbnails.pixmap(self._path, self.devicePixelRatioF()) if self._path else None
        if pixmap is not None:
            draw_covering(painter, area, self._overlaid(pixmap), RADIUS)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens().colour("text", 0.06))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
            if not self._path or self._thumbnails.is_broken(self._path):
                painter.setOpacity(0.4)
                self._sign.paint(painter, self.rect().adjusted(34, 22, -34, -22))
        if self._is_ringed:
            painter.setOpacity(1)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens().colour("accent"), 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), RADIUS - 1, RADIUS - 1)
        painter.end()

    def _overlaid(self, pixmap: QPixmap) -> QPixmap:
        if self._attention is None or self._word is None:
            return pixmap
        if self._drawn is None or self._drawn[0] != pixmap.cacheKey():
            overlaid = with_attention(pixmap, self._attention, self._word, self._style)
            self._drawn = (pixmap.cacheKey(), overlaid)
        return self._drawn[1]

    def _on_thumbnail_arrived(self, path: str) -> None:
        if path == self._path:
            self.update()
