"""What pointer, wheel, fingers and keys do on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QGestureEvent, QPinchGesture, QToolTip

if TYPE_CHECKING:
    from gui.caption.canvas import PhotographCanvas

_NOTCH = 120
"""Of a wheel, in eighths of a degree, as Qt counts."""
_PAN_SHARE = 0.1
"""Of the viewport, by which an arrow key pans."""
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_DRAGGING = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)


class CanvasInput(QObject):
    """Turns events of a canvas and its viewport into what the canvas can do, and into its signals."""

    def __init__(self, canvas: PhotographCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._pressed: QPointF | None = None
        self._is_panning = False
        self._is_over = False
        canvas.setMouseTracking(True)
        canvas.viewport().setMouseTracking(True)
        canvas.viewport().grabGesture(Qt.GestureType.PinchGesture)
        canvas.viewport().setAcceptDrops(False)
        canvas.viewport().installEventFilter(self)
        canvas.installEventFilter(self)

    def forget_place(self) -> None:
        """The photograph under the pointer is another now."""
        self._pressed, self._is_panning = None, False
        self._leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Take the events that mean something here, and let all others through."""
        if not self._canvas.has_photograph:
            return event.type() == QEvent.Type.Wheel
        if watched is self._canvas:
            return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._on_key(event)
        if isinstance(event, QWheelEvent):
            return self._on_wheel(event)
        if isinstance(event, QMouseEvent):
            return self._on_mouse(event)
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            return self._on_tooltip(event)
        if isinstance(event, QNativeGestureEvent):
            return self._on_native_gesture(event)
        if isinstance(event, QGestureEvent):
            return self._on_gesture(event)
        if event.type() == QEvent.Type.Leave:
            self._leave()
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        allowed = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        if event.modifiers() & ~allowed:
            return False
        canvas = self._canvas
        zooms = {
            "+": canvas.zoom_in,
            "=": canvas.zoom_in,
            "-": canvas.zoom_out,
            "0": canvas.fit,
            "1": canvas.actual_size,
        }
        if (zoom := zooms.get(event.text())) is not None:
            zoom()
            return True
        direction = _ARROWS.get(Qt.Key(event.key()))
        if direction is None or not canvas.is_larger_than_view:
            return False
        view = canvas.viewport()
        canvas.pan(direction[0] * view.width() * _PAN_SHARE, direction[1] * view.height() * _PAN_SHARE)
        return True

    def _on_wheel(self, event: QWheelEvent) -> bool:
        notches = event.angleDelta().y() / _NOTCH
        if notches:
            self._canvas.zoom_by(2 ** (notches / 3), event.position())
            self._hover(event.position())
        return True

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind, position = event.type(), event.position()
        if kind == QEvent.Type.MouseMove:
            self._on_moved(position)
            return True
        if kind == QEvent.Type.MouseButtonDblClick and event.button() == Qt.MouseButton.LeftButton:
            self._click(position)
            self._canvas.toggle_zoom(position)
            self._hover(position)
            return True
        if kind == QEvent.Type.MouseButtonPress and event.button() in _DRAGGING:
            self._pressed, self._is_panning = position, False
            return True
        if kind == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            was_click = not self._is_panning and event.button() == Qt.MouseButton.LeftButton
            self._pressed, self._is_panning = None, False
            self._canvas.viewport().unsetCursor()
            if was_click:
                self._click(position)
            return True
        return False

    def _on_moved(self, position: QPointF) -> None:
        if self._pressed is None:
            self._hover(position)
            return
        moved = position - self._pressed
        if not self._is_panning and moved.manhattanLength() < QApplication.startDragDistance():
            return
        if not self._is_panning:
            self._is_panning = True
            self._leave()
            self._canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._canvas.pan(-moved.x(), -moved.y())
        self._pressed = position

    def _on_tooltip(self, event: QHelpEvent) -> bool:
        place = self._canvas.place_at(QPointF(event.pos()))
        if place is None or not self._canvas.is_unseen(place):
            return False
        QToolTip.showText(
            event.globalPos(), self.tr("The model was not shown this part of the photograph."), self._canvas
        )
        return True

    def _on_native_gesture(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._canvas.zoom_by(max(1 + event.value(), 0.1), event.position())
        return True

    def _on_gesture(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        centre = self._canvas.viewport().mapFromGlobal(pinch.centerPoint())
        moved = pinch.centerPoint() - pinch.lastCenterPoint()
        if pinch.state() != Qt.GestureState.GestureStarted:
            self._canvas.pan(-moved.x(), -moved.y())
        self._canvas.zoom_by(pinch.scaleFactor(), centre)
        event.accept()
        return True

    def _hover(self, position: QPointF) -> None:
        place = self._canvas.place_at(position)
        if place is None:
            self._leave()
            return
        self._is_over = True
        self._canvas.place_hovered.emit(place.x(), place.y())

    def _leave(self) -> None:
        if self._is_over:
            self._is_over = False
            self._canvas.place_left.emit()

    def _click(self, position: QPointF) -> None:
        place = self._canvas.place_at(position)
        if place is not None:
            self._canvas.place_clicked.emit(place.x(), place.y())
