"""Every command of the window, declared once: its words, its keys, its place in the menus."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence

Key = QKeySequence.StandardKey
Role = QAction.MenuRole


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802
    """Mark a text for translation; the tool that collects texts goes by this name, and Qt's own is not typed."""
    return text


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One command.

    Attributes
    ----------
    id
        How code names it.
    text
        In the menus; English, translated in the context ``Actions``.
    menu
        A key of `MENUS`. Menus are filled in the order of declaration.
    keys
        The platform's standard key, or keys such as ``"Ctrl+R; F5"``.
    other_keys
        Where the platform has no standard key.
    icon
        Name in Phosphor 1.3.
    tip
        A sentence where the text alone may not say enough.
    group
        Commands of one group exclude each other, and one of them is checked.
    is_checkable
        Whether it is on or off; its handler is then told which.
    starts_section
        A line stands above it.
    role
        Where macOS moves it to.
    """

    id: str
    text: str
    menu: str
    keys: Key | str = ""
    other_keys: str = ""
    icon: str = ""
    tip: str = ""
    group: str = ""
    is_checkable: bool = False
    starts_section: bool = False
    role: QAction.MenuRole = Role.NoRole


@dataclass(frozen=True, slots=True)
class MenuSpec:
    """A menu: its title, translated in the context ``Actions``, and whether a line stands above it."""

    title: str
    starts_section: bool = False


MENUS = {
    "file": MenuSpec(QT_TRANSLATE_NOOP("Actions", "&File")),
    "file/recent": MenuSpec(QT_TRANSLATE_NOOP("Actions", "Open recent")),
    "file/export": MenuSpec(QT_TRANSLATE_NOOP("Actions", "Export"), starts_section=True),
    "edit": MenuSpec(QT_TRANSLATE_NOOP("Actions", "&Edit")),
    "view": MenuSpec(QT_TRANSLATE_NOOP("Actions", "&View")),
    "view/overlay": MenuSpec(QT_TRANSLATE_NOOP("Actions", "Overlay"), starts_section=True),
    "view/theme": MenuSpec(QT_TRANSLATE_NOOP("Actions", "Theme"), starts_section=True),
    "view/language": MenuSpec(QT_TRANSLATE_NOOP("Actions", "Language")),
    "caption": MenuSpec(QT_TRANSLATE_NOOP("Actions", "&Caption")),
    "model": MenuSpec(QT_TRANSLATE_NOOP("Actions", "&Model")),
    "model/choose": MenuSpec(QT_TRANSLATE_NOOP("Actions", "Choose")),
    "help": MenuSpec(QT_TRANSLATE_NOOP("Actions", "&Help")),
}

_FILE = (
    ActionSpec(
        "open_photographs", QT_TRANSLATE_NOOP("Actions", "Open photographs…"), "file", Key.Open, "Ctrl+O", icon="image"
    ),
    ActionSpec(
        "open_folder",
        QT_TRANSLATE_NOOP("Actions", "Open folder…"),
        "file",
        "Ctrl+Shift+O",
        icon="folder-open",
        tip=QT_TRANSLATE_NOOP("Actions", "Open all photographs of a folder and of the folders in it"),
    ),
    ActionSpec(
        "paste",
        QT_TRANSLATE_NOOP("Actions", "Paste photographs"),
        "file",
        Key.Paste,
        "Ctrl+V",
        icon="clipboard-text",
        tip=QT_TRANSLATE_NOOP("Actions", "Open the pictures or files that were copied elsewhere"),
    ),
    ActionSpec(
        "clear_recent",
        QT_TRANSLATE_NOOP("Actions", "Clear this list"),
        "file/recent",
        icon="eraser",
        starts_section=True,
    ),
    ActionSpec("open_samples", QT_TRANSLATE_NOOP("Actions", "Open sample photographs"), "file", icon="image-square"),
    ActionSpec(
        "export_txt",
        QT_TRANSLATE_NOOP("Actions", "Text files beside the photographs…"),
        "file/export",
        Key.Save,
        "Ctrl+S",
        icon="file-text",
        tip=QT_TRANSLATE_NOOP("Actions", "Write each caption into a .txt file beside its photograph"),
    ),
    ActionSpec("export_csv", QT_TRANSLATE_NOOP("Actions", "Table (CSV)…"), "file/export", icon="table"),
    ActionSpec("export_json", QT_TRANSLATE_NOOP("Actions", "JSON…"), "file/export", icon="brackets-curly"),
    ActionSpec(
        "export_coco",
        QT_TRANSLATE_NOOP("Actions", "COCO results…"),
        "file/export",
        icon="list-bullets",
        tip=QT_TRANSLATE_NOOP("Actions", "Write image numbers and captions as the COCO evaluation reads them"),
    ),
    ActionSpec("export_html", QT_TRANSLATE_NOOP("Actions", "Web page…"), "file/export", icon="browser"),
    ActionSpec(
        "export_figure",
        QT_TRANSLATE_NOOP("Actions", "Figure of this photograph…"),
        "file/export",
        "Ctrl+Shift+S",
        icon="squares-four",
        tip=QT_TRANSLATE_NOOP("Actions", "Draw where each word looked, as a picture, SVG or PDF"),
        starts_section=True,
    ),
    ActionSpec(
        "export_animation",
        QT_TRANSLATE_NOOP("Actions", "Animation of this photograph…"),
        "file/export",
        icon="gif",
        tip=QT_TRANSLATE_NOOP("Actions", "Show word after word and where it looked, as a GIF"),
    ),
    ActionSpec(
        "collect_corrections",
        QT_TRANSLATE_NOOP("Actions", "Collect corrected captions…"),
        "file",
        icon="graduation-cap",
        tip=QT_TRANSLATE_NOOP("Actions", "Put the captions that you wrote by hand where a model can learn from them"),
    ),
    ActionSpec(
        "preferences",
        QT_TRANSLATE_NOOP("Actions", "Preferences…"),
        "file",
        Key.Preferences,
        "Ctrl+,",
        icon="gear",
        starts_section=True,
        role=Role.PreferencesRole,
    ),
    ActionSpec(
        "quit", QT_TRANSLATE_NOOP("Actions", "Quit"), "file", Key.Quit, "Ctrl+Q", icon="sign-out", role=Role.QuitRole
    ),
)

_EDIT = (
    ActionSpec(
        "undo", QT_TRANSLATE_NOOP("Actions", "Undo"), "edit", Key.Undo, "Ctrl+Z", icon="arrow-counter-clockwise"
    ),
    ActionSpec("redo", QT_TRANSLATE_NOOP("Actions", "Redo"), "edit", Key.Redo, "Ctrl+Shift+Z", icon="arrow-clockwise"),
    ActionSpec(
        "edit_caption",
        QT_TRANSLATE_NOOP("Actions", "Edit caption"),
        "edit",
        "F2",
        icon="pencil-simple",
        starts_section=True,
    ),
    ActionSpec("copy_caption", QT_TRANSLATE_NOOP("Actions", "Copy caption"), "edit", Key.Copy, "Ctrl+C", icon="copy"),
    ActionSpec(
        "copy_figure",
        QT_TRANSLATE_NOOP("Actions", "Copy figure"),
        "edit",
        "Ctrl+Shift+C",
        icon="copy-simple",
        tip=QT_TRANSLATE_NOOP("Actions", "Copy the photograph with what is drawn over it"),
    ),
    ActionSpec(
        "remove",
        QT_TRANSLATE_NOOP("Actions", "Remove from list"),
        "edit",
        "Del; Ctrl+Backspace",
        icon="trash",
        tip=QT_TRANSLATE_NOOP("Actions", "Take the photographs out of the list; the files stay where they are"),
        starts_section=True,
    ),
    ActionSpec(
        "select_all", QT_TRANSLATE_NOOP("Actions", "Select all"), "edit", Key.SelectAll, "Ctrl+A", icon="selection-all"
    ),
    ActionSpec("find", QT_TRANSLATE_NOOP("Actions", "Find"), "edit", Key.Find, "Ctrl+F", icon="magnifying-glass"),
)

_VIEW = (
    ActionSpec(
        "page_caption", QT_TRANSLATE_NOOP("Actions", "Caption page"), "view", "Ctrl+1", icon="image", group="page"
    ),
    ActionSpec(
        "page_train", QT_TRANSLATE_NOOP("Actions", "Train page"), "view", "Ctrl+2", icon="graduation-cap", group="page"
    ),
    ActionSpec("page_models", QT_TRANSLATE_NOOP("Actions", "Models page"), "view", "Ctrl+3", icon="cube", group="page"),
    ActionSpec(
        "zoom_in",
        QT_TRANSLATE_NOOP("Actions", "Zoom in"),
        "view",
        "Ctrl++; Ctrl+=",
        icon="magnifying-glass-plus",
        starts_section=True,
    ),
    ActionSpec("zoom_out", QT_TRANSLATE_NOOP("Actions", "Zoom out"), "view", "Ctrl+-", icon="magnifying-glass-minus"),
    ActionSpec("fit", QT_TRANSLATE_NOOP("Actions", "Fit in window"), "view", "Ctrl+0", icon="corners-out"),
    ActionSpec(
        "actual_size",
        QT_TRANSLATE_NOOP("Actions", "Actual size"),
        "view",
        "Ctrl+Alt+0",
        icon="frame-corners",
        tip=QT_TRANSLATE_NOOP("Actions", "One pixel of the photograph is one pixel of the screen"),
    ),
    ActionSpec(
        "full_screen",
        QT_TRANSLATE_NOOP("Actions", "Full screen"),
        "view",
        Key.FullScreen,
        "F11",
        icon="arrows-out",
        is_checkable=True,
    ),
    ActionSpec(
        "overlay_heat",
        QT_TRANSLATE_NOOP("Actions", "Heat"),
        "view/overlay",
        "Alt+1",
        icon="thermometer-hot",
        tip=QT_TRANSLATE_NOOP("Actions", "Colour each place by how much the word looked at it"),
        group="overlay",
    ),
    ActionSpec(
        "overlay_spotlight",
        QT_TRANSLATE_NOOP("Actions", "Spotlight"),
        "view/overlay",
        "Alt+2",
        icon="flashlight",
        tip=QT_TRANSLATE_NOOP("Actions", "Darken what the word did not look at"),
        group="overlay",
    ),
    ActionSpec(
        "overlay_outline",
        QT_TRANSLATE_NOOP("Actions", "Outline"),
        "view/overlay",
        "Alt+3",
        icon="bounding-box",
        tip=QT_TRANSLATE_NOOP("Actions", "Draw a line around the places that the word looked at most"),
        group="overlay",
    ),
    ActionSpec(
        "theme_system", QT_TRANSLATE_NOOP("Actions", "Like the system"), "view/theme", icon="monitor", group="theme"
    ),
    ActionSpec("theme_light", QT_TRANSLATE_NOOP("Actions", "Light"), "view/theme", icon="sun", group="theme"),
    ActionSpec("theme_dark", QT_TRANSLATE_NOOP("Actions", "Dark"), "view/theme", icon="moon", group="theme"),
    ActionSpec(
        "language_system",
        QT_TRANSLATE_NOOP("Actions", "Language of the system"),
        "view/language",
        icon="translate",
        group="language",
    ),
    # Languages stand under their own names, so that whoever reads them finds them.
    ActionSpec("language_en", "English", "view/language", icon="translate", group="language"),
    ActionSpec("language_zh_CN", "简体中文", "view/language", icon="translate", group="language"),
)

_CAPTION = (
    ActionSpec(
        "caption_all",
        QT_TRANSLATE_NOOP("Actions", "Caption all that wait"),
        "caption",
        "Ctrl+Return",
        icon="fast-forward",
    ),
    ActionSpec("pause", QT_TRANSLATE_NOOP("Actions", "Pause"), "caption", "Ctrl+Shift+Return", icon="pause"),
    ActionSpec("cancel", QT_TRANSLATE_NOOP("Actions", "Cancel"), "caption", "Ctrl+.", icon="stop"),
    ActionSpec(
        "caption_first",
        QT_TRANSLATE_NOOP("Actions", "Caption this first"),
        "caption",
        "Ctrl+T",
        icon="arrow-line-up",
        starts_section=True,
    ),
    ActionSpec(
        "caption_again",
        QT_TRANSLATE_NOOP("Actions", "Caption again"),
        "caption",
        "Ctrl+R; F5",
        icon="arrows-clockwise",
    ),
    ActionSpec(
        "next_word",
        QT_TRANSLATE_NOOP("Actions", "Next word"),
        "caption",
        "Ctrl+Right",
        icon="caret-right",
        starts_section=True,
    ),
    ActionSpec(
        "previous_word", QT_TRANSLATE_NOOP("Actions", "Previous word"), "caption", "Ctrl+Left", icon="caret-left"
    ),
    ActionSpec(
        "play",
        QT_TRANSLATE_NOOP("Actions", "Play words"),
        "caption",
        "Ctrl+P",
        icon="play",
        tip=QT_TRANSLATE_NOOP("Actions", "Go from word to word and show where each one looked"),
    ),
    ActionSpec("pin_word", QT_TRANSLATE_NOOP("Actions", "Pin word"), "caption", "Ctrl+D", icon="push-pin"),
    ActionSpec(
        "clear_pins", QT_TRANSLATE_NOOP("Actions", "Clear pins"), "caption", "Ctrl+Shift+D", icon="push-pin-slash"
    ),
    ActionSpec(
        "next_photograph",
        QT_TRANSLATE_NOOP("Actions", "Next photograph"),
        "caption",
        "Ctrl+Down",
        icon="caret-down",
        starts_section=True,
    ),
    ActionSpec(
        "previous_photograph",
        QT_TRANSLATE_NOOP("Actions", "Previous photograph"),
        "caption",
        "Ctrl+Up",
        icon="caret-up",
    ),
)

_MODEL = (
    ActionSpec(
        "manage_models", QT_TRANSLATE_NOOP("Actions", "All models"), "model/choose", icon="cube", starts_section=True
    ),
    ActionSpec(
        "import_model",
        QT_TRANSLATE_NOOP("Actions", "Import…"),
        "model",
        "Ctrl+I",
        icon="download-simple",
        tip=QT_TRANSLATE_NOOP("Actions", "Check a model, a folder or a .zip file, and install it"),
        starts_section=True,
    ),
    ActionSpec(
        "compare_models",
        QT_TRANSLATE_NOOP("Actions", "Compare…"),
        "model",
        icon="columns",
        tip=QT_TRANSLATE_NOOP("Actions", "Caption the same photograph with two models, side by side"),
    ),
)

_HELP = (
    ActionSpec(
        "command_palette",
        QT_TRANSLATE_NOOP("Actions", "Command palette"),
        "help",
        "Ctrl+Shift+P; Ctrl+K",
        icon="command",
        tip=QT_TRANSLATE_NOOP("Actions", "Find any command by a few of its letters"),
    ),
    ActionSpec("shortcuts", QT_TRANSLATE_NOOP("Actions", "Keyboard shortcuts"), "help", "F1", icon="keyboard"),
    ActionSpec(
        "save_diagnostics",
        QT_TRANSLATE_NOOP("Actions", "Save diagnostics…"),
        "help",
        icon="first-aid-kit",
        tip=QT_TRANSLATE_NOOP("Actions", "Write versions and the log into a .zip file for a report"),
        starts_section=True,
    ),
    ActionSpec("about", QT_TRANSLATE_NOOP("Actions", "About Captioner"), "help", icon="info", role=Role.AboutRole),
)

ACTIONS = (*_FILE, *_EDIT, *_VIEW, *_CAPTION, *_MODEL, *_HELP)
