"""How attention is drawn over the photograph, as controls."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QIcon, QLinearGradient, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.caption.colour_maps import COLOUR_MAPS, colour_map
from gui.controls.calm_inputs import CalmChoice, CalmSlider
from gui.controls.numbers import percent_text
from gui.controls.section import Section
from gui.controls.segmented import Segmented
from gui.controls.switch import Switch
from gui.theme import Space, font
from gui.viewmodels.overlay_style import OverlayStyle

SWATCH = QSize(40, 12)


class OverlayPanel(QWidget):
    """The controls of an `OverlayStyle`.

    Signals
    -------
    style_changed(OverlayStyle)
        The user chose another style; never emitted for `set_style`.
    """

    style_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = OverlayStyle()
        self._build()
        self._connect_signals()
        self.set_style(self._style)

    def set_style(self, style: OverlayStyle) -> None:
        """Show this style."""
        self._style = style
        controls = (self._maps, self._opacity, self._smooth, self._shared)
        for control in controls:
            control.blockSignals(True)
        self._mode.set_chosen(style.mode)
        self._maps.setCurrentIndex(max(self._maps.findData(style.colour_map), 0))
        self._maps.setEnabled(style.mode == "heat")
        self._maps_label.setEnabled(style.mode == "heat")
        self._opacity.setValue(round(style.opacity * 100))
        self._smooth.setChecked(style.is_smooth)
        self._shared.setChecked(style.is_scale_shared)
        for control in controls:
            control.blockSignals(False)
        self._opacity_value.setText(percent_text(style.opacity))

    def _build(self) -> None:
        section = Section(self.tr("Overlay"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(section)
        self._mode = Segmented(
            (
                ("heat", self.tr("Heat"), self.tr("Colour the photograph where the word looked")),
                ("spotlight", self.tr("Spotlight"), self.tr("Darken the photograph where the word did not look")),
                ("outline", self.tr("Outline"), self.tr("Draw lines around where the word looked")),
            )
        )
        self._mode.setAccessibleName(self.tr("Kind of overlay"))
        section.body.addWidget(self._mode)
        section.body.addLayout(self._build_maps())
        section.body.addLayout(self._build_opacity())
        section.body.addLayout(self._build_switches())

    def _build_maps(self) -> QHBoxLayout:
        self._maps = CalmChoice()
        self._maps.setIconSize(SWATCH)
        for name in COLOUR_MAPS:
            self._maps.addItem(swatch(name, self.devicePixelRatioF()), name.capitalize(), name)
        self._maps.setToolTip(self.tr("Colours from no weight to full weight"))
        self._maps_label = QLabel(self.tr("Colours"))
        self._maps_label.setBuddy(self._maps)
        self._maps.setAccessibleName(self._maps_label.text())
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._maps_label)
        row.addWidget(self._maps, 1)
        return row

    def _build_opacity(self) -> QVBoxLayout:
        name = QLabel(self.tr("Opacity"))
        self._opacity_value = QLabel()
        self._opacity_value.setFont(font())
        self._opacity = CalmSlider()
        self._opacity.setRange(0, 100)
        self._opacity.setPageStep(10)
        self._opacity.setAccessibleName(name.text())
        self._opacity.setToolTip(self.tr("How much of the photograph the overlay hides where it is strongest"))
        head = QHBoxLayout()
        head.addWidget(name, 1)
        head.addWidget(self._opacity_value)
        column = QVBoxLayout()
        column.setSpacing(Space.XS)
        column.addLayout(head)
        column.addWidget(self._opacity)
        return column

    def _build_switches(self) -> QVBoxLayout:
        self._smooth = Switch(self.tr("Smooth (display only)"))
        self._smooth.setToolTip(
            self.tr("Blend the cells into each other for the eye; off shows the cells that the model really weighed")
        )
        self._shared = Switch(self.tr("Same scale for all words"))
        self._shared.setToolTip(self.tr("Strong and weak words look so; off shows each word at its own full strength"))
        column = QVBoxLayout()
        column.setSpacing(Space.XS)
        for switch in (self._smooth, self._shared):
            switch.setAccessibleDescription(switch.toolTip())
            column.addWidget(switch)
        return column

    def _connect_signals(self) -> None:
        self._mode.chosen.connect(lambda mode: self._change(mode=mode))
        self._maps.currentIndexChanged.connect(lambda _: self._change(colour_map=self._maps.currentData()))
        self._opacity.valueChanged.connect(lambda value: self._change(opacity=value / 100))
        self._smooth.toggled.connect(lambda is_on: self._change(is_smooth=is_on))
        self._shared.toggled.connect(lambda is_on: self._change(is_scale_shared=is_on))

    def _change(self, **changes: Any) -> None:
        self.set_style(dataclasses.replace(self._style, **changes))
        self.style_changed.emit(self._style)


def swatch(name: str, ratio: float = 1.0) -> QIcon:
    """A colour map as a small bar, from no weight to full weight, for a screen of ``ratio`` pixels per unit."""
    pixmap = QPixmap(SWATCH * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    gradient = QLinearGradient(0, 0, SWATCH.width(), 0)
    for place, colour in enumerate(colour_map(name)[::17]):
        gradient.setColorAt(place / 15, QColor(*(int(channel) for channel in colour)))
    path = QPainterPath()
    path.addRoundedRect(QRectF(QRect(0, 0, SWATCH.width(), SWATCH.height())), 3, 3)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, QBrush(gradient))
    painter.end()
    return QIcon(pixmap)
