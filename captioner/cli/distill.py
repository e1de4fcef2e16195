"""``captioner distill``: a small encoder learns from a large one what to see in photographs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from captioner.cli import training_options as given
from captioner.cli.console import download_progress, require_folder, say
from captioner.cli.distillation_view import follow_distillation
from captioner.cli.options import DeviceName
from captioner.cli.run_following import STOPPED, is_restart, missing, require_no_settings, with_recipe
from captioner.cli.training_wishes import ending_with_parent, stopping_on_signals
from captioner.errors import ConfigurationError
from captioner.training.control import TrainingControl
from captioner.training.distillation.config import DistillationConfig

if TYPE_CHECKING:
    from captioner.training.distillation.run import DistillationRun

EXAMPLES = (
    "captioner distill --teacher resnet50 --images Photos -o run",
    "captioner distill --teacher vgg16 --images A --images B --minutes 60 -o run",
    "captioner distill --resume run",
)

Teacher = Annotated[
    str | None, typer.Option(help="The encoder that teaches; `captioner info` lists all.", rich_help_panel=given.DATA)
]
TeacherWeights = Annotated[
    str | None,
    typer.Option(
        help="Its weights: `official` (torchvision's, downloaded once), or a .safetensors file.",
        show_default="official",
        rich_help_panel=given.DATA,
    ),
]
StudentName = Annotated[
    str | None,
    typer.Option(help="The encoder that learns.", show_default="stepped_resnet18", rich_help_panel=given.DATA),
]
StartFrom = Annotated[
    Path | None,
    typer.Option(help="Weights of the student to begin with.", show_default="random", rich_help_panel=given.DATA),
]
Images = Annotated[
    list[Path] | None,
    typer.Option(
        help="Folder of photographs, searched with all inside it; may be repeated.", rich_help_panel=given.DATA
    ),
]
Split = Annotated[
    list[Path] | None,
    typer.Option(help="File with one image name per line; only these. May be repeated.", rich_help_panel=given.DATA),
]
LeaveOut = Annotated[
    list[Path] | None,
    typer.Option(help="File with one image name per line; none of these. May be repeated.", rich_help_panel=given.DATA),
]
Recipe = Annotated[Path | None, given.recipe_option("captioner/training/distillation/config.py")]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes over all photographs.", rich_help_panel=given.SETTINGS)]
Minutes = Annotated[
    float | None,
    typer.Option(min=0.001, help="Instead of epochs: how long it may take.", rich_help_panel=given.SETTINGS),
]
BatchSize = Annotated[int | None, typer.Option(min=2, help="Photographs per step.", rich_help_panel=given.SETTINGS)]
Device = Annotated[DeviceName | None, typer.Option(help="Where to train; auto prefers a GPU.", show_default="auto")]


def distill(
    teacher: Teacher = None,
    images: Images = None,
    output: given.Output = None,
    student: StudentName = None,
    teacher_weights: TeacherWeights = None,
    start_from: StartFrom = None,
    split: Split = None,
    leave_out: LeaveOut = None,
    recipe: Recipe = None,
    epochs: Epochs = None,
    minutes: Minutes = None,
    batch_size: BatchSize = None,
    learning_rate: given.LearningRate = None,
    seed: given.Seed = None,
    device: Device = None,
    resume: given.Resume = None,
    every: given.Every = 5,
    end_with_parent: given.EndWithParent = False,
) -> None:
    """Teach one encoder to see in photographs what another sees in them; no captions are needed.

    The result, OUTPUT/encoder.safetensors, is for `captioner extract --encoder STUDENT --weights FILE`. Ctrl-C saves
    and stops; what is saved can be resumed, after a crash as well.
    """
    lists = {"images": images, "splits": split, "left_out": leave_out}
    names = {"teacher": teacher, "teacher_weights": teacher_weights, "student": student, "start_from": start_from}
    sources = {**names, **{name: tuple(paths) if paths else None for name, paths in lists.items()}}
    settings: dict[str, Any] = {"epochs": epochs, "minutes": minutes, "batch_size": batch_size, "seed": seed}
    settings |= {"learning_rate": learning_rate, "device": None if device is None else device.value}
    resume = resume or _run_to_restart(output)
    control, has_begun = TrainingControl(), threading.Event()
    with contextlib.ExitStack() as stack:
        if end_with_parent:
            stack.enter_context(ending_with_parent(control, has_begun=has_begun.is_set))
        if resume is None:
            _require_whole(teacher, images, output)
            config = _read_config(recipe, settings)
            run = _start(stack, config, sources, output or Path(), control=control, save_every=60 * every)
        else:
            given_lists = {name: paths or None for name, paths in lists.items()}
            require_no_settings(resume, output, {**names, **given_lists, **settings, "recipe": recipe})
            run = _resume(stack, resume, control=control, save_every=60 * every)
        has_begun.set()
        with stopping_on_signals(control):
            has_finished = follow_distillation(run, control)
    if not has_finished:
        raise typer.Exit(STOPPED)


def _require_whole(teacher: str | None, images: list[Path] | None, output: Path | None) -> None:
    if teacher is None or not images or output is None:
        raise missing({"--teacher": teacher, "--images": images or None, "--output": output})
    for folder in images:
        require_folder(folder)


def _read_config(recipe: Path | None, settings: Mapping[str, Any]) -> DistillationConfig:
    if settings["epochs"] is not None and settings["minutes"] is not None:
        raise ConfigurationError("A run goes by --epochs or by --minutes, not by both. Leave one out.")
    config = DistillationConfig() if recipe is None else with_recipe(DistillationConfig(), recipe)
    if settings["epochs"] is not None:
        config = config.replace(minutes=0.0)
    return config.replace(**settings)


def _run_to_restart(output: Path | None) -> Path | None:
    """The run that a process of ``torchrun --max-restarts`` has to go on with: the one it began itself."""
    if output is None or not is_restart():
        return None
    from captioner.training.distillation.folder import holds_distillation

    return output if holds_distillation(output) else None


def _start(
    stack: contextlib.ExitStack, config: DistillationConfig, sources: Mapping[str, Any], output: Path, **how: Any
) -> DistillationRun:
    from captioner.encoder_registry import OWN_ENCODER
    from captioner.training.distillation.folder import DistillationSources
    from captioner.training.distillation.run import DistillationRun
    from captioner.training.distributed import join_world
    from captioner.training.recorded_run import RunOptions

    named = {"student": OWN_ENCODER, **{name: value for name, value in sources.items() if value is not None}}
    world = stack.enter_context(join_world(config.device))
    with download_progress() as on_progress:
        run_options = RunOptions(**how, world=world, on_progress=on_progress)
        run = stack.enter_context(DistillationRun.start(config, DistillationSources(**named), output, run_options))
    if world.rank == 0:
        for line in run.introduction():
            say(line)
    return run


def _resume(stack: contextlib.ExitStack, path: Path, **how: Any) -> DistillationRun:
    from captioner.training.distillation.folder import read_distillation
    from captioner.training.distillation.run import DistillationRun
    from captioner.training.distributed import join_world
    from captioner.training.recorded_run import RunOptions

    world = stack.enter_context(join_world(read_distillation(path)[0].device))
    with download_progress() as on_progress:
        return stack.enter_context(
            DistillationRun.resume(path, RunOptions(**how, world=world, on_progress=on_progress))
        )
