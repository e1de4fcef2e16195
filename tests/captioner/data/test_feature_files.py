"""Feature files: what is written is read back, damaged or hostile files are refused, unfinished ones never appear."""

from __future__ import annotations

import contextlib
import dataclasses
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from captioner.data.feature_files import FeatureFile, FeatureFileInfo, FeatureWriter
from captioner.errors import CaptionerError, FeatureFileError, OutputError

INFO = FeatureFileInfo(
    images=4,
    dim=5,
    grid=(2, 3),
    views=2,
    encoder="resnet18",
    encoder_weights_sha256="ab" * 32,
    input_size=64,
    preprocessing="squeeze to 64 x 64, RGB in [-1, 1]",
    dtype="float32",
)
NAMES = ("beach.jpg", "train/dog.jpg", "Füße.png", "日本.jpg")
Array = NDArray[np.floating[Any]]


def values(info: FeatureFileInfo, seed: int = 0) -> tuple[Array, Array | None]:
    """Features (N, L, D) and views (N, V, L, D) as the file stores them."""
    rng = np.random.default_rng(seed)
    shape = (info.images, info.views + 1, info.places, info.dim)
    both = rng.standard_normal(shape).astype(info.dtype)
    return both[:, 0], both[:, 1:] if info.views else None


def write(path: Path, info: FeatureFileInfo = INFO, names: tuple[str, ...] = NAMES) -> tuple[Array, Array | None]:
    features, views = values(info)
    with FeatureWriter(path, info, names) as writer:
        writer.write(0, features, views)
    return features, views


def read_everything(path: Path) -> tuple[FeatureFileInfo, tuple[str, ...], Array]:
    with FeatureFile(path) as file:
        rows = np.arange(file.info.images)
        views = range(file.info.views + 1)
        return file.info, file.image_names, np.stack([file.read(rows, np.full_like(rows, view)) for view in views], 1)


def refusal(path: Path) -> str:
    """The message with which the file is refused, on opening or on reading."""
    with pytest.raises(FeatureFileError) as caught:
        read_everything(path)
    assert caught.value.path == path
    assert str(path) in caught.value.message
    return caught.value.message


@settings(max_examples=25, deadline=None)
@given(
    images=st.integers(1, 6),
    grid=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dim=st.integers(1, 4),
    views=st.integers(0, 2),
    dtype=st.sampled_from(["float16", "float32"]),
    data=st.data(),
)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, dtype: Any, **sizes: Any) -> None:
    info = dataclasses.replace(INFO, dtype=dtype, **sizes)
    names = tuple(f"folder/{row}.jpg" for row in range(info.images))
    path = tmp_path_factory.mktemp("round") / "features.h5"
    features, views = values(info)
    cut = data.draw(st.integers(0, info.images))
    with FeatureWriter(path, info, names) as writer:
        for start, stop in ((cut, info.images), (0, cut)):
            writer.write(start, features[start:stop], None if views is None else views[start:stop])
    rows = np.array(data.draw(st.lists(st.integers(0, info.images - 1), max_size=5)), np.int64)
    wanted_views = np.array([data.draw(st.integers(0, info.views)) for _ in rows], np.int64)
    everything = features[:, None] if views is None else np.concatenate([features[:, None], views], 1)
    with FeatureFile(path) as file:
        assert file.info == info
        assert file.image_names == names
        read = file.read(rows, wanted_views)
        assert read.dtype == np.float32
        assert read.shape == (len(rows), info.places, info.dim)
        np.testing.assert_array_equal(read, everything[rows, wanted_views])
        np.testing.assert_array_equal(file.read(rows), features[rows])


def test_float32_features_are_rounded_to_float16(tmp_path: Path) -> None:
    info = dataclasses.replace(INFO, views=0, dtype="float16")
    features = np.random.default_rng(0).standard_normal((4, 6, 5)).astype(np.float32)
    with FeatureWriter(tmp_path / "f.h5", info, NAMES) as writer:
        writer.write(0, features)
    assert not np.array_equal(features, features.astype(np.float16))
    np.testing.assert_array_equal(read_everything(tmp_path / "f.h5")[2][:, 0], features.astype(np.float16))


def test_any_hdf5_program_sees_the_documented_layout(tmp_path: Path) -> None:
    features, views = write(tmp_path / "f.h5")
    with h5py.File(tmp_path / "f.h5") as file:
        np.testing.assert_array_equal(file["features"], features)
        np.testing.assert_array_equal(file["views"], views)
        assert file["features"].chunks == (1, 6, 5)
        assert file["views"].chunks == (1, 1, 6, 5)
        assert file["features"].compression is None
        assert [name.decode() for name in file["image_names"][()].tolist()] == list(NAMES)
        assert file.attrs["layout"].decode() == "captioner-features"
        assert {"layout_version", "encoder", "grid_height", "grid_width", "project_version"} <= set(file.attrs)


