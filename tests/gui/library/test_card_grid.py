import pytest
from PySide6.QtWidgets import QWidget

from gui.library.card_grid import CardGrid


@pytest.fixture
def grid(qtbot):
    grid = CardGrid()
    qtbot.addWidget(grid)
    grid.resize(1240, 600)
    cards = [QWidget() for _ in range(5)]
    for card in cards:
        card.setMinimumHeight(100)
    grid.set_cards(cards)
    grid.show()
    return grid


@pytest.mark.parametrize(("width", "columns"), [(300, 1), (800, 2), (1240, 3), (1700, 4)])
def test_columns_follow_the_width(grid, width, columns):
    grid.resize(width, 600)

    assert grid.columns == columns


def test_cards_are_equally_wide_and_in_reading_order(grid, qtbot):
    grid.resize(800, 600)
    cards = [grid.layout().itemAt(number).widget() for number in range(5)]
    qtbot.waitUntil(lambda: cards[1].x() > 0)

    assert len({card.width() for card in cards}) == 1
    assert [(card.y(), card.x()) for card in cards] == sorted((card.y(), card.x()) for card in cards)


def test_a_card_that_needs_more_width_leaves_fewer_columns(grid):
    grid.set_cards([_WideCard()])

    assert grid.columns == 2


class _WideCard(QWidget):
    def minimumSizeHint(self):  # noqa: N802
        size = super().minimumSizeHint()
        size.setWidth(500)
        return size


def test_other_cards_take_the_place_of_those_before(grid, qtbot):
    before = grid.findChildren(QWidget)
    grid.set_cards([QWidget()])

    qtbot.waitUntil(lambda: len(grid.findChildren(QWidget)) == 1)
    assert len(before) == 5
