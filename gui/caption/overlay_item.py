"""The overlay as a part of the scene: draws what `overlay_painting` worked out, and cross-fades when it changes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QEasingCurve, QLineF, QPointF, QRectF, QSizeF, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from captioner.geometry import Rectangle
from gui.caption.overlay_painting import Layer, Line, OverlayPicture, Sheet, Tag, overlay_picture
from gui.theme import OVERLAY_MILLISECONDS, FontSize, Space, font, is_motion_reduced, tokens
from gui.viewmodels.overlay_style import OverlayStyle

_HATCH_DISTANCE = 8
_DIMMING, _INK = 0.6, 0.3
_CASING = 2.0


class OverlayItem(QGraphicsObject):
    """Attention over the photograph, in pixels of the upright original; nothing is drawn outside of the photograph."""

    def __init__(self) -> None:
        super().__init__()
        self._size = QSizeF()
        self._layers: tuple[Layer, ...] = ()
        self._style = OverlayStyle()
        self._shown: OverlayPicture | None = OverlayPicture()
        self._before = OverlayPicture()
        self._fade = QVariantAnimation(self)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(1.0)
        self._fade.setDuration(OVERLAY_MILLISECONDS)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.valueChanged.connect(self._on_faded)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What is shown."""
        return self._layers

    def set_size(self, width: float, height: float) -> None:
        """Cover a photograph of this size."""
        self.prepareGeometryChange()
        self._size = QSizeF(width, height)

    def set_layers(self, layers: Sequence[Layer], *, is_faded: bool) -> None:
        """Show these, at once or by a short cross-fade."""
        if len(layers) == len(self._layers) and all(map(Layer.is_like, layers, self._layers)):
            return
        before = self._shown if self._shown is not None else self._before
        self._fade.stop()
        self._layers, self._shown, self._before = tuple(layers), None, before
        if is_faded and self.scene() is not None and not is_motion_reduced():
            self._fade.start()
        self.update()

    def set_style(self, style: OverlayStyle) -> None:
        """Draw so, at once."""
        if style != self._style:
            self._fade.stop()
            self._style, self._shown = style, None
            self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The whole photograph."""
        return QRectF(QPointF(0, 0), self._size)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw on the screen."""
        self.draw(painter)

    def draw(self, painter: QPainter, unit: float = 1.0) -> None:
        """Draw with a painter whose units are pixels of the original; ``unit`` makes lines and type larger."""
        if self._shown is None:
            self._shown = overlay_picture(self._layers, self._style)
        fading = self._fade.state() is QVariantAnimation.State.Running
        share = float(self._fade.currentValue()) if fading else 1.0
        painter.save()
        painter.setClipRect(self.boundingRect(), Qt.ClipOperation.IntersectClip)
        for picture, opacity in _between(self._before, self._shown, share):
            _Brush(painter, self.boundingRect(), opacity, unit).draw(picture)
        painter.restore()

    def _on_faded(self) -> None:
        self.update()


def _between(before: OverlayPicture, after: OverlayPicture, share: float) -> Iterator[tuple[OverlayPicture, float]]:
    """Pictures to draw with their opacities, ``share`` of the way from one to the other."""
    if share >= 1:
        yield after, 1.0
        return
    mixed = [old.towards(new, share) for old, new in zip(before.sheets, after.sheets, strict=False)]
    if len(before.sheets) == len(after.sheets) and mixed and None not in mixed:
        # Two half transparent shadows let more light through than one whole: mixing them keeps the rest steady.
        yield replace(after, sheets=tuple(sheet for sheet in mixed if sheet is not None), lines=(), tags=()), 1.0
        before, after = (replace(picture, sheets=(), visible=None) for picture in (before, after))
    yield before, 1 - share
    yield after, share


