"""The command lines that stand for requests of a window."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from captioner.errors import ConfigurationError, OutputError
from captioner.worker.training_protocol import DatasetChoice, ExtractionRequest, TrainingRequest

Wish = Literal["pause", "resume", "stop", "extend"]
# The child tells events, takes wishes by its standard input, and saves and ends when that ends.
FOLLOWED = ("--events", "jsonl", "--end-with-parent")


def train_arguments(request: TrainingRequest, recipe: Path | None = None) -> tuple[str, ...]:
    """What comes after ``captioner`` to start, resume or extend a run.

    Parameters
    ----------
    request
        The run.
    recipe
        File with what `recipe_text` made of its settings; None where there are none.
    """
    paths = _paths(request.dataset)
    named = ("--", *paths) if paths else ()
    return (request.command, *_sources(request.dataset), *_how(request, recipe), *FOLLOWED, *named)


def _paths(dataset: DatasetChoice) -> tuple[str, ...]:
    """A data set of files whose content says what each is for; so are features and captions beside lists of images."""
    if not dataset.lists:
        return dataset.paths
    # What a run is called after, in messages and on its card, comes first.
    named = (dataset.captions, dataset.features, dataset.dev_features, *dataset.lists)
    return dataset.paths + tuple(path for path in named if path)


def _sources(dataset: DatasetChoice) -> tuple[str, ...]:
    named = (
        *_option("--features", dataset.features),
        *_option("--dev-features", dataset.dev_features),
        *_option("--captions", dataset.captions),
    )
    return (
        *(() if dataset.lists else named),
        *_option("--encoder", dataset.encoder),
        *_option("--weights", dataset.encoder_weights),
        *_option("--model", dataset.model),
        *_option("--images", dataset.images),
    )


def _how(request: TrainingRequest, recipe: Path | None) -> tuple[str, ...]:
    if request.is_going_on:
        batch_size = request.settings.get("batch_size")
        return (
            *("--resume", request.output),
            *_option("--batch-size", batch_size),
            *_option("--extend", request.extend or None),
        )
    return (
        *("--output", request.output, "--name", request.name),
        *_option("--start-from", request.start_from),
        *_option("--preset", request.preset),
        *_option("--recipe", recipe),
    )


def wish_line(wish: Wish, epochs: int = 0) -> str:
    """What a run is told by its standard input; ``epochs`` are those to extend it by."""
    return f"{wish} {epochs}" if wish == "extend" else wish


def check_arguments(paths: Sequence[str], min_word_count: int | None = None) -> tuple[str, ...]:
    """What comes after ``captioner`` to check a data set."""
    return ("check", "--json", *_option("--min-word-count", min_word_count), "--", *paths)


def extract_arguments(request: ExtractionRequest) -> tuple[str, ...]:
    """What comes after ``captioner`` to extract features."""
    return (
        "extract",
        *("--images", request.images, "--output", request.output, "--views", str(request.views)),
        *_option("--split", request.split),
        *_option("--captions", request.captions),
        *_option("--encoder", request.encoder),
        *_option("--weights", request.weights),
        *_option("--model", request.model),
        *_option("--input-size", request.input_size),
        *(("--overwrite",) if request.is_overwriting else ()),
        *("--events", "jsonl"),
    )


def _option(name: str, value: object) -> tuple[str, ...]:
    return () if value in (None, "") else (name, str(value))


def written_recipe(settings: Mapping[str, object]) -> Path:
    """A new temporary file with the `recipe_text` of settings, which whoever asks for it removes.

    Raises
    ------
    ConfigurationError
        As `recipe_text` does.
    OutputError
        If it cannot be written.
    """
    text = recipe_text(settings)
    try:
        number, name = tempfile.mkstemp(prefix="captioner-recipe-", suffix=".toml", text=True)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = (
            f"The settings cannot be written for training to read: {error.strerror}. Free some space and try again."
        )
        raise OutputError(reason) from error
    return Path(name)


def recipe_text(settings: Mapping[str, object]) -> str:
    """TOML of settings by dotted name.

    Raises
    ------
    ConfigurationError
        If a name is none of a setting, or a value is neither a number, a truth value, text nor a list of these.
    """
    return "".join(f"{_name(name)} = {_value(name, value)}\n" for name, value in settings.items())


def _name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", name):
        raise ConfigurationError(f"{name!r:.60} is not the name of a setting.")
    return name


def _value(name: str, value: object) -> str:
    match value:
        case bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            return repr(int(value))
        case float():  # numpy's own say of themselves what they are
            return repr(float(value))
        case list() | tuple():
            return f"[{', '.join(_value(name, item) for item in value)}]"
        case _:
            raise ConfigurationError(f"The setting {name} cannot be {value!r:.80}.")
