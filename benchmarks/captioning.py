"""Speed and memory of captioning on this machine, as a user meets them: the installed command, whole processes.

    python benchmarks/captioning.py [--images DIR] [--model M] [--count 1000] [--runs 5] [--threads N]

Prints tables; nothing is judged. See README.md beside this file for what the rows mean.
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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pictures import make_folders

from captioner.openmp import configure_openmp

BEAM_SIZE = 3
BATCH_SIZE = 64
# A child that reports the peak memory of the command it runs, which no earlier child can have raised.
MEASURED = (
    "import json, resource, subprocess, sys, time\n"
    "started = time.perf_counter()\n"
    "ended = subprocess.run([sys.executable, '-m', 'captioner', *sys.argv[1:]], stdout=subprocess.PIPE)\n"
    "seconds = time.perf_counter() - started\n"
    "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
    "print(json.dumps([ended.returncode, seconds, peak, ended.stdout.count(b'\\n')]))\n"
)


def main() -> None:
    """Measure and print."""
    options = _options()
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    configure_openmp()
    model = ["--model", options.model] if options.model else []
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors\n")
    with tempfile.TemporaryDirectory() as work:
        folders = make_folders(options.images, Path(work), options.count)
        single = next(iter(sorted(next(iter(folders.values())).iterdir())))
        _show("One photograph, whole process", _one(single, model, options.runs))
        _show(f"{options.count} images, beam {BEAM_SIZE}, whole process", _many(folders, options.count, model))
        for name, folder in folders.items():
            _show(f"Where the time goes, {name}", _shares(folder, options.model, options.count))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="folder of JPEGs to scale; without it pictures are drawn")
    parser.add_argument("--model", help="name or folder of a model; without it the bundled one")
    parser.add_argument("--count", type=int, default=1000, help="images per folder (default: 1000)")
    parser.add_argument("--runs", type=int, default=5, help="starts of the command for one photograph (default: 5)")
    parser.add_argument("--threads", type=int, help="threads of torch; by default as many as it takes")
    return parser.parse_args()


def _run(arguments: Sequence[object]) -> tuple[float, float, int]:
    """Seconds, peak memory in MB and lines printed of one run of the command."""
    command = [sys.executable, "-c", MEASURED, *map(str, arguments)]
    status, seconds, peak, lines = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if status:
        sys.exit("captioner failed; see above.")
    unit = 1 if platform.system() == "Darwin" else 1024
    return seconds, peak * unit / 1e6, lines


def _one(path: Path, model: list[str], runs: int) -> list[tuple[str, str]]:
    _run(["caption", path, *model])  # the disk's cache is filled and bytecode is written
    measured = [_run(["caption", path, *model]) for _ in range(runs)]
    seconds = [item[0] for item in measured]
    return [
        (f"median of {runs}", f"{statistics.median(seconds):.2f} s"),
        ("least and most", f"{min(seconds):.2f} s, {max(seconds):.2f} s"),
        ("peak memory", f"{max(item[1] for item in measured):.0f} MB"),
    ]


def _many(folders: dict[str, Path], count: int, model: list[str]) -> list[tuple[str, str]]:
    rows = []
    for name, folder in folders.items():
        seconds, peak, lines = _run(["caption", folder, "--beam-size", BEAM_SIZE, *model])
        if lines != count:
            sys.exit(f"{lines} of {count} captions came.")
        rows.append((name, f"{count / seconds:6.1f} images/s {seconds:8.1f} s {peak:8.0f} MB"))
    return rows


def _shares(folder: Path, model: str | None, count: int) -> list[tuple[str, str]]:
    """Reading, encoding and decoding one after the other, though captioning reads ahead while it computes."""
    from captioner import Captioner  # noqa: PLC0415

    captioner = Captioner.load(model)
    options = captioner.options.replace(beam_size=BEAM_SIZE)
    seconds = {"reading": 0.0, "encoding": 0.0, "decoding": 0.0}
    paths = sorted(folder.iterdir())[: min(count, 10 * BATCH_SIZE)]
    captioner.caption(paths[0])
    for start in range(0, len(paths), BATCH_SIZE):
        batch = paths[start : start + BATCH_SIZE]
        prepared = _timed(seconds, "reading", lambda batch=batch: [captioner.prepare(path) for path in batch])
        encoded = _timed(seconds, "encoding", lambda prepared=prepared: captioner.encode_prepared(prepared))
        _timed(seconds, "decoding", lambda encoded=encoded: captioner.caption_features(encoded, options))
    total = sum(seconds.values())
    return [
        (name, f"{value / len(paths) * 1e3:6.2f} ms per image {100 * value / total:6.1f} %")
        for name, value in seconds.items()
    ]


def _timed(seconds: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    result = work()
    seconds[name] += time.perf_counter() - started
    return result


def _show(title: str, rows: list[tuple[str, str]]) -> None:
    print(title)
    for name, value in rows:
        print(f"  {name:<16} {value}")
    print(flush=True)


if __name__ == "__main__":
    main()
