"""Models that come and go: what is installed is whole, and nothing else ever appears."""

import io
import json
import os
import shutil
import stat
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from captioner import model_exchange, model_library
from captioner.errors import ModelPackageError, OutputError
from captioner.model_exchange import ALL_FILES, export_package, install_package, remove_package
from captioner.model_library import (
    CARD,
    CONFIG,
    MANIFEST,
    VOCABULARY,
    WEIGHTS,
    find_package,
    list_packages,
    seal_package,
)


@pytest.fixture(autouse=True)
def shelf(tmp_path, monkeypatch):
    """The folder of installed models, which is not there yet; no model is bundled."""
    folder = tmp_path / "shelf"
    for module in (model_library, model_exchange):
        monkeypatch.setattr(module, "user_models_folder", lambda: folder)
    monkeypatch.setattr(model_library, "bundled_models_folder", lambda: tmp_path / "bundled")
    return folder


@pytest.fixture
def package(tiny_package, tmp_path):
    """A copy of the tiny model to alter; its files share their bytes with the original until they are replaced."""
    return shutil.copytree(tiny_package, tmp_path / "from" / "tiny", copy_function=os.link)


@pytest.fixture
def archive(tiny_package, tmp_path):
    """The tiny model as a zip file."""
    export_package(tiny_package, tmp_path / "tiny.zip")
    return tmp_path / "tiny.zip"


def replace(path, content):
    path.unlink()
    path.write_bytes(content)


def reseal(package):
    (package / MANIFEST).unlink()
    seal_package(package)


def edit_config(package, **changes):
    content = json.loads((package / CONFIG).read_text()) | changes
    replace(package / CONFIG, json.dumps(content).encode())
    reseal(package)


def refusal(source, shelf):
    """Why ``source`` is refused; nothing of it may be left among the installed models."""
    before = sorted(shelf.rglob("*")) if shelf.exists() else []
    with pytest.raises(ModelPackageError) as caught:
        install_package(source)
    assert (sorted(shelf.rglob("*")) if shelf.exists() else []) == before
    message = caught.value.message
    assert ".tiny-" not in message, "names the hidden folder"
    return message


def content_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# What is good is installed


def test_folder_is_installed(package, shelf, tiny_package):
    installed = install_package(package)
    assert (installed.name, installed.origin, installed.path) == ("tiny", "installed", shelf / "tiny")
    assert find_package("tiny").path == shelf / "tiny"
    assert content_of(shelf / "tiny") == content_of(tiny_package)
    assert [path.name for path in shelf.iterdir()] == ["tiny"]
    installed.load()


def test_only_the_files_of_a_package_are_copied(package, shelf):
    (package / "notes.txt").write_text("private")
    (package / "more").mkdir()
    install_package(package)
    assert sorted(content_of(shelf / "tiny")) == sorted(ALL_FILES)


def test_archive_is_installed(archive, shelf, tiny_package):
    assert install_package(archive).name == "tiny"
    assert content_of(shelf / "tiny") == content_of(tiny_package)


def test_archive_without_a_folder_takes_the_name_of_the_file(tiny_package, tmp_path, shelf):
    target = tmp_path / "other.zip"
    with zipfile.ZipFile(target, "w") as file:
        for name in ALL_FILES:
            file.write(tiny_package / name, name)
    assert install_package(target).path == shelf / "other"


def test_archive_as_macos_makes_it(tiny_package, tmp_path, shelf):
    target = tmp_path / "mac.zip"
    with zipfile.ZipFile(target, "w") as file:
        file.mkdir("tiny")
        for name in ALL_FILES:
            file.write(tiny_package / name, f"tiny/{name}")
            file.writestr(f"__MACOSX/tiny/._{name}", "resource fork")
        file.writestr("tiny/.DS_Store", "folder view")
    assert install_package(target).path == shelf / "tiny"


def test_what_is_installed_already_is_returned(package, archive, shelf):
    first = install_package(package)
    stamp = (shelf / "tiny" / WEIGHTS).stat().st_mtime_ns
    assert install_package(archive) == first
    assert (shelf / "tiny" / WEIGHTS).stat().st_mtime_ns == stamp
    assert [path.name for path in shelf.iterdir()] == ["tiny"]


@pytest.mark.parametrize("name", ["tiny", "Tiny"])
def test_another_model_of_that_name_stays(package, shelf, name):
    install_package(package)
    edit_config(package, description="Another one.")
    source = package.rename(package.with_name(name))
    assert "Another model named tiny is installed. Remove that one first, or rename" in refusal(source, shelf)
    assert find_package("tiny").description == "A model with random weights."


