"""Settings survive the end of the program, and a damaged file costs nothing but itself."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioner.config import DecodingOptions
from gui.plain_values import from_plain, to_plain
from gui.settings import MAX_KEPT, VERSION, Damage, Settings, SettingsStore, load_settings, save_settings
from gui.theme import Scheme
from gui.viewmodels.overlay_style import OverlayStyle

FULL = Settings(
    theme=Scheme.DARK,
    language="zh_CN",
    page="models",
    geometry="AdnQ",
    layouts={"caption": "AAAA"},
    overlay=OverlayStyle(mode="outline", opacity=0.25, is_smooth=False),
    decoding=DecodingOptions(beam_size=5, length_penalty=0.5),
    active_model="mine",
    recent=("/pictures/雪.jpg", os.fsdecode(b"/pictures/\xff.jpg")),
    reopens_photographs=False,
    confirms_removal=False,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "settings.json"


@pytest.fixture
def store(qapp, path):
    return SettingsStore(path)


def write(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


@pytest.mark.parametrize("kept", [Settings(), FULL], ids=["defaults", "all others"])
def test_settings_come_back(path, kept):
    save_settings(kept, path)
    loaded = load_settings(path)
    assert (loaded.settings, loaded.damage) == (kept, None)
    assert type(loaded.settings.theme) is Scheme


def test_no_file_means_defaults(path):
    assert load_settings(path).settings == Settings()
    assert load_settings(path).damage is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 40,
        b"\xff\xfe{",
        b"[1, 2]",
        b'"text"',
        b"{}",
        b"[" * 100_000,
        b'{"version": 1, "theme": "dark"',
        b'{"version": 1, "theme": NaN, "recent": 3}',
    ],
)
def test_damaged_file_is_kept_and_defaults_are_used(path, content):
    write(path, content)
    loaded = load_settings(path)
    assert (loaded.settings, loaded.damage) == (Settings(), Damage.CORRUPT)
    assert loaded.kept.name == "settings.json.corrupt-1"
    assert loaded.kept.read_bytes() == content
    assert not path.exists()


@given(st.dictionaries(st.sampled_from(sorted(to_plain(FULL))), st.recursive(st.none() | st.booleans() | st.floats()
    | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3))))  # fmt: skip
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_is_read_or_refused(tmp_path, values):
    path = tmp_path / "settings.json"
    write(path, {"version": VERSION} | values)
    loaded = load_settings(path)
    assert isinstance(loaded.settings, Settings)
    assert load_settings(path).damage is None
    for kept in tmp_path.glob("*.corrupt-*"):
        kept.unlink()


def test_one_bad_value_costs_only_itself(path):
    write(path, {"version": VERSION} | to_plain(FULL) | {"theme": "green"})
    loaded = load_settings(path)
    assert loaded.damage is Damage.CORRUPT
    assert loaded.settings.theme is Scheme.SYSTEM
    assert loaded.settings.decoding == FULL.decoding


def test_unknown_names_are_passed_over(path):
    write(path, {"version": VERSION, "colour_of_the_moon": "white"})
    assert load_settings(path).damage is None


def test_file_of_a_later_version_is_kept_aside(path):
    write(path, {"version": VERSION + 1, "theme": "dark"})
    loaded = load_settings(path)
    assert (loaded.settings, loaded.damage) == (Settings(), Damage.NEWER)
    assert loaded.kept.name == "settings.json.newer-1"


def test_kept_files_are_never_written_over(path):
    for number in range(1, MAX_KEPT + 2):
        write(path, b"damaged %d" % number)
        load_settings(path)
    kept = {file.read_text() for file in path.parent.glob("*.corrupt-*")}
    assert kept == {f"damaged {number}" for number in range(1, MAX_KEPT + 1)}


def test_changes_apply_at_once_and_are_written_later(qtbot, store, path):
    with qtbot.waitSignal(store.changed) as caught:
        store.change(theme=Scheme.DARK, language="en")
    assert caught.args[0] is store.settings
    assert not path.exists()
    qtbot.waitUntil(path.exists)
    assert load_settings(path).settings == store.settings


def test_no_change_says_and_writes_nothing(qtbot, store, path):
    with qtbot.assertNotEmitted(store.changed):
        store.change(theme=Scheme.SYSTEM)
    store.save_now()
    assert not path.exists()


def test_save_now_waits_for_the_file(store, path):
    store.change(page="models")
    store.save_now()
    assert load_settings(path).settings.page == "models"


def test_failure_to_write_is_told_once(qtbot, store, path):
    path.parent.write_bytes(b"a file where the folder should be")
    said = []
    store.save_failed.connect(said.append)
    for page in ("models", "caption"):
        store.change(page=page)
        store.save_now()
    qtbot.waitUntil(lambda: bool(said))
    assert len(said) == 1
    assert said[0].endswith("Check that folder.")


@pytest.mark.parametrize("content", [b"{", b'{"version": 99}'])
def test_store_tells_what_was_wrong(qapp, path, content):
    write(path, content)
    problem = SettingsStore(path).problem
    assert "settings.json." in problem
    assert problem.endswith(".")
    assert SettingsStore(path).problem == ""


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, True),
        (float, "1"),
        (float, float("inf")),
        (bool, 1),
        (str, None),
        (tuple[str, ...], ["a", 1]),
        (Scheme, "x"),
    ],
)
def test_wrong_types_are_refused(annotation, value):
    with pytest.raises((ValueError, TypeError)):
        from_plain(annotation, value)
