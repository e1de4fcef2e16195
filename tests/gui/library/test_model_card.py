import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton

from gui.library.model_card import ModelCard


@pytest.fixture
def make_card(qtbot, make_model):
    def make(**changes: object) -> ModelCard:
        card = ModelCard(make_model(**changes))
        qtbot.addWidget(card)
        card.resize(460, 360)
        card.show()
        return card

    return make


def button(card: ModelCard, text: str) -> QPushButton:
    return next(found for found in card.findChildren(QPushButton) if found.text() == text)


def entry(card: ModelCard, text: str) -> QAction:
    return next(found for found in card.findChild(QToolButton).menu().actions() if found.text() == text)


@pytest.mark.parametrize(("text", "signal"), [("Use this model", "use_wanted"), ("Model card", "open_wanted")])
def test_buttons_say_what_is_wanted(make_card, qtbot, text, signal):
    card = make_card()

    with qtbot.waitSignal(getattr(card, signal)):
        qtbot.mouseClick(button(card, text), Qt.MouseButton.LeftButton)


def test_a_click_beside_the_buttons_opens_the_card(make_card, qtbot):
    card = make_card()

    with qtbot.waitSignal(card.open_wanted):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=card.rect().center())


def test_the_model_in_use_is_marked_and_cannot_be_used_again(make_card):
    card = make_card()
    idle = card.grab().toImage()

    card.set_active(True)

    assert not any(found.isVisible() for found in card.findChildren(QPushButton) if found.text() == "Use this model")
    assert "In use" in [child.accessibleName() for child in card.children() if child.isWidgetType()]
    assert card.grab().toImage() != idle


def test_a_model_that_is_loading_says_so(make_card):
    card = make_card()

    card.set_active(False, is_loading=True)

    assert not button(card, "Loading…").isEnabled()


@pytest.mark.parametrize(("origin", "can_be_removed"), [("bundled", False), ("installed", True), ("folder", False)])
def test_only_installed_models_can_be_removed(make_card, origin, can_be_removed):
    card = make_card(origin=origin)

    assert entry(card, "Remove…").isEnabled() is can_be_removed


@pytest.mark.parametrize(("text", "signal"), [("Export…", "export_wanted"), ("Show in folder", "reveal_wanted")])
def test_the_menu_says_what_is_wanted(make_card, qtbot, text, signal):
    card = make_card()

    with qtbot.waitSignal(getattr(card, signal)):
        entry(card, text).trigger()


def test_a_tick_is_told(make_card, qtbot):
    card = make_card()

    with qtbot.waitSignal(card.selection_toggled) as caught:
        qtbot.mouseClick(button(card, "Compare"), Qt.MouseButton.LeftButton)

    assert caught.args == [True]


def test_every_control_has_a_name_and_takes_the_keyboard(make_card):
    card = make_card()
    for control in card.findChildren(QAbstractButton):
        assert control.text() or control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_maker_who_says_everything_at_length_does_not_make_a_tall_card(make_card):
    short = make_card(data="x", licence="x", limits="x", description="x", protocol="x")
    long = make_card(**dict.fromkeys(("data", "licence", "limits", "description", "protocol"), "words " * 300))

    assert long.sizeHint().height() < short.sizeHint().height() + 8 * long.fontMetrics().lineSpacing()


def test_a_model_for_features_cannot_be_used_or_compared(make_card):
    card = make_card(encoder="", grid=(0, 0))
    card.set_active(False)
    card.set_comparable(True)
    use = button(card, "Use this model")
    assert not use.isEnabled()
    assert "captions features, not photographs" in use.toolTip()
    assert not button(card, "Compare").isVisibleTo(card)
