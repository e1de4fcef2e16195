"""``captioner fine-tune``: a model's encoder and decoder trained together on photographs and captions."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from captioner.cli import fine_tuning_options as tuning
from captioner.cli import options
from captioner.cli import training_options as given
from captioner.cli.console import require_folder, say
from captioner.cli.run_following import (
    STOPPED,
    follow,
    is_restart,
    missing,
    require_no_settings,
    run_to_restart,
    with_recipe,
)
from captioner.cli.training_wishes import ending_with_parent, stopping_on_signals
from captioner.errors import ConfigurationError
from captioner.training.control import TrainingControl
from captioner.training.fine_tuning_config import FineTuningConfig

if TYPE_CHECKING:
    from captioner.training.fine_tuning_run import FineTuningRun

EXAMPLES = (
    "captioner fine-tune --images I --captions c.csv --dev-split d.txt -o run",
    "captioner fine-tune --model mine --images I --captions c.csv -o run",
    "captioner fine-tune --resume run",
)


def fine_tune(
    images: tuning.Images = None,
    captions: given.Captions = None,
    output: given.Output = None,
    split: tuning.Split = None,
    dev_split: tuning.DevSplit = None,
    model: options.Model = None,
    encoder: tuning.Encoder = None,
    input_size: options.InputSize = None,
    name: given.Name = None,
    recipe: tuning.Recipe = None,
    epochs: tuning.Epochs = None,
    batch_size: tuning.BatchSize = None,
    accumulation_steps: tuning.AccumulationSteps = None,
    learning_rate: tuning.LearningRate = None,
    encoder_learning_rate: tuning.EncoderLearningRate = None,
    frozen_stages: tuning.FrozenStages = None,
    device: tuning.Device = None,
    precision: tuning.Precision = None,
    seed: given.Seed = None,
    resume: given.Resume = None,
    extend: given.Extend = None,
    every: given.Every = 5,
    events: given.Events = None,
    end_with_parent: given.EndWithParent = False,
) -> None:
    """Train a model's encoder and decoder together on photographs, and package the epoch with the best dev score.

    It starts from a model that can caption already. The new model lies in OUTPUT/NAME. Ctrl-C saves, stops, and
    puts the best epoch so far there. What is saved can be resumed, after a crash as well, and ends with the same
    weights as if nothing had been.
    """
    files = {"images": images, "captions": captions, "split": split, "dev_split": dev_split}
    chosen = {"model": model, "encoder": encoder, "input_size": input_size, "name": name}
    rates = {"learning_rate": learning_rate, "encoder_learning_rate": encoder_learning_rate}
    settings: dict[str, Any] = {**rates, "epochs": epochs, "accumulation_steps": accumulation_steps, "seed": seed}
    settings |= {"frozen_stages": frozen_stages, "device": device, "precision": precision}
    resume = resume or run_to_restart(output)
    control, has_begun = TrainingControl(), threading.Event()
    with contextlib.ExitStack() as stack:
        if end_with_parent:
            stack.enter_context(ending_with_parent(control, has_begun=has_begun.is_set))
        if resume is None:
            target = _require_whole(images, captions, output, extend)
            config = FineTuningConfig() if recipe is None else with_recipe(FineTuningConfig(), recipe)
            config = config.replace(**settings, batch_size=batch_size)
            run = _start(stack, config, files | chosen, target, control=control, save_every=60 * every)
        else:
            require_no_settings(resume, output, {**settings, **chosen, "recipe": recipe})
            size = None if is_restart() else batch_size
            run = _resume(stack, resume, size, files, control=control, save_every=60 * every)
            if extend and not is_restart():
                control.extend(extend)
        # Not before: there is nothing to save yet, and processes that wait for others do not hear of signals.
        has_begun.set()
        with stopping_on_signals(control):
            has_finished = follow(run, control, for_a_program=events is not None)
    if not has_finished:
        raise typer.Exit(STOPPED)


def _require_whole(images: Path | None, captions: Path | None, output: Path | None, extend: int | None) -> Path:
    if images is None or captions is None or output is None:
        raise missing({"--images": images, "--captions": captions, "--output": output})
    if extend:
        raise ConfigurationError("Only a run that was begun can be extended. Add --resume with its folder.")
    require_folder(images)
    return output


def _start(
    stack: contextlib.ExitStack, config: FineTuningConfig, sources: Mapping[str, Any], output: Path, **how: Any
) -> FineTuningRun:
    from captioner.training.distributed import join_world
    from captioner.training.fine_tuning_run import FineTuningRun
    from captioner.training.fine_tuning_sources import FineTuningSources
    from captioner.training.recorded_run import RunOptions

    chosen = FineTuningSources(**{name: value for name, value in sources.items() if value is not None})
    world = stack.enter_context(join_world(config.device))
    run = stack.enter_context(FineTuningRun.start(config, chosen, output, RunOptions(**how, world=world)))
    for note in run.notes if world.rank == 0 else ():
        say(note)
    return run


def _resume(
    stack: contextlib.ExitStack, path: Path, batch_size: int | None, files: Mapping[str, Any], **how: Any
) -> FineTuningRun:
    from captioner.training.distributed import join_world
    from captioner.training.fine_tuning_run import FineTuningRun
    from captioner.training.fine_tuning_sources import FineTuningRecord
    from captioner.training.recorded_run import RunOptions

    world = stack.enter_context(join_world(FineTuningRecord.read(path).config.device))
    run_options = RunOptions(**how, world=world)
    return stack.enter_context(FineTuningRun.resume(path, run_options, batch_size=batch_size, **files))
