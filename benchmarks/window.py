"""Speed and memory of the window on this machine, as a user meets them: whole processes, the real worker and model.

    python benchmarks/window.py [--images DIR] [--count 1000] [--runs 5] [--platform offscreen]

Prints each figure beside its target; nothing passes or fails. See README.md beside this file for what the rows mean.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pictures import draw

PROBE = Path(__file__).with_name("window_probe.py")
LISTED = 10_000
DROPS = 8
SIZE = (1600, 1200)
DIFFERENT = 24


def main() -> None:
    """Measure and print."""
    options = _options()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors\n", flush=True)
    with tempfile.TemporaryDirectory() as work:
        photographs = _photographs(options.images, Path(work))
        bench = _Bench(Path(work), options.platform)
        bench.run("first", photographs[:1])  # the disk's cache is filled and bytecode is written
        empty = [bench.run("empty") for _ in range(options.runs)]
        first = [bench.run("first", photographs[:1]) for _ in range(options.runs)]
        drops = bench.run("drops", photographs[:DROPS])
        many = bench.run("many", [_folder(photographs, Path(work) / "many", options.count)])
        listing = bench.run("listing", [_folder(photographs, Path(work) / "listing", LISTED)])
    _show_start(empty, first)
    # The first caption after the start warms up what the others find warm.
    _show("Drop to text, warm", drops["drops"][1:], 0.15)
    _show_many(many, options.count)
    _show(f"{listing['listed']} photographs listed", [listing["seconds"]])
    _show("  longest stall", [listing["stalls"][0]], 0.1)
    _show_memory("  memory", listing["memory"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="folder of JPEGs; without it pictures are drawn")
    parser.add_argument("--count", type=int, default=1000, help="photographs in the long run (default: 1000)")
    parser.add_argument("--runs", type=int, default=5, help="starts of the window, each kind (default: 5)")
    parser.add_argument("--platform", default="offscreen", help="Qt's platform, such as xcb (default: offscreen)")
    return parser.parse_args()


class _Bench:
    """Starts the window in processes of their own, for a user who has never started it before."""

    def __init__(self, work: Path, platform_name: str) -> None:
        self._work, self._platform = work, platform_name

    def run(self, scene: str, paths: Sequence[Path] = ()) -> dict[str, Any]:
        """What the probe found."""
        with tempfile.TemporaryDirectory(dir=self._work) as home:
            command = [sys.executable, str(PROBE), scene, *map(str, paths)]
            environment = self._environment(Path(home))
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode or not ended.stdout:
            sys.exit(f"The scene {scene} failed with status {ended.returncode}:\n{ended.stderr}")
        result: dict[str, Any] = json.loads(ended.stdout)
        return result

    def _environment(self, home: Path) -> dict[str, str]:
        kinds = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        own = {"QT_QPA_PLATFORM": self._platform, "CAPTIONER_BEGAN": str(time.monotonic())}
        # An installed package has its bytecode.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return inherited | kinds | own


def _photographs(images: Path | None, work: Path) -> list[Path]:
    if images is not None:
        found = sorted(path for path in images.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
        return found or sys.exit(f"{images} holds no JPEGs.")
    folder = work / "drawn"
    folder.mkdir()
    paths = [folder / f"{index:02}.jpg" for index in range(DIFFERENT)]
    for index, path in enumerate(paths):
        draw(index, SIZE).save(path, quality=90)
    return paths


def _folder(photographs: Sequence[Path], folder: Path, count: int) -> Path:
    """A folder of so many photographs, the given ones over and over."""
    folder.mkdir()
    for index in range(count):
        (folder / f"{index:05}.jpg").symlink_to(photographs[index % len(photographs)].resolve())
    return folder


def _show_start(empty: Sequence[dict[str, Any]], first: Sequence[dict[str, Any]]) -> None:
    _show("Start to frame of the window", [run["frame"] for run in empty])
    _show("Start to usable", [run["usable"] for run in empty], 0.5)
    _show("  longest stall until at rest", [run["stalls"][0] for run in empty])
    _show("Start to first caption", [run["caption"] for run in first], 2.5)
    for name, title in (
        ("furnished", "window furnished"),
        ("worker ready", "torch imported"),
        ("model", "model loaded"),
    ):
        _show(f"  {title}", [run[name] for run in first if name in run])
    _show_memory("  memory at rest", empty[-1]["memory"])


def _show_many(many: dict[str, Any], count: int) -> None:
    print(f"{many['captions']} of {count} captioned and scrolled, {many['captions'] / many['seconds']:.1f} images/s")
    _show("  longest stall", [many["stalls"][0]], 0.1)
    print(f"  {'longest five':<36} {', '.join(f'{stall * 1e3:.0f}' for stall in many['stalls'])} ms")
    _show_memory("  memory", many["memory"])


def _show(name: str, seconds: Sequence[float], target: float | None = None) -> None:
    """Median, least and most, and what was aimed at."""
    value = f"{statistics.median(seconds) * 1e3:6.0f} ms"
    spread = f"({min(seconds) * 1e3:.0f} to {max(seconds) * 1e3:.0f})" if len(seconds) > 1 else ""
    print(f"{name:<38} {value} {spread:<16} {'' if target is None else f'target {target * 1e3:.0f} ms'}".rstrip())


def _show_memory(name: str, memory: dict[str, dict[str, int]]) -> None:
    for process, target in (("window", 150), ("worker", 900)):
        sizes = memory[process]
        if sizes:
            peak, share = sizes["peak"] / 1e6, sizes["share"] / 1e6
            title = f"{name}, {process}"
            print(f"{title:<38} {peak:6.0f} MB at its peak, {share:.0f} MB its share now   target {target} MB")


if __name__ == "__main__":
    main()
