"""Draws one run of the list: the mark of its curves, its name, and how it stands."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.theme import RADIUS, FontSize, Space, font, tokens
from gui.training.curve_colours import run_colour

ROW_ROLE = Qt.ItemDataRole.UserRole
HEIGHT = 48
_MARK = 14
Index = QModelIndex | QPersistentModelIndex


class RunDelegate(QStyledItemDelegate):
    """A row.

    Signals
    -------
    mark_clicked(str)
        The mark of the run in this folder was pressed.
    renamed(str, str)
        Folder of a run, and the name that was typed.
    """

    mark_clicked = Signal(object)
    renamed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """All rows are equally high."""
        return QSize(120, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        row = index.data(ROW_ROLE)
        if row is None:
            return
        colours, area = tokens(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(area).adjusted(Space.S, 1, -Space.S, -1)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent", 0.14) if is_selected else colours.colour("text", 0.05))
            painter.drawRoundedRect(ground, RADIUS, RADIUS)
        if is_selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colours.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        self._paint_mark(painter, QRectF(mark_rect(option)), row.colour)
        self._paint_texts(painter, option, row.name, row.detail)
        painter.restore()

    def editorEvent(  # noqa: N802
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Tell of a click on the mark."""
        if not isinstance(event, QMouseEvent) or event.button() is not Qt.MouseButton.LeftButton:
            return False
        if not mark_rect(option).adjusted(-6, -6, 6, 6).contains(event.position().toPoint()):
            return False
        if event.type() is QEvent.Type.MouseButtonRelease:
            self.mark_clicked.emit(index.data(ROW_ROLE).path)
        return True

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        """A line for the name."""
        return QLineEdit(parent)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        """Over the whole row, so that long names can be seen."""
        editor.setGeometry(option.rect.adjusted(Space.S, Space.S, -Space.S, -Space.S))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802
        """Tell the name rather than take it: it may not be possible."""
        row = index.data(ROW_ROLE)
        if isinstance(editor, QLineEdit) and editor.text().strip() not in ("", row.name):
            self.renamed.emit(row.path, editor.text().strip())

    def _paint_mark(self, painter: QPainter, area: QRectF, colour: int | None) -> None:
        """A filled ring for the run looked at, a ticked box for one laid over, an empty box for the others."""
        colours = tokens()
        box = area.adjusted(0.75, 0.75, -0.75, -0.75)
        if colour is None:
            painter.setPen(QPen(colours.colour("text", 0.5), 1.3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(run_colour(colour, colours))
        if colour == 0:
            painter.drawEllipse(box)
            return
        painter.drawRoundedRect(box, 4, 4)
        pen = QPen(
            QColor(colours.panel), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        )
        painter.setPen(pen)
        x, y = area.left(), area.top()
        painter.drawPolyline([QPointF(x + 3.6, y + 7.4), QPointF(x + 6.2, y + 9.8), QPointF(x + 10.4, y + 4.6)])

    def _paint_texts(self, painter: QPainter, option: QStyleOptionViewItem, name: str, detail: str) -> None:
        colours = tokens()
        left = option.rect.left() + Space.L + _MARK + Space.M
        whole = QRect(left, option.rect.top() + Space.S, option.rect.right() - Space.L - left, HEIGHT - 2 * Space.S)
        lines = QStyle.visualRect(option.direction, option.rect, whole)
        leading = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeft)
        painter.setFont(font(FontSize.BODY, QFont.Weight.DemiBold))
        painter.setPen(QColor(colours.text))
        elided = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, lines.width())
        painter.drawText(lines, leading | Qt.AlignmentFlag.AlignTop, elided)
        painter.setFont(font(FontSize.SECONDARY))
        painter.setPen(colours.secondary)
        elided = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideRight, lines.width())
        painter.drawText(lines, leading | Qt.AlignmentFlag.AlignBottom, elided)


def mark_rect(option: QStyleOptionViewItem) -> QRect:
    """Where the mark of a row stands."""
    area = option.rect
    place = QRect(area.left() + Space.L, area.top() + (HEIGHT - _MARK) // 2, _MARK, _MARK)
    return QStyle.visualRect(option.direction, area, place)
