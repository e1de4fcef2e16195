"""The check counts what is there and names what is wrong."""

import json
import re

import h5py
import numpy as np
import pytest

from captioner.data import feature_check
from captioner.data.check import check_dataset
from captioner.data.datasets.opening import open_dataset


def check(*paths, **options):
    with open_dataset(*paths) as dataset:
        return check_dataset(dataset, **options)


def test_a_sound_data_set(miniatures):
    report = check(miniatures.cs231n(), captions_per_second=2.0)
    assert report.is_usable
    assert report.refusals == ()
    train, val = report.splits
    assert (train.name, train.images, train.captions) == ("train", 3, 6)
    assert (train.captions_per_image.minimum, train.captions_per_image.maximum) == (2, 2)
    assert (train.words_per_caption.minimum, train.words_per_caption.median, train.words_per_caption.maximum) == (
        1,
        2,
        3,
    )
    assert train.unknown_rate == pytest.approx(1 / 12)
    assert val.captions == 2
    assert (report.vocabulary_size, report.min_word_count) == (6, None)
    assert report.features.images_read == report.features.images == 5
    assert (report.features.places, report.features.dim, report.features.grid) == (1, 12, None)
    assert report.features.minimum < report.features.mean < report.features.maximum
    assert len(report.samples) == 5
    assert report.samples[0].image == "http://example.org/train0.jpg"
    assert report.samples[0].caption == "a dog runs"
    assert report.estimate.seconds_per_epoch == 3.0
    assert report.estimate.feature_bytes == 5 * 12 * 4


def test_a_report_is_plain_values_and_plain_sentences(miniatures):
    report = check(miniatures.cs231n())
    assert json.loads(json.dumps(report.to_dict()))["splits"][0]["captions"] == 6
    sentences = report.details()
    assert all(re.fullmatch(r"[^\n]+", sentence) for sentence in sentences)
    text = "\n".join(sentences)
    for part in ("one vector each", "6 words", "the standard settings", "300 captions"):
        assert part in text


def test_words_are_counted_by_the_training_captions(tmp_path):
    rows = ["a.jpg,A dog", "a.jpg,A dog", "b.jpg,A zebra dog", "b.jpg,A"]
    (tmp_path / "captions.csv").write_text("\n".join(["image,caption", *rows]) + "\n")
    (tmp_path / "train.txt").write_text("a.jpg\n")
    (tmp_path / "dev.txt").write_text("b.jpg\n")
    report = check(tmp_path, min_word_count=2)
    assert report.vocabulary_size == 2
    assert [split.unknown_rate for split in report.splits] == [0, 0.25]
    assert report.features is None
    assert any("comes without features" in message for message in report.warnings)


