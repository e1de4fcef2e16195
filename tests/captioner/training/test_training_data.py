import json

import numpy as np
import pytest

from captioner.config import TrainingConfig
from captioner.data.datasets.opening import open_dataset
from captioner.data.feature_files import FeatureFile, FeatureFileInfo, FeatureWriter
from captioner.errors import AnnotationError, CaptionerError, FeatureFileError
from captioner.training.training_data import join_dataset, load_training_data
from captioner.vocabulary import END, START

CONFIG = TrainingConfig(min_word_count=1, max_caption_length=4)


@pytest.fixture
def captions(tmp_path):
    path = tmp_path / "captions.csv"
    path.write_text(
        'image,caption\na.jpg,"A dog, running."\na.jpg,A dog\nb.jpg,The cat sleeps\nc.jpg,A very long one here\n'
    )
    return path


@pytest.fixture
def write(tmp_path):
    """Writes feature files and opens them; closes them in the end."""
    opened = []

    def write_features(names, **changes):
        values = {"images": len(names), "dim": 3, "grid": (1, 2), "encoder": "alexnet", "input_size": 64} | changes
        info = FeatureFileInfo(**values)
        path = tmp_path / f"{len(opened)}.h5"
        with FeatureWriter(path, info, names) as writer:
            writer.write(0, np.ones((len(names), info.places, info.dim), np.float32))
        opened.append(FeatureFile(path))
        return opened[-1]

    yield write_features
    for file in opened:
        file.close()


def test_captions_are_joined_to_rows_by_name(captions, write):
    data = load_training_data(write(["c.jpg", "a.jpg"]), None, captions, CONFIG)
    assert data.dev is None
    assert data.examples.rows.tolist() == [0, 1, 1]
    words = [data.vocabulary.decode(ids) for ids in data.examples.token_ids]
    assert words == [["a", "very", "long", "one"], ["a", "dog", "running"], ["a", "dog"]]
    assert (data.examples.token_ids[:, 0] == START).all()
    assert (data.examples.token_ids == END).sum() == 3
    assert "cat" not in data.vocabulary


def test_references_are_all_captions_of_each_row_uncut(captions, write):
    data = load_training_data(write(["c.jpg", "a.jpg"]), write(["b.jpg"]), captions, CONFIG)
    assert data.references == {
        0: [["a", "very", "long", "one", "here"]],
        1: [["a", "dog", "running"], ["a", "dog"]],
    }


def test_dev_images_keep_their_order_and_references(captions, write):
    data = load_training_data(write(["a.jpg"]), write(["c.jpg", "b.jpg"]), captions, CONFIG)
    assert data.dev.rows.tolist() == [0, 1]
    assert list(data.dev.references) == ["c.jpg", "b.jpg"]
    assert data.dev.references["b.jpg"] == ("The cat sleeps",)
    assert "cat" not in data.vocabulary


def test_images_without_captions_are_left_out_and_counted(captions, write):
    data = load_training_data(write(["z.jpg", "a.jpg"]), write(["y.jpg", "b.jpg"]), captions, CONFIG)
    assert set(data.examples.rows) == set(data.references) == {1}
    assert data.dev.rows.tolist() == [1]
    assert list(data.dev.references) == ["b.jpg"]
    for note, name in zip(data.notes, ("z.jpg", "y.jpg"), strict=True):
        assert "no captions of 1 of the 2 images of" in note
        assert note.endswith(f"which are left out, {name} among them.")


def test_captions_of_other_images_are_refused(captions, write):
    with pytest.raises(AnnotationError, match=r"none of the 2 images of .*, such as y\.jpg"):
        load_training_data(write(["y.jpg", "z.jpg"]), None, captions, CONFIG)
    with pytest.raises(AnnotationError, match=r"none of the 1 image of .*, such as z\.jpg"):
        load_training_data(write(["a.jpg"]), write(["z.jpg"]), captions, CONFIG)


