"""Make the bundled model from photographs, captions and encoder weights: every command, in order, with its seed.

    python recipes/make_bundled_model.py --flickr8k DIR --encoder DIR [--work DIR]

``--flickr8k`` holds ``images/``, ``captions.txt``, ``train.txt`` and ``dev.txt``; ``--encoder`` holds the encoder's
``weights.safetensors``. Steps whose results are there already are skipped, so an interrupted run goes on where it was.
The package appears in ``WORK/captioner-small``; copy it to ``models/`` to ship it.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from string import Template

from captioner.model_library import CARD, CONFIG, seal_package

HERE = Path(__file__).resolve().parent
NAME = "captioner-small"
DESCRIPTION = "One English sentence for photographs of people and animals doing things; trained on Flickr8k."
VIEWS = 7
SCORES = {
    "BLEU-1": "bleu_1",
    "BLEU-2": "bleu_2",
    "BLEU-3": "bleu_3",
    "BLEU-4": "bleu_4",
    "METEOR": "meteor",
    "ROUGE-L": "rouge_l",
    "CIDEr": "cider",
}


def main() -> None:
    """Run the steps."""
    options = _options()
    data, encoder, work = options.flickr8k, options.encoder / "weights.safetensors", options.work
    work.mkdir(parents=True, exist_ok=True)
    for split, views in (("train", VIEWS), ("dev", 0)):
        _run(
            work / f"{split}.h5",
            *("extract", "--images", data / "images", "--split", data / f"{split}.txt", "--views", views),
            *("--encoder", "stepped_resnet18", "--weights", encoder, "--output", work / f"{split}.h5"),
        )
    _run(
        work / "run" / NAME,
        *("train", "--features", work / "train.h5", "--dev-features", work / "dev.h5"),
        *("--captions", data / "captions.txt", "--recipe", HERE / f"{NAME}.toml", "--weights", encoder),
        *("--output", work / "run", "--name", NAME),
    )
    package = work / NAME
    if not package.exists():
        shutil.copytree(work / "run" / NAME, package)
    scores = {beam: _dev_scores(package, data, beam) for beam in (1, 3, 5)}
    card = Template((HERE / f"{NAME}.card.md").read_text(encoding="utf-8"))
    table = "\n".join(_row(beam, row) for beam, row in scores.items())
    (package / CARD).write_text(card.substitute(dev_scores=table), encoding="utf-8")
    config = json.loads((package / CONFIG).read_text(encoding="utf-8"))
    config |= {"description": DESCRIPTION, "about": _about(scores[3])}
    (package / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    seal_package(package)
    print(f"{package} is ready.\n{table}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flickr8k", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build") / NAME)
    return parser.parse_args()


def _run(result: Path, *arguments: object) -> None:
    """Run ``captioner`` with ``arguments`` unless its result is there already."""
    if result.exists():
        print(f"{result} is there already.")
        return
    print(f"$ captioner {shlex.join(map(str, arguments))}", flush=True)
    subprocess.run([sys.executable, "-m", "captioner", *map(str, arguments)], check=True)


def _dev_scores(package: Path, data: Path, beam: int) -> dict[str, float]:
    arguments = ("evaluate", "--images", data / "images", "--captions", data / "captions.txt", "--json", "--meteor")
    command = (*arguments, "--split", data / "dev.txt", "--model", package, "--beam-size", beam)
    done = subprocess.run(
        [sys.executable, "-m", "captioner", *map(str, command)], check=True, stdout=subprocess.PIPE, text=True
    )
    scores: dict[str, float] = json.loads(done.stdout)
    return scores


def _row(beam: int, scores: dict[str, float]) -> str:
    return (
        f"| {beam} | " + " | ".join(f"{scores[name]:.1f}" if name in scores else "–" for name in SCORES.values()) + " |"
    )


def _about(scores: dict[str, float]) -> dict[str, object]:
    about: dict[str, object] = json.loads((HERE / f"{NAME}.about.json").read_text(encoding="utf-8"))
    return about | {"scores": {name: round(scores[key], 1) for name, key in SCORES.items() if key in scores}}


if __name__ == "__main__":
    main()
