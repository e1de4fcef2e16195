"""``captioner extract``: interruption, and images that come in HDF5."""

import json
import os

import h5py
import numpy as np
import pytest
from PIL import Image

from captioner.data.feature_files import FeatureFile


@pytest.fixture
def extract(captioner, tiny_package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: captioner("extract", *arguments, "--model", tiny_package, "--device", "cpu")


@pytest.fixture
def interrupted(monkeypatch):
    """Makes the encoder take one image at a time and be interrupted at the third."""
    from captioner.data import features

    encode, batches = features._encode, []

    def encode_some(encoder, pictures):
        batches.append(len(pictures))
        if len(batches) == 3:
            raise KeyboardInterrupt
        return encode(encoder, pictures)

    monkeypatch.setattr(features, "ENCODER_BATCH", 1)
    monkeypatch.setattr(features, "_encode", encode_some)


def test_interrupted_extraction_goes_on_with_the_same_command(extract, photographs, tmp_path, interrupted):
    stopped = extract("--images", "photos", "-o", "features.h5")
    assert stopped.status in (1, 130)
    assert "the same command goes on from there" in stopped.err
    assert "Traceback" not in stopped.err
    assert not (tmp_path / "features.h5").exists()
    resumed = extract("--images", "photos", "-o", "features.h5")
    assert resumed.status == 0
    assert "Going on after 2 of 4 images" in resumed.err
    assert "features of 4 of 4 images" in resumed.err
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with FeatureFile(tmp_path / "features.h5") as file:
        assert file.image_names[-1] == "inside/deep.png"


def test_image_whose_name_is_no_text_is_left_out(extract, photographs, tmp_path):
    try:
        (photographs / os.fsdecode(b"caf\xe9.jpg")).write_bytes((photographs / "photo-1.jpg").read_bytes())
    except OSError:
        pytest.skip("this file system takes no such names")
    result = extract("--images", "photos", "-o", "features.h5")
    assert result.status == 1
    assert r"caf\xe9.jpg is left out, since its name is not text. Rename it" in result.err
    assert "features of 4 of 5 images" in result.err
    with FeatureFile(tmp_path / "features.h5") as file:
        assert len(file.image_names) == 4


def test_images_in_hdf5(extract, photographs, tmp_path):
    with Image.open(photographs / "photo-1.jpg") as image:
        pixels = np.array(image.resize((64, 64)))
    with h5py.File(tmp_path / "TRAIN_IMAGES_x.hdf5", "w") as file:
        file["images"] = np.stack([pixels, pixels[::-1]]).transpose(0, 3, 1, 2)
    result = extract("--images", "TRAIN_IMAGES_x.hdf5", "-o", "train.h5", "--views", 1)
    assert (result.status, result.out) == (0, ""), result.err
    with FeatureFile(tmp_path / "train.h5") as features:
        assert features.image_names == ("TRAIN_IMAGES_x/0000000", "TRAIN_IMAGES_x/0000001")
        assert features.info.views == 1


def test_hdf5_images_that_cannot_be_used(extract, tmp_path):
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file["images"] = np.zeros((2, 64, 64, 3), np.uint8)
    assert "(3, H, W) was expected" in extract("--images", "x.hdf5", "-o", "train.h5").sentence
    (tmp_path / "names.txt").write_text("a.jpg\n")
    assert "have no names" in extract("--images", "x.hdf5", "--split", "names.txt", "-o", "train.h5").sentence
    (tmp_path / "x.hdf5").write_bytes(b"")
    assert "not an HDF5 file" in extract("--images", "x.hdf5", "-o", "train.h5").sentence


def test_a_list_of_other_images_is_refused_at_once(extract, photographs, tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\n" + "".join(f"x{n}.jpg,A dog.\n" for n in range(300)))
    result = extract("--images", photographs, "--captions", "captions.csv", "-o", "f.h5")
    assert "captions.csv names 300 images, such as x0.jpg, but none of them is in" in result.sentence
    result = extract("--images", photographs, "--split", "captions.csv", "-o", "f.h5")
    assert "It should hold one image name per line" in result.sentence


@pytest.mark.parametrize(
    ("name", "images"), [("inside/deep.png", "photos/inside"), ("deep.png", "photos"), ("photos/inside/deep.png", ".")]
)
def test_images_are_found_around_and_inside_the_folder_that_is_named(extract, photographs, tmp_path, name, images):
    (tmp_path / "captions.csv").write_text(f"image,caption\n{name},A dog.\n")
    result = extract("--images", images, "--captions", "captions.csv", "-o", "f.h5", "--events", "jsonl")
    assert result.status == 0, result.err
    ended = json.loads(result.out.splitlines()[-1])
    assert (tmp_path / ended["images"] / name).samefile(photographs / "inside" / "deep.png")
    with FeatureFile(tmp_path / "f.h5") as features:
        assert features.image_names == (name,)


def test_images_around_the_folder_are_not_taken_for_its_own(extract, photographs, tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\nphoto-1.jpg,A dog.\n")
    result = extract("--images", photographs / "inside", "--captions", "captions.csv", "-o", "f.h5")
    assert "Choose the folder that these captions belong to." in result.sentence


def test_of_many_images_that_are_missing_some_are_named(extract, photographs, tmp_path):
    present = min(path.name for path in photographs.iterdir() if path.suffix == ".jpg")
    names = [present, *(f"x{number}.jpg" for number in range(50))]
    (tmp_path / "split.txt").write_text("\n".join(names) + "\n")
    result = extract("--images", photographs, "--split", "split.txt", "-o", "f.h5")
    assert result.status == 1
    assert sum(".jpg" in line for line in result.err.splitlines()) == 20
    assert "30 images more could not be read" in result.err