@pytest.mark.parametrize("damaged", [WEIGHTS, CONFIG, MANIFEST])
def test_damaged_model_is_installed_again(package, shelf, tiny_package, damaged):
    install_package(package)
    replace(shelf / "tiny" / damaged, b"damaged")
    install_package(package)
    assert content_of(shelf / "tiny") == content_of(tiny_package)
    assert [path.name for path in shelf.iterdir()] == ["tiny"]


def test_bundled_model_is_never_hidden(package, tmp_path, shelf):
    shutil.copytree(package, tmp_path / "bundled" / "tiny", copy_function=os.link)
    assert install_package(package).origin == "bundled"
    edit_config(package, description="A trap.")
    assert "A model named tiny comes with the program" in refusal(package, shelf)


# What is not is refused


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (CONFIG, "cut"),
        (VOCABULARY, "longer"),
        (WEIGHTS, "missing"),
        (WEIGHTS, "cut"),
        (WEIGHTS, "flipped"),
        (CARD, "flipped"),
        (MANIFEST, "missing"),
        (MANIFEST, "cut"),
    ],
)
def test_damaged_file_is_named(package, shelf, name, damage):
    content = bytearray((package / name).read_bytes())
    if damage == "missing":
        (package / name).unlink()
    else:
        if damage == "cut":
            del content[len(content) // 2 :]
        elif damage == "flipped":
            content[len(content) // 2] ^= 1
        else:
            content += b"\n"
        replace(package / name, bytes(content))
    message = refusal(package, shelf)
    assert name in message
    assert str(package) in message


def test_damaged_archive_keeps_the_model_before(package, archive, shelf):
    edit_config(package, description="The old one.")
    install_package(package)
    archive.write_bytes(archive.read_bytes()[:-1000])
    assert "not a whole zip file" in refusal(archive, shelf)
    assert find_package("tiny").description == "The old one."


def test_weights_that_are_not_finite(package, shelf):
    weights = load_file(package / WEIGHTS)
    weights["decoder.embedding.weight"].view(-1)[3] = float("nan")
    (package / WEIGHTS).unlink()
    save_file(weights, package / WEIGHTS)
    reseal(package)
    assert "embedding.weight holds values that are not finite" in refusal(package, shelf)


def test_endless_list_of_tensors_is_not_read(package, shelf):
    tensors = {f"encoder.{number}": {"dtype": "F16", "shape": [0], "data_offsets": [0, 0]} for number in range(30_000)}
    header = json.dumps(tensors).encode()
    replace(package / WEIGHTS, struct.pack("<Q", len(header)) + header)
    reseal(package)
    assert f"{WEIGHTS} is not a complete safetensors file" in refusal(package, shelf)


@pytest.mark.parametrize(
    "changes",
    [
        {"decoder": {"decoder_dim": 16384}},
        {"encoder": {"name": "vgg16"}},
        {"about": {"scores": {"CIDEr": "very good"}}},
        {"about": {"colour": "red"}},
        {"format_version": 2},
    ],
    ids=str,
)
def test_configuration_that_does_not_fit(package, shelf, changes):
    edit_config(package, **changes)
    assert CONFIG in refusal(package, shelf)


def test_vocabulary_that_does_not_fit(package, shelf):
    content = json.loads((package / VOCABULARY).read_text())
    content["tokens"].append("dog")
    replace(package / VOCABULARY, json.dumps(content).encode())
    reseal(package)
    assert "15 tokens, the weights 14" in refusal(package, shelf)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (CONFIG, b"[" * 100_000),
        (VOCABULARY, b"[" * 100_000),
        (VOCABULARY, b"[" + b"{}," * 650_000 + b"{}]"),
        (VOCABULARY, b"[" + b"{}," * 2_000_000 + b"{}]"),
        (MANIFEST, b"[" + b"{}," * 340_000 + b"{}]"),
        (CARD, b"x" * (2**20 + 1)),
    ],
    ids=["deep", "deep words", "many words", "large words", "many files", "long card"],
)
def test_hostile_text_takes_little_memory(package, shelf, name, content):
    replace(package / name, content)
    if name != MANIFEST:
        reseal(package)
    tracemalloc.start()
    try:
        refusal(package, shelf)
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", [CONFIG, MANIFEST, WEIGHTS])
def test_links_are_not_followed(package, shelf, tmp_path, name):
    secret = tmp_path / "secret"
    (package / name).rename(secret)
    (package / name).symlink_to(secret)
    assert "is a link or no file" in refusal(package, shelf)


def test_pipe_is_not_waited_for(package, shelf):
    (package / CARD).unlink()
    os.mkfifo(package / CARD)
    assert "is a link or no file" in refusal(package, shelf)