def test_rows_of_names(tmp_path: Path) -> None:
    write(tmp_path / "f.h5")
    with FeatureFile(tmp_path / "f.h5") as file:
        assert file.rows_of(["日本.jpg", "beach.jpg"]).tolist() == [3, 0]
        assert file.rows_of([]).shape == (0,)
        with pytest.raises(FeatureFileError, match=r"no features of cat\.jpg and 1 more"):
            file.rows_of(["beach.jpg", "cat.jpg", "cow.jpg"])


@pytest.mark.parametrize(
    ("rows", "views", "message"),
    [
        ([4], [0], "no row 4"),
        ([0, -1], [0, 0], "no row -1"),
        ([0], [3], "no view 3"),
        ([0.5], [0], "whole number"),
        ([[0]], [[0]], "whole number"),
        ([0, 1], [0], "whole number"),
    ],
)
def test_rows_that_do_not_exist_are_named(tmp_path: Path, rows: Any, views: Any, message: str) -> None:
    write(tmp_path / "f.h5")
    with FeatureFile(tmp_path / "f.h5") as file, pytest.raises(FeatureFileError, match=message):
        file.read(np.array(rows), np.array(views))


def test_reading_after_closing_says_so(tmp_path: Path) -> None:
    write(tmp_path / "f.h5")
    file = FeatureFile(tmp_path / "f.h5")
    file.close()
    file.close()
    with pytest.raises(FeatureFileError, match="is closed"):
        file.read(np.array([0]))


def test_threads_read_the_same_as_one(tmp_path: Path) -> None:
    features, _ = write(tmp_path / "f.h5")
    requests = [np.random.default_rng(seed).integers(0, 4, 30) for seed in range(40)]
    with FeatureFile(tmp_path / "f.h5") as file, ThreadPoolExecutor(4) as pool:
        for rows, read in zip(requests, pool.map(file.read, requests), strict=True):
            np.testing.assert_array_equal(read, features[rows])


# Files of other projects


@pytest.mark.parametrize(
    ("shape", "grid"), [((6, 5), (1, 1)), ((6, 7, 5), (1, 7)), ((6, 2, 3, 5), (2, 3))], ids=["vector", "places", "grid"]
)
@pytest.mark.parametrize(
    "storage",
    [{}, {"chunks": True}, {"compression": "gzip", "shuffle": True}, {"compression": "lzf", "fletcher32": True}],
    ids=["contiguous", "chunked", "gzip", "lzf"],
)
@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4"])
def test_plain_features(
    tmp_path: Path, shape: tuple[int, ...], grid: tuple[int, int], storage: dict[str, Any], dtype: str
) -> None:
    data = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("features", data=data, **storage)
    info, names, read = read_everything(tmp_path / "f.h5")
    assert (info.images, info.grid, info.dim, info.views, names) == (6, grid, 5, 0, ())
    np.testing.assert_array_equal(read[:, 0], data.reshape(6, -1, 5))


def test_plain_features_behind_a_user_block(tmp_path: Path) -> None:
    data = np.arange(12, dtype=np.float32).reshape(4, 3)
    with h5py.File(tmp_path / "f.h5", "w", userblock_size=512) as file:
        file["features"] = data
    np.testing.assert_array_equal(read_everything(tmp_path / "f.h5")[2][:, 0, 0], data)


# What is refused


def edited(edit: Callable[[h5py.File], None]) -> Callable[[Path], None]:
    """A maker of files: a sound one, then changed by ``edit``."""

    def make(path: Path) -> None:
        write(path)
        with h5py.File(path, "r+") as file:
            edit(file)

    return make


def plain(**options: Any) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with h5py.File(path, "w") as file:
            file.create_dataset("features", **options)

    return make


def replace_names(names: list[str | bytes], **options: Any) -> Callable[[Path], None]:
    def edit(file: h5py.File) -> None:
        del file["image_names"], file.attrs["image_names_crc32"]
        raw = [name if isinstance(name, bytes) else name.encode() for name in names]
        file.create_dataset("image_names", data=np.array(raw), **options)

    return edited(edit)


def replace_features(**options: Any) -> Callable[[Path], None]:
    def edit(file: h5py.File) -> None:
        del file["features"]
        file.create_dataset("features", **options)

    return edited(edit)


