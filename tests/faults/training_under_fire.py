"""Training in child processes that are killed, starved of disk or of memory; run as a program with a folder.

It loads torch once and forks, since a child that began with nothing would spend seconds on that. Each kind of fault
prints one line of JSON for `test_training_faults`.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from captioner.config import DecoderConfig, DecodingOptions, SelfCriticalConfig, TrainingConfig
from captioner.data.batching import CaptionExamples
from captioner.errors import TrainingRunError
from captioner.training import keeping
from captioner.training.checkpoint import CheckpointFolder
from captioner.training.dev_evaluation import DevSet
from captioner.training.events import CheckpointSaved, TrainingEvent, TrainingPaused
from captioner.training.run_folder import RunFolder, RunSources
from captioner.training.trainer import Trainer
from captioner.vocabulary import Vocabulary

WORDS = [text.split() for text in ("a dog runs", "two men", "a red car", "the boy jumps", "a woman", "three birds")]
KILLS = 200
Heed = Callable[[TrainingEvent, int], None]


class Features:
    values = np.random.default_rng(0).normal(size=(len(WORDS), 2, 6, 5)).astype(np.float32)

    def read(self, rows, views=None):
        return self.values[rows, 0 if views is None else views]


def build(folder: RunFolder, **decoder: int) -> Trainer:
    """Two epochs of three steps, and as many of the second stage."""
    sizes = {"encoder_dim": 5, "project_dim": 8, "embed_dim": 8, "decoder_dim": 16, "attention_dim": 8}
    config = TrainingConfig(
        decoder=DecoderConfig(**(sizes | decoder)),
        epochs=2,
        batch_size=2,
        evaluate_from_epoch=1,
        min_word_count=1,
        precision="float32",
        self_critical=SelfCriticalConfig(epochs=2, samples=2, images_per_batch=2),
        decoding=DecodingOptions(beam_size=1, max_length=6),
    )
    vocabulary = Vocabulary.from_captions(WORDS, min_count=1)
    references = {row: [words] for row, words in enumerate(WORDS)}
    examples = CaptionExamples.build(references, vocabulary, max_length=6)
    dev = DevSet(Features(), np.arange(2), {f"{row}.jpg": [" ".join(WORDS[row])] for row in range(2)})
    how = {"recorder": folder, "save_every": 0.0, "views": 1}
    return Trainer(config, examples, Features(), vocabulary, references=references, dev=dev, **how)


def train(path: Path, heed: Heed = lambda event, count: None, **decoder: int) -> None:
    """Begin or resume the run in ``path``, and write the final weights beside its checkpoints."""
    is_new = not path.exists()
    with RunFolder(path) if is_new else RunFolder.reopen(path) as folder:
        trainer = build(folder, **decoder)
        if is_new:
            folder.write_config(trainer.config, RunSources(features=Path("t.h5"), captions=Path("c.csv")))
        else:
            checkpoint = folder.checkpoints.latest()
            folder.rewind(checkpoint)
            if checkpoint is not None:
                trainer.restore(checkpoint.tensors, checkpoint.values)
        for count, event in enumerate(trainer.run()):
            heed(event, count)


def in_child(action: Callable[[], None], kill_after: float | None = None) -> int:
    """Status of a child that carries out ``action``: 0, 1 where that raised, or minus the signal that killed it."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            action()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def final_state(path: Path) -> tuple[dict[str, torch.Tensor], list[dict[str, object]]]:
    """Tensors of the last checkpoint, and the history without what depends on the clock."""
    lines = map(json.loads, (path / "history.jsonl").read_text().splitlines())
    history = [{key: value for key, value in line.items() if key != "seconds"} for line in lines]
    checkpoint = CheckpointFolder(path / "checkpoints").latest()
    assert checkpoint is not None
    assert checkpoint.values["position"]["end"]
    return checkpoint.tensors, history


