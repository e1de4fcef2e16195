"""Scores as small figures and facts as a quiet table, shared by the cards and the page of one model."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.controls.clamped_label import ClampedLabel
from gui.theme import FontSize, Space, font


def label(text: str, role: str = "", *, wraps: bool = False) -> QLabel:
    """A label of plain text in one of the style sheet's roles."""
    result = QLabel()
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setText(text)
    result.setWordWrap(wraps)
    if role:
        result.setProperty("role", role)
    return result


class ScoreRow(QWidget):
    """Scores side by side: the value large, its name small beneath."""

    def __init__(self, scores: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XL)
        for name, value in scores:
            row.addLayout(self._build_score(name, value))
        row.addStretch()
        self.setAccessibleName(", ".join(f"{name} {value}" for name, value in scores))

    @staticmethod
    def _build_score(name: str, value: str) -> QVBoxLayout:
        figure = label(value)
        figure.setFont(font(FontSize.CAPTION, QFont.Weight.DemiBold))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(figure)
        column.addWidget(label(name, "secondary"))
        return column


class FactTable(QWidget):
    """What is known, a label and a text to each row.

    Parameters
    ----------
    most_lines
        Texts are cut after so many lines; 0 shows them whole.
    is_stacked
        Labels stand above their texts instead of before them, for narrow places.
    """

    def __init__(
        self,
        facts: Sequence[tuple[str, str]],
        *,
        most_lines: int = 0,
        is_stacked: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(0 if is_stacked else Space.XS)
        grid.setColumnStretch(0 if is_stacked else 1, 1)
        for number, (name, text) in enumerate(facts):
            heading = label(name, "secondary")
            value = ClampedLabel(text, most_lines=most_lines) if most_lines else label(text, wraps=True)
            if is_stacked:
                grid.addWidget(heading, 3 * number, 0)
                grid.addWidget(value, 3 * number + 1, 0)
                grid.setRowMinimumHeight(3 * number + 2, Space.M)
            else:
                # The small type stands on the line of the large one beside it.
                heading.setContentsMargins(0, 2, 0, 0)
                grid.addWidget(heading, number, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(value, number, 1)
