"""What the colours over the photograph mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.caption.colour_maps import colour_map
from gui.caption.overlay_painting import LEVELS, deepened, heat_alpha, shadow_alpha
from gui.theme import RADIUS, FontSize, Space, font, theme, tokens
from gui.viewmodels.overlay_style import OverlayStyle

_BAR_WIDTH, _BAR_HEIGHT = 112, 8


class LegendBar(QWidget):
    """A small card: the scale from 0 to the weight at full strength, and how that scale was made.

    The bar shows what becomes of a grey photograph, or of a white one in the spotlight, as weight grows.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full: float | None = None
        self._style = OverlayStyle()
        self._has_unseen = self._is_compact = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Scale of attention"))
        theme().changed.connect(self.update)

    @property
    def notes(self) -> str:
        """What it says about the scale below the bar."""
        style = self._style
        parts = [
            self.tr("One scale for all words") if style.is_scale_shared else self.tr("Each word on its own scale"),
            self.tr("smoothed for display") if style.is_smooth else self.tr("cells as they are"),
        ]
        if self._has_unseen:
            parts.append(self.tr("hatched: not shown to the model"))
        return " · ".join(parts)

    def set_scale(self, full: float | None, style: OverlayStyle, *, has_unseen: bool = False) -> None:
        """Describe an overlay.

        Parameters
        ----------
        full
            The attention weight of a cell that is drawn at full strength; None where there is no overlay.
        style
            How it is drawn.
        has_unseen
            Parts of the photograph are hatched.
        """
        self._full, self._style, self._has_unseen = full, style, has_unseen
        self.setAccessibleDescription(
            "" if full is None else self.tr("From 0 to {full}. {notes}.").format(full=self._number(), notes=self.notes)
        )
        self.updateGeometry()
        self.adjustSize()
        self.update()

    def set_compact(self, is_compact: bool) -> None:
        """Show the scale alone, where the photograph needs the room; the notes are in its tooltip then."""
        self._is_compact = is_compact
        self.setToolTip(self.notes if is_compact else "")
        self.updateGeometry()
        self.adjustSize()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As wide as its longer line."""
        metrics = QFontMetricsF(font(FontSize.SECONDARY))
        scale = metrics.horizontalAdvance("0") + metrics.horizontalAdvance(self._number()) + _BAR_WIDTH + 2 * Space.S
        if self._is_compact:
            return QSize(round(scale + 2 * Space.M + 1), round(metrics.height() + 2 * Space.S))
        width = max(scale, metrics.horizontalAdvance(self.notes)) + 2 * Space.M
        return QSize(round(width + 1), round(2 * metrics.height() + 2 * Space.S + Space.XS))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As large as it wants to be."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the card, the scale and what is to be said about it."""
        if self._full is None:
            return
        colours, type_ = tokens(), font(FontSize.SECONDARY)
        metrics = QFontMetricsF(type_)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colours.hairline)
        painter.setBrush(colours.colour("panel", 0.94))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.setFont(type_)
        painter.setPen(colours.colour("text"))
        line = QRectF(Space.M, Space.S, self.width() - 2 * Space.M, metrics.height())
        bar_left = line.left() + metrics.horizontalAdvance("0") + Space.S
        bar = QRectF(bar_left, line.center().y() - _BAR_HEIGHT / 2, _BAR_WIDTH, _BAR_HEIGHT)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "0")
        painter.drawText(line.translated(bar.right() + Space.S - line.left(), 0), self._number())
        if not self._is_compact:
            painter.setPen(colours.secondary)
            notes = metrics.elidedText(self.notes, Qt.TextElideMode.ElideRight, line.width() + 1)
            painter.drawText(line.translated(0, metrics.height() + Space.XS), notes)
        self._draw_bar(painter, bar)
        painter.end()

    def _draw_bar(self, painter: QPainter, bar: QRectF) -> None:
        painter.fillRect(bar, Qt.GlobalColor.white if self._style.mode == "spotlight" else Qt.GlobalColor.gray)
        if self._style.mode == "outline":
            painter.setOpacity(deepened(self._style.opacity))
            for level, width in LEVELS:
                painter.setPen(QPen(Qt.GlobalColor.white, width, c=Qt.PenCapStyle.FlatCap))
                x = bar.left() + level * bar.width()
                painter.drawLine(QLineF(x, bar.top(), x, bar.bottom()))
            painter.setOpacity(1)
        else:
            painter.drawImage(bar, _ramp(self._style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(tokens().hairline)
        painter.drawRect(bar)

    def _number(self) -> str:
        return self.locale().toString(self._full or 0.0, "g", 2)


def _ramp(style: OverlayStyle) -> QImage:
    """What is laid over a photograph as weight grows from left to right."""
    strength = np.linspace(0, 1, 256, dtype=np.float32)
    if style.mode == "spotlight":
        colours, alpha = np.zeros((256, 3), np.float32), shadow_alpha(strength, style.opacity)
    else:
        colours, alpha = colour_map(style.colour_map).astype(np.float32), heat_alpha(strength, style.opacity)
    pixels = np.rint(np.concatenate([colours, 255 * alpha[:, None]], axis=1)).astype(np.uint8)
    return QImage(pixels.data, 256, 1, 4 * 256, QImage.Format.Format_RGBA8888).copy()
