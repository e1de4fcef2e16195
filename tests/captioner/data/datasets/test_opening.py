"""Every layout is recognised by its content and read exactly as it is written."""

import contextlib
import json
import shutil

import h5py
import numpy as np
import pytest

from captioner.data.datasets.dataset import features_beside
from captioner.data.datasets.opening import open_dataset
from captioner.errors import AnnotationError, CaptionerError, FeatureFileError


def texts(split):
    """Captions by image name."""
    found = {}
    for index, image in enumerate(split.captions.images.tolist()):
        found.setdefault(split.image_names[image], []).append(split.captions.text(index))
    return found


def stored(path, name="features"):
    with h5py.File(path) as file:
        return file[name][()]


# CS231n


def test_cs231n_folder(miniatures):
    folder = miniatures.cs231n()
    with open_dataset(folder) as dataset:
        assert dataset.layout == "CS231n coco_captioning"
        assert [(split.name, len(split), split.caption_count) for split in dataset.splits] == [
            ("train", 3, 6),
            ("val", 2, 2),
        ]
        train, val = dataset.splits
        assert texts(train) == {
            "train/0.jpg": ["a dog runs", "red dog"],
            "train/1.jpg": ["a <unk>", "a"],
            "train/2.jpg": ["a cat sits", "cat"],
        }
        assert texts(val) == {"val/0.jpg": ["a cat"], "val/1.jpg": ["a dog"]}
        assert val.image_urls == ("http://example.org/val0.jpg", "http://example.org/val1.jpg")
        assert dataset.tokens == ("a", "dog", "cat", "runs", "sits", "red")
        assert dataset.grid is None
        read = dataset.features.read(np.concatenate([val.rows, train.rows]))
        assert read.shape == (5, 1, 12)
        np.testing.assert_array_equal(read[:2, 0], stored(folder / "val2014_vgg16_fc7.h5"))
        np.testing.assert_array_equal(read[2:, 0], stored(folder / "train2014_vgg16_fc7.h5"))
        assert any("fc7_pca.h5 is not used" in note for note in dataset.notes)


def test_cs231n_files_given_singly_decide_which_features_are_used(miniatures):
    folder = miniatures.cs231n()
    names = ("coco2014_captions.h5", "coco2014_vocab.json", "train2014_vgg16_fc7_pca.h5", "val2014_vgg16_fc7_pca.h5")
    with open_dataset(*(folder / name for name in names)) as dataset:
        assert dataset.features.info.dim == 4
        assert dataset.split("train").image_names == ("train/0", "train/1", "train/2")


def test_cs231n_split_without_features_is_left_out(miniatures):
    folder = miniatures.cs231n()
    for path in folder.glob("train2014*"):
        path.unlink()
    with open_dataset(folder) as dataset:
        assert [split.name for split in dataset.splits] == ["val"]
        assert any("The split train is left out" in note for note in dataset.notes)


