"""The style sheet of the window: what Fusion draws with too many lines is drawn calmly here."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.theme import Tokens

# Widgets ask for a part of this sheet by a dynamic property, `role`: primary, quiet, secondary, heading, panel, card...
_SHEET = Template("""
* { outline: none; }
QToolTip { background: $panel; color: $text; border: 1px solid $hairline; padding: 4px 8px; }
QMainWindow, QDialog, QWidget[role="ground"] { background: $ground; }
QWidget[role="panel"] { background: $panel; }
QFrame[role="card"] { background: $panel; border: 1px solid $hairline; border-radius: 8px; }
QLabel[role="secondary"] { color: $secondary; font-size: 11px; }
QLabel[role="heading"] { font-size: 16px; font-weight: 600; }
QLabel[role="section"] { color: $secondary; font-size: 11px; font-weight: 600; }
QLabel[role="error"] { color: $error; }
QLabel[role="warning"] { color: $warning; }
QFrame[role="hairline"] { background: $hairline; border: none; max-height: 1px; min-height: 1px; }

QPushButton, QToolButton { background: $raised; color: $text; border: 1px solid $hairline; border-radius: 8px;
  padding: 5px 12px; min-height: 18px; }
QToolButton { padding: 5px; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed, QToolButton:checked { background: $pressed; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: 4px 11px; }
QToolButton:focus { padding: 4px; }
QPushButton:disabled, QToolButton:disabled { color: $disabled; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $pressed; color: $disabled; border-color: transparent; }
QPushButton[role="quiet"], QToolButton[role="quiet"] { background: transparent; border: 1px solid transparent; }
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover { background: $hover; }
QToolButton[role="quiet"]:checked { background: $pressed; }
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus { border: 2px solid $accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: $field; color: $text;
  border: 1px solid $hairline; border-radius: 8px; padding: 4px 8px; min-height: 18px;
  selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
  border: 2px solid $accent; padding: 3px 7px; }
QLineEdit QToolButton { background: transparent; border: none; padding: 0; min-height: 0; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $hairline; padding: 4px; }

QAbstractItemView { background: $panel; border: none; selection-background-color: $selected; selection-color: $text; }
QAbstractItemView::item:hover { background: $hover; }
QTextBrowser { background: $panel; border: none; }

QMenuBar { background: $panel; border: none; padding: 2px 4px; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: 6px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $panel; border: 1px solid $hairline; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 6px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }

QStatusBar { background: $panel; border-top: 1px solid $hairline; }
QStatusBar::item { border: none; }
QProgressBar { background: $pressed; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QSplitter::handle { background: $hairline; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $secondary; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none; border: none;
  width: 0; height: 0; }

QSlider::groove:horizontal { background: $pressed; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $panel; border: 2px solid $accent; width: 12px; height: 12px; margin: -6px 0;
  border-radius: 8px; }
QSlider::handle:horizontal:focus { background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $scroll; }
QSlider::handle:horizontal:disabled { border-color: $scroll; }
""")


def stylesheet(tokens: Tokens) -> str:
    """The style sheet in the colours of ``tokens``."""

    def shade(name: str, alpha: float) -> str:
        colour = tokens.colour(name, alpha)
        return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alpha()})"

    names = ("ground", "panel", "text", "accent", "on_accent", "error", "warning", "done")
    return _SHEET.substitute(
        {name: getattr(tokens, name) for name in names},
        secondary=shade("text", 0.7),
        disabled=shade("text", 0.4),
        hairline=shade("text", 0.12),
        hover=shade("text", 0.06),
        pressed=shade("text", 0.10),
        scroll=shade("text", 0.25),
        selected=shade("accent", 0.18),
        accent_hover=shade("accent", 0.88),
        raised=tokens.panel,
        field=tokens.panel,
    )
