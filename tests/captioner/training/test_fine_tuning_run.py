"""A fine-tuning run from files to a package: what it leaves behind, how it goes on, and what it refuses."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from captioner import Captioner
from captioner.errors import (
    AnnotationError,
    CaptionerError,
    ConfigurationError,
    ImageError,
    OutputError,
    TrainingRunError,
)
from captioner.model_library import find_package, read_package
from captioner.training.control import TrainingControl
from captioner.training.events import EpochFinished, StepsFinished, TrainingFinished, TrainingStopped
from captioner.training.fine_tuning_config import FineTuningConfig
from captioner.training.fine_tuning_run import FineTuningRun
from captioner.training.fine_tuning_sources import FineTuningRecord, FineTuningSources
from captioner.training.recorded_run import RunOptions
from captioner.training.run_folder import read_run

CONFIG = FineTuningConfig(epochs=2, batch_size=2, precision="float32", device="cpu")


@pytest.fixture
def sources(fine_tuning_files, tiny_package):
    return FineTuningSources(
        images=fine_tuning_files / "photos",
        captions=fine_tuning_files / "captions.csv",
        split=fine_tuning_files / "train.txt",
        dev_split=fine_tuning_files / "dev.txt",
        model=str(tiny_package),
        name="tuned",
    )


@pytest.fixture
def output(fine_tuning_files):
    return fine_tuning_files / "run"


def weights_of(path):
    return read_package(path).load().state_dict()


def stopped_after(run, step):
    """Carry out ``run`` up to ``step`` and return the last event."""
    event = None
    for event in run.events():
        if isinstance(event, StepsFinished) and event.step >= step:
            run.trainer.control.stop_and_save()
    return event


def test_run_ends_with_a_package_that_captions(sources, output, fine_tuning_files, mobile_package):
    sources = replace(sources, model=str(mobile_package))
    with FineTuningRun.start(CONFIG, sources, output) as run:
        *_, finished = run.events()
    assert isinstance(finished, TrainingFinished)
    assert run.package_path == output / "tuned"
    package = read_package(run.package_path)
    package.verify()
    assert "started from: mobile" in package.card
    assert "captions.csv" in package.card
    assert str(fine_tuning_files) not in package.card  # packages travel
    assert dict(package.about.scores).keys() >= {"CIDEr", "BLEU-4"}
    before, after = weights_of(Path(sources.model)), weights_of(run.package_path)
    changed = [name for name, value in after.items() if not torch.equal(value, before[name])]
    assert any(name.startswith("encoder.trunk.") for name in changed)
    assert any(name.startswith("decoder.") for name in changed)
    caption = Captioner.load(run.package_path, device="cpu").caption(fine_tuning_files / "photos" / "7.jpg")
    assert caption.grid == (2, 2)


def test_folder_is_one_that_the_window_can_show(sources, output):
    from gui.viewmodels.training_run import RunState
    from gui.viewmodels.training_run import read_run as look_at

    with FineTuningRun.start(CONFIG, sources, output) as run:
        list(run.events())
    seen = look_at(output)
    assert seen.state == RunState.ENDED
    assert seen.package == str(run.package_path)
    assert [epoch.epoch for epoch in seen.epochs] == [1, 2]
    assert seen.epochs[0].scores["cider"] >= 0
    assert (seen.metric, seen.sources["images"]) == ("cider", str(sources.images))


@pytest.mark.parametrize("stop_at", [1, 3])
def test_resumed_run_ends_with_the_same_package_without_the_model_it_began_with(
    sources, output, tiny_package, tmp_path, stop_at
):
    with FineTuningRun.start(CONFIG, sources, output.with_name("whole")) as whole:
        *_, finished = whole.events()
    shutil.copytree(tiny_package, tmp_path / "gone")
    begun = FineTuningRun.start(CONFIG, replace(sources, model=str(tmp_path / "gone")), output)
    with begun:
        assert isinstance(stopped_after(begun, stop_at), TrainingStopped)
    assert not begun.package_path.exists()
    shutil.rmtree(tmp_path / "gone")
    with FineTuningRun.resume(output) as resumed:
        *_, again = resumed.events()
    assert again == finished
    expected, found = weights_of(whole.package_path), weights_of(resumed.package_path)
    assert all(torch.equal(found[name], value) for name, value in expected.items())

    def told(folder):
        lines = map(json.loads, (folder / "history.jsonl").read_text().splitlines())
        return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]

    assert told(output) == told(output.with_name("whole"))


def test_a_run_killed_before_its_first_checkpoint_begins_again(sources, output):
    with FineTuningRun.start(CONFIG, sources, output):
        pass
    with FineTuningRun.resume(output) as run:
        *_, finished = run.events()
    assert isinstance(finished, TrainingFinished)


def test_an_ended_run_is_extended(sources, output):
    with FineTuningRun.start(CONFIG, sources, output) as run:
        list(run.events())
    control = TrainingControl()
    control.extend(1)
    with FineTuningRun.resume(output, RunOptions(control=control)) as run:
        epochs = [event.epoch for event in run.events() if isinstance(event, EpochFinished)]
    assert epochs == [3]
    with FineTuningRun.resume(output) as run:  # and remembers it
        assert run.trainer.config.epochs == 3


def test_without_lists_the_captions_decide(sources, output):
    with FineTuningRun.start(CONFIG, replace(sources, split=None, dev_split=None), output) as run:
        assert run.data.dev is None
        assert len(run.data.train) == 8
    with FineTuningRun.start(CONFIG, replace(sources, split=None), output.with_name("other")) as run:
        assert (len(run.data.train), len(run.data.dev)) == (6, 2)


def test_splits_of_the_captions_themselves(sources, output, fine_tuning_files):
    entries = [
        {"filename": f"{index}.jpg", "split": split, "sentences": [{"raw": "a red car"}]}
        for index, split in enumerate(("train", "train", "restval", "val", "test"))
    ]
    path = fine_tuning_files / "karpathy.json"
    path.write_text(json.dumps({"dataset": "flickr8k", "images": entries}))
    with FineTuningRun.start(CONFIG, replace(sources, captions=path, split=None, dev_split=None), output) as run:
        assert run.data.train.photographs.names == ("0.jpg", "1.jpg")
        assert run.data.dev.photographs.names == ("3.jpg",)


def test_a_damaged_dev_photograph_is_left_out(sources, output, caplog):
    (sources.images / "7.jpg").write_bytes(b"")
    with FineTuningRun.start(CONFIG, sources, output) as run:
        assert list(run.data.dev.references) == ["6.jpg"]
    assert "7.jpg is empty" in caplog.messages[0]


def refuse(sources, output, kind, reason, config=CONFIG):
    with pytest.raises(kind, match=reason):
        FineTuningRun.start(config, sources, output)
    assert not output.exists()


def test_what_cannot_be_trained_on(sources, output, fine_tuning_files):
    (fine_tuning_files / "both.txt").write_text("0.jpg\n6.jpg\n")
    refuse(replace(sources, split=fine_tuning_files / "both.txt"), output, AnnotationError, "6.jpg among them")
    (fine_tuning_files / "more.txt").write_text("0.jpg\n99.jpg\n")
    refuse(replace(sources, split=fine_tuning_files / "more.txt"), output, AnnotationError, "has no caption of 99.jpg")
    (fine_tuning_files / "one.txt").write_text("6.jpg\n")
    (sources.images / "6.jpg").write_bytes(b"")
    refuse(replace(sources, dev_split=fine_tuning_files / "one.txt"), output, AnnotationError, "No dev photograph")
    refuse(replace(sources, images=fine_tuning_files), output, AnnotationError, "Name the folder that holds them")
    refuse(replace(sources, name="../up"), output, ConfigurationError, "cannot be the name of a model")
    refuse(replace(sources, encoder="resnet18"), output, ConfigurationError, "cannot have the weights of")
    refuse(replace(sources, model="nowhere"), output, CaptionerError, "There is no model 'nowhere'")
    (sources.images / "7.jpg").write_bytes(b"")
    refuse(sources, output, ImageError, "2 of 2 photographs")


def test_a_folder_in_use_and_one_without_a_run_are_refused(sources, output):
    output.mkdir()
    (output / "holiday.txt").touch()
    with pytest.raises(OutputError, match="is not empty"):
        FineTuningRun.start(CONFIG, sources, output)
    with pytest.raises(TrainingRunError, match="holds no run"):
        FineTuningRun.resume(output)


def test_other_captions_are_refused_on_resuming(sources, output):
    with FineTuningRun.start(CONFIG, sources, output) as run:
        stopped_after(run, 1)
    sources.captions.write_text(sources.captions.read_text().replace("a red car", "a red dog"))
    with pytest.raises(TrainingRunError, match="not what the run began with"):
        FineTuningRun.resume(output)


def test_each_kind_of_run_says_how_the_other_is_resumed(sources, output, fine_tuning_files):
    with FineTuningRun.start(CONFIG, sources, output):
        pass
    with pytest.raises(TrainingRunError, match=r"captioner fine-tune --resume .*run"):
        read_run(output)
    (fine_tuning_files / "config.json").write_text('{"sources": {}, "training": {}}')
    with pytest.raises(TrainingRunError, match="captioner train --resume"):
        FineTuningRecord.read(fine_tuning_files)
    (fine_tuning_files / "config.json").write_text('{"command": "fine-tune"}')
    with pytest.raises(TrainingRunError, match="missing or damaged"):
        FineTuningRecord.read(fine_tuning_files)


def test_a_variant_of_the_encoder_with_a_finer_grid(sources, output):
    sources = replace(sources, encoder="stepped_resnet_small_dilated")
    config = CONFIG.replace(epochs=1, batch_size=6, average_decay=0.5)
    with FineTuningRun.start(config, sources, output) as run:
        list(run.events())
    package = find_package(run.package_path)
    assert package.config.encoder.name == "stepped_resnet_small_dilated"
    captioner = Captioner.load(run.package_path, device="cpu")
    assert captioner.caption(sources.images / "0.jpg").grid == (4, 4)
