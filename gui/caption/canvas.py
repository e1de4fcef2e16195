"""The photograph with the attention of words over it: zoomed, panned, and always in register."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QPainter, QPen, QResizeEvent, QShowEvent, QTransform
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from gui.caption.canvas_input import CanvasInput
from gui.caption.canvas_message import CanvasMessage
from gui.caption.overlay_item import OverlayItem
from gui.caption.overlay_painting import Layer
from gui.caption.photograph_item import PhotographItem
from gui.theme import Space, theme, tokens
from gui.viewmodels.overlay_style import OverlayStyle

__all__ = ["Layer", "PhotographCanvas"]

ZOOM_STEP = 1.25
_LARGEST_FIT = 8.0
"""Pixels of the screen per pixel of the original beyond which fitting enlarges no further."""
_LARGEST_ZOOM = 32.0
_SHARP_ENOUGH = 1.1
"""How far the pixels there are may be stretched before more of them are wanted."""
_FIGURE_UNIT = 1200
"""Longer side in pixels of a figure whose lines and type are as large as on the screen."""
_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class PhotographCanvas(QGraphicsView):
    """Shows one photograph and layers of attention; units of the scene are pixels of the upright original.

    The wheel zooms to the pointer, dragging pans, a double click changes between the whole photograph and its own size;
    so do pinching, the keys + - 0 1, and the arrows where there is something to pan.

    Signals
    -------
    place_hovered(float, float)
        The pointer is over this place of the photograph, in pixels of the original.
    place_left()
        It no longer is over any.
    place_clicked(float, float)
        This place was clicked; in a double click it comes twice, which turns back what one click turned on.
    zoom_changed(float)
        Pixels of the screen per pixel of the original; 1.0 is the photograph's own size.
    resolution_wanted()
        The screen could show more pixels than there are; once for each photograph. Answered by `show_sharper`.
    """

    place_hovered = Signal(float, float)
    place_left = Signal()
    place_clicked = Signal(float, float)
    zoom_changed = Signal(float)
    resolution_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_fitted = True
        self._is_sharper_wanted = False
        self._is_focus_seen = False
        self._told_zoom = 0.0
        self._photograph, self._overlay = PhotographItem(), OverlayItem()
        self._message = CanvasMessage(self)
        self._build_scene()
        self._input = CanvasInput(self)
        self.setAccessibleName(self.tr("Photograph"))
        theme().changed.connect(self._on_theme_changed)

    def _build_scene(self) -> None:
        scene = QGraphicsScene(self)
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        scene.addItem(self._photograph)
        scene.addItem(self._overlay)
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        # Tags and hatching keep their size on the screen, so that scrolling may not move old pixels.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        # What is dropped belongs to the window.
        self.setAcceptDrops(False)

    @property
    def has_photograph(self) -> bool:
        """Whether a photograph is shown."""
        return not self._photograph.image.isNull()

    @property
    def is_fitted(self) -> bool:
        """Whether the whole photograph is kept in view."""
        return self._is_fitted

    @property
    def zoom(self) -> float:
        """Pixels of the screen per pixel of the original."""
        return self.transform().m11() * self.devicePixelRatioF()

    @property
    def is_larger_than_view(self) -> bool:
        """Whether there is something to pan."""
        return self.horizontalScrollBar().maximum() > 0 or self.verticalScrollBar().maximum() > 0

    def show_photograph(self, pixels: NDArray[np.uint8], width: int, height: int, *, keep_view: bool = False) -> None:
        """Show a photograph.

        Parameters
        ----------
        pixels
            (h, w, 3) uint8 RGB, upright, of any size.
        width, height
            Of the upright original.
        keep_view
            Keep zoom, place and layers, if the original is as large as the one before; for another copy of the same
            photograph, or one of a series.
        """
        is_kept = keep_view and self._photograph.boundingRect().size() == QRectF(0, 0, width, height).size()
        self._message.hide()
        self._photograph.show_copy(pixels, width, height)
        self._is_sharper_wanted = False
        if not is_kept:
            self._input.forget_place()
            self._overlay.set_layers((), is_faded=False)
            self._overlay.set_size(width, height)
            self.setSceneRect(0, 0, width, height)
            self.fit()
        self._on_view_changed()

    def show_sharper(self, pixels: NDArray[np.uint8]) -> None:
        """Take more pixels of the photograph that is shown; view and layers stay."""
        self._photograph.add_sharper(pixels)

    def clear(self) -> None:
        """Show nothing at all."""
        self._input.forget_place()
        self._message.hide()
        self._photograph.clear()
        self._overlay.set_layers((), is_faded=False)
        self._overlay.set_size(0, 0)
        self.setSceneRect(0, 0, 0, 0)
        self._is_fitted = True
        self.viewport().update()

    def show_message(self, text: str, role: str = "secondary") -> None:
        """Say something in the middle, over a photograph if there is one; it goes with the next photograph.

        Parameters
        ----------
        text
            Plain text; when empty the message goes.
        role
            ``secondary``, ``warning`` or ``error``.
        """
        self._message.say(text, role)

    def set_layers(self, layers: Sequence[Layer]) -> None:
        """Lay these over the photograph, the last on top, by a short cross-fade."""
        self._overlay.set_layers(layers, is_faded=self.isVisible())

    def set_style(self, style: OverlayStyle) -> None:
        """Draw layers so."""
        self._overlay.set_style(style)

    def grab_figure(self) -> QImage:
        """The photograph with all layers, with as many pixels as there are of it; null without a photograph."""
        image = self._photograph.image.copy()
        if image.isNull():
            return image
        painter = QPainter(image)
        size = self._photograph.boundingRect().size()
        painter.scale(image.width() / size.width(), image.height() / size.height())
        self._overlay.draw(painter, max(image.width(), image.height()) / _FIGURE_UNIT)
        painter.end()
        return image

    def fit(self) -> None:
        """Show the whole photograph and keep doing so when the view is resized."""
        self._is_fitted = True
        self._scale_to(self._fitting_zoom(), QPointF(self.viewport().rect().center()))

    def actual_size(self, anchor: QPointF | None = None) -> None:
        """Show a pixel of the photograph on each pixel of the screen; ``anchor`` as in `zoom_by`."""
        self._is_fitted = False
        self._scale_to(1.0, anchor)

    def zoom_in(self) -> None:
        """Enlarge by one step."""
        self.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Shrink by one step, at most to the whole photograph."""
        self.zoom_by(1 / ZOOM_STEP)

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Enlarge by a factor.

        Parameters
        ----------
        factor
            Below 1 to shrink.
        anchor
            Place in the viewport that keeps what it shows; the middle by default.
        """
        if not self.has_photograph:
            return
        fitting = self._fitting_zoom()
        zoom = min(max(self.zoom * factor, min(fitting, 1.0)), max(fitting, _LARGEST_ZOOM))
        self._is_fitted = math.isclose(zoom, fitting)
        self._scale_to(zoom, anchor)

    def toggle_zoom(self, anchor: QPointF) -> None:
        """Change between the whole photograph and its own size."""
        if self._is_fitted:
            self.actual_size(anchor)
        else:
            self.fit()

    def pan(self, x: float, y: float) -> None:
        """Move the view over the photograph by pixels of the viewport."""
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + round(x))
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + round(y))

    def place_at(self, position: QPointF) -> QPointF | None:
        """The place of the photograph, in pixels of the original, at a position in the viewport; None beside it."""
        place = self.viewportTransform().inverted()[0].map(position)
        area = self._photograph.boundingRect()
        is_inside = 0 <= place.x() < area.width() and 0 <= place.y() < area.height()
        return place if is_inside else None

    def is_unseen(self, place: QPointF) -> bool:
        """Whether the network whose attention is shown was not shown this place of the photograph."""
        seen = self._overlay.layers[0].visible if self._overlay.layers else None
        return seen is not None and not (seen.left <= place.x() < seen.right and seen.top <= place.y() < seen.bottom)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for a photograph."""
        return QSize(640, 480)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep fitted what was fitted, and otherwise the middle in the middle."""
        super().resizeEvent(event)
        self._message.place()
        if self._is_fitted:
            self.fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Fit to the size, and the screen, that the view has by now."""
        super().showEvent(event)
        if self._is_fitted:
            self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Show the focus to those who came by keyboard."""
        super().focusInEvent(event)
        self._is_focus_seen = event.reason() in _BY_KEYBOARD
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self._is_focus_seen = False
        self.viewport().update()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802 (Qt's name)
        """Fill with the ground of the window."""
        painter.fillRect(rect, tokens().colour("ground"))

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802 (Qt's name)
        """Draw the focus ring."""
        if self._is_focus_seen:
            painter.setWorldTransform(QTransform())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens().colour("accent"), 2))
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1))

    def _fitting_zoom(self) -> float:
        size, view = self._photograph.boundingRect().size(), self.viewport().size()
        if size.isEmpty():
            return 1.0
        room = max(view.width() - 2 * Space.M, 1) / size.width(), max(view.height() - 2 * Space.M, 1) / size.height()
        return min(min(room) * self.devicePixelRatioF(), _LARGEST_FIT)

    def _scale_to(self, zoom: float, anchor: QPointF | None) -> None:
        """Zoom so that what is shown at ``anchor`` stays there, as far as the edges of the photograph allow."""
        anchor = QPointF(self.viewport().rect().center()) if anchor is None else anchor
        place = self.viewportTransform().inverted()[0].map(anchor)
        scale = zoom / self.devicePixelRatioF()
        self.setTransform(QTransform.fromScale(scale, scale))
        moved = self.viewportTransform().map(place) - anchor
        self.pan(moved.x(), moved.y())
        self._on_view_changed()

    def _on_view_changed(self) -> None:
        if not self.has_photograph:
            return
        if self.zoom != self._told_zoom:
            self._told_zoom = self.zoom
            self.zoom_changed.emit(self.zoom)
        image, size = self._photograph.image, self._photograph.boundingRect().size()
        is_stretched = image.width() < size.width() and self.zoom * size.width() > _SHARP_ENOUGH * image.width()
        if is_stretched and self.isVisible() and not self._is_sharper_wanted:
            self._is_sharper_wanted = True
            self.resolution_wanted.emit()

    def _on_theme_changed(self) -> None:
        self.viewport().update()
