"""Make the bundled models from photographs, captions and encoder weights: every command, in order, with its seed.

    python recipes/make_bundled_model.py --flickr8k DIR --encoder DIR [--work DIR]

``--flickr8k`` holds ``images/``, ``captions.txt``, ``train.txt`` and ``dev.txt``; ``--encoder`` holds the encoder's
``weights.safetensors``. Steps whose results are there already are skipped, so an interrupted run goes on where it was;
results of other settings or files are refused.
The packages appear in ``WORK/captioner-small`` and ``WORK/captioner-tiny``; copy them to ``models/`` to ship them.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import Template

from captioner.model_library import CARD, CONFIG, MANIFEST, seal_package, sha256_of
from captioner.training.run_folder import BEST_SO_FAR, HISTORY

NAME = "captioner-small"
TINY = "captioner-tiny"
RECIPES = Path(__file__).resolve().parent
HERE = RECIPES / NAME
DESCRIPTIONS = {
    NAME: "One English sentence for photographs of people and animals doing things; trained on Flickr8k.",
    TINY: "captioner-small in a third of its size: nearly as good, from weights of five bits each.",
}
BITS = 5
"""Of each weight of the tiny model."""
VIEWS = 7
NO_REPEAT_NGRAM = 3
"""So many words in a row do not occur twice in a caption of the bundled model."""
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
    data, work = options.flickr8k, options.work
    work.mkdir(parents=True, exist_ok=True)
    words = _words(data, options.encoder / "weights.safetensors", work / "1-words")
    fine_tuned = _fine_tuned(data, words, work / "2-fine-tuning")
    captions = _captions(data, fine_tuned, work / "3-captions")
    mean = work / "4-mean"
    _run(mean, "models", "average", fine_tuned, captions, "--output", mean)
    trained = {
        "1. the next word, the encoder as distilled": words,
        "2. encoder and decoder together": fine_tuned,
        "3. whole captions": captions,
    }
    log = "\n".join(line for name, step in trained.items() for line in _epochs(name[0], step.parent))
    steps = trained | {"4. the mean of 2 and 3": mean}
    scores = _scores_by_beam(mean, data)
    gains = {name: _dev_scores(model, data, 3) for name, model in steps.items()}
    gains["5. no three words twice"] = scores["3"]
    tables = {"dev_scores": _table(scores), "dev_gains": _table(gains), "epochs": log}
    _write_package(mean, work / NAME, tables, _about(scores["3"]))
    print(f"{work / NAME} is ready.\n{tables['dev_gains']}\n{tables['dev_scores']}")
    _write_tiny(work, data, scores)


def _write_tiny(work: Path, data: Path, scores_of_parent: Mapping[str, Mapping[str, float]]) -> None:
    """Write the tiny model, and beside its scores those of the model that it is made of."""
    quantised = work / "5-quantised"
    _run(quantised, "models", "quantise", work / NAME, "--output", quantised, "--bits", BITS)
    scores = _scores_by_beam(quantised, data)
    tables = {"dev_scores": _table(scores), "parent_scores": _table(scores_of_parent)}
    _write_package(quantised, work / TINY, tables, _about(scores["3"]))
    print(f"{work / TINY} is ready.\n{tables['dev_scores']}")


def _write_package(model: Path, package: Path, tables: Mapping[str, str], about: Mapping[str, object]) -> None:
    """Write ``model`` as the new ``package``, with the bundled model's card and description."""
    if package.exists():
        sys.exit(f"{package} exists already. Remove it to have it made again.")
    with tempfile.TemporaryDirectory(dir=package.parent) as folder:
        unfinished = shutil.copytree(model, Path(folder) / package.name)
        card = Template((RECIPES / package.name / "card.md").read_text(encoding="utf-8"))
        (unfinished / CARD).write_text(card.substitute(tables), encoding="utf-8")
        config = json.loads((unfinished / CONFIG).read_text(encoding="utf-8"))
        config |= {"description": DESCRIPTIONS[package.name], "about": about}
        config["decoding"]["no_repeat_ngram_size"] = NO_REPEAT_NGRAM
        (unfinished / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        seal_package(unfinished)
        unfinished.rename(package)


def _words(data: Path, weights: Path, work: Path) -> Path:
    """Train a decoder on features of the encoder with these ``weights``; its package."""
    encoder = ("--encoder", "stepped_resnet18", "--weights", weights)
    _extract(data, work, 0, *encoder)
    return _train(data, work, "words", "--weights", weights)


def _fine_tuned(data: Path, model: Path, work: Path) -> Path:
    """Train encoder and decoder of ``model`` together; the package."""
    return _taught(
        work / "run",
        *("fine-tune", "--model", model, "--recipe", HERE / "fine-tuning.toml", "--images", data / "images"),
        *("--captions", data / "captions.txt", "--split", data / "train.txt", "--dev-split", data / "dev.txt"),
    )


def _captions(data: Path, model: Path, work: Path) -> Path:
    """Train the decoder of ``model`` on whole captions, on features of its encoder; the package."""
    _extract(data, work, VIEWS, "--model", model)
    return _train(data, work, "captions", "--model", model, "--start-from", model)


def _extract(data: Path, work: Path, train_views: int, *encoder: object) -> None:
    """Write features of the train split, with extra views, and of the dev split."""
    work.mkdir(parents=True, exist_ok=True)
    for split, views in (("train", train_views), ("dev", 0)):
        _run(
            work / f"{split}.h5",
            *("extract", "--images", data / "images", "--split", data / f"{split}.txt", "--views", views),
            *(*encoder, "--output", work / f"{split}.h5"),
        )


def _train(data: Path, work: Path, recipe: str, *start: object) -> Path:
    return _taught(
        work / recipe,
        *("train", "--features", work / "train.h5", "--dev-features", work / "dev.h5", *start),
        *("--captions", data / "captions.txt", "--recipe", HERE / f"{recipe}.toml"),
    )


def _taught(run: Path, *arguments: object) -> Path:
    """Begin the training run in the folder ``run``, or go on with it; its package."""
    _run(run, *arguments, "--output", run, "--name", NAME)
    if not (run / NAME).exists() or (run / BEST_SO_FAR).exists():
        _call(arguments[0], "--resume", run)
    return run / NAME


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flickr8k", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build") / NAME)
    return parser.parse_args()