def with_unknown_filter(path: Path) -> None:
    with h5py.File(path, "w") as file:
        plan = h5p.create(h5p.DATASET_CREATE)
        plan.set_chunk((1, 4))
        plan.set_filter(32015, 1, (3,))
        h5d.create(file.id, b"features", h5t.IEEE_F32LE, h5s.create_simple((3, 4)), plan)


def virtual(path: Path) -> None:
    with h5py.File(path.with_name("secret.h5"), "w") as file:
        file["features"] = np.ones((3, 4), np.float32)
    layout = h5py.VirtualLayout((3, 4), np.float32)
    layout[:] = h5py.VirtualSource(path.with_name("secret.h5"), "features", (3, 4))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("features", layout)


def external_storage(path: Path) -> None:
    path.with_name("secret.bin").write_bytes(b"\x00\x00\x80\x3f" * 12)
    plain(shape=(3, 4), dtype="f4", external=[(str(path.with_name("secret.bin")), 0, 48)])(path)


def list_attribute(file: h5py.File) -> None:
    file.attrs["encoder"] = ["x"] * 3


def shorter_checksums(file: h5py.File) -> None:
    sums = file["checksums"][:2]
    del file["checksums"]
    file["checksums"] = sums


def group_instead(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_group("features")


ONES = np.ones((3, 4), np.float32)
HOSTILE = {
    "missing dataset": (edited(lambda file: file.pop("features")), "no dataset named features"),
    "group": (group_instead, "as a group"),
    "virtual": (virtual, "virtual"),
    "external storage": (external_storage, "external storage"),
    "unknown filter": (with_unknown_filter, "filter 32015"),
    "scale-offset filter": (plain(data=ONES.astype(int), chunks=(1, 4), scaleoffset=0), "filter 6"),
    "chunked bomb": (plain(shape=(10**9, 49, 320), dtype="f2", chunks=(1, 49, 320)), "does not hold that much"),
    "contiguous bomb": (plain(shape=(10**9, 49, 320), dtype="f2"), "does not hold that much"),
    "packed bomb": (plain(shape=(300, 49, 320), dtype="f2", chunks=(1, 49, 320), compression=9), "does not hold"),
    "giant chunk": (plain(data=np.zeros((1, 2**24 + 1), "f4"), chunks=(1, 2**24 + 1), compression=9), "above 64 MB"),
    "too wide": (plain(data=np.ones((1, 2**16 + 1), "f2")), "65537 wide"),
    "too many places": (plain(data=np.ones((1, 2**16 + 1, 1), "f2")), "65537 places"),
    "float64": (plain(data=ONES.astype("f8")), "not float16 or float32"),
    "integers": (plain(data=ONES.astype("i4")), "not float16 or float32"),
    "vector": (plain(data=ONES[0]), "0 wide"),
    "five axes": (plain(data=ONES.reshape(3, 4, 1, 1, 1)), "shape"),
    "no rows": (plain(shape=(0, 4), dtype="f4"), "shape"),
    "scalar": (plain(data=np.float32(1)), "refused|shape"),
    "unknown layout": (edited(lambda f: f.attrs.create("layout", b"other", dtype="S5")), "layout 'other'"),
    "newer version": (edited(lambda f: f.attrs.create("layout_version", 2)), "version 2.*Update"),
    "no grid": (edited(lambda f: f.attrs.__delitem__("grid_height")), "lacks the attribute grid_height"),
    "wrong grid": (edited(lambda f: f.attrs.create("grid_height", 3)), "grid of 3 x 3"),
    "negative grid": (edited(lambda f: f.attrs.update(grid_height=-2, grid_width=-3)), "grid of -2 x -3"),
    "text for a number": (edited(lambda f: f.attrs.create("input_size", b"64", dtype="S2")), "attribute input_size"),
    "number for a text": (edited(lambda f: f.attrs.create("encoder", 3)), "attribute encoder"),
    "list of texts": (edited(list_attribute), "attribute encoder"),
    "other row count": (replace_features(data=np.ones((5, 6, 5), "f4"), chunks=(1, 6, 5)), "do not fit"),
    "other view dtype": (replace_features(data=np.ones((4, 6, 5), "f2"), chunks=(1, 6, 5)), "views .* do not fit"),
    "no names": (edited(lambda file: file.pop("image_names")), "no image_names"),
    "too few names": (replace_names(["a", "b"]), "one name per image"),
    "repeated name": (replace_names(["a", "b", "c", "b"]), "b twice, in rows 1 and 3"),
    "absolute name": (replace_names(["a", "/etc/passwd", "c", "d"]), "row 1 '/etc/passwd'"),
    "drive name": (replace_names(["a", "C:x", "c", "d"]), "row 1"),
    "name that leaves": (replace_names(["a", "b", "x/../../y", "d"]), "row 2"),
    "backslash name that leaves": (replace_names(["a", "b", "x\\..\\y", "d"]), "row 2"),
    "empty name": (replace_names(["a", "b", "c", ""]), "row 3"),
    "long name": (replace_names(["a", "b", "c", "d" * 1025]), "row 3"),
    "name not UTF-8": (replace_names(["a", b"\xff\xfe", "c", "d"]), "not UTF-8, in row 1"),
    "compressed names": (
        replace_names(["a", "b", "c", "d"], chunks=(4,), compression="gzip"),
        "image_names compressed",
    ),
    "names of variable length": (
        replace_names(["a", "b", "c", "d"], dtype=h5py.string_dtype()),
        "fixed-length texts",
    ),
    "other checksums": (edited(shorter_checksums), "checksums that do not fit"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused(tmp_path: Path, case: str) -> None:
    make, message = HOSTILE[case]
    make(tmp_path / "f.h5")
    text = refusal(tmp_path / "f.h5")
    with pytest.raises(FeatureFileError, match=message):
        raise FeatureFileError(text)


@pytest.mark.parametrize("name", ["features", "views", "image_names", "checksums"])
@pytest.mark.parametrize("target", ["secret.h5", "missing.h5", "soft"])
def test_links_are_never_followed(tmp_path: Path, name: str, target: str) -> None:
    write(tmp_path / "secret.h5")
    write(tmp_path / "f.h5")
    with h5py.File(tmp_path / "f.h5", "r+") as file:
        file.move(name, "elsewhere")
        file[name] = h5py.SoftLink("/elsewhere") if target == "soft" else h5py.ExternalLink(target, name)
    # The same words whether or not the target exists: it was not looked at.
    assert refusal(tmp_path / "f.h5").endswith(
        f"keeps {name} behind a link, and links are never followed. Store the data in the file itself."
    )


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "text"])
def test_what_is_no_hdf5_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f.h5"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(b"" if kind == "empty" else b"beach.jpg#0\tA beach.\n" * 100)
    assert "not" in refusal(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["f2", "f4"])
def test_stored_values_that_are_not_finite_are_refused(tmp_path: Path, value: float, dtype: str) -> None:
    data = np.ones((3, 4, 2), dtype)
    data[1, 2, 0] = value
    plain(data=data)(tmp_path / "f.h5")
    assert "not finite in row 1" in refusal(tmp_path / "f.h5")
    with FeatureFile(tmp_path / "f.h5") as file:
        assert file.read(np.array([0, 2])).min() == 1


def test_large_finite_values_are_read(tmp_path: Path) -> None:
    plain(data=np.full((2, 4), np.finfo(np.float32).max))(tmp_path / "f.h5")
    assert np.isfinite(read_everything(tmp_path / "f.h5")[2]).all()


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "whole.h5")
    whole = (tmp_path / "whole.h5").read_bytes()
    path = tmp_path / "f.h5"
    for size in [*range(0, len(whole), 61), len(whole) - 1]:
        path.write_bytes(whole[:size])
        refusal(path)


