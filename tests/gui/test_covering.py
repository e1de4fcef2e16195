"""Pictures that cover their place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from gui.covering import draw_covering


@pytest.mark.parametrize(("ratio", "place"), [(1.0, (0, 0)), (2.0, (0, 0)), (2.0, (30, 70))])
def test_a_picture_covers_its_place_and_nothing_else(qapp, ratio, place):
    pixmap = QPixmap(120, 60)
    pixmap.fill(QColor("green"))
    painter = QPainter(pixmap)
    painter.fillRect(45, 0, 30, 60, QColor("red"))  # what is left of it once it covers a narrow upright place
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    target = QImage(200, 200, QImage.Format.Format_RGB32)
    target.setDevicePixelRatio(ratio)
    target.fill(Qt.GlobalColor.black)
    painter = QPainter(target)
    x, y = place[0] / ratio, place[1] / ratio
    draw_covering(painter, QRectF(x, y, 20 / ratio, 40 / ratio), pixmap, 4 / ratio)
    painter.end()

    def colour(dx, dy):
        return QColor(target.pixel(place[0] + dx, place[1] + dy)).name()

    assert {colour(dx, dy) for dx in (2, 10, 17) for dy in (8, 20, 32)} == {QColor("red").name()}
    assert {colour(0, 0), colour(25, 20), colour(10, 45)} == {"#000000"}