def _run(result: Path, *arguments: object) -> None:
    """Run ``captioner`` with ``arguments``, unless that was begun; what was begun otherwise is never gone on with."""
    record = _record_of(result)
    made_of = {"command": list(map(str, arguments)), "files": _digests(arguments, result)}
    if not result.exists():
        record.write_text(json.dumps(made_of, indent=2) + "\n", encoding="utf-8")
        _call(*arguments)
    elif not record.exists() or json.loads(record.read_text(encoding="utf-8")) != made_of:
        sys.exit(f"{result} was made by another command or of other files. Remove it, or choose another --work.")
    else:
        print(f"{result} was begun already.")


def _record_of(result: Path) -> Path:
    return result.with_name(f"{result.name}.made-of.json")


def _digests(arguments: Iterable[object], result: Path) -> dict[str, str]:
    """SHA-256 of the files among ``arguments``; of a model that of its manifest, of a result that of its record."""
    digests = {}
    for path in (argument for argument in arguments if isinstance(argument, Path) and argument != result):
        told = [file for file in (_record_of(path), path / MANIFEST, path) if file.is_file()]
        if told:
            digests[str(path)] = sha256_of(told[0])
    return digests


def _call(*arguments: object) -> None:
    print(f"$ captioner {shlex.join(map(str, arguments))}", flush=True)
    subprocess.run([sys.executable, "-m", "captioner", *map(str, arguments)], check=True)


def _scores_by_beam(package: Path, data: Path) -> dict[str, dict[str, float]]:
    return {str(beam): _dev_scores(package, data, beam, NO_REPEAT_NGRAM) for beam in (1, 3, 5)}


def _dev_scores(package: Path, data: Path, beam: int, no_repeat_ngram: int = 0) -> dict[str, float]:
    arguments = ("evaluate", "--images", data / "images", "--captions", data / "captions.txt", "--json", "--meteor")
    search = ("--beam-size", beam, "--no-repeat-ngram", no_repeat_ngram)
    command = (*arguments, "--split", data / "dev.txt", "--model", package, *search)
    done = subprocess.run(
        [sys.executable, "-m", "captioner", *map(str, command)], check=True, stdout=subprocess.PIPE, text=True
    )
    scores: dict[str, float] = json.loads(done.stdout)
    return scores


def _epochs(step: str, run: Path) -> Iterator[str]:
    """Rows of a Markdown table of the epochs of a run."""
    for line in (run / HISTORY).read_text(encoding="utf-8").splitlines():
        epoch = json.loads(line)
        told = epoch["scores"] or {}
        scores = [f"{told[name]:.1f}" if name in told else "–" for name in ("bleu_4", "cider")]
        cells = [step, epoch["epoch"], f"{epoch['loss']:.3f}", *scores, f"{epoch['seconds'] / 60:.1f}"]
        yield f"| {' | '.join(map(str, cells))} |"


def _table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Rows of a Markdown table, whose first column are the keys of ``rows``."""
    return "\n".join(
        f"| {name} | " + " | ".join(f"{row[key]:.1f}" if key in row else "–" for key in SCORES.values()) + " |"
        for name, row in rows.items()
    )


def _about(scores: dict[str, float]) -> dict[str, object]:
    about: dict[str, object] = json.loads((HERE / "about.json").read_text(encoding="utf-8"))
    return about | {"scores": {name: round(scores[key], 1) for name, key in SCORES.items() if key in scores}}


if __name__ == "__main__":
    main()
