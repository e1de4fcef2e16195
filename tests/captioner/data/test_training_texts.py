"""What a trainer is fed is the same whatever the layout."""

import numpy as np
import pytest

from captioner.data.datasets.opening import open_dataset
from captioner.data.training_texts import held_out_texts, training_texts
from captioner.errors import AnnotationError, FeatureFileError
from captioner.vocabulary import END, START, UNK

OPTIONS = {"min_word_count": 1, "max_caption_length": 8}


def test_token_ids_of_others_become_ids_of_this_project(miniatures):
    with open_dataset(miniatures.cs231n()) as dataset:
        texts = training_texts(dataset, **OPTIONS)
        assert texts.vocabulary.tokens[4:] == ("a", "dog", "cat", "runs", "sits", "red")
        assert texts.references[0] == [["a", "dog", "runs"], ["red", "dog"]]
        assert texts.references[1] == [["a", "<unk>"], ["a"]]
        examples = texts.examples
        of_row_1 = examples.token_ids[examples.rows == 1].tolist()
        assert of_row_1[0][:4] == [START, 4, UNK, END]
        assert examples.lengths[examples.rows == 1].tolist() == [3, 2]


def test_rows_lead_to_the_features_of_each_caption(miniatures):
    folder = miniatures.regions()
    miniatures.karpathy(folder)
    with open_dataset(folder) as dataset:
        texts = training_texts(dataset, **OPTIONS)
        assert texts.references == {0: [["a", "dog"]], 1: [["a", "cat"]]}
        held_out = held_out_texts(dataset.dev_split())
        assert held_out.rows.tolist() == [2]
        assert list(held_out.references.values()) == [["A dog."]]
        assert dataset.features.read(held_out.rows).shape == (1, 4, 8)


def test_images_without_captions_are_left_out(miniatures):
    captions = {"val_captions": np.array([[1, 4, 5, 2]]), "val_image_idxs": np.array([1])}
    with open_dataset(miniatures.cs231n(**captions)) as dataset:
        held_out = held_out_texts(dataset.dev_split())
        assert held_out.rows.tolist() == [4]
        assert held_out.references == {"val/1.jpg": ["a dog"]}


def test_views_of_the_training_images_are_known(miniatures, tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\nb.jpg,A cat\n")
    miniatures.native(tmp_path, "train", ["a.jpg"], views=3)
    miniatures.native(tmp_path, "dev", ["b.jpg"])
    with open_dataset(tmp_path) as dataset:
        assert training_texts(dataset, **OPTIONS).views == 3


def test_characters_can_be_learned_from_any_layout(miniatures):
    with open_dataset(miniatures.cs231n()) as dataset:
        texts = training_texts(dataset, level="char", **OPTIONS)
        assert texts.vocabulary.level == "char"
        assert " " in texts.vocabulary.tokens


def test_what_cannot_be_trained_on_is_refused(miniatures, tmp_path):
    with open_dataset(miniatures.sgrvinod()) as dataset, pytest.raises(FeatureFileError, match="captioner extract"):
        training_texts(dataset, **OPTIONS)
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,A dog\n")
    miniatures.native(tmp_path, "features", ["a.jpg"])
    paths = (tmp_path / "captions.csv", tmp_path / "features.h5")
    with open_dataset(*paths) as dataset, pytest.raises(AnnotationError, match="Lower min_word_count"):
        training_texts(dataset, min_word_count=5, max_caption_length=8)
    (tmp_path / "test.txt").write_text("a.jpg\n")
    with (
        open_dataset(*paths, tmp_path / "test.txt") as dataset,
        pytest.raises(AnnotationError, match="has no training split; it has test"),
    ):
        training_texts(dataset, **OPTIONS)


def test_images_in_two_splits_are_not_trained_on(miniatures):
    folder = miniatures.cs231n()
    (folder / "val2014_images.txt").write_text("train/0.jpg\nval/1.jpg\n")
    with open_dataset(folder) as dataset, pytest.raises(AnnotationError, match=r"share 1 images, train/0\.jpg"):
        training_texts(dataset, **OPTIONS)
