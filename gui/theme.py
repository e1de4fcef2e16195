"""Colours, type and spacing of the window, light and dark, following the system live."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from gui.stylesheet import stylesheet

RADIUS = 8
CHIP_RADIUS = 12
OVERLAY_MILLISECONDS = 120
OKABE_ITO = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
"""Colours of pinned words, apart for every kind of colour vision (Okabe and Ito 2008)."""


class Space:
    """Distances in pixels; no other stands between two things."""

    XS, S, M, L, XL = 4, 8, 12, 16, 24


class FontSize:
    """Heights of type in pixels."""

    SECONDARY, BODY, HEADING, CAPTION = 11, 13, 16, 20


class Scheme(StrEnum):
    """What the user asked for."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, as ``#RRGGBB``."""

    is_dark: bool
    ground: str
    panel: str
    text: str
    accent: str
    on_accent: str
    error: str
    warning: str
    done: str

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """The token ``name``, such as ``"accent"``, with an opacity in [0, 1]."""
        colour = QColor(getattr(self, name))
        colour.setAlphaF(alpha)
        return colour

    @property
    def hairline(self) -> QColor:
        """Of lines 1 px wide."""
        return self.colour("text", 0.12)

    @property
    def secondary(self) -> QColor:
        """Of text that stands back."""
        return self.colour("text", 0.7)

    def probability_tint(self, probability: float) -> QColor:
        """Background of a word: the accent at 8 % where the model was unsure up to 40 % where it was sure."""
        return self.colour("accent", 0.08 + 0.32 * min(max(probability, 0.0), 1.0))


LIGHT = Tokens(False, "#FAFAF8", "#FFFFFF", "#1D1D1B", "#2F6FDE", "#FFFFFF", "#C43D3D", "#9C6300", "#2E7D4F")
DARK = Tokens(True, "#161618", "#1F1F22", "#ECECEA", "#6EA0FF", "#161618", "#FF8A80", "#FFC266", "#7FD6A2")


class Theme(QObject):
    """The look of a running application; one for each, see `install` and `theme`.

    Signals
    -------
    changed()
        The tokens are others now. Palette and style sheet have been applied; widgets that paint themselves update.
    """

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self.setObjectName("theme")
        self._application = application
        self._scheme = Scheme.SYSTEM
        self._tokens = LIGHT
        application.setStyle("Fusion")
        application.setFont(font())
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def tokens(self) -> Tokens:
        """The colours in use."""
        return self._tokens

    @property
    def scheme(self) -> Scheme:
        """What the user asked for."""
        return self._scheme

    def set_scheme(self, scheme: Scheme) -> None:
        """Follow the system, or be light or dark whatever it says."""
        self._scheme = scheme
        asked = {Scheme.LIGHT: Qt.ColorScheme.Light, Scheme.DARK: Qt.ColorScheme.Dark}
        self._application.styleHints().setColorScheme(asked.get(scheme, Qt.ColorScheme.Unknown))
        self._apply()

    def _apply(self) -> None:
        is_dark = self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        if self._scheme is not Scheme.SYSTEM:  # some platforms ignore what they are asked for
            is_dark = self._scheme is Scheme.DARK
        tokens = DARK if is_dark else LIGHT
        if self._application.styleSheet() and tokens is self._tokens:
            return
        self._tokens = tokens
        self._application.setPalette(palette(tokens))
        self._application.setStyleSheet(stylesheet(tokens))
        self.changed.emit()


def install(application: QApplication) -> Theme:
    """Give an application its look; asked again, return the one that it has."""
    found = application.findChild(Theme, "theme")
    return found if found is not None else Theme(application)


def theme() -> Theme:
    """The look of the running application."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("There is no QApplication yet.")
    return install(application)


def tokens() -> Tokens:
    """The colours in use."""
    return theme().tokens


def font(size: int = FontSize.BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The system's font at a size in pixels, figures of equal width."""
    result = QFont(QApplication.font())
    result.setPixelSize(size)
    result.setWeight(weight)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def is_motion_reduced() -> bool:
    """Whether the system asks for no animations."""
    # Qt has no name for it: platform themes set the duration of animations to 0.
    style = QApplication.style()
    return style.styleHint(style.StyleHint.SH_Widget_Animation_Duration) == 0


def palette(tokens: Tokens) -> QPalette:
    """Tokens as Qt's own widgets know them."""
    role = QPalette.ColorRole
    result = QPalette(QColor(tokens.panel), QColor(tokens.ground))
    for text in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText):
        result.setColor(text, QColor(tokens.text))
    result.setColor(role.Base, QColor(tokens.panel))
    result.setColor(role.AlternateBase, QColor(tokens.ground))
    result.setColor(role.ToolTipBase, QColor(tokens.panel))
    result.setColor(role.PlaceholderText, tokens.colour("text", 0.6))
    result.setColor(role.Highlight, QColor(tokens.accent))
    result.setColor(role.HighlightedText, QColor(tokens.on_accent))
    result.setColor(role.Accent, QColor(tokens.accent))
    result.setColor(role.Link, QColor(tokens.accent))
    for text in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, text, tokens.colour("text", 0.4))
    return result
