"""``captioner train``: a new model from features and captions, begun or resumed."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from captioner.cli import options
from captioner.cli import training_options as given
from captioner.cli.console import download_progress, say
from captioner.cli.training_view import for_people, for_programs, shell
from captioner.cli.training_wishes import ending_with_parent, stopping_on_signals
from captioner.config import TrainingConfig
from captioner.errors import CaptionerError, ConfigurationError
from captioner.training.control import TrainingControl
from captioner.training.events import TrainingStopped
from captioner.training.presets import PRESETS

if TYPE_CHECKING:
    from captioner.training.run import TrainingRun

EXAMPLES = (
    "captioner train --features t.h5 --dev-features d.h5 --captions c.csv -o run",
    "captioner train --features t.h5 --captions c.csv -o run --preset quick",
    "captioner train --resume run --extend 5",
)
STOPPED = 130


def train(
    features: given.Features = None,
    captions: given.Captions = None,
    output: given.Output = None,
    dev_features: given.DevFeatures = None,
    encoder_weights: given.Weights = None,
    model: options.Model = None,
    name: given.Name = None,
    preset: given.Preset = None,
    recipe: given.Recipe = None,
    epochs: given.Epochs = None,
    batch_size: given.BatchSize = None,
    learning_rate: given.LearningRate = None,
    seed: given.Seed = None,
    resume: given.Resume = None,
    extend: given.Extend = None,
    every: given.Every = 5,
    events: given.Events = None,
    end_with_parent: given.EndWithParent = False,
) -> None:
    """Train a decoder on features, keep the epoch with the best dev score, and package it as a model.

    The new model lies in OUTPUT/NAME; try it with `captioner caption photo.jpg --model OUTPUT/NAME`. Ctrl-C saves and
    stops. What is saved can be resumed, after a crash as well, and ends with the same weights as if nothing had been.
    """
    files = {"features": features, "captions": captions, "dev_features": dev_features}
    sources = {**files, "encoder_weights": encoder_weights, "model": model, "name": name}
    settings = {"epochs": epochs, "learning_rate": learning_rate, "seed": seed}
    resume = resume or _run_to_restart(output)
    control = TrainingControl()
    with contextlib.ExitStack() as stack:
        if end_with_parent:
            stack.enter_context(ending_with_parent(control))
        if resume is None:
            _require_whole(**sources, output=output, extend=extend)
            config = _read_config(preset, recipe).replace(**settings, batch_size=batch_size)
            run = _start(stack, config, sources, output or Path(), control=control, save_every=60 * every)
        else:
            _require_no_settings(resume, output, {**settings, "preset": preset, "recipe": recipe})
            run = _resume(stack, resume, batch_size, sources, control=control, save_every=60 * every)
            if extend and not _is_restart():
                control.extend(extend)
        # Not before: there is nothing to save yet, and processes that wait for others do not hear of signals.
        with stopping_on_signals(control):
            has_finished = _follow(run, control, events)
    if not has_finished:
        raise typer.Exit(STOPPED)


def _is_restart() -> bool:
    """Whether ``torchrun`` started this process in the place of one that died, with the same command."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0


def _run_to_restart(output: Path | None) -> Path | None:
    """The run that a process of ``torchrun --max-restarts`` has to go on with: the one it began itself."""
    if output is None or not _is_restart():
        return None
    from captioner.training.run_folder import holds_run

    return output if holds_run(output) else None


def _require_whole(*, output: Path | None, extend: int | None, **sources: object) -> None:
    if sources["features"] is None or sources["captions"] is None or output is None:
        raise ConfigurationError("Name --features, --captions and --output, or the folder of a run to --resume.")
    if extend:
        raise ConfigurationError("Only a run that was begun can be extended. Add --resume with its folder.")


def _require_no_settings(run: Path, output: Path | None, settings: Mapping[str, object]) -> None:
    changed = [f"--{name.replace('_', '-')}" for name, value in settings.items() if value is not None]
    if output not in (None, run):
        changed.insert(0, "--output")
    if changed and not _run_to_restart(output):
        raise ConfigurationError(
            f"A run is resumed with the settings it was begun with, so {changed[0]} cannot be given. "
            "Leave it out, or begin a new run."
        )