def test_cs231n_captions_alone_can_be_opened_but_not_trained_on(miniatures):
    folder = miniatures.cs231n()
    with open_dataset(folder / "coco2014_captions.h5", folder / "coco2014_vocab.json") as dataset:
        assert len(dataset.split("train")) == 3
        with pytest.raises(FeatureFileError, match="comes without features"):
            dataset.require_features()


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"train_captions": np.array([[1, 4, 10, 2]] * 6, np.int32)}, ["token id 10", "row 0 of train_captions"]),
        ({"train_captions": np.array([[1, 4, -1, 2]] * 6, np.int32)}, ["token id -1", "row 0 of train_captions"]),
        ({"train_image_idxs": np.array([0, 1, 2, 3, 0, 0])}, ["image 3", "row 3 of train_image_idxs", "0 to 2"]),
        ({"val_image_idxs": np.array([0, -1])}, ["image -1", "row 1 of val_image_idxs"]),
        ({"val_image_idxs": np.array([0])}, ["2 val_captions but 1 val_image_idxs"]),
        ({"val_captions": np.zeros((2, 17), np.float32)}, ["val_captions as float32", "whole numbers"]),
        ({"val_captions": np.zeros((2, 17, 1), np.int32)}, ["val_captions of shape (2, 17, 1)"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_cs231n_faults_name_dataset_and_row(miniatures, changes, parts):
    folder = miniatures.cs231n(**changes)
    with pytest.raises(CaptionerError) as caught:
        open_dataset(folder)
    assert caught.value.path == folder / "coco2014_captions.h5"
    for part in parts:
        assert part in caught.value.message


def test_cs231n_lists_and_features_must_agree(miniatures):
    folder = miniatures.cs231n()
    (folder / "val2014_urls.txt").write_text("http://example.org/only.jpg\n")
    with pytest.raises(AnnotationError, match=r"val2014_urls\.txt has 1 lines for the 2 rows"):
        open_dataset(folder)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["<START>", "<NULL>", "<END>", "<UNK>", "a"], "idx_to_word 0: the token <NULL>"),
        (["<NULL>", "<START>", "<END>", "<UNK>", "a", "a"], "'a' occurs twice"),
        (["<NULL>", "<START>", "<END>", "<UNK>", 5], "idx_to_word 4: text was expected"),
    ],
)
def test_cs231n_vocabulary_must_be_as_the_course_made_it(miniatures, tokens, message):
    folder = miniatures.cs231n()
    (folder / "coco2014_vocab.json").write_text(json.dumps({"idx_to_word": tokens}))
    with pytest.raises(AnnotationError, match=message):
        open_dataset(folder)


# sgrvinod


def test_sgrvinod_folder_holds_pixels(miniatures):
    folder = miniatures.sgrvinod()
    with open_dataset(folder) as dataset:
        assert dataset.layout == "sgrvinod tutorial"
        assert [(split.name, len(split)) for split in dataset.splits] == [("train", 2), ("val", 1), ("test", 1)]
        train = dataset.splits[0]
        assert list(texts(train).values()) == [["a dog", "a cat"], ["a dog", "a cat"]]
        pixels = stored(train.pixels.path, "images")
        np.testing.assert_array_equal(train.pixels.read(1), pixels[1].transpose(1, 2, 0))
        with pytest.raises(FeatureFileError, match=r"not features\. Run `captioner extract --images") as refused:
            dataset.require_features()
        assert f"--images {train.pixels.path} -o {features_beside(train.pixels.path)}`" in refused.value.message
        assert "do the same with VAL_IMAGES" in refused.value.message