class _Brush:
    """Draws one picture with one painter."""

    def __init__(self, painter: QPainter, photograph: QRectF, opacity: float, unit: float) -> None:
        self._painter, self._photograph, self._opacity, self._unit = painter, photograph, opacity, unit
        self._transform = painter.worldTransform()

    def draw(self, picture: OverlayPicture) -> None:
        """Draw all parts, bottom to top."""
        painter = self._painter
        painter.setOpacity(self._opacity)
        for sheet in picture.sheets:
            self._draw_sheet(sheet)
        if picture.visible is not None:
            for strip in unseen_strips(self._photograph, picture.visible):
                self._hatch(strip, picture.shade)
        painter.setOpacity(self._opacity * picture.opacity)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in picture.lines:
            self._draw_line(line)
        painter.setOpacity(self._opacity)
        painter.setWorldTransform(QTransform())
        taken: list[QRectF] = []
        for tag in picture.tags:
            self._draw_tag(tag, taken)
        painter.setWorldTransform(self._transform)

    def _draw_sheet(self, sheet: Sheet) -> None:
        painter, area = self._painter, _rectangle(sheet.area)
        height, width = sheet.pixels.shape[:2]
        if sheet.is_smooth:
            image = QImage(sheet.pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888_Premultiplied)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, image)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        lefts = [area.left() + area.width() * column / width for column in range(width + 1)]
        tops = [area.top() + area.height() * row / height for row in range(height + 1)]
        for row, cells in enumerate(sheet.pixels.tolist()):
            for column, (red, green, blue, alpha) in enumerate(cells):
                if alpha:
                    whole = [min(part * 255 // alpha, 255) for part in (red, green, blue)]
                    colour = QColor(whole[0], whole[1], whole[2], alpha)
                    # Stretching a tiny image rounds its borders otherwise than Qt rounds rectangles.
                    corner, end = QPointF(lefts[column], tops[row]), QPointF(lefts[column + 1], tops[row + 1])
                    painter.fillRect(QRectF(corner, end), colour)

    def _hatch(self, strip: QRectF, shade: float) -> None:
        """Dim what the network did not see, and draw oblique lines over it."""
        painter = self._painter
        dim, ink = tokens().colour("ground", _DIMMING), tokens().colour("text", _INK)
        if shade:
            dim, ink = QColor(Qt.GlobalColor.black), QColor(Qt.GlobalColor.white)
            dim.setAlphaF(shade)
            ink.setAlphaF(_INK)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.fillRect(strip, dim)
        painter.save()
        painter.setClipRect(strip, Qt.ClipOperation.IntersectClip)
        corner = self._transform.map(self._photograph.topLeft())
        painter.setWorldTransform(QTransform())
        area = self._transform.mapRect(strip).intersected(QRectF(painter.viewport()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink, self._unit))
        painter.drawLines(_oblique_lines(area, corner, _HATCH_DISTANCE * self._unit))
        painter.restore()

    def _draw_line(self, line: Line) -> None:
        """Draw it over a wider one of the opposite brightness, so that it shows on every photograph."""
        path = QPainterPath()
        for loop in line.loops:
            path.addPolygon(loop)
            path.closeSubpath()
        pixel = self._unit / max(_scale(self._transform), 1e-9)
        casing = QColor(_opposite(line.colour))
        casing.setAlphaF(0.5)
        pen = QPen(casing, (line.width + _CASING) * pixel)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.strokePath(path, pen)
        pen.setColor(line.colour)
        pen.setWidthF(line.width * pixel)
        if line.dashes:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern(line.dashes)
        self._painter.strokePath(path, pen)

    def _draw_tag(self, tag: Tag, taken: list[QRectF]) -> None:
        """Draw a word beside its place, wholly on the photograph where it fits, and not over another."""
        painter, unit = self._painter, self._unit
        type_ = font(round(FontSize.SECONDARY * unit), QFont.Weight.DemiBold)
        metrics = QFontMetricsF(type_)
        size = QSizeF(metrics.horizontalAdvance(tag.text) + 2 * Space.S * unit, metrics.height() + Space.XS * unit)
        limits = self._transform.mapRect(self._photograph).intersected(QRectF(painter.viewport()))
        area = _placed(self._transform.map(tag.place), size, limits, taken, Space.XS * unit)
        taken.append(area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tag.colour)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setPen(QColor(_opposite(tag.colour)))
        painter.setFont(type_)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, tag.text)


def unseen_strips(photograph: QRectF, visible: Rectangle) -> list[QRectF]:
    """The parts of the photograph that the network was not shown: up to four strips around what it was."""
    seen = _rectangle(visible)
    strips = (
        QRectF(photograph.topLeft(), QPointF(photograph.right(), seen.top())),
        QRectF(QPointF(photograph.left(), seen.bottom()), photograph.bottomRight()),
        QRectF(QPointF(photograph.left(), seen.top()), QPointF(seen.left(), seen.bottom())),
        QRectF(QPointF(seen.right(), seen.top()), QPointF(photograph.right(), seen.bottom())),
    )
    return [strip for strip in strips if strip.width() > 0 and strip.height() > 0]


def _rectangle(area: Rectangle) -> QRectF:
    return QRectF(QPointF(area.left, area.top), QPointF(area.right, area.bottom))


def _scale(transform: QTransform) -> float:
    return math.sqrt(abs(transform.m11() * transform.m22()))


def _opposite(colour: QColor) -> Qt.GlobalColor:
    """Black or white, whichever stands out more from ``colour``."""
    luminance = 0.2126 * colour.redF() ** 2.2 + 0.7152 * colour.greenF() ** 2.2 + 0.0722 * colour.blueF() ** 2.2
    return Qt.GlobalColor.black if luminance > 0.18 else Qt.GlobalColor.white


def _oblique_lines(area: QRectF, corner: QPointF, distance: float) -> list[QLineF]:
    """Lines that rise to the right and cross ``area``, at the same places of the photograph however it is moved."""
    first = area.left() + area.top() - corner.x() - corner.y()
    last = area.right() + area.bottom() - corner.x() - corner.y()
    sums = [
        corner.x() + corner.y() + step * distance for step in range(int(first // distance), int(last // distance) + 1)
    ]
    return [QLineF(total - area.bottom(), area.bottom(), total - area.top(), area.top()) for total in sums]


def _placed(place: QPointF, size: QSizeF, limits: QRectF, taken: Sequence[QRectF], gap: float) -> QRectF:
    """Where a tag goes: centred on its place, moved into ``limits``, then below whatever was there before."""
    area = QRectF(place.x() - size.width() / 2, place.y() - size.height() / 2, size.width(), size.height())
    area.moveLeft(max(min(area.left(), limits.right() - size.width()), limits.left()))
    area.moveTop(max(min(area.top(), limits.bottom() - size.height()), limits.top()))
    for other in sorted(taken, key=QRectF.top):
        if area.intersects(other):
            area.moveTop(other.bottom() + gap)
    return area