def _read_config(preset: given.PresetName | None, recipe: Path | None) -> TrainingConfig:
    base = PRESETS[preset].config if preset else TrainingConfig()
    if recipe is None:
        return base
    try:
        text = recipe.read_text(encoding="utf-8")
        values: Any = json.loads(text)["training"] if recipe.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError(f"{recipe} cannot be read: {error.strerror}.", path=recipe) from error
    except (KeyError, TypeError) as error:
        raise ConfigurationError(f"{recipe} is not the config.json of a run.", path=recipe) from error
    except (ValueError, RecursionError) as error:
        form = "JSON" if recipe.suffix == ".json" else "TOML"
        raise ConfigurationError(f"{recipe} is not valid {form}: {error}.", path=recipe) from error
    if not isinstance(values, dict):
        raise ConfigurationError(f"{recipe} is no table of settings.", path=recipe)
    return TrainingConfig.from_dict(_over(base.to_dict(), values), where=str(recipe))


def _over(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``values``, with ``changes`` in place of those of the same name at every depth."""
    both = {**values, **changes}
    inner = [name for name in both if isinstance(values.get(name), dict) and isinstance(changes.get(name), dict)]
    return both | {name: _over(values[name], changes[name]) for name in inner}


def _start(
    stack: contextlib.ExitStack, config: TrainingConfig, sources: Mapping[str, Any], output: Path, **how: Any
) -> TrainingRun:
    from captioner.training.distributed import join_world
    from captioner.training.run import RunOptions, RunSources, TrainingRun

    chosen = RunSources(**{name: value for name, value in sources.items() if value is not None})
    world = stack.enter_context(join_world(config.device))
    with download_progress() as on_progress:
        run_options = RunOptions(**how, world=world, on_progress=on_progress)
        return stack.enter_context(TrainingRun.start(config, chosen, output, run_options))


def _resume(
    stack: contextlib.ExitStack, path: Path, batch_size: int | None, sources: Mapping[str, Any], **how: Any
) -> TrainingRun:
    from captioner.training.distributed import join_world
    from captioner.training.run import RunOptions, TrainingRun
    from captioner.training.run_folder import read_run

    config, _ = read_run(path)
    world = stack.enter_context(join_world(config.device))
    with download_progress() as on_progress:
        run_options = RunOptions(**how, world=world, on_progress=on_progress)
        return stack.enter_context(TrainingRun.resume(path, run_options, batch_size=batch_size, **sources))


def _follow(run: TrainingRun, control: TrainingControl, form: given.EventFormat | None) -> bool:
    """Carry out ``run`` and show it; returns whether it came to its end."""
    if run.folder is None:  # the first process of a world speaks for all
        return not any(isinstance(event, TrainingStopped) for event in run.events())
    steps, step = run.trainer.steps, run.trainer.position.steps_done
    view = for_programs(control, run.path, steps=steps, step=step) if form else for_people(control, steps=steps)
    has_finished = True
    try:
        with _logged_to(run.folder.log_handler()), view as show, contextlib.closing(run.events()) as events:
            for event in events:
                show(event)
                has_finished = not isinstance(event, TrainingStopped)
    except (CaptionerError, KeyboardInterrupt):
        _say_how_to_resume(run)
        raise
    if has_finished:
        say(f"The model is in {run.package_path}.")
    else:
        _say_how_to_resume(run)
    return has_finished


def _say_how_to_resume(run: TrainingRun) -> None:
    from captioner.training.run import resume_command

    with contextlib.suppress(OSError):  # nobody may be listening any more
        say(f"Go on with: {shell(resume_command(run.path))}")


@contextlib.contextmanager
def _logged_to(handler: logging.Handler) -> Iterator[None]:
    logger = logging.getLogger("captioner")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
        handler.close()
