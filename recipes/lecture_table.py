"""Make the table of docs/lecture.md: the same decoder in each of its variants, trained under one budget.

    python recipes/lecture_table.py --flickr8k DIR [--work DIR] [--epochs N] [--images N] [--only NAME...] [--speed]

``--flickr8k`` holds ``images/``, ``captions.txt``, ``train.txt`` and ``dev.txt``. Rows that are trained already are not
trained again, and one that was interrupted goes on where it was. With ``--images`` the table is a miniature, which
stays in ``WORK``. ``--speed`` measures the speed of each row by itself; do that on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lecture_page import CAPTIONS, PROTOCOL, TABLE, Row, fill_region, render_captions, render_protocol, render_table
from lecture_work import SPEED_STEPS, STOPPED, Variant, Work, vary

from captioner.config import TrainingConfig

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "lecture.md"
RECIPE = HERE / "lecture.toml"
# Name, title, and what the row changes of the recipe. Add one of your own.
ROWS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("lstm-soft", "LSTM, soft attention", {}),
    ("lstm-soft-again", "the same, another seed", {"seed": 2}),
    ("gru-soft", "GRU", {"decoder": {"cell": "gru"}}),
    ("rnn-soft", "vanilla RNN", {"decoder": {"cell": "rnn"}}),
    ("lstm2-soft", "LSTM of two layers", {"decoder": {"layers": 2}}),
    ("lstm-first", "no attention, the image at the first step", {"decoder": {"attention": "none_first"}}),
    ("lstm-every", "no attention, the image at every step", {"decoder": {"attention": "none_every"}}),
    ("lstm-hard", "hard attention", {"decoder": {"attention": "hard"}}),
    ("lstm-soft-char", "letter by letter", {"level": "char"}),
)


def main() -> None:
    """Make what is missing of the table, then the page."""
    options = _options()
    recipe = tomllib.loads(options.recipe.read_text(encoding="utf-8"))
    if options.epochs is not None:
        recipe["epochs"] = options.epochs
    variants = [Variant(name, title, vary(recipe, changes, where=name)) for name, title, changes in ROWS]
    chosen = _choose(variants, options.only)
    _require_flickr8k(options.flickr8k)
    work = Work(options.work, options.flickr8k / "captions.txt")
    images = work.extract(options.flickr8k, options.images)
    for variant in variants:
        work.settle(variant)
    for variant in chosen:
        if options.speed:
            work.measure_speed(variant)
        else:
            work.train(variant)
    rows = [work.row(variant) for variant in variants if work.is_finished(variant)]
    if not rows:
        print("No row is trained yet, so the page stays as it is.")
        return
    page = options.page or (PAGE if options.images is None else options.work / PAGE.name)
    _write_page(page, _protocol(variants[0].config, images), rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flickr8k", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build") / "lecture", help="default: build/lecture")
    parser.add_argument("--recipe", type=Path, default=RECIPE, help="what rows share; default: recipes/lecture.toml")
    parser.add_argument("--epochs", type=int, help="epochs of every row; default: as the recipe says")
    parser.add_argument("--images", type=int, help="training images of a miniature, and a sixth as many dev images")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="rows to train now")
    parser.add_argument("--speed", action="store_true", help="measure the speed of rows instead of training them")
    parser.add_argument(
        "--page", type=Path, help="page to fill; default: docs/lecture.md, WORK/lecture.md with --images"
    )
    return parser.parse_args()


def _require_flickr8k(folder: Path) -> None:
    for name in ("images", "captions.txt", "train.txt", "dev.txt"):
        if not (folder / name).exists():
            sys.exit(f"There is no {folder / name}. Name the folder that holds Flickr8k with --flickr8k.")


def _choose(variants: Sequence[Variant], names: Sequence[str] | None) -> list[Variant]:
    known = [variant.name for variant in variants]
    for name in names or ():
        if name not in known:
            sys.exit(f"There is no row {name}. Choose of: {', '.join(known)}.")
    return [variant for variant in variants if names is None or variant.name in names]


def _protocol(config: TrainingConfig, images: Mapping[str, int]) -> dict[str, Any]:
    return {
        "epochs": config.epochs,
        "seed": config.seed,
        "batch_size": config.batch_size,
        "beam_size": config.decoding.beam_size,
        "training_images": images["train"],
        "dev_images": images["dev"],
        "speed_steps": SPEED_STEPS,
        "machine": f"{os.cpu_count()} processors ({platform.system()}, {platform.machine()})",
    }


def _write_page(page: Path, protocol: Mapping[str, Any], rows: Sequence[Row]) -> None:
    """Fill the regions of the page, and put the numbers beside it as JSON."""
    text = (page if page.exists() else PAGE).read_text(encoding="utf-8")
    parts = {
        TABLE: render_table(rows),
        PROTOCOL: render_protocol(protocol, rows),
        CAPTIONS: render_captions(rows),
    }
    for region, part in parts.items():
        text = fill_region(text, region, part)
    page.write_text(text, encoding="utf-8")
    data = page.with_suffix(".json")
    numbers = {"protocol": dict(protocol), "rows": [row.to_dict() for row in rows]}
    data.write_text(json.dumps(numbers, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"{parts[TABLE]}\nRows in {page} and {data.name}: {len(rows)}.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(STOPPED)
