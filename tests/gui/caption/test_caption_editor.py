"""Writing the caption by hand."""

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from gui.caption.caption_editor import CaptionEditor, CaptionField, one_line


@pytest.fixture
def page(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    page.editor, page.other = CaptionEditor(), QLineEdit()
    layout = QVBoxLayout(page)
    layout.addWidget(page.editor)
    layout.addWidget(page.other)
    page.resize(400, 300)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    page.editor.start("a dog")
    page.editor.setFocus()
    return page


@pytest.fixture
def editor(page):
    return page.editor


@pytest.fixture
def heard(editor):
    events = []
    editor.text_committed.connect(events.append)
    editor.cancelled.connect(lambda: events.append(None))
    return events


def field(editor):
    return editor.findChild(CaptionField)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_commits(editor, heard, qtbot, key):
    qtbot.keyClicks(field(editor), " runs ")
    qtbot.keyClick(field(editor), key)
    assert heard == ["a dog runs"]
    assert not editor.is_editing


def test_escape_cancels(editor, heard, qtbot):
    qtbot.keyClicks(field(editor), " runs")
    qtbot.keyClick(field(editor), Qt.Key.Key_Escape)
    assert heard == [None]


def test_an_unchanged_text_is_no_edit(editor, heard, qtbot):
    qtbot.keyClick(field(editor), Qt.Key.Key_Return)
    assert heard == [None]


def test_all_of_it_may_go(editor, heard, qtbot):
    field(editor).selectAll()
    qtbot.keyClick(field(editor), Qt.Key.Key_Delete)
    qtbot.keyClick(field(editor), Qt.Key.Key_Return)
    assert heard == [""]


def test_going_elsewhere_keeps_what_was_written_once(editor, heard, qtbot):
    qtbot.keyClicks(field(editor), "s")
    editor.parentWidget().other.setFocus()
    assert heard == ["a dogs"]
    editor.hide()
    assert heard == ["a dogs"]


def test_another_window_does_not_end_editing(editor, heard, qtbot):
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitExposed(other):
        other.show()
    other.activateWindow()
    qtbot.wait(20)
    assert heard == []
    assert editor.is_editing


def test_pasted_lines_become_one(editor, heard, qtbot):
    mime = QMimeData()
    mime.setText("\nruns\r\n\tfar\x00 away\n")
    mime.setHtml("<b>runs</b>")
    field(editor).insertFromMimeData(mime)
    assert field(editor).toPlainText() == "a dog runs far away "
    qtbot.keyClick(field(editor), Qt.Key.Key_Return)
    assert heard == ["a dog runs far away"]


def test_it_grows_with_the_text(editor, qtbot):
    before = field(editor).height()
    qtbot.keyClicks(field(editor), " and so on" * 8)
    qtbot.waitUntil(lambda: field(editor).height() > before)


def test_hidden_it_takes_no_room_in_a_stack(qtbot):
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    first = QWidget()
    first.setFixedHeight(10)
    stack.addWidget(first)
    editor = CaptionEditor()
    stack.addWidget(editor)
    stack.show()
    assert stack.minimumSizeHint().height() == 10
    stack.setCurrentWidget(editor)
    assert stack.minimumSizeHint().height() > 10
    stack.setCurrentWidget(first)
    assert stack.minimumSizeHint().height() == 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  a\u2028b\n", "a b"), ("a\x1b[31mb", "a[31mb"), ("می\u200cخواهم", "می\u200cخواهم"), ("", "")],
)
def test_one_line(text, expected):
    assert one_line(text) == expected
