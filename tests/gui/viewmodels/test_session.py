"""What the window worked on comes back at the next start, whatever has happened to the file."""

import errno
import gc
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioner.errors import OutputError
from captioner.worker.protocol import FoundImage
from gui.viewmodels import session as session_module
from gui.viewmodels.image_collection import ImageCollection, ImageState
from gui.viewmodels.session import load_session, save_session, take_session

PLAIN = ("path", "size", "modified_ns", "state", "text", "word_indices", "message")


@pytest.fixture(autouse=True)
def _thaw():
    yield
    gc.unfreeze()


@pytest.fixture
def collection(make_caption):
    collection = ImageCollection()
    collection.add(FoundImage(name, 10, 2**62) for name in ("a.jpg", "b.jpg", "caf\udce9\n.jpg", "d.jpg", "e.jpg"))
    collection.set_caption("a.jpg", make_caption("a dog runs", grid=(3, 4)))
    collection.set_caption("b.jpg", make_caption("a dog runs"))
    collection.set_text("b.jpg", "a big dog\n\N{DOG} runs")
    collection.set_failed("caf\udce9\n.jpg", "It is cut short.")
    collection.set_state("e.jpg", ImageState.CAPTIONING)
    return collection


@pytest.fixture
def file(tmp_path, collection):
    path = tmp_path / "session.jsonl"
    save_session(take_session(collection, "b.jpg"), path)
    return path


def backups(file):
    return sorted(path.name for path in file.parent.iterdir() if path != file)


def test_everything_comes_back(file, collection):
    session = load_session(file)
    assert (session.current, session.problems) == ("b.jpg", 0)
    collection.set_state("e.jpg", ImageState.WAITING)
    for image, before in zip(session.images, collection, strict=True):
        assert [getattr(image, name) for name in PLAIN] == [getattr(before, name) for name in PLAIN]
        assert (image.caption is None) == (before.caption is None)
        if before.caption is not None:
            assert image.caption.words == before.caption.words
            assert image.caption.attention.shape == before.caption.attention.shape
    assert backups(file) == []
    assert gc.isenabled()


def test_a_session_is_a_copy(collection):
    session = take_session(collection)
    collection.set_text("a.jpg", "other words")
    assert session.images[0].text == "a dog runs"


def test_no_file_is_an_empty_session(tmp_path):
    session = load_session(tmp_path / "nothing.jsonl")
    assert (session.images, session.problems) == ((), 0)
    assert list(tmp_path.iterdir()) == []


def test_one_damaged_line_costs_one_photograph(file):
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:2], lines[2][:40] + "\n", *lines[3:]]))
    session = load_session(file)
    assert [image.path for image in session.images] == ["a.jpg", "caf\udce9\n.jpg", "d.jpg", "e.jpg"]
    assert session.problems == 1
    assert backups(file) == ["session.jsonl.corrupt-1"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]\n",
        b"{}\n",
        b'{"format_version": 2, "images": 0}\n',
        b"[" * 100_000,
        b'{"format_version": "1"}\n',
    ],
    ids=lambda content: repr(content[:30]),
)
def test_a_file_that_is_no_session_is_kept_aside(tmp_path, content):
    file = tmp_path / "session.jsonl"
    for number in (1, 2):
        file.write_bytes(content)
        session = load_session(file)
        assert (session.images, session.problems) == ((), 1)
        assert not file.exists()
        assert (tmp_path / f"session.jsonl.corrupt-{number}").read_bytes() == content


def test_a_cut_file_gives_what_is_whole(file):
    content = file.read_bytes()
    file.write_bytes(content[:-100])
    session = load_session(file)
    assert len(session.images) == 4
    assert session.problems == 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_any_changed_byte_costs_at_most_a_few_photographs(file, collection, place, byte):
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] = byte
    damaged = file.with_name("damaged.jsonl")
    damaged.write_bytes(content)
    session = load_session(damaged)
    in_header = place * len(content) < content.index(b"\n") + 1
    assert in_header or len(session.images) >= len(collection) - 2
    restored = ImageCollection()
    restored.add(session.images)
    assert sum(restored.count(state) for state in ImageState) == len(restored)


@pytest.mark.parametrize(
    "damage",
    [
        {"path": None},
        {"size": True},
        {"state": "lost"},
        {"word_indices": ["a"]},
        {"word_indices": 1},
        {"caption": []},
        {"text": 1},
    ],
    ids=str,
)
def test_a_record_that_cannot_be_is_left_out(tmp_path, damage):
    record = {"path": "a.jpg", "size": 1, "modified_ns": 1, "state": "waiting", "text": "", "message": ""}
    file = tmp_path / "session.jsonl"
    lines = [{"format_version": 1, "current": None, "images": 2}, {**record, **damage}, record]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    session = load_session(file)
    assert [image.path for image in session.images] == ["a.jpg"]
    assert session.problems == 1


def test_a_file_out_of_all_proportion_is_not_read(file, monkeypatch):
    monkeypatch.setattr(session_module, "MAX_FILE_BYTES", 10)
    assert load_session(file).problems == 1


def test_a_failed_save_leaves_the_session_before(file, collection, monkeypatch):
    before = file.read_bytes()

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(session_module, "_let_others_run", fail)
    with pytest.raises(OutputError, match="No space left"):
        save_session(take_session(collection), file)
    assert file.read_bytes() == before
    assert backups(file) == []
