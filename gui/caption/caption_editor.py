"""The caption as text that can be written freely."""

from __future__ import annotations

from unicodedata import category

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QShowEvent, QTextOption
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import FontSize, Space, font

MOST_LINES = 4
_STAYING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.MenuBarFocusReason)


class CaptionEditor(QWidget):
    """A field in the type of the caption. Enter and going elsewhere commit, Escape cancels.

    Signals
    -------
    text_committed(str)
        One line of text, without white space at its ends; told of once for each `start`.
    cancelled()
        The text from before is to stay. A text that was not changed is cancelled, too.
    """

    text_committed = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before: str | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._field = CaptionField(self)
        self._field.setAccessibleName(self.tr("Caption"))
        self.setFocusProxy(self._field)
        hint = QLabel(self.tr("Enter keeps it, Esc leaves it as it was"))
        hint.setProperty("role", "secondary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        layout.addWidget(self._field)
        layout.addWidget(hint)
        layout.addStretch(1)
        self._field.entered.connect(self._commit)
        self._field.escaped.connect(self._cancel)

    @property
    def is_editing(self) -> bool:
        """Whether a text was started and neither committed nor cancelled."""
        return self._before is not None

    def start(self, text: str) -> None:
        """Begin to edit a caption, the cursor at its end."""
        self._before = one_line(text)
        self._field.setPlainText(self._before)
        self._field.moveCursor(self._field.textCursor().MoveOperation.End)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Take the room that it needs."""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Take no room in a stack of pages, one of which is as tall as the tallest."""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        super().hideEvent(event)

    def _commit(self) -> None:
        if self._before is None:
            return
        text = one_line(self._field.toPlainText())
        if text == self._before:
            self._cancel()
            return
        self._before = None
        self.text_committed.emit(text)

    def _cancel(self) -> None:
        if self._before is not None:
            self._before = None
            self.cancelled.emit()


class CaptionField(QPlainTextEdit):
    """As tall as its text; holds one line, which may be broken for the eye.

    Signals
    -------
    entered()
        Enter was pressed, or the focus went elsewhere in the window.
    escaped()
        Escape was pressed.
    """

    entered = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font(FontSize.CAPTION))
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._on_document_size_changed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Tall enough for the text, up to a few lines."""
        lines = min(max(self._line_count(), 1), MOST_LINES)
        return QSize(8 * Space.L, lines * self.fontMetrics().lineSpacing() + 2 * (Space.XS + 2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As tall as wanted, as narrow as need be."""
        return QSize(4 * Space.L, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter commits, Escape cancels."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Keep what was written when the user goes elsewhere in the window."""
        super().focusOutEvent(event)
        if event.reason() not in _STAYING:
            self.entered.emit()

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        """Paste as one line of plain text."""
        if source.hasText():
            text = source.text()
            lead, tail = (" " if text[:1].isspace() else ""), (" " if text[-1:].isspace() else "")
            self.insertPlainText(lead + one_line(text) + tail)

    def _line_count(self) -> int:
        return round(self.document().size().height())  # which Qt counts in lines for plain text

    def _on_document_size_changed(self) -> None:
        is_long = self._line_count() > MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_long else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self.updateGeometry()


def one_line(text: str) -> str:
    """The words of a text, one space between them, without control characters."""
    return " ".join("".join(sign for sign in text if sign.isspace() or category(sign) != "Cc").split())
