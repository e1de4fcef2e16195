"""A model as a card among others: what it is for, how well it does, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from captioner.worker.protocol import ModelDetails
from gui.controls.clamped_label import ClampedLabel
from gui.icons import describe, icon
from gui.library.fact_widgets import FactTable, ScoreRow
from gui.library.facts import facts_of, main_scores, use_hint
from gui.library.in_use_mark import InUseMark
from gui.theme import RADIUS, FontSize, Space, theme, tokens


class ModelCard(QWidget):
    """One model of the shelf.

    Signals
    -------
    use_wanted(), open_wanted(), export_wanted(), reveal_wanted(), remove_wanted()
        What the user asked to be done with this model.
    selection_toggled(bool)
        Whether it is to be compared with another.
    """

    use_wanted = Signal()
    open_wanted = Signal()
    export_wanted = Signal()
    reveal_wanted = Signal()
    remove_wanted = Signal()
    selection_toggled = Signal(bool)

    def __init__(self, model: ModelDetails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._is_active = self._is_hovered = False
        self.setAccessibleName(model.name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # All cards of a grid are equally wide, whatever they say.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._build()
        self._connect_signals()
        self.set_active(False)
        self.set_selected(False)

    def set_active(self, is_active: bool, is_loading: bool = False) -> None:
        """Mark it as the model that writes the captions, or as the one that is about to."""
        self._is_active = is_active
        self._mark.setVisible(is_active)
        self._use.setVisible(not is_active)
        self._use.setEnabled(not (is_loading or self.model.is_features_only))
        self._use.setToolTip(use_hint(self.model))
        self._use.setText(self.tr("Loading…") if is_loading else self.tr("Use this model"))
        self.update()

    def set_selected(self, is_selected: bool) -> None:
        """Tick it for comparison."""
        self._compare.setChecked(is_selected)
        self._compare.setIcon(icon("check-square" if is_selected else "square", "accent" if is_selected else "text"))

    def set_comparable(self, is_comparable: bool) -> None:
        """Offer the tick only where there is something to compare with."""
        self._compare.setVisible(is_comparable and not self.model.is_features_only)

    def focus(self) -> None:
        """Give the keyboard to its first control."""
        is_usable = not (self._is_active or self.model.is_features_only)
        (self._use if is_usable else self._open).setFocus(Qt.FocusReason.OtherFocusReason)

    # Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        column.setSpacing(Space.M)
        column.addLayout(self._build_title())
        if scores := main_scores(self.model):
            column.addLayout(self._build_scores(scores))
        column.addWidget(FactTable(facts_of(self.model), most_lines=2))
        column.addStretch()
        column.addLayout(self._build_actions())

    def _build_title(self) -> QVBoxLayout:
        name = ClampedLabel(self.model.name, most_lines=1, size=FontSize.HEADING, is_bold=True)
        self._mark = InUseMark(self.tr("In use"))
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(name, 1)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        title = QVBoxLayout()
        title.setSpacing(Space.XS)
        title.addLayout(row)
        if self.model.description:
            title.addWidget(ClampedLabel(self.model.description, most_lines=3))
        return title

    def _build_scores(self, scores: list[tuple[str, str]]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(Space.XS)
        column.addWidget(ScoreRow(scores))
        if self.model.protocol:
            column.addWidget(
                ClampedLabel(self.model.protocol, most_lines=2, size=FontSize.SECONDARY, is_secondary=True)
            )
        return column

    def _build_actions(self) -> QHBoxLayout:
        self._use = QPushButton(self.tr("Use this model"))
        self._open = QPushButton(self.tr("Model card"))
        self._compare = QPushButton(self.tr("Compare"))
        self._compare.setCheckable(True)
        self._compare.setProperty("role", "quiet")
        self._more = QToolButton()
        self._more.setIcon(icon("dots-three"))
        self._more.setProperty("role", "quiet")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._build_menu())
        describe(self._more, self.tr("More for {name}").format(name=self.model.name))
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._use)
        row.addWidget(self._open)
        row.addStretch()
        row.addWidget(self._compare)
        row.addWidget(self._more)
        return row

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(self.tr("Export…"), self.export_wanted.emit)
        menu.addAction(self.tr("Show in folder"), self.reveal_wanted.emit)
        menu.addSeparator()
        remove = menu.addAction(self.tr("Remove…"), self.remove_wanted.emit)
        remove.setEnabled(self.model.origin == "installed")
        return menu

    def _connect_signals(self) -> None:
        self._use.clicked.connect(self.use_wanted)
        self._open.clicked.connect(self.open_wanted)
        self._compare.clicked.connect(self.selection_toggled)
        theme().changed.connect(self.update)

    # Events

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Stand out a little under the pointer."""
        self._is_hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Stand back again."""
        self._is_hovered = False
        self.update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the whole card, wherever it is clicked."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.open_wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the ground of the card, its edge in the accent where the model is in use."""
        colours = tokens()
        width = 2.0 if self._is_active else 1.0
        edge = QColor(colours.accent) if self._is_active else colours.colour("text", 0.3 if self._is_hovered else 0.12)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(edge, width))
        painter.setBrush(QColor(colours.panel))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
        painter.end()
