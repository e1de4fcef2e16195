"""The frame: pages made when they are first shown, notes, errors, and an end that saves."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton

from gui.error_dialog import ErrorDialog
from gui.main_window import MINIMUM_SIZE, MainWindow, PageSpec
from gui.settings import SettingsStore, load_settings
from gui.shell_commands import ShellCommands
from gui.theme import Scheme, theme


@pytest.fixture
def store(qapp, tmp_path):
    return SettingsStore(tmp_path / "settings.json")


@pytest.fixture
def made():
    """Keys of the pages that were made, in that order."""
    return []


@pytest.fixture
def window(qtbot, store, made):
    def factory(key):
        def make():
            made.append(key)
            return QLabel(key)

        return make

    pages = [PageSpec(key, key.title(), "image", factory(key)) for key in ("caption", "models")]
    window = MainWindow(store, pages)
    qtbot.addWidget(window)
    yield window
    theme().set_scheme(Scheme.SYSTEM)


@pytest.fixture
def shown(qtbot, window):
    with qtbot.waitSignal(window.first_painted):
        window.show()
    return window


def button(window, name):
    (found,) = [button for button in window.findChildren(QToolButton) if button.accessibleName() == name]
    return found


def test_pages_are_made_after_the_first_paint_and_when_first_shown(qtbot, window, made):
    assert made == []
    with qtbot.waitSignal(window.first_painted):
        window.show()
    assert made == ["caption"]
    for key in ("models", "caption", "models"):
        window.show_page(key)
    assert made == ["caption", "models"]
    assert window.centralWidget().currentWidget() is window.page_widget("models")


def test_factory_may_come_later(qtbot, store):
    window = MainWindow(store, [PageSpec("caption", "Caption", "image")])
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.first_painted):
        window.show()
    assert window.page_widget("caption") is None
    window.set_factory("caption", lambda: QLabel("here"))
    assert window.page_widget("caption").text() == "here"
    assert window.page_widget("caption").isVisible()


def test_unknown_pages_are_errors(window):
    with pytest.raises(KeyError):
        window.show_page("kitchen")
    with pytest.raises(KeyError):
        window.set_factory("kitchen", QLabel)


def test_buttons_and_commands_lead_to_pages(qtbot, shown, store):
    with qtbot.waitSignal(shown.page_changed) as caught:
        qtbot.mouseClick(button(shown, "Models"), Qt.MouseButton.LeftButton)
    assert caught.args == ["models"]
    assert store.settings.page == "models"
    assert shown.commands["page_models"].isChecked()
    shown.commands["page_caption"].trigger()
    assert shown.page == "caption"
    assert button(shown, "Caption").isChecked()


def test_handlers_follow_the_page(shown):
    calls = []
    shown.commands.handle("find", lambda: calls.append("find"), page="models")
    assert not shown.commands["find"].isEnabled()
    shown.show_page("models")
    shown.commands["find"].trigger()
    assert calls == ["find"]


def test_page_has_the_focus_not_the_header(qtbot, shown):
    shown.activateWindow()
    qtbot.waitUntil(lambda: shown.focusWidget() is shown.page_widget("caption"))


def test_closing_saves_once_and_then_writes_the_settings(qtbot, shown, store):
    written = []
    shown.closing.connect(lambda: written.append(store.path.exists()))
    shown.show_page("models")
    shown.close()
    shown.close()
    assert written == [False]
    kept = load_settings(store.path).settings
    assert kept.page == "models"
    assert kept.geometry


def test_window_comes_back_where_it_was(qtbot, shown, store):
    shown.resize(900, 650)
    shown.close()
    again = MainWindow(store)
    qtbot.addWidget(again)
    assert again.size() == QSize(900, 650)


@pytest.mark.parametrize("geometry", ["", "AAAA", "not base64", "雪"])
def test_damaged_geometry_does_no_harm(qtbot, store, geometry):
    store.change(geometry=geometry)
    window = MainWindow(store)
    qtbot.addWidget(window)
    assert window.width() >= MINIMUM_SIZE.width()


def test_everything_fits_the_smallest_window(qtbot, shown):
    shown.set_worker_state("restarting", "It ended by itself.")
    shown.set_model("a-model-with-a-rather-long-name")
    shown.resize(MINIMUM_SIZE)
    for part in (*shown.findChildren(QToolButton), shown.statusBar()):
        if part.isVisible() and part.window() is shown and part.objectName() != "qt_menubar_ext_button":
            right = part.mapTo(shown, part.rect().bottomRight())
            assert shown.rect().contains(right), part.accessibleName()


@pytest.mark.parametrize("state", ["starting", "ready", "restarting", "unusable"])
def test_state_of_the_worker_has_a_word_and_a_mark(window, state):
    window.set_worker_state(state, "A sentence.")
    indicator = button(window, "A sentence.")
    assert indicator.text().strip()
    assert not indicator.icon().isNull()


def test_pressing_the_state_asks_for_details(qtbot, shown):
    with qtbot.waitSignal(shown.worker_details_wanted):
        qtbot.mouseClick(button(shown, "Starting"), Qt.MouseButton.LeftButton)


def test_menus_that_change(qtbot, window):
    window.set_models([("small", "Small"), ("large", "Large")], "large")
    window.set_recent([("/pictures/a.jpg", "a.jpg")])
    chosen = {action.text(): action for action in window.menus["model/choose"].actions()}
    assert chosen["Large"].isChecked()
    with qtbot.waitSignal(window.model_chosen) as caught:
        chosen["Small"].trigger()
    assert caught.args == ["small"]
    with qtbot.waitSignal(window.recent_chosen) as caught:
        window.menus["file/recent"].actions()[0].trigger()
    assert caught.args == ["/pictures/a.jpg"]


def test_the_same_error_is_shown_once(shown):
    for _ in range(3):
        shown.show_error("The disk is full.", details="Traceback")
    assert len(shown.findChildren(ErrorDialog)) == 1


class TestShellCommands:
    @pytest.fixture(autouse=True)
    def _commands(self, shown):
        self.window, self.commands = shown, shown.commands
        ShellCommands(shown)

    def test_theme_follows_the_command_and_the_settings(self, store):
        self.commands["theme_dark"].trigger()
        assert (store.settings.theme, theme().tokens.is_dark) == (Scheme.DARK, True)
        store.change(theme=Scheme.LIGHT)
        assert self.commands["theme_light"].isChecked()
        assert not theme().tokens.is_dark

    def test_another_language_asks_for_a_new_start(self, store):
        self.commands["language_zh_CN"].trigger()
        assert store.settings.language == "zh_CN"
        assert [label for label in self.window.findChildren(QLabel) if "started again" in label.text()]

    def test_full_screen_and_back_with_escape(self, qtbot):
        self.commands["full_screen"].trigger()
        assert self.window.isFullScreen()
        assert self.commands["full_screen"].isChecked()
        qtbot.keyClick(self.window, Qt.Key.Key_Escape)
        assert not self.window.isFullScreen()
        assert not self.commands["full_screen"].isChecked()

    @pytest.mark.parametrize("name", ["preferences", "shortcuts", "about"])
    def test_dialogs_open_without_stopping_the_window(self, qtbot, name):
        self.commands[name].trigger()
        (dialog,) = [child for child in self.window.children() if child.inherits("QDialog")]
        assert dialog.isVisible()
        assert dialog.windowTitle()
        dialog.reject()

    def test_quit_closes(self):
        self.commands["quit"].trigger()
        assert not self.window.isVisible()


def test_preferences_apply_at_once(qtbot, store):
    from gui.preferences import PreferencesDialog

    dialog = PreferencesDialog(store)
    qtbot.addWidget(dialog)
    dialog.theme_box.setFocus()
    dialog.theme_box.setCurrentIndex(dialog.theme_box.findData("dark"))
    dialog.theme_box.activated.emit(dialog.theme_box.currentIndex())
    dialog.reopen_box.click()
    assert (store.settings.theme, store.settings.reopens_photographs) == (Scheme.DARK, False)
    assert type(store.settings.theme) is Scheme


def test_shortcuts_are_found_by_name_and_by_key(qtbot, window):
    from gui.shortcuts_dialog import ShortcutsDialog

    dialog = ShortcutsDialog(window.commands)
    qtbot.addWidget(dialog)
    line = dialog.findChild(QLineEdit)

    def visible():
        rows = [command for _, commands in dialog._commands.values() for command in commands]
        return [row.text(0) for row in rows if not row.isHidden()]

    assert len(visible()) > 30
    line.setText("palette")
    assert visible() == ["Command palette"]
    line.setText("ctrl+k")
    assert visible() == ["Command palette"]
    line.setText("no such command")
    assert visible() == []
