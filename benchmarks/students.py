"""Candidates for a small encoder: how large they are, how fast, and, once they were taught, how good.

    python benchmarks/students.py [NAME ...] [--runs DIR] [--threads N] [--size 224] [--seconds 2]

Weights are random, which does not change speed. The last column is of runs of ``captioner distill`` of one and the same
teacher in folders below ``--runs``, such as

    captioner distill --teacher T --student NAME --images DIR --minutes 30 -o DIR/NAME

and says which share of the variance of the teacher's last features the student explains. Prints a table; nothing is
judged.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from pathlib import Path

import torch

from captioner.encoder_registry import ENCODERS, OWN_ENCODER, SMALL_ENCODER, encoder_spec
from captioner.encoders import Encoder

CANDIDATES = (
    *(OWN_ENCODER, SMALL_ENCODER, "resnet18", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"),
    *("shufflenet_v2_x1_0", "regnet_y_400mf", "regnet_y_800mf", "efficientnet_b0", "convnext_tiny"),
)
SLOWEST_BATCHES = 3
COLUMNS = ("student", "parameters", "float16", "channels", "batch 1", "batch 32", "explained")


def main() -> None:
    """Measure and print."""
    options = _options()
    if options.threads:
        torch.set_num_threads(options.threads)
    names = options.names or [name for name in CANDIDATES if name in ENCODERS]
    taught = _taught(options.runs) if options.runs else {}
    print(f"{platform.platform()}, {torch.get_num_threads()} threads, bf16, channels-last, {options.size} px\n")
    print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
    for name in names:
        print("| " + " | ".join((*_row(name, options.size, options.seconds), taught.get(name, "–"))) + " |", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="registered encoders (default: candidates for a small model)")
    parser.add_argument("--runs", type=Path, help="folder of runs of `captioner distill`")
    parser.add_argument("--threads", type=int, help="threads of torch; by default as many as it takes")
    parser.add_argument("--size", type=int, default=224, help="side of the images (default: 224)")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement (default: 2)")
    return parser.parse_args()


def _row(name: str, size: int, seconds: float) -> tuple[str, ...]:
    encoder = Encoder(encoder_spec(name).config(size))
    parameters = sum(weight.numel() for weight in encoder.trunk.parameters())
    ready = encoder.optimise_for_inference(torch.bfloat16)
    alone, together = (_seconds_per_batch(ready, images, size, seconds) for images in (1, 32))
    return (
        name,
        f"{parameters / 1e6:.2f} M",
        f"{2 * parameters / 1e6:.1f} MB",
        str(encoder.dim),
        f"{1000 * alone:.1f} ms",
        f"{32 / together:.0f} images/s",
    )


@torch.inference_mode()
def _seconds_per_batch(encoder: Encoder, images: int, size: int, seconds: float) -> float:
    pixels = torch.randint(0, 256, (images, size, size, 3), dtype=torch.uint8)
    encoder(pixels)
    durations: list[float] = []
    while sum(durations) < seconds or len(durations) < SLOWEST_BATCHES:
        started = time.perf_counter()
        encoder(pixels)
        durations.append(time.perf_counter() - started)
    return statistics.median(durations)


def _taught(runs: Path) -> dict[str, str]:
    """By student, what the best run explains of its teacher's last features, and how long it took."""
    found: dict[str, tuple[float, str]] = {}
    for file in sorted(runs.glob("*/encoder.json")):
        about = json.loads(file.read_text(encoding="utf-8"))
        share = list(about["explained_variance"].values())[-1]
        name, minutes = about["encoder"]["name"], about["seconds"] / 60
        found[name] = max(found.get(name, (-1.0, "")), (share, f"{share:.1%} after {minutes:.0f} min"))
    return {name: text for name, (_, text) in found.items()}


if __name__ == "__main__":
    main()
