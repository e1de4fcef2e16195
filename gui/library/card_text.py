"""A model card's Markdown as a page to read: no HTML, nothing fetched, links opened only when clicked."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import (
    QBrush,
    QDesktopServices,
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTable,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from gui.theme import FontSize, Space, font, theme, tokens

_LINE_HEIGHT = 145.0  # percent
_HEADINGS = {1: 24, 2: FontSize.HEADING + 1, 3: FontSize.BODY + 1}
_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_WEB = ("http", "https")


class CardText(QTextBrowser):
    """Markdown that somebody else wrote, shown without trusting it.

    Signals
    -------
    link_opened(str)
        A web address was clicked and given to the system's browser.
    """

    link_opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._markdown = ""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("Model card"))
        self.anchorClicked.connect(self._on_anchor_clicked)
        # Shown as it is, so that a link's words cannot hide where it leads.
        self.highlighted.connect(lambda url: self.viewport().setToolTip(_address(url)))
        theme().changed.connect(self._render)

    def set_card(self, markdown: str) -> None:
        """Show another card, from its beginning."""
        self._markdown = markdown
        self._render()
        self.verticalScrollBar().setValue(0)

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        """Load nothing: neither pictures nor anything else, from the disk or from elsewhere."""
        return None

    def _on_anchor_clicked(self, url: QUrl) -> None:
        if url.scheme() in _WEB and url.isValid() and QDesktopServices.openUrl(url):
            self.link_opened.emit(_address(url))

    def _render(self) -> None:
        document = self.document()
        document.setDefaultFont(font())
        document.setDocumentMargin(0)
        document.setIndentWidth(Space.XL)
        document.setMarkdown(self._markdown, _FEATURES)
        block = document.begin()
        while block.isValid():
            _name_pictures(block)
            _set_block(block)
            block = block.next()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                _set_table(frame)


def _address(url: QUrl) -> str:
    return url.toDisplayString() if url.scheme() in _WEB else ""


def _set_block(block: QTextBlock) -> None:
    """Give a paragraph or heading the window's type and air."""
    level = block.blockFormat().headingLevel()
    cursor = QTextCursor(block)
    shape = QTextBlockFormat()
    height = 100.0 if cursor.currentTable() else 120.0 if level else _LINE_HEIGHT
    shape.setLineHeight(height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    shape.setTopMargin(Space.XL if level and block.blockNumber() else 0)
    shape.setBottomMargin(_space_below(block, is_heading=bool(level)))
    cursor.mergeBlockFormat(shape)
    if level:
        _set_heading(block, level)


def _space_below(block: QTextBlock, *, is_heading: bool) -> int:
    if QTextCursor(block).currentTable() is not None:
        return 0
    if is_heading:
        return Space.S
    items = block.textList()
    return Space.XS if items is not None and items.itemNumber(block) + 1 < items.count() else Space.M


def _set_heading(block: QTextBlock, level: int) -> None:
    for start, length, given in _fragments(block):
        # Qt prefers this property of its own headings to any size in pixels; it can only be replaced, not merged away.
        given.clearProperty(QTextFormat.Property.FontSizeAdjustment)
        given.setProperty(QTextFormat.Property.FontPixelSize, int(_HEADINGS.get(level, FontSize.BODY)))
        given.setFontWeight(QFont.Weight.DemiBold)
        _select(block, start, length).setCharFormat(given)


def _name_pictures(block: QTextBlock) -> None:
    """Put the words that stand for a picture in the place of the picture, which is never loaded."""
    for start, length, given in reversed(_fragments(block)):
        if given.isImageFormat():
            name = given.property(QTextFormat.Property.ImageAltText) or given.property(QTextFormat.Property.ImageTitle)
            _select(block, start, length).insertText(f"[{name}]" if name else "", QTextCharFormat())


def _fragments(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    """Start, length and format of each run of equal letters."""
    found = []
    iterator = block.begin()
    while not iterator.atEnd():
        run = iterator.fragment()
        found.append((run.position(), run.length(), run.charFormat()))
        iterator += 1
    return found


def _select(block: QTextBlock, start: int, length: int) -> QTextCursor:
    cursor = QTextCursor(block)
    cursor.setPosition(start)
    cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _set_table(table: QTextTable) -> None:
    """Hairlines below the rows and none around, as in a printed table."""
    shape = table.format()
    shape.setBorder(0)
    shape.setCellPadding(Space.XS)
    shape.setCellSpacing(0)
    shape.setMargin(0)
    shape.setBottomMargin(Space.M)
    # At 100 it is a little wider than the text, and a scroll bar comes.
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 99))
    table.setFormat(shape)
    for row in range(table.rows()):
        for column in range(table.columns()):
            cell = table.cellAt(row, column)
            look = cell.format().toTableCellFormat()
            look.setBottomBorder(1)
            look.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            look.setBottomBorderBrush(QBrush(tokens().hairline))
            cell.setFormat(look)
