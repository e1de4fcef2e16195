"""Every layout trained on for an epoch, and what comes of it used: features captioned, photographs where it can."""

import contextlib
import csv
import io
import json
import sys

import h5py
import numpy as np
import pytest
import torch

from captioner.captioning import Captioner
from captioner.config import DecoderConfig, DecodingOptions, TrainingConfig
from captioner.data.check import check_dataset
from captioner.data.datasets.dataset import features_beside
from captioner.data.datasets.opening import open_dataset
from captioner.data.datasets.uncaptioned import open_features
from captioner.data.features import extract_features
from captioner.data.pixel_files import PixelFile
from captioner.encoder_sources import open_encoder
from captioner.errors import AnnotationError, ConfigurationError, FeatureFileError, TrainingRunError
from captioner.model_exchange import export_package, install_package
from captioner.model_library import read_package
from captioner.training.events import StepsFinished, TrainingFinished
from captioner.training.run import RunSources, TrainingRun, repeat_command
from captioner.training.run_folder import read_run

CONFIG = TrainingConfig(
    decoder=DecoderConfig(project_dim=8, embed_dim=8, decoder_dim=8, attention_dim=8),
    decoding=DecodingOptions(beam_size=2, max_length=6),
    epochs=1,
    batch_size=2,
    min_word_count=1,
    evaluate_from_epoch=1,
    precision="float32",
)
RECIPE = (
    "epochs = 1\nmin_word_count = 1\nevaluate_from_epoch = 1\n"
    "[decoder]\nproject_dim = 8\nembed_dim = 8\ndecoder_dim = 8\nattention_dim = 8\n"
)


def arrays(kind):
    def build(miniatures):
        folder = miniatures.neuraltalk2()
        miniatures.array_folders(folder, kind)
        return folder

    return build


def keyed(miniatures):
    folder = miniatures.neuraltalk2()
    miniatures.keyed(folder / "cocotalk_att.h5")
    return folder


def detections(miniatures):
    folder = miniatures.root / "detections"
    folder.mkdir()
    miniatures.keyed(folder / "coco_detections.hdf5", "_features")
    miniatures.karpathy(folder)
    return folder


def regions(miniatures):
    folder = miniatures.regions()
    miniatures.karpathy(folder)
    return folder


def adaptive(miniatures):
    folder = miniatures.adaptive_regions()
    miniatures.coco(folder)
    return folder


# A data set without pixels, the images in it, places of each, and whether it has images to choose epochs by.
LAYOUTS = {
    "CS231n": (lambda miniatures: miniatures.cs231n(), 5, 1, True),
    "neuraltalk2 grids": (arrays("grid"), 3, 6, True),
    "neuraltalk2 regions": (arrays("regions"), 3, 4, True),
    "neuraltalk2 in one file": (keyed, 3, 4, True),
    "detections by id": (detections, 3, 4, True),
    "regions": (regions, 3, 4, True),
    "adaptive regions": (adaptive, 3, 3, False),
}


