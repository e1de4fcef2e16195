"""``captioner check``: a report on stdout, status 1 when the data set is refused."""

import json

import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path):
    """Captions, lists and features of three images."""
    from captioner.data.feature_files import FeatureFileInfo, FeatureWriter

    names = ["a.jpg", "b.jpg", "c.jpg"]
    (tmp_path / "captions.csv").write_text(
        "image,caption\n" + "".join(f"{name},A dog\n{name},A cat\n" for name in names)
    )
    (tmp_path / "train.txt").write_text("a.jpg\nb.jpg\n")
    (tmp_path / "dev.txt").write_text("c.jpg\n")
    info = FeatureFileInfo(images=3, dim=4, grid=(2, 2), encoder="resnet18", input_size=64)
    with FeatureWriter(tmp_path / "features.h5", info, names) as writer:
        writer.write(0, np.random.default_rng(0).standard_normal((3, 4, 4)))
    return tmp_path


def test_report_in_words(captioner, folder):
    result = captioner("check", folder, "--min-word-count", 1)
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("Kaggle CSV with features of resnet18")
    for part in (
        "train",
        "a grid of 2 x 2 places each",
        "3 words",
        "c.jpg (val)",
        "the preset Good",
        "can be trained on",
    ):
        assert part in result.out


def test_report_as_json(captioner, folder):
    result = captioner("check", folder, "--json", "--min-word-count", 1, "--captions-per-second", 4)
    report = json.loads(result.out)
    assert report["is_usable"] is True
    assert report["estimate"]["seconds_per_epoch"] == 1.0
    assert report["features"]["grid"] == [2, 2]


def test_numbers_of_images_are_told(captioner, tmp_path):
    images = [
        {"cocoid": 42 + row, "filename": f"{row}.jpg", "split": "train", "sentences": [{"tokens": ["a"], "raw": "A"}]}
        for row in range(3)
    ]
    (tmp_path / "dataset.json").write_text(json.dumps({"images": images, "dataset": "coco"}))
    result = captioner("check", tmp_path / "dataset.json", "--min-word-count", 1)
    assert "Images of train are numbered 42 to 44.\n" in result.out


def test_refused_by_the_check(captioner, folder):
    for options in ((), ("--json",)):
        result = captioner("check", folder, "--min-word-count", 9, *options)
        assert result.status == 1
        assert "occurs 9 times" in result.out + result.err
    assert "can be trained on" not in result.out


def test_without_features_it_cannot_be_trained_on(captioner, folder):
    result = captioner("check", folder / "captions.csv", "--min-word-count", 1)
    assert result.status == 1
    assert "comes without features" in result.err
    assert result.out.endswith("This data set cannot be trained on yet: it has no features.\n")
    assert "takes about" not in result.out
    result = captioner("check", folder / "captions.csv", "--min-word-count", 1, "--json")
    report = json.loads(result.out)
    assert (result.status, report["is_usable"], report["is_trainable"]) == (1, True, False)


def test_what_was_meant_for_features_is_named(captioner, folder):
    import h5py

    (folder / "features.h5").unlink()
    with h5py.File(folder / "features.h5", "w") as file:
        file["vectors"] = np.ones((3, 4), np.float32)
    result = captioner("check", folder, "--min-word-count", 1)
    assert "photographs. features.h5 was left out: " in result.err
    assert "holds vectors, which no data set that is known here has" in result.err


def test_refused_on_opening(captioner, folder):
    (folder / "features.h5").write_bytes((folder / "features.h5").read_bytes()[:900])
    assert "features.h5 is damaged" in captioner("check", folder).sentence
    result = captioner("check", folder, "--json")
    assert result.status == 1
    assert "features.h5 is damaged" in json.loads(result.out)["findings"][0]["message"]


def test_hostile_texts_reach_the_terminal_as_text(captioner, folder):
    (folder / "captions.csv").write_text("image,caption\na.jpg,\x1b]0;[bold]owned[/bold] dog\n", encoding="utf-8")
    result = captioner("check", folder / "captions.csv", "--min-word-count", 1)
    assert "\x1b" not in result.out
    assert "[bold]owned[/bold]" in result.out