def test_sgrvinod_with_features_extracted_from_its_images(miniatures):
    folder = miniatures.sgrvinod()
    names = {}
    for path in sorted(folder.glob("*.hdf5")):
        names[path.name.split("_")[0].lower()] = f"{path.stem}/{{:07d}}"
        path.unlink()
    # Rows in another order than the images, as after a resumed extraction of a part.
    miniatures.native(folder, "train_features", [names["train"].format(row) for row in (1, 0)])
    miniatures.native(folder, "rest_features", [names["val"].format(0), names["test"].format(0)])
    for path in folder.glob("*_CAPTIONS_*"):  # five per image unless the images say otherwise
        rows = json.loads(path.read_text())
        path.write_text(json.dumps((rows * 3)[: len(rows) // 2 * 5]))
    for path in folder.glob("*_CAPLENS_*"):
        path.unlink()
    with open_dataset(folder) as dataset:
        assert dataset.features.info.images == 4
        assert dataset.grid == (2, 2)
        train = dataset.split("train")
        assert len(train) == 2
        expected = stored(folder / "train_features.h5")[::-1]
        np.testing.assert_array_equal(dataset.features.read(train.rows), expected)
        assert any("5 are assumed" in note for note in dataset.notes)


def test_sgrvinod_images_without_features_are_named(miniatures):
    folder = miniatures.sgrvinod()
    stem = next(folder.glob("TRAIN*.hdf5")).stem
    miniatures.native(folder, "some", [f"{stem}/0000001"])
    with pytest.raises(FeatureFileError, match=r"no features of image 0 of train"):
        open_dataset(folder)


@pytest.mark.parametrize(
    ("pattern", "change", "message"),
    [
        ("TRAIN_CAPTIONS*", lambda rows: [[99, *rows[0][1:]], *rows[1:]], "token id 99 in row 0 of the captions"),
        ("TRAIN_CAPTIONS*", lambda rows: [*rows[:3], rows[3][:-1]], "row 3: a list of 52 token ids"),
        ("TRAIN_CAPTIONS*", lambda rows: [*rows[:3], [True] * 52], "row 3: a list of 52 token ids"),
        ("TRAIN_CAPTIONS*", lambda rows: [*rows[:3], [10**30] * 52], "too large for any vocabulary"),
        ("VAL_CAPTIONS*", lambda rows: rows[:1], "1 captions, which is no multiple of 2"),
        ("VAL_CAPTIONS*", lambda rows: rows * 2, "4 captions for 1 images of 2 each"),
        ("VAL_CAPLENS*", lambda lengths: [lengths[0], 9], "row 1: the length is 9, but the caption has 4"),
        ("VAL_CAPLENS*", lambda lengths: lengths[:1], "holds 1 lengths for 2 captions"),
        ("WORDMAP*", lambda words: words | {"dog": 1}, "'dog': its id 1 is already that of 'a'"),
        ("WORDMAP*", lambda words: words | {"dog": 10**9}, "'dog': its id 1000000000 is not one of 0 to 9"),
        ("WORDMAP*", lambda words: {k: v for k, v in words.items() if k != "<end>"}, "not a file of any data set"),
    ],
)
def test_sgrvinod_faults_name_the_row(miniatures, pattern, change, message):
    folder = miniatures.sgrvinod()
    path = next(folder.glob(pattern))
    content = change(json.loads(path.read_text()))
    path.write_text(json.dumps(content))
    lengths = folder / path.name.replace("_CAPTIONS_", "_CAPLENS_")
    if "CAPTIONS" in pattern:
        lengths.unlink()
    with pytest.raises(CaptionerError, match=message):
        open_dataset(*sorted(folder.iterdir()))


def test_sgrvinod_files_of_two_data_sets_are_not_mixed(miniatures):
    folder = miniatures.sgrvinod()
    path = next(folder.glob("VAL_CAPTIONS*"))
    shutil.copy(path, folder / "VAL_CAPTIONS_coco.json")
    with pytest.raises(AnnotationError, match="one of two CAPTIONS files of its split"):
        open_dataset(folder)


# neuraltalk2


@pytest.mark.parametrize("kind", ["grid", "regions"])
def test_neuraltalk2_with_array_folders(miniatures, kind):
    folder = miniatures.neuraltalk2()
    miniatures.array_folders(folder, kind)
    with open_dataset(folder) as dataset:
        assert [(split.name, split.image_ids) for split in dataset.splits] == [("train", (42, 73)), ("val", (391,))]
        assert texts(dataset.splits[0]) == {"val2014/42.jpg": ["a dog runs", "a cat"], "val2014/73.jpg": ["red dog"]}
        assert texts(dataset.splits[1]) == {"val2014/391.jpg": ["a <unk>"]}
        assert dataset.grid == ((2, 3) if kind == "grid" else None)
        read = dataset.features.read(dataset.split("val").rows)
        with np.load(folder / "cocotalk_att" / "391.npz") as archive:
            np.testing.assert_array_equal(read[0], archive["feat"].reshape(-1, 8))
        assert any("cocotalk_fc is not used" in note for note in dataset.notes)


def test_regions_that_are_fewer_are_repeated_in_turn(miniatures):
    folder = miniatures.neuraltalk2()
    miniatures.array_folders(folder, "regions")
    with open_dataset(folder) as dataset, np.load(folder / "cocotalk_att" / "42.npz") as archive:
        read = dataset.features.read(dataset.split("train").rows[:1])[0]
        assert read.shape == (4, 8)
        np.testing.assert_array_equal(read, archive["feat"][[0, 1, 0, 1]])


@pytest.mark.parametrize("suffix", ["", "_features"])
def test_neuraltalk2_with_one_dataset_per_image(miniatures, suffix):
    folder = miniatures.neuraltalk2()
    path = miniatures.keyed(folder / "regions.h5", suffix)
    with open_dataset(folder) as dataset:
        rows = dataset.split("train").rows
        np.testing.assert_array_equal(dataset.features.read(rows[1:])[0, :3], stored(path, f"73{suffix}"))


def test_neuraltalk2_keeps_pixels_beside_the_labels(miniatures):
    with open_dataset(miniatures.neuraltalk2(with_pixels=True)) as dataset:
        assert dataset.split("val").pixels.images == 3
        assert dataset.split("val").rows.tolist() == [2]


def test_neuraltalk2_with_features_extracted_from_its_pixels(miniatures):
    folder = miniatures.neuraltalk2(with_pixels=True)
    # Rows in another order than the images.
    miniatures.native(folder, "cocotalk_label_features", [f"cocotalk_label/{row:07d}" for row in (2, 0, 1)], views=2)
    with open_dataset(folder) as dataset:
        assert [split.rows.tolist() for split in dataset.splits] == [[1, 2], [0]]
        assert dataset.split("train").views == 2
        assert dataset.pixel_files() == ()


def test_neuraltalk2_with_features_by_name(miniatures):
    folder = miniatures.neuraltalk2()
    names = ["391.jpg", "42.jpg", "73.jpg"]
    path = miniatures.native(folder, "features", names)
    with open_dataset(folder) as dataset:
        assert [split.rows.tolist() for split in dataset.splits] == [[1, 2], [0]]
    path.unlink()
    miniatures.native(folder, "features", names[:2])
    with pytest.raises(FeatureFileError, match=r"no features of val2014/73\.jpg"):
        open_dataset(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": np.full((4, 16), 8, np.uint32)}, "row 0 of label_length"),
        ({"labels": np.full((4, 16), 8), "label_length": np.full(4, 16)}, "token id 8 in row 0 of labels"),
        ({"label_end_ix": np.array([2, 3, 5])}, "row 2 of label_start_ix .* labels 4 to 5 .* there are 4"),
        ({"label_start_ix": np.array([0, 3, 4])}, "row 0 of label_start_ix"),
        ({"label_start_ix": np.array([1, 2, 4])}, "two images share a caption"),
        ({"label_start_ix": np.array([1, 3])}, "2 entries for 3 images"),
        ({"label_length": np.array([3, 2, 2, 9])}, "row 3 of label_length"),
    ],
)
def test_neuraltalk2_faults_name_dataset_and_row(miniatures, changes, message):
    with pytest.raises(CaptionerError, match=message):
        open_dataset(miniatures.neuraltalk2(**changes))


def test_neuraltalk2_refuses_an_image_id_that_occurs_twice(miniatures):
    folder = miniatures.neuraltalk2()
    content = json.loads((folder / "cocotalk.json").read_text())
    content["images"][2]["id"] = 42
    (folder / "cocotalk.json").write_text(json.dumps(content))
    with pytest.raises(AnnotationError, match=r"image 2: the image id 42 is already that of image 0"):
        open_dataset(folder)


# Captions files with features


def test_native_features_of_two_files_with_one_captions_file(miniatures, tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\nb.jpg,A cat\nc.jpg,Red\nd.jpg,Runs\n")
    miniatures.native(tmp_path, "train", ["b.jpg", "a.jpg"], views=2)
    miniatures.native(tmp_path, "dev", ["c.jpg"])
    with open_dataset(tmp_path) as dataset:
        assert {split.name: texts(split) for split in dataset.splits} == {
            "train": {"a.jpg": ["A dog"], "b.jpg": ["A cat"]},
            "val": {"c.jpg": ["Red"]},
        }
        assert [split.views for split in dataset.splits] == [2, 0]
        train = dataset.split("train")
        np.testing.assert_allclose(
            dataset.features.read(train.rows), stored(tmp_path / "train.h5")[[1, 0]].astype(np.float32)
        )
        view = dataset.features.read(train.rows[:1], np.array([2]))
        np.testing.assert_array_equal(view[0], stored(tmp_path / "train.h5", "views")[1, 1].astype(np.float32))
        assert dataset.features.info.encoder == "resnet18"


def test_lists_of_names_decide_the_splits(miniatures, tmp_path):
    (tmp_path / "Flickr8k.token.txt").write_text("a.jpg#0\tA dog\nb.jpg#0\tA cat\nc.jpg#0\tRed\nd.jpg#0\tRuns\n")
    (tmp_path / "Flickr_8k.trainImages.txt").write_text("a.jpg\nc.jpg\n")
    (tmp_path / "Flickr_8k.devImages.txt").write_text("b.jpg\n")
    (tmp_path / "readme.txt").write_text("Some words about the data.\n")
    miniatures.native(tmp_path, "features", ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    with open_dataset(tmp_path) as dataset:
        assert {split.name: split.image_names for split in dataset.splits} == {
            "train": ("a.jpg", "c.jpg"),
            "val": ("b.jpg",),
        }
        assert any("readme.txt was left out" in note for note in dataset.notes)


def test_an_image_in_two_lists_is_refused(miniatures, tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\nb.jpg,A cat\n")
    (tmp_path / "train.txt").write_text("a.jpg\nb.jpg\n")
    (tmp_path / "test.txt").write_text("b.jpg\n")
    with pytest.raises(AnnotationError, match=r"train\.txt, line 2: b\.jpg is already in the split test"):
        open_dataset(tmp_path)


def test_karpathy_split_with_native_features_named_without_folder(miniatures, tmp_path):
    miniatures.karpathy(tmp_path)
    names = [f"COCO_val2014_{image_id:012d}.jpg" for image_id in (391, 42, 73)]
    miniatures.native(tmp_path, "features", names)
    with open_dataset(tmp_path) as dataset:
        assert {split.name: split.rows.tolist() for split in dataset.splits} == {
            "train": [1],
            "restval": [2],
            "val": [0],
        }
        assert [split.name for split in dataset.training_splits()] == ["train", "restval"]
        assert dataset.dev_split().name == "val"


@pytest.mark.parametrize(
    ("captioned", "stored_name", "is_same"),
    [
        ("a.jpg", "val/a.jpg", True),
        ("coco/val/a.jpg", "val/a.jpg", True),
        ("train/a.jpg", "val/a.jpg", False),
        ("a.jpg", "a", True),
        ("a.jpg", "a.png", False),
        ("a.jpg", "b.jpg", False),
    ],
)
def test_names_are_the_same_but_for_folders_and_ending(miniatures, tmp_path, captioned, stored_name, is_same):
    (tmp_path / "captions.csv").write_text(f"image,caption\n{captioned},A dog\nother.jpg,A cat\n")
    miniatures.native(tmp_path, "features", ["other.jpg", stored_name])
    with open_dataset(tmp_path) as dataset:
        assert dataset.split("all").rows.tolist() == ([1, 0] if is_same else [0])
        assert dataset.split("all").without_features == (0 if is_same else 1)


def test_a_name_that_two_images_may_have_is_refused(miniatures, tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\n")
    miniatures.native(tmp_path, "features", ["one/a.jpg", "two/a.jpg"])
    with pytest.raises(AnnotationError, match=r"has 2 images that a\.jpg may be"):
        open_dataset(tmp_path)


def test_karpathy_split_with_regions_of_two_files(miniatures):
    folder = miniatures.regions()
    miniatures.karpathy(folder)
    with open_dataset(folder) as dataset:
        assert dataset.grid is None
        val = dataset.split("val")
        np.testing.assert_array_equal(dataset.features.read(val.rows), stored(folder / "val36.hdf5", "image_features"))
        boxes = dataset.features.boxes(val.rows)
        np.testing.assert_array_equal(boxes, stored(folder / "val36.hdf5", "spatial_features")[..., :4])
        assert boxes.shape == (1, 4, 4)


def test_adaptive_regions_are_cut_out_by_their_ranges(miniatures):
    folder = miniatures.adaptive_regions()
    miniatures.karpathy(folder)
    with open_dataset(folder) as dataset:
        flat = stored(folder / "train.hdf5", "image_features")
        rows = np.concatenate([split.rows for split in dataset.splits])
        read = dataset.features.read(rows)
        np.testing.assert_array_equal(read[0], flat[[0, 1, 0]])
        np.testing.assert_array_equal(read[1], flat[[2, 3, 4]])
        np.testing.assert_array_equal(read[2], flat[[5, 5, 5]])
        assert dataset.features.boxes(rows).shape == (3, 3, 4)


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        (((0, 2), (2, 5), (5, 7)), "range 5 to 7 in row 2 of pos_boxes, but there are 6"),
        (((0, 2), (2, 2), (5, 6)), "range 2 to 2 in row 1 of pos_boxes"),
        (((-1, 2), (2, 5), (5, 6)), "range -1 to 2 in row 0 of pos_boxes"),
        (((0, 2, 3), (2, 5, 3), (5, 6, 3)), "pos_boxes of shape"),
    ],
)
def test_ranges_outside_the_regions_are_refused(miniatures, ranges, message):
    folder = miniatures.adaptive_regions(ranges)
    miniatures.karpathy(folder)
    with pytest.raises(FeatureFileError, match=message):
        open_dataset(folder)


def test_a_box_outside_its_image_is_refused(miniatures):
    boxes = np.full((2, 4, 6), 0.5, np.float32)
    boxes[1, 2, 2] = 1.5
    folder = miniatures.regions(spatial_features=boxes)
    miniatures.karpathy(folder)
    with open_dataset(folder) as dataset, pytest.raises(FeatureFileError, match=r"row 1 \(image 73\)"):
        dataset.features.boxes(np.arange(3))


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"42": 0, "73": 2}, "image 73: it is said to be in row 2, but there are 2 rows"),
        ({"42": 0, "73": 0}, "image 73: it is said to be in row 0, as image 42 is"),
        ([42, 42], "row 1: the image id 42 is already that of row 0"),
        ({"42": 0}, "does not say which images its 2 rows are"),
    ],
)
def test_a_mapping_of_ids_must_be_one_to_one(miniatures, mapping, message):
    folder = miniatures.regions()
    miniatures.karpathy(folder)
    (folder / "train_imgid2idx.json").write_text(json.dumps(mapping))
    with pytest.raises(CaptionerError, match=message):
        open_dataset(folder)