@pytest.mark.parametrize(
    "name", ["my model", ".hidden", "-rf", "name.", "con", "NUL.txt", "é", "x" * 65, "a\nb", "%s", "a:b"]
)
def test_names_that_not_every_system_allows(package, shelf, name):
    source = package.rename(package.with_name(name))
    assert "cannot be the name of a model" in refusal(source, shelf)


def test_what_is_neither_folder_nor_file(shelf, tmp_path):
    assert "neither a folder nor a file" in refusal(tmp_path / "absent", shelf)
    (tmp_path / "empty").mkdir()
    assert CONFIG in refusal(tmp_path / "empty", shelf)
    (tmp_path / "text.zip").write_text("not a zip file")
    assert "not a whole zip file" in refusal(tmp_path / "text.zip", shelf)


def test_place_that_cannot_be_written(package, shelf):
    shelf.write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="cannot be installed"):
        install_package(package)


def test_interrupted_installation_leaves_nothing(package, shelf, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(model_library.ModelPackage, "load", interrupt)
    with pytest.raises(KeyboardInterrupt):
        install_package(package)
    assert list(shelf.iterdir()) == []


# Archives that mean harm


def crafted(path, entries):
    """A zip file of (name or ZipInfo, content)."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def small_files(prefix=""):
    return [(f"{prefix}{name}", b"{}") for name in ALL_FILES]


def entry(name, *, mode=stat.S_IFREG | 0o644):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([], "one model"),
        (small_files("a/b/"), "one model"),
        (small_files("../"), "'..' cannot be the name"),
        (small_files("/"), f"'/{CONFIG}' does not belong"),
        ([*small_files()[1:], (f"tiny/{CONFIG}", b"{}")], "one model"),
        ([*small_files("tiny/"), ("../../evil", b"")], "one model"),
        ([*small_files("tiny/"), ("tiny/setup.py", b"")], "'tiny/setup.py' does not belong"),
        (small_files("tiny/")[1:], f"{CONFIG} is missing"),
        ([(entry(CONFIG, mode=stat.S_IFLNK | 0o777), b"/etc/passwd"), *small_files()[1:]], "link"),
        ([(entry(CONFIG, mode=stat.S_IFIFO | 0o644), b""), *small_files()[1:]], "link"),
        (small_files("..\\"), "does not belong"),
        (small_files("c:"), "'c:config.json' does not belong"),
    ],
    ids=range(12),
)
def test_archive_with_anything_else_is_refused(tmp_path, shelf, entries, reason):
    assert reason in refusal(crafted(tmp_path / "tiny.zip", entries), shelf)
    assert not (tmp_path.parent / "evil").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_file_that_is_there_twice(tmp_path, shelf):
    assert "does not belong" in refusal(crafted(tmp_path / "tiny.zip", small_files() + small_files()[:1]), shelf)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing(tmp_path, shelf, method):
    with zipfile.ZipFile(tmp_path / "tiny.zip", "w", method) as file:
        for name in ALL_FILES:
            file.writestr(name, b"{}" * 100)
    assert "packed in an unusual way" in refusal(tmp_path / "tiny.zip", shelf)


def test_encrypted_archive(tmp_path, shelf):
    path = crafted(tmp_path / "tiny.zip", small_files())
    content = path.read_bytes()
    at = content.index(b"PK\1\2") + 8
    path.write_bytes(content[:at] + b"\1" + content[at + 1 :])
    assert "is encrypted" in refusal(path, shelf)


def test_zip_bomb_is_not_unpacked(tmp_path, shelf):
    with zipfile.ZipFile(tmp_path / "tiny.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for name in ALL_FILES:
            file.writestr(name, b"\0" * (50_000_000 if name == WEIGHTS else 10))
    assert (tmp_path / "tiny.zip").stat().st_size < 100_000
    assert f"{WEIGHTS} is packed more tightly" in refusal(tmp_path / "tiny.zip", shelf)


def test_text_that_is_too_large(tmp_path, shelf):
    entries = [(name, os.urandom(2**20 + 1) if name == CARD else b"{}") for name in ALL_FILES]
    assert f"{CARD} is larger than 1 MB" in refusal(crafted(tmp_path / "tiny.zip", entries), shelf)


def test_entry_that_is_longer_than_it_says(tmp_path, shelf):
    """What is there beyond the declared size is not read, and what is read does not match its checksum."""
    path = crafted(tmp_path / "tiny.zip", [(CARD, b"x" * 1000), *((n, b"{}") for n in ALL_FILES if n != CARD)])
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = content.index(signature) + offset
        content[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(content)
    assert "not a whole zip file" in refusal(path, shelf)


def test_list_of_contents_that_claims_a_gigabyte_costs_nothing(tmp_path, shelf):
    path = tmp_path / "tiny.zip"
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, 2**30, 0, 0)
    with path.open("wb") as file:
        file.truncate(2**30)  # a hole, which takes no room
        file.seek(0, io.SEEK_END)
        file.write(end)
    tracemalloc.start()
    try:
        assert "not a whole zip file" in refusal(path, shelf)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_archive_whose_list_points_before_its_beginning(archive, shelf):
    content = bytearray(archive.read_bytes())
    place = content.rindex(b"PK\5\6") + 16
    (start,) = struct.unpack_from("<I", content, place)
    struct.pack_into("<I", content, place, start + 1000)
    archive.write_bytes(content)
    assert "not a whole zip file" in refusal(archive, shelf)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_archives_are_refused_or_whole(archive, shelf, tiny_package, data):
    whole = archive.read_bytes()
    header = whole.rindex(b"PK\5\6") - 600
    places = st.integers(0, 200) | st.integers(header, len(whole) - 1)
    content = bytearray(whole)
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4)):
        content[place] = byte
    path = archive.with_name("mutant.zip")
    path.write_bytes(content)
    try:
        installed = install_package(path)
    except ModelPackageError:
        assert not shelf.exists() or list(shelf.iterdir()) == []
    else:
        assert content_of(installed.path) == content_of(tiny_package)
        remove_package(installed.name)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 0.9999))
def test_archives_that_are_cut_short_are_refused(archive, shelf, share):
    path = archive.with_name("cut.zip")
    content = archive.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ModelPackageError, match=r"cut\.zip was not installed"):
        install_package(path)


# Export and removal


def test_export_gives_the_same_bytes_each_time(tiny_package, archive, tmp_path):
    os.utime(tiny_package / CARD)
    export_package(tiny_package, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    with zipfile.ZipFile(archive) as file:
        assert file.namelist() == [f"tiny/{name}" for name in ALL_FILES]
        assert file.testzip() is None


def test_export_replaces_nothing_unasked(tiny_package, archive):
    before = archive.read_bytes()
    archive.write_bytes(b"precious")
    with pytest.raises(OutputError, match="exists already"):
        export_package(tiny_package, archive)
    assert archive.read_bytes() == b"precious"
    export_package(tiny_package, archive, overwrite=True)
    assert archive.read_bytes() == before


def test_export_that_cannot_be(package, tmp_path):
    with pytest.raises(OutputError, match=r"must end in \.zip"):
        export_package(package, tmp_path / "tiny.pdf")
    with pytest.raises(OutputError, match="folder does not exist"):
        export_package(package, tmp_path / "absent" / "tiny.zip")
    with pytest.raises(ModelPackageError, match="There is no model"):
        export_package("large", tmp_path / "new.zip")
    replace(package / WEIGHTS, b"damaged")
    with pytest.raises(ModelPackageError, match="damaged"):
        export_package(package, tmp_path / "new.zip")
    with pytest.raises(ModelPackageError, match="cannot be the name"):
        export_package(package.rename(package.with_name("my model")), tmp_path / "new.zip")
    assert not list(tmp_path.glob("*.zip"))


def test_removed_model_is_gone(package, shelf):
    install_package(package)
    remove_package("tiny")
    assert list(shelf.iterdir()) == []
    assert list_packages() == ()
    with pytest.raises(ModelPackageError, match="No model 'tiny' is installed"):
        remove_package("tiny")


def test_damaged_model_can_be_removed(package, shelf):
    install_package(package)
    (shelf / "tiny" / CONFIG).unlink()
    remove_package("tiny")
    assert list(shelf.iterdir()) == []


def test_bundled_model_cannot_be_removed(package, tmp_path):
    bundled = shutil.copytree(package, tmp_path / "bundled" / "tiny", copy_function=os.link)
    with pytest.raises(ModelPackageError, match="came with the program"):
        remove_package("tiny")
    assert sorted(content_of(bundled)) == sorted(ALL_FILES)


@pytest.mark.parametrize("name", ["", ".", "..", "../from/tiny", "tiny/", "/"])
def test_nothing_else_can_be_removed(package, shelf, name):
    install_package(package)
    with pytest.raises(ModelPackageError, match="is installed"):
        remove_package(name)
    assert sorted(content_of(package)) == sorted(content_of(shelf / "tiny")) == sorted(ALL_FILES)


def test_of_a_link_only_the_link_is_removed(package, shelf):
    shelf.mkdir()
    (shelf / "linked").symlink_to(package)
    remove_package("linked")
    assert list(shelf.iterdir()) == []
    assert sorted(content_of(package)) == sorted(ALL_FILES)
