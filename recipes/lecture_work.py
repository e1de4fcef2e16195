"""The folder in which the rows of the lecture's table are made, and the commands that make them."""

from __future__ import annotations

import dataclasses
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lecture_page import Row, evenly_spaced, read_steps, summarise_steps

from captioner.config import ModelConfig, TrainingConfig
from captioner.training.events import EpochFinished
from captioner.training.run_folder import BEST_SO_FAR

CAPTIONER = (sys.executable, "-m", "captioner")
LEAST_DEV_IMAGES = 5
SHOWN_IMAGES = 5
# The first report is of steps that fill caches; the next two are the speed.
SPEED_STEPS, SPEED_WARM_UP = 40, 20
STOPPED = 130


@dataclasses.dataclass(frozen=True, slots=True)
class Variant:
    """A row before it is trained: its `name`, its `title`, and all of its settings."""

    name: str
    title: str
    config: TrainingConfig


def vary(recipe: Mapping[str, Any], changes: Mapping[str, Any], *, where: str) -> TrainingConfig:
    """The settings of a recipe with those of one row in their place."""
    return TrainingConfig.from_dict(_over(recipe, changes), where=f"the row {where}")


def _over(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``values``, with ``changes`` in place of those of the same name at every depth."""
    inner = [name for name in changes if isinstance(changes[name], dict) and isinstance(values.get(name), dict)]
    return {**values, **changes} | {name: _over(values[name], changes[name]) for name in inner}


class Work:
    """The folder that everything is made in.

    It holds the feature files and the split lists they are of, and per row a recipe, a run folder, what the run told
    of its steps, and its speed.

    Parameters
    ----------
    path
        The folder.
    captions
        Captions of all images.
    """

    def __init__(self, path: Path, captions: Path) -> None:
        self.path, self.captions = path, captions
        for folder in (path, *(path / name for name in ("recipes", "runs", "events", "speed"))):
            folder.mkdir(parents=True, exist_ok=True)

    def extract(self, flickr8k: Path, images: int | None) -> dict[str, int]:
        """Make ``train.h5`` and ``dev.h5`` where they are missing; returns how many images are in each."""
        most = {"train": images, "dev": images and max(LEAST_DEV_IMAGES, images // 6)}
        counts = {}
        for split, count in most.items():
            names = _read_lines(flickr8k / f"{split}.txt")[:count]
            counts[split] = len(names)
            names_file, target = self.path / f"{split}.txt", self.path / f"{split}.h5"
            _require_same(not names_file.exists() or _read_lines(names_file) == names, names_file)
            names_file.write_text("\n".join(names) + "\n", encoding="utf-8")
            if not target.exists():
                _run("extract", "--images", flickr8k / "images", "--split", names_file, "--output", target)
        return counts

    def settle(self, variant: Variant) -> None:
        """Write the settings of a row down, so that it is never gone on with under others."""
        path = self._recipe(variant)
        if path.exists():
            begun = json.loads(path.read_text(encoding="utf-8"))["training"]
            _require_same(TrainingConfig.from_dict(begun, where=str(path)) == variant.config, path)
        path.write_text(json.dumps({"training": variant.config.to_dict()}, indent=2) + "\n", encoding="utf-8")

    def train(self, variant: Variant) -> None:
        """Train a row to its end, unless it is there."""
        if self.is_finished(variant):
            print(f"{variant.name} is trained already.")
            return
        run = self._run_folder(variant)
        begin = ("--dev-features", self.path / "dev.h5", "--name", variant.name, "--output", run)
        arguments = ("--resume", run) if (run / "config.json").exists() else (*self._data(variant), *begin)
        with self._events(variant).open("a", encoding="utf-8") as file:
            for line in _train(*arguments):
                file.write(line)
                file.flush()
                _tell(json.loads(line))

    def measure_speed(self, variant: Variant) -> None:
        """Train a row for some steps in a folder that is thrown away, and write down how fast that went."""
        speeds = []
        with tempfile.TemporaryDirectory() as folder:
            lines = _train(*self._data(variant), "--output", Path(folder) / "run", is_kept=False)
            for step, report in _reports(lines):
                if step > SPEED_WARM_UP:
                    speeds.append(report["captions_per_second"])
                if step >= SPEED_WARM_UP + SPEED_STEPS:
                    break
            lines.close()
        if not speeds:
            sys.exit(f"There are too few images to measure a speed: {SPEED_WARM_UP + SPEED_STEPS} steps are needed.")
        speed = sum(speeds) / len(speeds)
        self._speed(variant).write_text(json.dumps(speed) + "\n", encoding="utf-8")
        print(f"{variant.name}: {speed:.0f} captions/s", flush=True)

    def is_finished(self, variant: Variant) -> bool:
        """Whether the row has been trained to its end."""
        run = self._run_folder(variant)
        return (run / variant.name).is_dir() and not (run / BEST_SO_FAR).exists()

    def row(self, variant: Variant) -> Row:
        """What came of a row that is finished."""
        run = self._run_folder(variant)
        epochs = map(json.loads, (run / "history.jsonl").read_text(encoding="utf-8").splitlines())
        best = [EpochFinished.from_dict(epoch) for epoch in epochs if epoch["is_best"]][-1]
        if best.scores is None or best.dev_loss is None:
            sys.exit(f"{run} has no dev scores. Remove it and train it again.")
        samples = json.loads((run / "samples" / f"epoch-{best.epoch:03d}.json").read_text(encoding="utf-8"))
        with self._events(variant).open(encoding="utf-8") as lines:
            norm, norm_95, speed = summarise_steps(read_steps(lines).values())
        alone = self._speed(variant)
        return Row(
            name=variant.name,
            title=variant.title,
            parameters=count_parameters(run / variant.name),
            bleu_4=round(best.scores.bleu_4, 2),
            cider=round(best.scores.cider, 2),
            dev_loss=round(best.dev_loss, 4),
            loss_per="character" if variant.config.level == "char" else "word",
            best_epoch=best.epoch,
            captions_per_second=round(json.loads(alone.read_text(encoding="utf-8")) if alone.exists() else speed, 1),
            is_alone=alone.exists(),
            gradient_norm=round(norm, 4),
            gradient_norm_95=round(norm_95, 4),
            captions={name: samples[name] for name in evenly_spaced(list(samples), SHOWN_IMAGES)},
        )

    def _data(self, variant: Variant) -> tuple[object, ...]:
        return (
            *("--features", self.path / "train.h5", "--captions", self.captions),
            *("--recipe", self._recipe(variant)),
        )

    def _recipe(self, variant: Variant) -> Path:
        return self.path / "recipes" / f"{variant.name}.json"

    def _run_folder(self, variant: Variant) -> Path:
        return self.path / "runs" / variant.name

    def _events(self, variant: Variant) -> Path:
        return self.path / "events" / f"{variant.name}.jsonl"

    def _speed(self, variant: Variant) -> Path:
        return self.path / "speed" / f"{variant.name}.json"


def count_parameters(package: Path) -> int:
    """Numbers in the decoder of a package; a matrix with two uses counts once."""
    import torch  # noqa: PLC0415

    from captioner.decoder import Decoder  # noqa: PLC0415
    from captioner.vocabulary import Vocabulary  # noqa: PLC0415

    config = json.loads((package / "config.json").read_text(encoding="utf-8"))
    with torch.device("meta"):
        decoder = Decoder(
            ModelConfig.from_dict({"decoder": config["decoder"]}).decoder,
            len(Vocabulary.from_file(package / "vocabulary.json")),
        )
    return sum(weights.numel() for weights in decoder.parameters())


def _read_lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _require_same(is_same: bool, path: Path) -> None:
    if not is_same:
        sys.exit(f"{path} is of an earlier table and says otherwise. Choose another --work, or remove what it made.")


def _run(*arguments: object) -> None:
    print(f"$ captioner {shlex.join(map(str, arguments))}", flush=True)
    if subprocess.run([*CAPTIONER, *map(str, arguments)], check=False).returncode:
        sys.exit(f"captioner {arguments[0]} failed; see above.")


def _train(*arguments: object, is_kept: bool = True) -> Generator[str]:
    """Run ``captioner train`` and yield the events it writes; closing the generator ends it, saved if it is kept."""
    print(f"$ captioner train {shlex.join(map(str, arguments))}", flush=True)
    command = [*CAPTIONER, "train", *map(str, arguments), "--events", "jsonl", "--end-with-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            yield from process.stdout or ()
        except GeneratorExit:
            if not is_kept:
                process.kill()
            raise
        finally:
            # Where it lives, it hears that nobody is there any more, and ends in order.
            process.communicate()
    if process.returncode:
        sys.exit(process.returncode if process.returncode == STOPPED else "captioner train failed; see above.")


def _reports(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for line in lines:
        yield from read_steps([line]).items()


def _tell(event: Mapping[str, Any]) -> None:
    """A line of what people want to know."""
    if event["event"] == "epoch_finished":
        scores = event["scores"]
        line = f"  epoch {event['epoch']}: {event['seconds']:.0f} s, dev loss {event['dev_loss']:.3f}"
        print(line + (f", dev CIDEr {scores['cider']:.1f}" if scores else ""), flush=True)