def test_too_rare_words_are_refused(tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\n")
    report = check(tmp_path, min_word_count=9)
    assert not report.is_usable
    assert "9 times" in report.refusals[0]


def test_images_and_captions_without_each_other_are_counted(miniatures, tmp_path):
    captions = {"train_captions": np.array([[1, 4, 5, 2], [1, 2, 0, 0]]), "train_image_idxs": np.array([2, 2])}
    report = check(miniatures.cs231n(**captions))
    assert report.splits[0].images_without_captions == 2
    assert report.splits[0].captions_without_words == 1
    assert any("2 images of train have no caption" in message for message in report.warnings)
    assert any("1 captions of train have no words" in message and "row 1" in message for message in report.warnings)
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\nb.jpg,A cat\n")
    miniatures.native(tmp_path, "train", ["a.jpg", "z.jpg"])
    report = check(tmp_path / "captions.csv", tmp_path / "train.h5")
    assert report.splits[0].images_without_features == 1
    assert any("1 rows of features belong to no captioned image" in message for message in report.warnings)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused_by_row(miniatures, value):
    folder = miniatures.cs231n()
    with h5py.File(folder / "val2014_vgg16_fc7.h5", "a") as file:
        file["features"][1, 3] = value
    report = check(folder)
    assert len(report.refusals) == 1
    assert re.search(r"val2014_vgg16_fc7\.h5 holds values that are not finite in row 1 of features", report.refusals[0])


@pytest.fixture
def with_views(miniatures, tmp_path):
    """A data set of four training images with three extra views each, and one dev image without any."""
    names = [f"{letter}.jpg" for letter in "abcde"]
    (tmp_path / "captions.csv").write_text("image,caption\n" + "".join(f"{name},A dog\n" for name in names))
    miniatures.native(tmp_path, "train", names[:4], views=3)
    miniatures.native(tmp_path, "dev", names[4:])
    return tmp_path


def test_extra_views_that_are_not_finite_are_refused_by_dataset_row_and_view(with_views):
    with h5py.File(with_views / "train.h5", "a") as file:
        file["views"][2, 1, 3, 0] = np.nan
        del file["checksums"]
    report = check(with_views, is_full=True, min_word_count=1)
    assert len(report.refusals) == 1
    assert "train.h5 holds values that are not finite in row 2 (c.jpg) of views, view 2 of 3." in report.refusals[0]
    assert check(with_views, min_word_count=1).refusals == report.refusals


def test_views_that_are_damaged_are_refused_by_dataset_row_and_view(with_views):
    with h5py.File(with_views / "train.h5", "a") as file:
        file["views"][3, 0, 0, 0] = 7.5
    report = check(with_views, is_full=True, min_word_count=1)
    assert "is damaged in row 3 (d.jpg) of views, view 1 of 3." in report.refusals[0]


def test_all_views_are_read_when_asked_and_half_as_many_values_of_each_kind_else(with_views, monkeypatch):
    report = check(with_views, is_full=True, min_word_count=1)
    assert (report.features.images_read, report.features.views_read) == (5, 12)
    assert any(sentence.endswith("12 extra views read besides.") for sentence in report.details())
    monkeypatch.setattr(feature_check, "SAMPLED_BYTES", 4 * 4 * 5 * 6)
    monkeypatch.setattr(feature_check, "READ_AT_ONCE", 2)
    report = check(with_views, min_word_count=1)
    assert (report.features.images_read, report.features.views_read) == (3, 3)


@pytest.mark.parametrize(
    ("layout", "name", "where"),
    [
        ("regions", "train36.hdf5", r"row 1 \(image \d+\)"),
        ("adaptive_regions", "train.hdf5", r"rows 2 to 4 \(image \d+\)"),
    ],
)
def test_regions_that_are_not_finite_are_refused_by_dataset_and_row(miniatures, layout, name, where):
    folder = getattr(miniatures, layout)()
    miniatures.karpathy(folder)
    with h5py.File(folder / name, "a") as file:
        row = 1 if layout == "regions" else 3
        file["image_features"][row] = np.nan
    report = check(folder, min_word_count=1)
    assert re.search(rf"{name} holds values that are not finite in {where} of image_features", report.refusals[0])


def test_reading_goes_on_behind_a_fault_until_there_are_many(miniatures, monkeypatch):
    monkeypatch.setattr(feature_check, "READ_AT_ONCE", 1)
    folder = miniatures.cs231n()
    with h5py.File(folder / "train2014_vgg16_fc7.h5", "a") as file:
        file["features"][0, 0] = file["features"][2, 0] = np.nan
    report = check(folder)
    assert [message.split(" in row ")[1][0] for message in report.refusals] == ["0", "2"]
    monkeypatch.setattr(feature_check, "MOST_NAMED", 1)
    assert "more faults than were looked for" in check(folder).refusals[-1]


def test_zero_and_repeated_features_are_warned_of(miniatures):
    folder = miniatures.cs231n()
    with h5py.File(folder / "train2014_vgg16_fc7.h5", "a") as file:
        file["features"][1] = 0
        file["features"][2] = file["features"][0]
    report = check(folder)
    assert report.is_usable
    assert (report.features.rows_of_zeros, report.features.rows_repeated) == (1, 1)
    assert any("features of zero, row 1 first" in message for message in report.warnings)
    assert any("rows 0 and 2 are equal" in message for message in report.warnings)


def test_a_large_data_set_is_sampled_and_the_report_says_so(miniatures, monkeypatch):
    monkeypatch.setattr(feature_check, "SAMPLED_BYTES", 0)
    monkeypatch.setattr(feature_check, "READ_AT_ONCE", 2)
    folder = miniatures.cs231n()
    report = check(folder)
    assert report.features.images_read == 2
    assert any("2 of them, spread evenly" in sentence for sentence in report.details())
    assert check(folder, is_full=True).features.images_read == 5


def test_splits_that_share_images_are_refused(miniatures):
    folder = miniatures.cs231n()
    (folder / "val2014_images.txt").write_text("val/0.jpg\ntrain/2.jpg\n")
    report = check(folder)
    assert "the splits train and val share 1 images, train/2.jpg among them" in report.refusals[0]


def test_numbers_that_occur_twice_are_refused(miniatures, tmp_path):
    path = miniatures.karpathy(tmp_path)
    content = json.loads(path.read_text())
    for image in content["images"]:
        image["split"], image["cocoid"] = "train", 42
    path.write_text(json.dumps(content))
    report = check(path, min_word_count=1)
    assert "image 1 of train has the number of an earlier one, 42" in report.refusals[0]


def test_an_address_that_occurs_twice_is_a_warning(miniatures):
    folder = miniatures.cs231n()
    (folder / "train2014_urls.txt").write_text("http://example.org/x.jpg\n" * 3)
    report = check(folder)
    assert report.is_usable
    assert any("image 1 of train has the address of an earlier one" in message for message in report.warnings)


def test_data_without_a_training_split_is_refused(miniatures):
    folder = miniatures.neuraltalk2()
    content = json.loads((folder / "cocotalk.json").read_text())
    for image in content["images"]:
        image["split"] = "trian"
    (folder / "cocotalk.json").write_text(json.dumps(content))
    report = check(folder)
    assert any("has nothing to train on: it has trian" in message for message in report.refusals)
    assert any("the split trian is not used" in message for message in report.warnings)
    assert report.estimate is None


def test_regions_are_reported_with_their_boxes(miniatures):
    folder = miniatures.regions()
    miniatures.karpathy(folder)
    report = check(folder, min_word_count=1)
    assert report.features.has_boxes
    assert report.splits[0].image_ids == (42, 42)
    assert any("4 regions with boxes each" in sentence for sentence in report.details())
    assert "Images of train are numbered 42 to 42." in report.details()


def test_no_val_split_is_a_warning(miniatures, tmp_path):
    miniatures.coco(tmp_path)
    report = check(tmp_path, min_word_count=1)
    assert any("has no val split" in message for message in report.warnings)
    assert report.is_usable


@pytest.mark.parametrize(("images", "sentence"), [(9, "has no val split"), (10, "training holds out some")])
def test_images_that_nothing_divides_are_a_warning(tmp_path, images, sentence):
    rows = [f"{number}.jpg,A dog" for number in range(images)]
    (tmp_path / "captions.csv").write_text("\n".join(["image,caption", *rows]) + "\n")
    report = check(tmp_path / "captions.csv", min_word_count=1)
    assert any(sentence in message for message in report.warnings)


def test_what_will_be_missing_is_said_before_training(miniatures):
    with open_dataset(miniatures.cs231n()) as dataset:
        report = check_dataset(dataset)
    # No encoder that is known here gives what this data set holds, so there is none to name.
    assert any("captions such features" in message and "--encoder" not in message for message in report.warnings)
    assert report.pixel_files == ()
    with open_dataset(miniatures.sgrvinod()) as dataset:
        report = check_dataset(dataset)
    assert [path.rpartition("/")[2].split("_")[0] for path in report.pixel_files] == ["TRAIN", "VAL", "TEST"]
    assert report.is_usable
    assert report.to_dict()["pixel_files"] == report.pixel_files
    assert report.captions_files == ()


def test_captions_files_that_lack_features_are_told(miniatures, tmp_path):
    files = [tmp_path / f"captions_{split}.csv" for split in ("train", "val")]
    for file in files:
        file.write_text(f"image,caption\n{file.stem}.jpg,A dog\n")
    assert sorted(check(*files, min_word_count=1).captions_files) == [str(file) for file in files]
    features = miniatures.native(tmp_path, "train", [f"{file.stem}.jpg" for file in files])
    assert check(*files, features, min_word_count=1).captions_files == ()
