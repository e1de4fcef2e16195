"""Arrays of others: read exactly, never unpickled, never larger than their file."""

import contextlib
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.safe_npy import read_npy, read_npz
from captioner.errors import FeatureFileError


def header(shape, dtype="<f4"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


@pytest.mark.parametrize("dtype", ["<f4", "<f2", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4)])
def test_arrays_are_read_as_they_were_written(tmp_path, dtype, order, shape):
    array = np.asarray(np.random.default_rng(0).standard_normal(shape).astype(dtype), order=order)
    np.save(tmp_path / "a.npy", array)
    np.savez_compressed(tmp_path / "a.npz", z=array, other=np.zeros(3))
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy"), array)
    np.testing.assert_array_equal(read_npz(tmp_path / "a.npz", ("feat", "z")), array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header((2**40,)) + b"\0" * 64, "does not hold exactly that"),
        (header((2,)) + b"\0" * 12, "does not hold exactly that"),
        (header((2, 0)), "shape"),
        (header((2,), "<f8") + b"\0" * 16, "<f8"),
        (header((1,), "|O") + b"cos\nsystem\n.", r"\|O"),
        (b"\x80\x04K\x01.", "damaged"),
        (b"", "damaged"),
        (b"\x93NUMPY\x09\x00", "not a NumPy file"),
        (header((2,))[:40], "damaged"),
        (header((2,)).replace(b"(2,)", b"(2,"), "damaged"),
        (header((2,)).replace(b"(2,)", b"(" + b"1" * 30), "damaged"),
    ],
)
def test_bombs_pickles_and_other_types_are_refused(tmp_path, content, message):
    (tmp_path / "a.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("feat.npy", content)
    for read in (lambda: read_npy(tmp_path / "a.npy"), lambda: read_npz(tmp_path / "a.npz", ["feat"])):
        with pytest.raises(FeatureFileError, match=message):
            read()


def test_an_archive_that_unpacks_to_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("captioner.data.safe_npy.MAX_BYTES", 10_000)
    np.savez_compressed(tmp_path / "a.npz", feat=np.zeros(10_000, np.float32))
    with pytest.raises(FeatureFileError, match="unpacks to more than"):
        read_npz(tmp_path / "a.npz", ["feat"])


def test_an_archive_without_the_array_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", other=np.zeros(3, np.float32))
    with pytest.raises(FeatureFileError, match="holds none of feat, z"):
        read_npz(tmp_path / "a.npz", ["feat", "z"])
    with pytest.raises(FeatureFileError, match="does not exist"):
        read_npz(tmp_path / "b.npz", ["feat"])
    with pytest.raises(FeatureFileError, match="does not exist"):
        read_npy(tmp_path)


@settings(max_examples=150, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans(), is_packed=st.booleans())
def test_damaged_files_raise_nothing_but_their_error(tmp_path_factory, place, byte, cut, is_packed):
    path = tmp_path_factory.mktemp("npy") / "a.bin"
    with path.open("wb") as stream:
        if is_packed:
            np.savez_compressed(stream, feat=np.arange(40, dtype=np.float32))
        else:
            np.save(stream, np.arange(40, dtype=np.float32))
    content = bytearray(path.read_bytes())
    position = int(place * len(content))
    content[position] = byte
    path.write_bytes(content[:position] if cut else content)
    with contextlib.suppress(FeatureFileError):
        assert (read_npz(path, ["feat"]) if is_packed else read_npy(path)).size <= 40
