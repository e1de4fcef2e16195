"""Draws one photograph of the collection: small picture, name, first words of its caption, state."""

from __future__ import annotations

import functools

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.covering import draw_covering
from gui.icons import icon
from gui.item_models.collection_model import CollectionModel
from gui.theme import RADIUS, FontSize, Space, font, tokens
from gui.thumbnails import Thumbnails
from gui.viewmodels.image_collection import CollectedImage, ImageState
from gui.words_of_states import state_mark, state_text

PICTURE = 56
HEIGHT = PICTURE + 2 * Space.S
_MARK = 14
_BUTTON = 24
_MARGIN = 2  # the coloured ground of a row leaves this to its neighbours


class CollectionDelegate(QStyledItemDelegate):
    """One row of the collection.

    Signals
    -------
    retry_clicked(str)
        The button of a photograph that failed.
    """

    retry_clicked = Signal(object)

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.set_fonts()

    def set_fonts(self) -> None:
        """Take over the system's font."""
        self._name_font = font(FontSize.BODY)
        self._caption_font = font(FontSize.SECONDARY)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """All rows are equally high."""
        return QSize(PICTURE + 120, HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a row."""
        image = _image_of(index)
        if image is None:
            return
        row: QRect = option.rect
        is_mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        place = functools.partial(QStyle.visualRect, option.direction, row)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, row, option.state)
        picture = QRect(row.left() + Space.S, row.top() + Space.S, PICTURE, PICTURE)
        self._draw_picture(painter, place(picture), image)
        left = picture.right() + 1 + Space.M
        right = row.right() - Space.S - (_BUTTON + Space.XS if image.state is ImageState.FAILED else 0)
        lines = QRect(left, picture.top(), max(right - left, 0), PICTURE)
        self._draw_lines(painter, place(lines), image, is_mirrored)
        if image.state is ImageState.FAILED:
            icon_of("arrow-clockwise", "text").paint(painter, place(retry_rect(row)).adjusted(4, 4, -4, -4))
        painter.restore()

    def editorEvent(  # noqa: N802 (Qt's name)
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Tell of a click on the button of a photograph that failed."""
        image = _image_of(index)
        if image is None or image.state is not ImageState.FAILED or not isinstance(event, QMouseEvent):
            return False
        button = QStyle.visualRect(option.direction, option.rect, retry_rect(option.rect))
        if event.button() is not Qt.MouseButton.LeftButton or not button.contains(event.position().toPoint()):
            return False
        if event.type() is QEvent.Type.MouseButtonRelease:
            self.retry_clicked.emit(image.path)
        return True

    def _draw_ground(self, painter: QPainter, row: QRect, state: QStyle.StateFlag) -> None:
        ground = QRectF(row).adjusted(_MARGIN, _MARGIN / 2, -_MARGIN, -_MARGIN / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(tokens().colour("accent", 0.18))
            painter.drawRoundedRect(ground, RADIUS, RADIUS)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(tokens().colour("text", 0.06))
            painter.drawRoundedRect(ground, RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(tokens().colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), RADIUS - 1, RADIUS - 1)

    def _draw_picture(self, painter: QPainter, place: QRect, image: CollectedImage) -> None:
        pixmap = self._thumbnails.pixmap(image.path, painter.device().devicePixelRatio())
        if pixmap is not None:
            draw_covering(painter, QRectF(place), pixmap, RADIUS - 2)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().colour("text", 0.06))
        painter.drawRoundedRect(place, RADIUS - 2, RADIUS - 2)
        if self._thumbnails.is_broken(image.path):
            inset = (PICTURE - 24) // 2
            painter.setOpacity(0.6)
            icon_of("image-square", "text").paint(painter, place.adjusted(inset, inset, -inset, -inset))
            painter.setOpacity(1.0)

    def _draw_lines(self, painter: QPainter, place: QRect, image: CollectedImage, is_mirrored: bool) -> None:
        name, caption = QFontMetrics(self._name_font), QFontMetrics(self._caption_font)
        gap = max((place.height() - name.height() - 2 * caption.height()) // 2, 0)
        line = QRect(place.left(), place.top(), place.width(), name.height())
        draw_line(painter, line, image.name, self._name_font, "text", 1.0, Qt.TextElideMode.ElideMiddle)
        line = QRect(place.left(), line.bottom() + 1 + gap, place.width(), caption.height())
        failed = image.state is ImageState.FAILED
        said = image.message if failed else image.text
        draw_line(painter, line, said, self._caption_font, "error" if failed else "text", 1.0 if failed else 0.7)
        line = QRect(place.left(), place.bottom() + 1 - caption.height(), place.width(), caption.height())
        self._draw_state(painter, line, image, is_mirrored)

    def _draw_state(self, painter: QPainter, line: QRect, image: CollectedImage, is_mirrored: bool) -> None:
        name, role = state_mark(image.state)
        direction = Qt.LayoutDirection.RightToLeft if is_mirrored else Qt.LayoutDirection.LeftToRight
        mark = QRect(line.left(), line.center().y() - _MARK // 2, _MARK, _MARK)
        icon_of(name, role).paint(painter, QStyle.visualRect(direction, line, mark))
        words = QRect(line.left() + _MARK + Space.XS, line.top(), line.width() - _MARK - Space.XS, line.height())
        text = state_text(image.state)
        if image.state is ImageState.DONE and image.confidence is not None:
            text += " · " + QLocale().toString(image.confidence, "f", 2)
        strength = 1.0 if image.state is ImageState.FAILED else 0.7
        text_role = "error" if image.state is ImageState.FAILED else "text"
        draw_line(painter, QStyle.visualRect(direction, line, words), text, self._caption_font, text_role, strength)


def retry_rect(row: QRect) -> QRect:
    """Where the button of a photograph that failed is, in a row that is read from left to right."""
    return QRect(row.right() - Space.S - _BUTTON, row.center().y() - _BUTTON // 2, _BUTTON, _BUTTON)


def draw_line(
    painter: QPainter,
    place: QRect,
    text: str,
    text_font: QFont,
    role: str,
    alpha: float,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """Draw plain text on one line, shortened where it is too long."""
    painter.setFont(text_font)
    painter.setPen(tokens().colour(role, alpha))
    shown = QFontMetrics(text_font).elidedText(text, elide, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)


@functools.cache
def icon_of(name: str, role: str) -> QIcon:
    """An icon, made once."""
    return icon(name, role)


def _image_of(index: QModelIndex | QPersistentModelIndex) -> CollectedImage | None:
    model = index.model()
    return model.image(index.row()) if isinstance(model, CollectionModel) and index.isValid() else None