def test_detections_by_coco_id_must_have_every_image(miniatures, tmp_path):
    miniatures.coco(tmp_path)
    path = miniatures.keyed(tmp_path / "coco_detections.hdf5", "_features")
    with open_dataset(tmp_path) as dataset:
        assert dataset.split("all").image_ids == (42, 73, 391)
        assert dataset.features.info.places == 4
    with h5py.File(path, "a") as file:
        del file["73_features"]
    with pytest.raises(FeatureFileError, match="no features of image 73, which"):
        open_dataset(tmp_path)


def test_hdf5_by_the_names_of_files(miniatures, tmp_path):
    miniatures.coco(tmp_path)
    with h5py.File(tmp_path / "features.h5", "w") as file:
        for image_id in (391, 42):
            file[f"{image_id}.jpg"] = np.full(8, image_id, np.float32)
    with open_dataset(tmp_path) as dataset:
        (split,) = dataset.splits
        assert (split.image_names, split.without_features) == (("42.jpg", "391.jpg"), 1)
        assert dataset.features.read(split.rows)[:, 0, 0].tolist() == [42.0, 391.0]


def test_texts_are_taken_rather_than_labels(miniatures):
    folder = miniatures.neuraltalk2()
    miniatures.array_folders(folder)
    miniatures.karpathy(folder)
    with open_dataset(folder) as dataset:
        assert dataset.layout == "Karpathy split with features"
        assert dataset.tokens == ()
        assert any("cocotalk_label.h5 (neuraltalk2 labels) is not used" in note for note in dataset.notes)