def test_shared_images_are_refused(captions, write):
    with pytest.raises(FeatureFileError, match=r"shares 1 images with .*, a\.jpg among them"):
        load_training_data(write(["a.jpg", "b.jpg"]), write(["c.jpg", "a.jpg"]), captions, CONFIG)


@pytest.mark.parametrize(
    "change",
    [
        {"dim": 4},
        {"grid": (2, 1)},
        {"encoder": "vgg16"},
        {"encoder_weights_sha256": "0" * 64},
        {"input_size": 96},
        {"preprocessing": "crop"},
    ],
    ids=str,
)
def test_features_of_different_kinds_are_refused(captions, write, change):
    with pytest.raises(FeatureFileError, match=f"its {next(iter(change))} is"):
        load_training_data(write(["a.jpg"]), write(["b.jpg"], **change), captions, CONFIG)


def test_features_without_names_are_refused(captions, tmp_path):
    import h5py

    with h5py.File(tmp_path / "plain.h5", "w") as file:
        file["features"] = np.ones((2, 3), np.float32)
    with (
        FeatureFile(tmp_path / "plain.h5") as features,
        pytest.raises(FeatureFileError, match="does not name its images"),
    ):
        load_training_data(features, None, captions, CONFIG)


def test_words_too_rare_for_any_vocabulary_are_refused(captions, write):
    with pytest.raises(CaptionerError, match=r"captions\.csv.*min_word_count"):
        load_training_data(write(["a.jpg"]), None, captions, CONFIG.replace(min_word_count=9))


# Splits that the captions name

SPLITS = ("train", "val", "test", "restval", "train", "test")


@pytest.fixture
def karpathy(tmp_path):
    """Writes a Karpathy JSON of 0.jpg, 1.jpg and so on in these splits, each with a word of its own."""

    def write_captions(splits=SPLITS):
        path = tmp_path / "dataset.json"
        images = [
            {"filename": f"{number}.jpg", "split": split, "sentences": [{"raw": f"a dog and {'abcdef'[number]}"}]}
            for number, split in enumerate(splits)
        ]
        path.write_text(json.dumps({"images": images, "dataset": "tiny"}))
        return path

    return write_captions


def names_of(rows, file):
    return {file.image_names[row] for row in rows}


def test_images_of_one_feature_file_are_split_as_the_captions_say(karpathy, write):
    features = write([f"{number}.jpg" for number in (5, 3, 1, 0, 2, 4)])
    data = load_training_data(features, None, karpathy(), CONFIG)
    assert names_of(data.references, features) == names_of(data.examples.rows, features)
    assert names_of(data.references, features) == {"0.jpg", "3.jpg", "4.jpg"}
    assert names_of(data.dev.rows, features) == set(data.dev.references) == {"1.jpg"}
    assert not {"b", "c", "f"} & set(data.vocabulary.tokens)
    (note,) = data.notes
    assert note.endswith("3 are trained on, 1 choose the best epoch, and 2 are not used.")


def test_the_same_images_are_trained_on_however_the_files_are_named(karpathy, write):
    features, captions = write([f"{number}.jpg" for number in range(6)]), karpathy()
    by_option = load_training_data(features, None, captions, CONFIG)
    with open_dataset(features.path, captions) as dataset:
        by_path = join_dataset(dataset, CONFIG)
    assert set(by_option.references) == set(by_path.references)
    assert by_option.dev.rows.tolist() == by_path.dev.rows.tolist()
    assert by_option.vocabulary.tokens == by_path.vocabulary.tokens


def test_images_of_test_are_not_trained_on_with_dev_features_either(karpathy, write):
    features, dev = write([f"{number}.jpg" for number in (0, 2, 3, 5)]), write(["1.jpg"])
    data = load_training_data(features, dev, karpathy(), CONFIG)
    assert names_of(data.references, features) == {"0.jpg", "3.jpg"}
    assert list(data.dev.references) == ["1.jpg"]
    (note,) = data.notes
    assert note.endswith("2 are trained on, and 2 are not used.")


