import dataclasses
import json
import shutil
import tomllib

import pytest
import torch

from captioner.config import TrainingConfig
from captioner.errors import CaptionerError, ConfigurationError, FeatureFileError, OutputError, TrainingRunError
from captioner.model_library import WEIGHTS, read_package, seal_package
from captioner.training.control import TrainingControl
from captioner.training.events import EpochFinished, StepsFinished, TrainingFinished, TrainingStopped
from captioner.training.run import RunOptions, RunSources, TrainingRun, repeat_command, resume_command
from captioner.training.run_folder import BEST_SO_FAR, read_run
from captioner.training.sample_attention import read_attention
from captioner.vocabulary import join_words


@pytest.fixture
def sources(training_files, tiny_package):
    return RunSources(
        features=training_files / "train.h5",
        captions=training_files / "captions.csv",
        dev_features=training_files / "dev.h5",
        model=str(tiny_package),
        name="dogs",
    )


@pytest.fixture
def config(training_files):
    return TrainingConfig.from_dict(tomllib.loads((training_files / "recipe.toml").read_text()))


@pytest.fixture
def output(training_files):
    return training_files / "run"


def stopped_after(run, step):
    """Carry out ``run`` up to ``step`` and return the last event."""
    event = None
    for event in run.events():
        if isinstance(event, StepsFinished) and event.step >= step:
            run.trainer.control.stop_and_save()
    return event


def weights_of(path):
    return read_package(path).load().decoder.state_dict()


def test_run_ends_with_a_package(config, sources, output):
    with TrainingRun.start(config, sources, output) as run:
        *_, finished = run.events()
    assert isinstance(finished, TrainingFinished)
    package = read_package(run.package_path)
    package.verify()
    assert package.name == "dogs"
    assert "captions.csv" in package.card
    assert str(output.parent) not in package.card  # packages travel
    assert len((output / "history.jsonl").read_text().splitlines()) == 6


def test_run_keeps_what_a_window_shows_of_it(config, sources, output):
    sources = dataclasses.replace(sources, images=output.parent)
    with TrainingRun.start(config, sources, output) as run:
        steps = [event for event in run.events() if isinstance(event, StepsFinished)]
    assert read_run(output)[1].images == output.parent
    epochs = [json.loads(line) for line in (output / "history.jsonl").read_text().splitlines()]
    spoken = [epoch["epoch"] for epoch in epochs if epoch["scores"]]
    found = {number: read_attention(output / "samples" / f"epoch-{number:03d}.attention.json") for number in spoken}
    for number, attention in found.items():
        captions = json.loads((output / "samples" / f"epoch-{number:03d}.json").read_text())
        assert {name: join_words(sample.words) for name, sample in attention.items()}.items() <= captions.items()
        assert all(sample.reference and sample.alphas.shape[1] > 1 for sample in attention.values())
    assert all(found.values())
    assert spoken
    kept = [json.loads(line)["step"] for line in (output / "steps.jsonl").read_text().splitlines()]
    assert kept[-1] == steps[-1].step
    assert set(kept) <= {event.step for event in steps}


def test_resumed_run_ends_with_the_same_package(config, sources, output):
    with TrainingRun.start(config, sources, output.with_name("whole")) as run:
        *_, finished = run.events()
    with TrainingRun.start(config, sources, output) as first:
        assert isinstance(stopped_after(first, 4), TrainingStopped)
    assert read_package(first.package_path).about.scores
    assert first.best_so_far.epoch == 1
    assert not list(output.glob(".dogs*"))
    with TrainingRun.resume(output) as second:
        assert isinstance(stopped_after(second, 13), TrainingStopped)
    with TrainingRun.resume(output) as third:
        *_, again = third.events()
    assert again == finished
    expected, found = weights_of(run.package_path), weights_of(third.package_path)
    assert all(torch.equal(found[name], value) for name, value in expected.items())
    assert not (output / BEST_SO_FAR).exists()

    def told(folder):
        lines = map(json.loads, (folder / "history.jsonl").read_text().splitlines())
        return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]

    assert told(output) == told(output.with_name("whole"))