@pytest.fixture
def train(tmp_path):
    """Trains for an epoch; the run, ended and closed."""

    def carry_out(*paths, config=CONFIG, **sources):
        with TrainingRun.start(config, RunSources(paths=paths, **sources), tmp_path / "run") as run:
            assert isinstance(list(run.events())[-1], TrainingFinished)
        return run

    return carry_out


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs ``captioner ARGUMENTS...``: exit status and what was printed."""
    from captioner.cli.main import main

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["captioner", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


def made_by(package):
    """Name of the encoder of a model."""
    return read_package(package).config.encoder.name


def extracted(pixels, package, views=0):
    """Features of a file of images, where they are looked for."""
    source = open_encoder(None, "bundled", model=str(package))
    with PixelFile(pixels) as file:
        encoder, output = source.encoder.optimise_for_inference(torch.float32), features_beside(pixels)
        how = {"weights_sha256": source.weights_sha256, "views": views}
        list(extract_features(encoder, file.image_names, file, output, **how))


# Features that nobody knows the maker of


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_model_that_captions_features(layout, miniatures, train):
    build, images, places, has_dev = LAYOUTS[layout]
    folder = build(miniatures)
    run = train(folder)
    package = read_package(run.package_path)
    assert package.config.encoder is None
    assert "captions features, not photographs" in package.about.limits
    assert any("does not say what made its features" in note for note in run.notes)
    assert any("no dev images" in note for note in run.notes) is not has_dev
    assert bool(package.about.scores) is has_dev

    captioner = Captioner.load(run.package_path, device="cpu")
    with contextlib.ExitStack() as stack:
        named = open_features([folder], stack)
        assert len(named) == images
        (names, features), *more = named.batches(100)
        assert not more
        captions = captioner.caption_rows(features)
    assert len(captions) == len(names) == images
    for caption in captions:
        assert caption.attention.shape == (len(caption.words), places)
        np.testing.assert_allclose(caption.attention.sum(axis=1), 1, atol=1e-5)
        assert {word.text for word in caption.words} <= set(captioner.vocabulary.tokens)


def test_it_learns_from_the_rows_that_belong_to_its_captions(miniatures, train):
    """Two images whose features differ get different captions once they are known by heart."""
    folder = miniatures.cs231n(
        train_captions=np.array([[1, 4, 5, 2], [1, 4, 6, 2], [1, 9, 8, 2]] * 2, np.int32),
        train_image_idxs=np.array([2, 0, 1] * 2, np.int32),
    )
    by_heart = {"epochs": 60, "batch_size": 6, "learning_rate": 0.02, "label_smoothing": 0.0, "average_decay": 0.0}
    config = CONFIG.replace(**by_heart, decoder=CONFIG.decoder.replace(dropout=0.0))
    (folder / "coco2014_captions.h5").rename(folder / "old.h5")
    with h5py.File(folder / "old.h5") as old, h5py.File(folder / "coco2014_captions.h5", "w") as new:
        for name in ("train_captions", "train_image_idxs"):
            new[name] = old[name][()]
    (folder / "old.h5").unlink()
    captioner = Captioner.load(train(folder, config=config).package_path, device="cpu")
    with h5py.File(folder / "train2014_vgg16_fc7.h5") as file:
        rows = file["features"][()][:, None]
    assert [caption.text for caption in captioner.caption_rows(rows)] == ["a cat", "red sits", "a dog"]


def test_photographs_are_refused_in_one_sentence(miniatures, train, photographs):
    run = train(miniatures.cs231n())
    package = read_package(run.package_path)
    captioner = Captioner.load(run.package_path, device="cpu")
    message = "The model my-model captions features, not photographs"
    for ask in (
        lambda: captioner.caption(photographs / "photo-1.jpg"),
        lambda: list(captioner.caption_many([photographs / "photo-1.jpg"])),
        lambda: captioner.encode([]),
        lambda: Captioner.load(run.package_path, input_size=64),
        package.load_encoder,
        lambda: open_encoder(None, "bundled", model=str(run.package_path)),
    ):
        with pytest.raises(ConfigurationError, match=message):
            ask()
    with pytest.raises(ConfigurationError, match=r"features that are 12 wide, not of shape \(1, 1, 5\)"):
        captioner.caption_rows(np.zeros((1, 1, 5), np.float32))


def test_such_a_model_travels(miniatures, train, home):
    run = train(miniatures.cs231n(), name="vectors")
    archive = home.with_name("vectors.zip")
    export_package(run.package_path, archive)
    installed = install_package(archive)
    assert (installed.origin, installed.config.encoder) == ("installed", None)
    installed.verify()


def test_a_window_is_told_why_it_cannot_use_it(miniatures, train):
    from captioner.worker.loaded_models import LoadedModels
    from captioner.worker.model_details import details_of

    run = train(miniatures.cs231n())
    details = details_of(read_package(run.package_path))
    assert details.is_features_only
    assert (details.encoder, details.grid) == ("", (0, 0))
    with pytest.raises(ConfigurationError, match="captions features, not photographs"):
        LoadedModels().load(str(run.package_path))


# Resumed, repeated, moved


def test_a_stopped_run_goes_on_where_its_data_was_moved_to(miniatures, tmp_path):
    folder = miniatures.cs231n()
    config = CONFIG.replace(epochs=2)
    packages = []
    for name in ("whole", "stopped"):
        with TrainingRun.start(config, RunSources(paths=(folder,)), tmp_path / name) as run:
            for event in run.events():
                if name == "stopped" and isinstance(event, StepsFinished):
                    run.trainer.control.stop_and_save()
        packages.append(run.package_path)
    assert not packages[1].exists()
    moved = folder.rename(tmp_path / "moved")
    with pytest.raises(AnnotationError, match="coco_captioning"):
        TrainingRun.resume(tmp_path / "stopped")
    with TrainingRun.resume(tmp_path / "stopped", paths=(moved,)) as run:
        assert isinstance(list(run.events())[-1], TrainingFinished)
    assert read_run(tmp_path / "stopped")[1].paths == (moved,)
    one, other = (read_package(path).load().decoder.state_dict() for path in packages)
    assert all(torch.equal(other[name], value) for name, value in one.items())


def test_other_data_is_not_gone_on_with(miniatures, tmp_path):
    folder = miniatures.cs231n()
    with TrainingRun.start(CONFIG, RunSources(paths=(folder,)), tmp_path / "run") as run:
        for event in run.events():
            if isinstance(event, StepsFinished):
                run.trainer.control.stop_and_save()
    with h5py.File(folder / "coco2014_captions.h5", "r+") as file:
        file["train_captions"][0, 1] = 9
    with pytest.raises(TrainingRunError, match="not what the run began with"):
        TrainingRun.resume(tmp_path / "run")


def test_a_run_is_repeated_by_its_paths(miniatures, train):
    folder = miniatures.cs231n()
    run = train(folder)
    program, name, paths, *options = repeat_command(run.path)
    assert (program, name, paths) == ("captioner", "train", str(folder))
    assert "--features" not in options
    assert "--paths" not in options


def test_a_run_of_before_has_no_paths():
    files = {"features": "/t.h5", "captions": "/c.csv", "dev_features": None}
    sources = RunSources.from_dict({**files, "encoder_weights": "bundled", "model": None, "name": "old"})
    assert (sources.paths, sources.encoder, sources.name) == ((), None, "old")


def test_either_a_data_set_or_files_by_name(tmp_path):
    with pytest.raises(ConfigurationError, match="nothing to train on"):
        RunSources(features=tmp_path / "t.h5")
    with pytest.raises(ConfigurationError, match="is a data set of its own"):
        RunSources(paths=(tmp_path,), captions=tmp_path / "c.csv")


# Features whose maker is known


def test_features_of_this_project_make_a_model_for_photographs(training_files, tiny_package, photographs, train):
    files = [training_files / name for name in ("train.h5", "dev.h5", "captions.csv")]
    run = train(*files, model=str(tiny_package))
    assert run.trainer.config.decoder.encoder_dim == 320
    assert not any("what made its features" in note for note in run.notes)
    caption = Captioner.load(run.package_path, device="cpu").caption(photographs / "photo-1.jpg")
    assert caption.grid == (2, 2)


@pytest.mark.parametrize("layout", ["sgrvinod", "neuraltalk2"])
def test_pixels_become_features_as_the_refusal_says(layout, miniatures, tiny_package, photographs, train):
    folder = miniatures.sgrvinod() if layout == "sgrvinod" else miniatures.neuraltalk2(with_pixels=True)
    with pytest.raises(FeatureFileError, match="captioner extract --images"):
        train(folder)
    for path in sorted(folder.glob("*_IMAGES_*.hdf5" if layout == "sgrvinod" else "*.h5")):
        extracted(path, tiny_package, views=1)
    run = train(folder, model=str(tiny_package))
    caption = Captioner.load(run.package_path, device="cpu").caption(photographs / "photo-1.jpg")
    assert caption.grid == (2, 2)
    assert run.trainer.position.steps_done > 0


@pytest.fixture
def unnamed(tmp_path):
    """Four images whose features do not say what made them: paths of features, names and captions."""

    def write(*shape):
        with h5py.File(tmp_path / "features.h5", "w") as file:
            file["features"] = np.random.default_rng(0).normal(size=(4, *shape)).astype(np.float32)
        names = [f"{index}.jpg" for index in range(4)]
        (tmp_path / "names.txt").write_text("\n".join(names) + "\n")
        lines = "".join(f"{name},a dog\n" for name in names)
        (tmp_path / "captions.csv").write_text(f"image,caption\n{lines}")
        return tuple(tmp_path / name for name in ("features.h5", "names.txt", "captions.csv"))

    return write


@pytest.mark.parametrize("side", [2, 3])
def test_the_user_may_know_the_encoder(side, unnamed, tiny_package, photographs, train):
    run = train(*unnamed(side, side, 320), encoder=made_by(tiny_package), model=str(tiny_package))
    package = read_package(run.package_path)
    assert package.config.encoder.input_size == 32 * side
    assert "encoder: named by whoever trained the model" in package.card
    caption = Captioner.load(run.package_path, device="cpu").caption(photographs / "photo-1.jpg")
    assert caption.grid == (side, side)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 2, 64), r"holds 2 x 2 places of 64 numbers.* gives here: features that are 320 wide"),
        ((320,), r"holds one vector of 320 numbers.* gives here: a grid of 2 x 2 places"),
        ((4, 320), r"holds up to 4 regions of 320 numbers.* gives here: a grid of 2 x 2 places"),
        ((2, 3, 320), r"holds 2 x 3 places of 320 numbers.* gives here: a grid of 2 x 2 places"),
    ],
    ids=str,
)
def test_an_encoder_that_cannot_have_made_the_features(shape, message, unnamed, tiny_package, train):
    with pytest.raises(FeatureFileError, match=message):
        train(*unnamed(*shape), encoder=made_by(tiny_package), model=str(tiny_package))


def test_a_check_says_how_the_encoder_can_be_named(unnamed):
    with open_dataset(*unnamed(2, 2, 320)) as dataset:
        report = check_dataset(dataset, min_word_count=1)
    assert (report.features.encoder, report.features.may_be_of_an_encoder) == ("", True)
    (warning,) = (message for message in report.warnings if "does not say what made its features" in message)
    assert "under Data on the Train page" in warning
    assert "`captioner train --encoder`" in warning


def test_features_know_better_who_made_them(training_files, tiny_package, train):
    files = [training_files / name for name in ("train.h5", "captions.csv")]
    with pytest.raises(FeatureFileError, match=f"extracted by {made_by(tiny_package)}, not by resnet18"):
        train(*files, model=str(tiny_package), encoder="resnet18")


# Nothing to learn from


def test_captions_without_words_are_refused(miniatures, train):
    folder = miniatures.cs231n(train_captions=np.array([[1, 2]] * 6, np.int32))
    with pytest.raises(AnnotationError, match="no caption with words"):
        train(folder)


def test_captions_alone_are_refused_with_the_way_to_features(miniatures, train):
    folder = miniatures.adaptive_regions()
    with pytest.raises(FeatureFileError, match="captioner extract --images FOLDER"):
        train(miniatures.coco(folder))


# On the command line


def test_the_command_line_trains_captions_and_scores(miniatures, command, tmp_path, photographs, monkeypatch):
    folder = miniatures.cs231n()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    status, _, said = command("train", folder, "-o", "run", "--recipe", "recipe.toml")
    assert status == 0, said
    assert "captions such features (`captioner caption --features`), not photographs" in said
    model = ("--model", "run/my-model", "--device", "cpu")

    status, out, said = command("caption", "--features", folder, *model)
    assert status == 0, said
    lines = [line.split("\t") for line in out.splitlines()]
    assert [name for name, _ in lines] == ["train/0.jpg", "train/1.jpg", "train/2.jpg", "val/0.jpg", "val/1.jpg"]

    status, out, _ = command("caption", "--features", folder / "val2014_vgg16_fc7.h5", *model, "--format", "json")
    assert [json.loads(line)["name"] for line in out.splitlines()] == ["0", "1"]
    assert [json.loads(line)["caption"] for line in out.splitlines()] == [text for _, text in lines[3:]]

    status, out, said = command("evaluate", "--features", folder, *model, "--json")
    assert status == 0, said
    assert json.loads(out)["images"] == 2
    status, out, _ = command("evaluate", "--features", folder, "--split", "train", *model, "--json")
    assert json.loads(out)["images"] == 3

    for arguments in (
        ("caption", photographs / "photo-1.jpg"),
        ("evaluate", "--images", photographs, "--captions", _captions_of(photographs)),
    ):
        status, _, said = command(*arguments, *model)
        assert status == 1
        assert said.startswith("captioner: The model my-model captions features, not photographs")
        assert said.count("\n") == 1


def _captions_of(photographs):
    path = photographs / "captions.csv"
    path.write_text("image,caption\nphoto-1.jpg,A circle.\n")
    return path


def test_features_of_a_list_of_names_become_a_table(miniatures, command, train, tmp_path):
    folder = miniatures.cs231n()
    run = train(folder)
    files = ("--features", folder / "val2014_vgg16_fc7.h5", "--features", folder / "val2014_images.txt")
    output = tmp_path / "captions.csv"
    status, _, said = command("caption", *files, "--model", run.package_path, "-f", "csv", "-o", output)
    assert status == 0, said
    rows = list(csv.DictReader(io.StringIO(output.read_text())))
    assert [row["name"] for row in rows] == ["val/0.jpg", "val/1.jpg"]
    assert {row["model"] for row in rows} == {"my-model"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.jpg", "--features", "f.h5"), "there are no photographs. Leave out a.jpg."),
        (("--features", "f.h5", "--attention", "figures"), "Leave out --attention."),
        (("--features", "f.h5", "--recursive"), "Leave out --recursive."),
        (("--features", "f.h5", "--format", "coco"), "have no coco form"),
        (("--features", "missing.h5"), "missing.h5"),
    ],
)
def test_what_cannot_be_captioned(arguments, message, command, tiny_package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, said = command("caption", *arguments, "--model", tiny_package, "--device", "cpu")
    assert (status, out) == (1, "")
    assert message in said


def test_features_of_another_encoder_are_refused(command, tiny_package, miniatures, tmp_path):
    path = miniatures.native(tmp_path, "other", ["a.jpg"], dim=320)
    status, _, said = command("caption", "--features", path, "--model", tiny_package, "--device", "cpu")
    assert status == 1
    assert f"was extracted by resnet18, but the model tiny knows features of {made_by(tiny_package)}" in said


def test_a_model_with_an_encoder_captions_features_as_it_captions_photographs(
    command, tiny_package, photographs, tmp_path
):
    model = ("--model", tiny_package)
    assert (
        command("extract", "--images", photographs, "-o", tmp_path / "f.h5", *model, "--precision", "float32")[0] == 0
    )
    status, out, said = command("caption", "--features", tmp_path / "f.h5", *model, "--device", "cpu")
    assert status == 0, said
    of_features = dict(line.split("\t") for line in out.splitlines())
    _, out, _ = command("caption", photographs, "--recursive", *model, "--device", "cpu")
    assert dict(line.split(": ") for line in out.splitlines()) == {
        str(photographs / name): text for name, text in of_features.items()
    }
