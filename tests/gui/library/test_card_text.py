import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QTextTable

from gui.library.card_text import CardText
from gui.theme import Scheme, theme

CARD = """# Name

Some words with [a link](https://example.org/page).

| Beam | CIDEr |
|---|---|
| 3 | 50.3 |

- one
- two
"""


@pytest.fixture
def card(qtbot):
    card = CardText()
    qtbot.addWidget(card)
    card.resize(600, 400)
    return card


@pytest.fixture
def opened(monkeypatch):
    urls = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()) or True)
    return urls


def test_markdown_becomes_headings_tables_and_lists(card):
    card.set_card(CARD)

    heading = card.document().begin()
    tables = [frame for frame in card.document().rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert heading.text() == "Name"
    assert heading.begin().fragment().charFormat().font().pixelSize() == 24
    assert [(table.rows(), table.columns()) for table in tables] == [(2, 2)]
    assert "one" in card.toPlainText()


@pytest.mark.parametrize("html", ["<b>bold</b>", "<img src='http://example.org/x.png'>", "<script>x</script>"])
def test_html_is_text(card, html):
    card.set_card(f"before {html} after")

    assert html in card.toPlainText()


@pytest.mark.parametrize(
    "target", ["http://example.org/x.png", "file:///etc/hostname", "x.png", "data:image/png;base64,AA"]
)
def test_pictures_are_never_loaded_and_stand_as_their_words(card, target, monkeypatch):
    asked = []
    monkeypatch.setattr(CardText, "loadResource", lambda self, kind, name: asked.append(name))

    card.set_card(f"a ![moose]({target}) b")
    card.grab()

    assert card.toPlainText() == "a [moose] b"
    assert asked == []


def test_nothing_can_be_loaded(card):
    assert card.loadResource(2, QUrl("file:///etc/hostname")) is None


def test_web_links_open_outside_when_clicked(card, opened, qtbot):
    card.set_card(CARD)

    with qtbot.waitSignal(card.link_opened) as caught:
        card.anchorClicked.emit(QUrl("https://example.org/page"))

    assert opened == caught.args == ["https://example.org/page"]
    assert "Some words" in card.toPlainText()


@pytest.mark.parametrize("target", ["file:///etc/passwd", "javascript:alert(1)", "other.md", "smb://host/share"])
def test_other_links_do_nothing(card, opened, target):
    card.set_card(CARD)

    card.anchorClicked.emit(QUrl(target))

    assert opened == []
    assert "Some words" in card.toPlainText()


def test_a_card_follows_the_theme(card):
    card.set_card(CARD)
    theme().set_scheme(Scheme.LIGHT)
    light = card.grab().toImage()

    theme().set_scheme(Scheme.DARK)

    assert card.grab().toImage() != light
    assert card.document().begin().text() == "Name"