def test_features_of_training_images_alone_need_no_word_about_splits(karpathy, write):
    data = load_training_data(write(["0.jpg", "3.jpg"]), None, karpathy(), CONFIG)
    assert len(data.references) == 2
    assert data.dev is None
    assert not data.notes


@pytest.mark.parametrize("has_dev_features", [False, True])
def test_features_of_test_images_alone_are_refused(karpathy, write, has_dev_features):
    dev = write(["1.jpg"]) if has_dev_features else None
    with pytest.raises(AnnotationError, match=r"dataset\.json puts all captioned images of .*\.h5 into test"):
        load_training_data(write(["2.jpg", "5.jpg"]), dev, karpathy(), CONFIG)


@pytest.mark.parametrize("has_dev_features", [False, True])
def test_lists_beside_features_decide_what_is_trained_on(captions, write, tmp_path, has_dev_features):
    features = (
        [write(["c.jpg", "a.jpg"]), write(["b.jpg"])] if has_dev_features else [write(["c.jpg", "b.jpg", "a.jpg"])]
    )
    lists = tmp_path / "Flickr_8k.trainImages.txt", tmp_path / "Flickr_8k.devImages.txt"
    lists[0].write_text("a.jpg\n")
    lists[1].write_text("b.jpg\n")
    with open_dataset(captions, *(file.path for file in features), *lists) as dataset:
        data = join_dataset(dataset, CONFIG)
    assert names_of(data.references, data.features) == {"a.jpg"}
    assert list(data.dev.references) == ["b.jpg"]


# Images that nothing divides

MANY = [f"{number}.jpg" for number in range(30)]


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("image,caption\n" + "".join(f"{name},A dog number {name[:-4]}\n" for name in MANY))
    return path


def test_images_are_held_out_where_nothing_says_which_choose(plain, write):
    features = write(MANY)
    data = load_training_data(features, None, plain, CONFIG)
    chosen = names_of(data.dev.rows, features)
    assert chosen == set(data.dev.references)
    assert len(chosen) == 3
    assert names_of(data.references, features) == names_of(data.examples.rows, features) == set(MANY) - chosen
    assert not {name[:-4] for name in chosen} & set(data.vocabulary.tokens)
    (note,) = data.notes
    assert "so 3 of the 30 are held out for that and not trained on; dev_share sets how many." in note


def test_the_same_images_are_held_out_however_the_files_are_named(plain, write):
    data = load_training_data(write(MANY), None, plain, CONFIG)
    with open_dataset(plain, write(MANY[::-1]).path) as dataset:
        joined = join_dataset(dataset, CONFIG)
    assert set(joined.dev.references) == set(data.dev.references)
    assert names_of(joined.dev.rows, joined.features) == set(joined.dev.references)
    assert names_of(joined.references, joined.features) == set(MANY) - set(joined.dev.references)
    assert set(joined.vocabulary.tokens) == set(data.vocabulary.tokens)
    assert data.notes[0] in joined.notes


def test_no_image_is_held_out_when_that_is_not_wanted(plain, write):
    config = CONFIG.replace(dev_share=0.0)
    data = load_training_data(write(MANY), None, plain, config)
    with open_dataset(plain, write(MANY).path) as dataset:
        joined = join_dataset(dataset, config)
    assert data.dev is joined.dev is None
    assert len(data.references) == len(joined.references) == 30


def test_no_image_is_held_out_beside_dev_features(plain, write):
    data = load_training_data(write(MANY[:25]), write(MANY[25:]), plain, CONFIG)
    assert len(data.references) == 25
    assert set(data.dev.references) == set(MANY[25:])


def test_no_image_is_held_out_where_a_list_says_what_is_trained_on(plain, write, tmp_path):
    (tmp_path / "train.txt").write_text("\n".join(MANY[:20]))
    with open_dataset(plain, write(MANY).path, tmp_path / "train.txt") as dataset:
        data = join_dataset(dataset, CONFIG)
    assert len(data.references) == 20
    assert data.dev is None
