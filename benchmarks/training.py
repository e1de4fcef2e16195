"""Speed of training and of extracting features on this machine, and what the Quick preset gives.

    python benchmarks/training.py [--images DIR] [--count 1000] [--steps 40] [--threads N]
                                  [--quick TRAIN.h5 DEV.h5 CAPTIONS]

Prints tables; nothing is judged. See README.md beside this file for what the rows mean.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from pictures import make_folders

from captioner.openmp import configure_openmp

if TYPE_CHECKING:
    from captioner.data.batching import CaptionExamples
    from captioner.data.feature_files import FeatureFile
    from captioner.training.stages import StepResult

GRID = (7, 7)
WIDTHS = (512, 1280, 320)
BATCH_SIZE = 80
WARM_UP = 5
# Flickr8k: five captions of 11 words and an end per image, of some 2500 words that occur five times or more.
CAPTIONS_PER_IMAGE = 5
WORDS = 2540
LOG_LENGTH = (2.32, 0.36)
MOST_WORDS = 24
WANTED = {"captions/s": 120, "images/s": 100, "minutes": 20}
CAPTIONER = (sys.executable, "-m", "captioner")


def main() -> None:
    """Measure and print."""
    options = _options()
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    configure_openmp()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors\n")
    with tempfile.TemporaryDirectory() as work:
        title = f"Training an LSTM 512 with soft attention at {GRID[0] * GRID[1]} places, {options.precision}"
        _show(f"{title} (wanted: {WANTED['captions/s']} captions/s)", _training(Path(work), options))
        title = f"Extracting features of {options.count} images"
        _show(f"{title} (wanted: {WANTED['images/s']} images/s)", _extraction(Path(work), options))
        if options.quick:
            _show(f"Quick (wanted: under {WANTED['minutes']} minutes)", _quick(Path(work), *options.quick))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="folder of JPEGs to scale; without it pictures are drawn")
    parser.add_argument("--count", type=int, default=1000, help="images, of each size or width (default: 1000)")
    parser.add_argument("--steps", type=int, default=40, help="steps of training that are timed (default: 40)")
    parser.add_argument("--precision", default="bfloat16", choices=("auto", "bfloat16", "float32"))
    parser.add_argument("--threads", type=int, help="threads of torch; by default as many as it takes")
    parser.add_argument(
        "--quick", type=Path, nargs=3, metavar=("TRAIN.h5", "DEV.h5", "CAPTIONS"),
        help="train with the Quick preset on features of the bundled encoder, and compare with the bundled model",
    )  # fmt: skip
    options = parser.parse_args()
    least = -(-(WARM_UP + options.steps) * BATCH_SIZE // CAPTIONS_PER_IMAGE)
    if options.count < least:
        parser.error(f"{options.steps} steps take the captions of {least} images: give --count {least} or more")
    return options


class _TimedSource:
    """A feature file that remembers when each batch was read, which a thread does ahead of the step that needs it."""

    def __init__(self, features: FeatureFile) -> None:
        self._features = features
        self.read_at: list[float] = []
        self.seconds: list[float] = []

    def read(self, rows: NDArray[np.int64], views: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        started = time.perf_counter()
        features = self._features.read(rows, views)
        self.read_at.append(time.perf_counter())
        self.seconds.append(self.read_at[-1] - started)
        return features


def _training(work: Path, options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    from captioner.data.feature_files import FeatureFile  # noqa: PLC0415

    examples = _draw_captions(options.count)
    for width in WIDTHS:
        path = work / f"{width}.h5"
        _draw_features(path, options.count, width)
        with FeatureFile(path) as features:
            yield f"{width} wide", _time_steps(examples, _TimedSource(features), width, options)
        path.unlink()


def _draw_captions(images: int) -> CaptionExamples:
    """Captions as long as those of Flickr8k, of words as rare as those of any text (Zipf's law)."""
    from captioner.data.batching import CaptionExamples  # noqa: PLC0415
    from captioner.vocabulary import END, PAD, SPECIAL_TOKENS, START  # noqa: PLC0415

    random = np.random.default_rng(0)
    count = images * CAPTIONS_PER_IMAGE
    lengths = np.clip(np.round(random.lognormal(*LOG_LENGTH, count)), 2, MOST_WORDS).astype(np.int64)
    share = 1 / np.arange(1, WORDS + 1)
    words = random.choice(WORDS, (count, MOST_WORDS + 2), p=share / share.sum()) + len(SPECIAL_TOKENS)
    position = np.arange(MOST_WORDS + 2)
    words[:, 0] = START
    words[position == lengths[:, None] + 1] = END
    words[position > lengths[:, None] + 1] = PAD
    return CaptionExamples(np.repeat(np.arange(images), CAPTIONS_PER_IMAGE), words, lengths + 1)


def _draw_features(path: Path, images: int, width: int) -> None:
    """Random features as a rectifier leaves them, float16 as extraction stores them."""
    from captioner.data.feature_files import FeatureFileInfo, FeatureWriter  # noqa: PLC0415

    info = FeatureFileInfo(images=images, dim=width, grid=GRID)
    random = np.random.default_rng(0)
    with FeatureWriter(path, info, [f"{index}.jpg" for index in range(images)]) as writer:
        for row in range(images):
            values = random.standard_normal((1, info.places, width), np.float32)
            writer.write(row, np.maximum(values, 0))


def _time_steps(examples: CaptionExamples, source: _TimedSource, width: int, options: argparse.Namespace) -> str:
    """Take steps of the first stage of training, and say how fast they went and how long they waited for features."""
    import torch  # noqa: PLC0415

    from captioner.config import DecoderConfig, TrainingConfig  # noqa: PLC0415
    from captioner.decoder import Decoder  # noqa: PLC0415
    from captioner.training.teacher_forcing import TeacherForcing  # noqa: PLC0415
    from captioner.vocabulary import SPECIAL_TOKENS  # noqa: PLC0415

    torch.manual_seed(0)
    config = TrainingConfig(
        decoder=DecoderConfig(encoder_dim=width), batch_size=BATCH_SIZE, precision=options.precision
    )
    decoder = Decoder(config.decoder, WORDS + len(SPECIAL_TOKENS))
    stage = TeacherForcing(config, decoder, examples, source, views=0)
    steps = cast("Generator[StepResult]", stage.run_epoch(1))
    captions, waited, began = 0, 0.0, 0.0
    taken = 0
    for taken in range(WARM_UP + options.steps):
        if taken == WARM_UP:
            captions, waited, began = 0, 0.0, time.perf_counter()
        asked = time.perf_counter()
        result = next(steps, None)
        if result is None:
            break
        # It waited if the batch was read after the step had asked for it.
        waited += max(0.0, source.read_at[taken] - asked)
        captions += result.captions
    seconds = time.perf_counter() - began
    steps.close()
    reading = 1e3 * float(np.median(source.seconds))
    return (
        f"{captions / seconds:6.1f} captions/s {1e3 * BATCH_SIZE * seconds / captions:6.0f} ms a step"
        f" {reading:6.1f} ms reading it {100 * waited / seconds:6.1f} % waiting for that"
    )


def _extraction(work: Path, options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Images per second of ``captioner extract`` with the bundled encoder, from its first batch on."""
    for name, folder in make_folders(options.images, work, options.count).items():
        target = work / f"{folder.name}.h5"
        command = (*CAPTIONER, "extract", "--images", folder, "--output", target, "--events", "jsonl")
        done: list[tuple[float, int]] = []
        with _start(*command) as process:
            for line in process.stdout or ():
                if json.loads(line)["event"] == "images_encoded":
                    done.append((time.perf_counter(), json.loads(line)["done"]))
            said = process.stderr.read() if process.stderr else ""
        if process.returncode or len(done) < 2:
            sys.exit(f"There are too few images, or captioner extract failed: {said}")
        (started, first), (ended, last) = done[0], done[-1]
        yield name, f"{(last - first) / (ended - started):6.1f} images/s {ended - started:8.1f} s"


def _start(*command: object) -> subprocess.Popen[str]:
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def _quick(work: Path, features: Path, dev_features: Path, captions: Path) -> Iterator[tuple[str, str]]:
    """Train with the Quick preset, as a whole process, and score the bundled decoder on the same dev features."""
    command = (*CAPTIONER, "train", "--preset", "quick", "--events", "jsonl", "--output", work / "quick")
    data = ("--features", features, "--dev-features", dev_features, "--captions", captions)
    started = time.perf_counter()
    with _start(*command, *data) as process:
        out, said = process.communicate()
    if process.returncode:
        sys.exit(f"captioner train failed: {said}")
    minutes = (time.perf_counter() - started) / 60
    last: dict[str, Any] = json.loads(out.splitlines()[-1])
    bundled = _bundled_cider(dev_features, captions)
    yield "whole process", f"{minutes:6.1f} minutes"
    yield "dev CIDEr", f"{last['scores']['cider']:6.1f} after epoch {last['best_epoch']}"
    yield "of the bundled", f"{bundled:6.1f}, a difference of {last['scores']['cider'] - bundled:+.1f}"


def _bundled_cider(dev_features: Path, captions: Path) -> float:
    """Dev CIDEr of the bundled decoder, found as training finds that of its own."""
    from captioner.config import TrainingConfig  # noqa: PLC0415
    from captioner.data.annotations import read_annotations  # noqa: PLC0415
    from captioner.data.feature_files import FeatureFile  # noqa: PLC0415
    from captioner.metrics.evaluate import evaluate_captions  # noqa: PLC0415
    from captioner.model_library import find_package  # noqa: PLC0415
    from captioner.training.dev_evaluation import DevEvaluation, DevSet  # noqa: PLC0415

    model = find_package().load()
    texts = {image.file_name: image.captions for image in read_annotations(captions).images}
    with FeatureFile(dev_features) as features:
        references = {name: texts[name] for name in features.image_names}
        dev = DevSet(features, np.arange(features.info.images), references)
        config = TrainingConfig(decoder=model.config.decoder, decoding=model.config.decoding)
        result = DevEvaluation(dev, model.vocabulary, config).run(model.decoder, with_all_captions=True)
    if result is None:
        sys.exit("The bundled model was not evaluated.")
    return evaluate_captions(result.captions, references).cider


def _show(title: str, rows: Iterator[tuple[str, str]]) -> None:
    print(title, flush=True)
    for name, value in rows:
        print(f"  {name:<16} {value}", flush=True)
    print(flush=True)


if __name__ == "__main__":
    main()
