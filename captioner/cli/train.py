"""``captioner train``: a new model from features and captions, begun or resumed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from captioner.cli import options
from captioner.cli import training_options as given
from captioner.cli.console import download_progress, say
from captioner.cli.run_following import (
    STOPPED,
    follow,
    is_restart,
    require_given,
    require_no_settings,
    run_to_restart,
    with_recipe,
)
from captioner.cli.training_wishes import ending_with_parent, stopping_on_signals
from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError
from captioner.training.control import TrainingControl
from captioner.training.presets import PRESETS

if TYPE_CHECKING:
    from captioner.training.run import TrainingRun

EXAMPLES = (
    "captioner train coco_captioning -o run",
    "captioner train --features t.h5 --dev-features d.h5 --captions c.csv -o run",
    "captioner train --features t.h5 --captions c.csv -o run --preset quick",
    "captioner train --features t.h5 --captions c.csv --start-from mine -o run",
    "captioner train --resume run --extend 5",
)


def train(
    paths: given.Paths = None,
    features: given.Features = None,
    captions: given.Captions = None,
    output: given.Output = None,
    dev_features: given.DevFeatures = None,
    encoder: given.Encoder = None,
    encoder_weights: given.Weights = None,
    model: options.Model = None,
    name: given.Name = None,
    images: given.Images = None,
    start_from: given.StartFrom = None,
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

    What to learn from is a data set of any layout that `captioner check` knows, or feature files with captions. The
    new model lies in OUTPUT/NAME; try it with `captioner caption photo.jpg --model OUTPUT/NAME`. Ctrl-C saves,
    stops, and puts the best epoch so far there. What is saved can be resumed, after a crash as well, and ends with the
    same weights as if nothing had been.
    """
    data = {"paths": tuple(paths or ()) or None, "features": features, "dev_features": dev_features}
    files = {**data, "captions": captions, "images": images}
    names = {"encoder": encoder, "encoder_weights": encoder_weights, "model": model, "name": name}
    sources = {**files, **names, "start_from": start_from}
    settings = {"epochs": epochs, "learning_rate": learning_rate, "seed": seed}
    resume = resume or run_to_restart(output)
    control, has_begun = TrainingControl(), threading.Event()
    with contextlib.ExitStack() as stack:
        if end_with_parent:
            stack.enter_context(ending_with_parent(control, has_begun=has_begun.is_set))
        if resume is None:
            _require_whole(**sources, output=output, extend=extend)
            config = _read_config(preset, recipe, start_from).replace(**settings, batch_size=batch_size)
            run = _start(stack, config, sources, output or Path(), control=control, save_every=60 * every)
        else:
            others = {"preset": preset, "recipe": recipe, "start_from": start_from}
            require_no_settings(resume, output, {**settings, **others})
            size = None if is_restart() else batch_size
            run = _resume(stack, resume, size, sources, control=control, save_every=60 * every)
            if extend and not is_restart():
                control.extend(extend)
        # Not before: there is nothing to save yet, and processes that wait for others do not hear of signals.
        has_begun.set()
        with stopping_on_signals(control):
            has_finished = follow(run, control, for_a_program=events is not None)
    if not has_finished:
        raise typer.Exit(STOPPED)


def _require_whole(*, output: Path | None, extend: int | None, **sources: object) -> None:
    needed = {"--features": sources["features"], "--captions": sources["captions"]}
    has_data = sources["paths"] is not None or None not in needed.values()
    if not has_data and not any(needed.values()):
        raise ConfigurationError(
            "Name a data set and --output, or --features, --captions and --output, or the folder of a run to --resume."
        )
    require_given({**({} if has_data else needed), "--output": output})
    if extend:
        raise ConfigurationError("Only a run that was begun can be extended. Add --resume with its folder.")


def _read_config(preset: given.PresetName | None, recipe: Path | None, start_from: str | None = None) -> TrainingConfig:
    base = PRESETS[preset].config if preset else TrainingConfig()
    if start_from is None:
        return base if recipe is None else with_recipe(base, recipe)
    from captioner.training.starting_point import StartingSettings

    start = StartingSettings.of(start_from)
    base = start.adopted_by(base)
    config = base if recipe is None else with_recipe(base, recipe)
    start.require(config)
    return config


def _start(
    stack: contextlib.ExitStack, config: TrainingConfig, sources: Mapping[str, Any], output: Path, **how: Any
) -> TrainingRun:
    from captioner.training.distributed import join_world
    from captioner.training.run import RunOptions, RunSources, TrainingRun

    chosen = RunSources(**{name: value for name, value in sources.items() if value is not None})
    world = stack.enter_context(join_world(config.device))
    with download_progress() as on_progress:
        run_options = RunOptions(**how, world=world, on_progress=on_progress)
        run = stack.enter_context(TrainingRun.start(config, chosen, output, run_options))
    for note in run.notes if world.rank == 0 else ():
        say(note)
    return run


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