def test_a_file_cut_while_open_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.h5"
    plain(data=np.ones((100, 50), np.float32))(path)
    with FeatureFile(path) as file:
        with path.open("r+b") as stream:
            stream.truncate(3000)
        with pytest.raises(FeatureFileError, match="became shorter"):
            file.read(np.array([99]))


def test_flipped_bits_are_refused_or_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.h5"
    write(path)
    whole, wanted = path.read_bytes(), read_everything(path)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        broken = bytearray(whole)
        broken[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        path.write_bytes(broken)
        try:
            info, names, data = read_everything(path)
        except FeatureFileError:
            refused += 1
        else:
            assert (info, names) == wanted[:2]
            np.testing.assert_array_equal(data, wanted[2])
    assert refused > 0


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_damaged_plain_files_are_refused_or_finite(
    tmp_path_factory: pytest.TempPathFactory, place: float, byte: int
) -> None:
    path = tmp_path_factory.mktemp("plain") / "f.h5"
    plain(data=np.ones((6, 5), np.float32), chunks=(2, 5), compression="gzip")(path)
    broken = bytearray(path.read_bytes())
    broken[int(place * len(broken))] = byte
    path.write_bytes(broken)
    with contextlib.suppress(FeatureFileError):
        assert np.isfinite(read_everything(path)[2]).all()


# The writer


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e6])
def test_values_that_cannot_be_stored_name_the_image(tmp_path: Path, value: float) -> None:
    info = dataclasses.replace(INFO, dtype="float16")
    features, views = (np.array(array, np.float32) for array in values(info))
    views[2, 1, 0, 0] = value
    with (
        pytest.raises(FeatureFileError, match=r"Füße\.png.*(float32|not finite)"),
        FeatureWriter(tmp_path / "f.h5", info, NAMES) as writer,
    ):
        writer.write(0, features, views)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("start", "features", "views"),
    [
        (0, (4, 6, 5), None),
        (0, (4, 5, 6), (4, 2, 6, 5)),
        (0, (4, 6, 5), (3, 2, 6, 5)),
        (1, (4, 6, 5), (4, 2, 6, 5)),
        (-1, (1, 6, 5), (1, 2, 6, 5)),
    ],
)
def test_rows_that_do_not_fit_are_refused(tmp_path: Path, start: int, features: Any, views: Any) -> None:
    with pytest.raises(FeatureFileError), FeatureWriter(tmp_path / "f.h5", INFO, NAMES) as writer:
        writer.write(start, np.zeros(features), None if views is None else np.zeros(views))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ("a", "b", "c")),
        ({}, ("a", "b", "c", "a")),
        ({}, ("a", "b", "c", "\udcff")),
        ({}, ("a", "b", "c", "../d")),
        ({"images": 0}, ()),
        ({"dim": 0}, NAMES),
        ({"grid": (0, 3)}, NAMES),
        ({"views": -1}, NAMES),
        ({"preprocessing": "x" * 10_000}, NAMES),
    ],
)
def test_files_that_could_not_be_read_are_not_begun(tmp_path: Path, changes: Any, names: Any) -> None:
    with pytest.raises(FeatureFileError):
        FeatureWriter(tmp_path / "f.h5", dataclasses.replace(INFO, **changes), names)
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_file_is_not_kept(tmp_path: Path) -> None:
    features, views = values(INFO)
    assert views is not None
    with (
        pytest.raises(FeatureFileError, match=r"2 of 4 images have no features, beach\.jpg first"),
        FeatureWriter(tmp_path / "f.h5", INFO, NAMES) as writer,
    ):
        writer.write(2, features[2:], views[2:])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("interruption", [ValueError, OSError, KeyboardInterrupt])
