"""However many processes train together, the same steps are taken."""

import json
import os
import signal
import subprocess
import sys
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from captioner.config import TrainingConfig
from captioner.errors import TrainingRunError
from captioner.training.checkpoint import CheckpointFolder
from captioner.training.control import TrainingControl
from captioner.training.distributed import _refuse_public_address, join_world
from captioner.training.events import EpochFinished, StepsFinished, TrainingStopped
from captioner.training.run import RunOptions, RunSources, TrainingRun
from captioner.training.stages import ALONE

ROOT = Path(__file__).resolve().parents[3]


class Threads:
    """Two worlds for two threads of this process, which add up as gloo does between two processes."""

    class World:
        size = 2

        def __init__(self, rank, together):
            self.rank, self._together = rank, together

        def sum(self, value):
            messages, barrier = self._together
            messages[self.rank] = value.detach().clone()
            barrier.wait(60)
            total = messages[0] + messages[1]
            barrier.wait(60)
            return total

    def __init__(self):
        together = [None, None], threading.Barrier(2)
        self.worlds = [self.World(rank, together) for rank in range(2)]

    def run(self, make, function):
        """The results of ``function(make(world))`` of both, made one after the other: threads share torch's seed."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(function, [make(world) for world in self.worlds]))


def largest_difference(one, other):
    assert one.keys() == other.keys()
    return max(float((one[name] - value).abs().max()) for name, value in other.items())


CHANGES = {"epochs": 2, "batch_size": 3, "precision": "float64", "average_decay": 0.9, "evaluate_from_epoch": 1}


@pytest.fixture
def changes(training):
    return CHANGES | {"self_critical": training.captions_stage(1), "views": 2}


def test_two_take_the_steps_of_one(training, changes):
    alone = training.trainer(**changes)
    expected = [event for event in alone.run() if isinstance(event, EpochFinished)]

    def train(trainer):
        return trainer, [event for event in trainer.run() if isinstance(event, EpochFinished)]

    (first, told), (second, told_too) = Threads().run(
        lambda world: training.trainer(**changes, how={"world": world}), train
    )
    assert largest_difference(alone.decoder.state_dict(), first.decoder.state_dict()) < 1e-12
    for name, value in first.decoder.state_dict().items():
        assert torch.equal(second.decoder.state_dict()[name], value)
    for one, other in ((expected, told), (told, told_too)):
        for here, there in zip(one, other, strict=True):
            assert (here.samples, here.scores, here.is_best) == (there.samples, there.scores, there.is_best)
            assert [here.loss, here.dev_loss] == pytest.approx([there.loss, there.dev_loss], rel=1e-12)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_wish_of_one_is_heeded_by_both_after_the_same_step(training, changes, rank):
    def make(world):
        return training.trainer(**changes, how={"world": world, "control": TrainingControl()})

    def train(trainer):
        for event in trainer.run():
            if isinstance(event, StepsFinished) and event.step == 3 and trainer.world.rank == rank:
                trainer.control.stop_and_save()
        return event

    one, other = Threads().run(make, train)
    assert isinstance(one, TrainingStopped)
    assert one == other
    assert one.step == 3


def test_both_extend_when_the_first_says_so(training, changes):
    def make(world):
        control = TrainingControl()
        control.extend(1)
        return training.trainer(**changes, how={"world": world, "control": control})

    def train(trainer):
        list(trainer.run())
        return trainer.config.epochs

    assert Threads().run(make, train) == [3, 3]


def test_a_process_by_itself_is_alone():
    with join_world("cpu", {}) as world:
        assert world is ALONE
    with join_world("cpu", {"WORLD_SIZE": "1"}) as world:
        assert world is ALONE


def test_processes_that_cannot_be_found(monkeypatch):
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(TrainingRunError, match="do not find each other"), join_world("cpu"):
        pass


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_processes_never_meet_at_a_public_address(address):
    environment = {"WORLD_SIZE": "2", "RANK": "0", "MASTER_ADDR": address, "MASTER_PORT": "29400"}
    with pytest.raises(TrainingRunError, match="is a public address"), join_world("cpu", environment):
        pass


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.0.0.7", "192.168.1.2", "fd00::2", "fe80::1%lo", "localhost"]
)
def test_private_addresses_are_no_reason_to_refuse(address):
    _refuse_public_address(address)


# With real processes


@pytest.fixture
def sources(training_files, tiny_package):
    names = {"features": "train.h5", "captions": "captions.csv", "dev_features": "dev.h5"}
    return RunSources(**{key: training_files / name for key, name in names.items()}, model=str(tiny_package))


@pytest.fixture
def recipe(training_files):
    path = training_files / "recipe.toml"
    text = path.read_text().replace('"float32"', '"float64"').replace("[decoder]", "[decoder]\ndropout = 0.0")
    path.write_text(text)
    return path


def final_weights(run):
    tensors = CheckpointFolder(run / "checkpoints").latest().tensors
    return {name: value for name, value in tensors.items() if name.startswith(("weights.", "best."))}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_torchrun_restarts_what_was_killed_and_ends_as_if_nothing_had_been(sources, recipe):
    config = TrainingConfig.from_dict(tomllib.loads(recipe.read_text()))
    folder = recipe.parent
    with TrainingRun.start(config, sources, folder / "alone") as run:
        list(run.events())

    def train(run):
        with run:
            list(run.events())

    Threads().run(lambda world: TrainingRun.start(config, sources, folder / "threads", RunOptions(world=world)), train)
    files = ("--features", sources.features, "--captions", sources.captions, "--dev-features", sources.dev_features)
    command = ["torchrun", "--standalone", "--nproc-per-node", 2, "--max-restarts", 1, "-m", "captioner", "train"]
    command += [*files, "--model", sources.model, "--recipe", recipe, "-o", folder / "run"]
    told = killing_the_first_process([*command, "--every", 0, "--events", "jsonl"], after_checkpoints=6)
    starts = [event for event in told if event["event"] == "run_started"]
    assert [start["step"] > 0 for start in starts] == [False, True]
    assert told[-1]["event"] == "training_finished"
    found = final_weights(folder / "run")
    assert largest_difference(final_weights(folder / "alone"), found) < 1e-12
    assert largest_difference(final_weights(folder / "threads"), found) == 0
    assert (folder / "run" / "my-model" / "manifest.json").exists()


def killing_the_first_process(command, *, after_checkpoints):
    """Run ``torchrun ...``, kill the process that writes once, and return all its events."""
    module = [sys.executable, "-m", "torch.distributed.run", *map(str, command[1:])]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    told, checkpoints = [], 0
    with subprocess.Popen(module, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        for line in process.stdout:
            told.append(json.loads(line))
            checkpoints += told[-1]["event"] == "checkpoint_saved"
            if checkpoints == after_checkpoints and told[-1]["event"] == "checkpoint_saved":
                os.kill(told[0]["process"], signal.SIGKILL)
    assert process.returncode == 0
    return told