def is_as_if_nothing_had_been(path: Path, expected: Path) -> bool:
    (one, history), (other, expected_history) = final_state(path), final_state(expected)
    is_equal = one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    return is_equal and history == expected_history and not list(path.rglob(".*.partial-*"))


def killed_in_training(folder: Path) -> None:
    """Killed after each of some events (steps, epochs, checkpoints of both stages), several times in one run too."""

    def die_at(number: int) -> Heed:
        return lambda _, count: os.kill(os.getpid(), signal.SIGKILL) if count == number else None

    statuses, equal = [], []
    for numbers in ((0,), (4,), (8,), (16, 3), (25,)):
        path = folder / f"killed-{numbers[0]}"
        statuses += [in_child(partial(train, path, die_at(number))) for number in numbers]
        statuses.append(in_child(partial(train, path)))
        equal.append(is_as_if_nothing_had_been(path, folder / "whole"))
    report("killed_in_training", statuses=statuses, equal=equal)


def killed_while_saving(folder: Path) -> None:
    """Killed at random instants while checkpoints are written without end."""
    path = folder / "saves"
    path.mkdir()
    checkpoints = CheckpointFolder(path)
    tensors = {f"{index}": torch.full((2000,), float(index)) for index in range(8)}

    def save_for_ever() -> None:
        step = 0 if (last := checkpoints.latest()) is None else last.values["step"]
        while True:
            step += 1
            checkpoints.save(step, tensors, {"step": step})

    instants, steps, litter = random.Random(0), [], 0
    checkpoints.save(0, tensors, {"step": 0})
    for _ in range(KILLS):
        in_child(save_for_ever, kill_after=instants.uniform(0.0, 0.01))
        steps.append(checkpoints.latest().values["step"])
        litter += len(list(path.glob(".*.partial-*")))
        newest = sorted(path.glob("step-*"))[-1]
        # What is there under its name is whole, so that no older one ever had to be taken.
        assert int(newest.stem.removeprefix("step-")) == steps[-1]
    report("killed_while_saving", steps=steps, litter=litter)


def full_disk(folder: Path) -> None:
    """No file may grow beyond some bytes for a while; training waits and then ends as if nothing had been."""
    path, reasons = folder / "full", folder / "reasons.json"
    keeping.RETRY_SECONDS = 0.0

    def limit(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def heed(event: TrainingEvent, count: int) -> None:
        if isinstance(event, TrainingPaused):
            told.append(event.reason)
            if len(told) % 3 == 0:
                limit(resource.RLIM_INFINITY)
                reasons.write_text(json.dumps(told))
        elif isinstance(event, CheckpointSaved):
            limit(9000 if event.step % 3 else 10)

    told: list[str] = []
    status = in_child(lambda: train(path, heed))
    report(
        "full_disk",
        status=status,
        reasons=json.loads(reasons.read_text()),
        equal=is_as_if_nothing_had_been(path, folder / "whole"),
    )


def no_memory(folder: Path) -> None:
    """The address space ends while gradients are computed."""
    path, told = folder / "starved", folder / "message.txt"

    def starve() -> None:
        def heed(event: TrainingEvent, count: int) -> None:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + 30 * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))

        try:
            train(path, heed, decoder_dim=1500)
        except TrainingRunError as error:
            told.write_text(error.message)

    status = in_child(starve)
    steps = CheckpointFolder(path / "checkpoints").latest().values["position"]["steps_done"]
    report("no_memory", status=status, message=told.read_text(), steps=steps)


def report(kind: str, **found: object) -> None:
    print(json.dumps({"kind": kind, **found}), flush=True)  # noqa: T201


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    # First, since this forks most and needs least.
    killed_while_saving(folder)
    # Optimisers import much of torch when the first is made; children then have it already.
    with RunFolder(folder / "warm") as warm:
        build(warm)
    assert in_child(lambda: train(folder / "whole")) == 0
    for fault in (killed_in_training, full_disk, no_memory):
        fault(folder)


if __name__ == "__main__":
    main()