def test_a_run_that_is_stopped_before_its_first_epoch_has_no_model(config, sources, output):
    with TrainingRun.start(config, sources, output) as run:
        stopped_after(run, 1)
    assert run.best_so_far is None
    assert not run.package_path.exists()
    assert not (output / BEST_SO_FAR).exists()


def test_the_end_replaces_the_best_so_far_even_if_it_was_killed_before_it_could(config, sources, output):
    # Without dev images the last epoch is the best.
    with TrainingRun.start(config, dataclasses.replace(sources, dev_features=None), output) as run:
        stopped_after(run, 4)
    early = weights_of(run.package_path)
    with TrainingRun.resume(output) as run:
        run._package = lambda *_, **__: None
        *_, finished = run.events()
    (output / BEST_SO_FAR).touch()  # the kill came before this could be taken away
    with TrainingRun.resume(output) as run:
        assert list(run.events()) == [finished]
    assert not torch.equal(weights_of(run.package_path)["output.bias"], early["output.bias"])
    assert not (output / BEST_SO_FAR).exists()


def test_an_extended_run_has_its_model_replaced_even_if_the_disk_was_full_at_first(
    config, sources, output, monkeypatch
):
    sources = dataclasses.replace(sources, dev_features=None)  # the last epoch is the best
    with TrainingRun.start(config, sources, output) as run:
        list(run.events())
    early = weights_of(run.package_path)

    def fail(path):
        raise OutputError("The disk is full.")

    with TrainingRun.resume(output) as run:
        monkeypatch.setattr(run, "_write_package", fail)
        run.trainer.control.extend(1)
        with pytest.raises(OutputError):
            list(run.events())
    with TrainingRun.resume(output) as run:
        list(run.events())
    assert not torch.equal(weights_of(run.package_path)["output.bias"], early["output.bias"])
    assert not (output / BEST_SO_FAR).exists()


def test_an_epoch_whose_steps_were_taken_before_the_resumption_is_packaged(config, sources, output):
    with TrainingRun.start(config, dataclasses.replace(sources, dev_features=None), output) as run:
        stopped_after(run, 6)
    early = weights_of(run.package_path)
    with TrainingRun.resume(output) as run:
        for event in run.events():
            if isinstance(event, EpochFinished):
                run.trainer.control.stop_and_save()
    assert run.best_so_far.epoch == 2
    assert not torch.equal(weights_of(run.package_path)["output.bias"], early["output.bias"])


def test_a_model_that_cannot_be_written_leaves_the_older_one(config, sources, output, monkeypatch):
    with TrainingRun.start(config, sources, output) as run:
        stopped_after(run, 4)
    before = weights_of(run.package_path)

    def fail(path):
        raise OutputError("The disk is full.")

    with TrainingRun.resume(output) as run:
        monkeypatch.setattr(run, "_write_package", fail)
        assert isinstance(stopped_after(run, 8), TrainingStopped)
    assert run.best_so_far is None
    after = weights_of(run.package_path)
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert not list(output.glob(".dogs*"))


def test_folders_that_a_copy_has_lost_are_made_again(config, sources, output):
    with TrainingRun.start(config, sources, output):
        pass
    shutil.rmtree(output / "checkpoints")
    shutil.rmtree(output / "samples")
    with TrainingRun.resume(output) as run:
        assert isinstance(stopped_after(run, 2), TrainingStopped)
    assert list((output / "checkpoints").iterdir())


def test_run_without_a_checkpoint_begins_again(config, sources, output):
    with TrainingRun.start(config, sources, output):
        pass
    with TrainingRun.resume(output) as run:
        epochs = [event.epoch for event in run.events() if isinstance(event, EpochFinished)]
    assert epochs == [1, 2, 3, 4, 5, 6]


def test_ended_run_makes_its_package_if_that_is_missing_and_leaves_it_else(config, sources, output):
    with TrainingRun.start(config, sources, output) as run:
        list(run.events())
    shutil.rmtree(run.package_path)
    (output / ".dogs-half").mkdir()
    for _ in range(2):
        with TrainingRun.resume(output) as again:
            assert [type(event) for event in again.events()] == [TrainingFinished]
        assert run.package_path.exists()
    assert not list(output.glob(".dogs*"))


def test_extended_run_replaces_its_package(config, sources, output):
    # Without dev images the last epoch is the best.
    with TrainingRun.start(config, dataclasses.replace(sources, dev_features=None), output) as run:
        list(run.events())
    before = weights_of(run.package_path)
    control = TrainingControl()
    control.extend(2)
    with TrainingRun.resume(output, RunOptions(control=control)) as run:
        *_, finished = run.events()
    assert finished.best_epoch == 8
    after = weights_of(run.package_path)
    assert not torch.equal(before["output.bias"], after["output.bias"])
    assert not list(output.glob(".dogs*"))


def test_data_that_changed_is_refused(config, sources, output):
    with TrainingRun.start(config, sources, output) as run:
        stopped_after(run, 1)
    text = sources.captions.read_text()
    sources.captions.write_text(text.replace("a red car", "a blue car"))
    with pytest.raises(TrainingRunError, match="not what the run began with"):
        TrainingRun.resume(output)
    sources.captions.write_text(text)
    TrainingRun.resume(output).close()


def test_files_that_were_moved_can_be_named_anew(config, sources, output):
    with TrainingRun.start(config, sources, output) as run:
        stopped_after(run, 1)
    moved = sources.captions.rename(sources.captions.with_name("moved.csv"))
    with pytest.raises(CaptionerError, match=r"captions\.csv"):
        TrainingRun.resume(output)
    with TrainingRun.resume(output, captions=moved) as run:
        stopped_after(run, 4)
    with TrainingRun.resume(output) as run:
        assert isinstance(list(run.events())[-1], TrainingFinished)


def test_smaller_batches_can_be_asked_for(config, sources, output):
    with TrainingRun.start(config, sources, output) as run:
        stopped_after(run, 2)
    with TrainingRun.resume(output, batch_size=1) as run:
        assert run.trainer.config.batch_size == 1
        assert isinstance(stopped_after(run, 30), TrainingStopped)
        assert run.trainer.position.stage == 1
    with TrainingRun.resume(output, batch_size=1) as run:
        assert run.trainer.config.self_critical.images_per_batch == 1


def test_second_process_is_refused(config, sources, output):
    with TrainingRun.start(config, sources, output):
        with pytest.raises(TrainingRunError, match="is being trained by process"):
            TrainingRun.resume(output)
        with pytest.raises(OutputError, match="is not empty"):
            TrainingRun.start(config, sources, output)


@pytest.mark.parametrize("name", ["", "../up", ".hidden", "a/b", "a b", "x" * 65, "checkpoints", "samples"])
def test_impossible_names_are_refused(config, sources, output, name):
    changed = dataclasses.replace(sources, name=name)
    with pytest.raises(ConfigurationError, match="cannot be the name of a model"):
        TrainingRun.start(config, changed, output)
    assert not output.exists()


def test_features_of_another_encoder_are_refused(config, sources, output, tiny_package):
    other = shutil.copytree(tiny_package, output.with_name("other"))
    weights = bytearray((other / WEIGHTS).read_bytes())
    weights[-1] ^= 1
    (other / WEIGHTS).write_bytes(weights)
    seal_package(other)
    changed = dataclasses.replace(sources, model=str(other))
    with pytest.raises(FeatureFileError, match="was not extracted with these weights"):
        TrainingRun.start(config, changed, output)
    assert not output.exists()


def test_commands_that_go_on_and_that_repeat(config, sources, output):
    assert resume_command(output) == ["captioner", "train", "--resume", str(output)]
    with TrainingRun.start(config, sources, output):
        pass
    command = repeat_command(output)
    assert command[:2] == ["captioner", "train"]
    given = dict(zip(command[2::2], command[3::2], strict=True))
    assert given == {
        "--features": str(sources.features),
        "--dev-features": str(sources.dev_features),
        "--captions": str(sources.captions),
        "--weights": "bundled",
        "--model": sources.model,
        "--name": "dogs",
        "--recipe": str(output / "config.json"),
        "--output": f"{output}-2",
    }
    output.with_name("run-2").mkdir()
    assert repeat_command(output)[-1] == f"{output}-3"