def test_an_interrupted_writer_keeps_the_old_file(tmp_path: Path, interruption: type[BaseException]) -> None:
    features, views = write(tmp_path / "f.h5")
    before = (tmp_path / "f.h5").read_bytes()

    def interrupted() -> None:
        with FeatureWriter(tmp_path / "f.h5", INFO, NAMES) as writer:
            writer.write(0, features, views)
            raise interruption("of the caller's own")

    with pytest.raises(interruption, match="of the caller's own"):
        interrupted()
    assert (tmp_path / "f.h5").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["f.h5"]


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="folder does not exist"),
        FeatureWriter(tmp_path / "no" / "f.h5", INFO, NAMES),
    ):
        pass


def test_too_little_space_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = FeatureFileInfo(images=2, dim=2**12, grid=(64, 64), views=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=5 * 10**9))
    with pytest.raises(OutputError, match=r"needs 67\.2 GB, but only 5\.0 GB"):
        FeatureWriter(tmp_path / "f.h5", info, NAMES[:2]).__enter__()
    assert list(tmp_path.iterdir()) == []


def test_writing_outside_a_with_statement_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptionerError, match="with statement"):
        FeatureWriter(tmp_path / "f.h5", INFO, NAMES).write(0, *values(INFO))


FILL_THE_DISK = """
import resource, signal, sys
import numpy as np
from captioner.data.feature_files import FeatureFileInfo, FeatureWriter
from captioner.errors import OutputError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
info = FeatureFileInfo(images=200, dim=64, grid=(4, 4))
try:
    with FeatureWriter(sys.argv[1], info, [f"{row}.jpg" for row in range(200)]) as writer:
        for row in range(200):
            writer.write(row, np.ones((1, 16, 64), np.float16))
except OutputError as error:
    print(error.message)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
@pytest.mark.parametrize("limit", [0, 100, 200_000, 411_000])
def test_a_full_disk_leaves_nothing(tmp_path: Path, limit: int) -> None:
    command = [sys.executable, "-c", FILL_THE_DISK, str(tmp_path / "f.h5"), str(limit)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert "could not be written" in result.stdout
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []
