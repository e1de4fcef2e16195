"""The buttons in the header that lead from page to page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from gui.icons import icon
from gui.theme import RADIUS, theme

ICON_SIZE = QSize(16, 16)


class PageSwitcher(QWidget):
    """One button for each page, one of them pressed; arrow keys go from button to button.

    Signals
    -------
    page_chosen(str)
        The key of a page.
    """

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page_switcher")
        self.setAccessibleName(self.tr("Pages"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(2, 2, 2, 2)
        self._row.setSpacing(2)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def add_page(self, key: str, title: str, icon_name: str, action: QAction | None = None) -> None:
        """Add a page at the right; its ``action`` lends the tooltip."""
        button = QToolButton(self)
        button.setCheckable(True)
        button.setText(f" {title}")  # Qt leaves little room after the icon
        button.setIcon(icon(icon_name))
        button.setIconSize(ICON_SIZE)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolTip(action.toolTip() if action is not None else title)
        button.setAccessibleName(title)
        self._buttons[key] = button
        self._group.addButton(button)
        self._row.addWidget(button)
        button.clicked.connect(lambda: self.page_chosen.emit(key))

    def set_page(self, key: str) -> None:
        """Show which page it is."""
        self._buttons[key].setChecked(True)

    def _on_theme_changed(self) -> None:
        tokens = theme().tokens
        chosen = tokens.colour("text", 0.14) if tokens.is_dark else tokens.colour("panel")
        self.setStyleSheet(f"""
            #page_switcher {{ background: {_css(tokens.colour("text", 0.06))}; border-radius: {RADIUS}px; }}
            #page_switcher QToolButton {{ background: transparent; border: 1px solid transparent; padding: 2px 12px;
              border-radius: {RADIUS - 2}px; color: {_css(tokens.secondary)}; }}
            #page_switcher QToolButton:hover {{ color: {tokens.text}; }}
            #page_switcher QToolButton:checked {{ background: {_css(chosen)}; color: {tokens.text};
              border: 1px solid {_css(tokens.hairline)}; }}
            #page_switcher QToolButton:focus {{ border: 2px solid {tokens.accent}; padding: 1px 11px; }}
        """)


def _css(colour: QColor) -> str:
    return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alpha()})"