def test_an_image_number_that_occurs_twice_is_refused(miniatures, tmp_path):
    path = miniatures.karpathy(tmp_path)
    path.write_text(path.read_text().replace('"cocoid": 73', '"cocoid": 42'))
    miniatures.keyed(tmp_path / "features.h5")
    with pytest.raises(AnnotationError, match=r"000073\.jpg: its number 42 is already that of .*000042\.jpg"):
        open_dataset(tmp_path)


def test_two_coco_files_are_two_splits(miniatures, tmp_path):
    miniatures.coco(tmp_path)
    other = {"images": [{"id": 7, "file_name": "7.jpg"}], "annotations": [{"image_id": 7, "caption": "A cat."}]}
    (tmp_path / "captions_val2014.json").write_text(json.dumps(other))
    with open_dataset(tmp_path) as dataset:
        assert {split.name: len(split) for split in dataset.splits} == {"train": 3, "val": 1}


def test_plain_features_take_their_names_from_a_list(tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\nb.jpg,A cat\n")
    (tmp_path / "names.txt").write_text("b.jpg\na.jpg\n")
    with h5py.File(tmp_path / "vectors.h5", "w") as file:
        file["features"] = np.eye(2, dtype=np.float32)
    with open_dataset(tmp_path) as dataset:
        assert dataset.split("all").rows.tolist() == [1, 0]
    (tmp_path / "names.txt").unlink()
    with pytest.raises(FeatureFileError, match="does not name its images"):
        open_dataset(tmp_path)


def test_features_that_are_not_alike_are_not_joined(miniatures, tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\nb.jpg,A cat\n")
    miniatures.native(tmp_path, "dev", ["a.jpg"])
    miniatures.native(tmp_path, "train", ["b.jpg"], encoder="vgg16")
    with pytest.raises(FeatureFileError, match="its encoder is vgg16, not resnet18"):
        open_dataset(tmp_path)


def test_feature_files_that_share_an_image_are_refused(miniatures, tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\nb.jpg,A cat\n")
    miniatures.native(tmp_path, "dev", ["a.jpg"])
    miniatures.native(tmp_path, "train", ["b.jpg", "a.jpg"])
    with pytest.raises(FeatureFileError, match=r"shares images with .*dev\.h5, a\.jpg among them"):
        open_dataset(tmp_path)


# What is refused whatever the layout


def test_a_pickle_is_never_opened(miniatures, tmp_path):
    canary = tmp_path / "opened"
    code = f"cposix\nsystem\n(S'touch {canary}'\ntR."
    (tmp_path / "train36_imgid2idx.pkl").write_bytes(code.encode())
    with pytest.raises(AnnotationError, match="is a Python pickle, which is never opened"):
        open_dataset(tmp_path / "train36_imgid2idx.pkl")
    miniatures.coco(tmp_path)
    with open_dataset(tmp_path) as dataset:
        assert any("train36_imgid2idx.pkl was left out" in note for note in dataset.notes)
    assert not canary.exists()


def _link(file, name, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret[name] = file[name][()]
    del file[name]
    file[name] = h5py.ExternalLink(str(tmp_path / "secret.h5"), name)


def _soft_link(file, name, tmp_path):
    file.move(name, "elsewhere")
    file[name] = h5py.SoftLink("/elsewhere")


def _virtual(file, name, tmp_path):
    data = file[name][()]
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret["x"] = data
    layout = h5py.VirtualLayout(data.shape, data.dtype)
    layout[...] = h5py.VirtualSource(tmp_path / "secret.h5", "x", data.shape)
    del file[name]
    file.create_virtual_dataset(name, layout)


def _bomb(file, name, tmp_path):
    dtype, rank = file[name].dtype, file[name].ndim
    del file[name]
    file.create_dataset(name, (2**34, *(2,) * (rank - 1)), dtype, chunks=(1, *(2,) * (rank - 1)), compression="gzip")


PLACES = {
    "cs231n": [
        ("coco2014_captions.h5", "train_captions"),
        ("coco2014_captions.h5", "val_image_idxs"),
        ("train2014_vgg16_fc7.h5", "features"),
    ],
    "neuraltalk2": [("cocotalk_label.h5", "labels"), ("cocotalk_label.h5", "label_end_ix"), ("a.h5", "73")],
    "sgrvinod": [("TRAIN_IMAGES_flickr8k_2_cap_per_img_5_min_word_freq.hdf5", "images")],
    "regions": [("train36.hdf5", "image_features"), ("val36.hdf5", "spatial_features")],
}


@pytest.mark.parametrize("fault", [_link, _soft_link, _virtual, _bomb])
@pytest.mark.parametrize(
    ("layout", "name", "dataset"), [(layout, *place) for layout, places in PLACES.items() for place in places]
)
def test_links_virtual_datasets_and_shape_bombs_are_refused(miniatures, tmp_path, layout, name, dataset, fault):
    folder = getattr(miniatures, layout)()
    if layout == "neuraltalk2":
        miniatures.keyed(folder / "a.h5")
    if layout == "regions":
        miniatures.karpathy(folder)
    with h5py.File(folder / name, "a") as file:
        fault(file, dataset, tmp_path)
    with pytest.raises(FeatureFileError, match=f"{name}.* {dataset}"):
        open_dataset(folder)


@pytest.mark.parametrize("layout", ["cs231n", "neuraltalk2", "sgrvinod", "regions"])
def test_every_file_cut_short_is_refused(miniatures, layout):
    folder = getattr(miniatures, layout)()
    if layout == "neuraltalk2":
        miniatures.array_folders(folder)
    if layout == "regions":
        miniatures.karpathy(folder)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".txt":
            continue  # a list cut between two lines is a shorter list
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * 2 // 3])
        with pytest.raises(CaptionerError), open_dataset(folder) as dataset:
            dataset.require_features().read(np.arange(dataset.require_features().info.images))
        path.write_bytes(whole)


@pytest.mark.parametrize("layout", ["cs231n", "neuraltalk2", "sgrvinod", "regions", "adaptive_regions"])
def test_flipped_bits_are_refused_or_leave_finite_features(miniatures, layout):
    folder = getattr(miniatures, layout)()
    if layout == "neuraltalk2":
        miniatures.array_folders(folder)
    if "regions" in layout:
        miniatures.karpathy(folder)
    random = np.random.default_rng(0)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".json")
    for _ in range(25):
        path = paths[random.integers(len(paths))]
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[random.integers(len(whole))] ^= 1 << random.integers(8)
        path.write_bytes(flipped)
        with contextlib.suppress(CaptionerError), open_dataset(folder) as dataset:
            if dataset.features is not None:
                read = dataset.features.read(np.arange(dataset.features.info.images))
                assert np.isfinite(read).all()
        path.write_bytes(whole)


def test_nothing_to_open(tmp_path):
    with pytest.raises(AnnotationError, match="holds no data set"):
        open_dataset(tmp_path)
    with pytest.raises(AnnotationError, match="There is no file"):
        open_dataset(tmp_path / "none.json")


def test_parts_that_are_missing_are_asked_for(miniatures, tmp_path):
    cs231n, sgrvinod, neuraltalk2 = miniatures.cs231n(), miniatures.sgrvinod(), miniatures.neuraltalk2()
    for paths, message in (
        ([cs231n / "coco2014_captions.h5"], "comes without its vocabulary"),
        ([cs231n / "train2014_vgg16_fc7.h5"], "comes without captions"),
        ([next(sgrvinod.glob("TRAIN_IMAGES*"))], "holds images but no captions"),
        ([next(sgrvinod.glob("TRAIN_CAPTIONS*"))], "comes without its WORDMAP"),
        ([neuraltalk2 / "cocotalk.json"], "comes without a file such as cocotalk_label.h5"),
    ):
        with pytest.raises(CaptionerError, match=message):
            open_dataset(*paths)


def test_closing_closes_everything(miniatures):
    folder = miniatures.cs231n()
    with open_dataset(folder) as dataset:
        features = dataset.features
    with pytest.raises(FeatureFileError, match="closed"):
        features.read(np.array([0]))
    shutil.rmtree(folder)  # on Windows an open file could not be removed
