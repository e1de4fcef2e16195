"""What commands that train have in common: recipes, restarts by ``torchrun``, and runs shown while they go on."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from captioner.cli.console import say
from captioner.cli.training_view import for_people, for_programs, shell
from captioner.errors import CaptionerError, ConfigurationError
from captioner.settings import Settings
from captioner.training.control import TrainingControl
from captioner.training.events import TrainingStopped

if TYPE_CHECKING:
    from captioner.training.recorded_run import RecordedRun

STOPPED = 130
MOST_CHARACTERS = 2**20

AnySettings = TypeVar("AnySettings", bound=Settings)


def is_restart() -> bool:
    """Whether ``torchrun`` started this process in the place of one that died, with the same command."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0


def run_to_restart(output: Path | None) -> Path | None:
    """The run that a process of ``torchrun --max-restarts`` has to go on with: the one it began itself."""
    if output is None or not is_restart():
        return None
    from captioner.training.run_folder import holds_run

    return output if holds_run(output) else None


def require_given(options: Mapping[str, object]) -> None:
    """Refuse to begin a run while one of ``options`` is None.

    Raises
    ------
    ConfigurationError
        It names those.
    """
    if None in options.values():
        raise missing(options)


def missing(options: Mapping[str, object]) -> ConfigurationError:
    """The error for a run that cannot be begun before those ``options`` are named that are None."""
    *others, last = (name for name, value in options.items() if value is None)
    names = f"{', '.join(others)} and {last}" if others else last
    return ConfigurationError(f"Name {names}, or the folder of a run to --resume.")


def require_no_settings(run: Path, output: Path | None, settings: Mapping[str, object]) -> None:
    """Refuse settings for a run that is resumed.

    Raises
    ------
    ConfigurationError
        If any of ``settings`` is not None, or ``output`` names another folder.
    """
    changed = [f"--{name.replace('_', '-')}" for name, value in settings.items() if value is not None]
    if output not in (None, run):
        changed.insert(0, "--output")
    if changed and not (is_restart() and output == run):
        raise ConfigurationError(
            f"A run is resumed with the settings it was begun with, so {changed[0]} cannot be given. "
            "Leave it out, or begin a new run."
        )


def with_recipe(base: AnySettings, recipe: Path) -> AnySettings:
    """``base``, with the settings of a TOML file or the ``config.json`` of a run in the place of its own.

    Raises
    ------
    ConfigurationError
        If the file cannot be read or names what is no setting.
    """
    try:
        text = _read_recipe(recipe)
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
    return type(base).from_dict(_over(base.to_dict(), values), where=str(recipe))


def _read_recipe(recipe: Path) -> str:
    # Opening a pipe that nobody writes to would wait for ever, and a device may never end.
    if not recipe.is_file() and recipe.exists() and not recipe.is_dir():
        raise ConfigurationError(f"{recipe} is not a plain file. Name a file of settings.", path=recipe)
    with recipe.open(encoding="utf-8") as file:
        text = file.read(MOST_CHARACTERS + 1)
    if len(text) > MOST_CHARACTERS:
        raise ConfigurationError(f"{recipe} is too large for a file of settings. Name another.", path=recipe)
    return text


def _over(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``values``, with ``changes`` in place of those of the same name at every depth."""
    both = {**values, **changes}
    inner = [name for name in both if isinstance(values.get(name), dict) and isinstance(changes.get(name), dict)]
    return both | {name: _over(values[name], changes[name]) for name in inner}


def follow(run: RecordedRun, control: TrainingControl, *, for_a_program: bool) -> bool:
    """Carry out ``run`` and show it; returns whether it came to its end."""
    if run.folder is None:  # the first process of a world speaks for all
        return not any(isinstance(event, TrainingStopped) for event in run.events())
    steps, step = run.trainer.steps, run.trainer.position.steps_done
    if for_a_program:
        view = for_programs(control, run.path, steps=steps, step=step)
    else:
        view = for_people(control, steps=steps, chosen_by=run.trainer.chosen_by)
    has_finished = True
    try:
        with logged_to(run.folder.log_handler()), view as show, contextlib.closing(run.events()) as events:
            for event in events:
                show(event)
                has_finished = not isinstance(event, TrainingStopped)
    except (CaptionerError, KeyboardInterrupt):
        _say_how_to_resume(run)
        raise
    if has_finished:
        say(f"The model is in {run.package_path}.")
    else:
        with contextlib.suppress(OSError):
            _say_what_there_is(run)
        _say_how_to_resume(run)
    return has_finished


def _say_what_there_is(run: RecordedRun) -> None:
    best = run.best_so_far
    if best is not None:
        which = "best epoch so far" if run.trainer.chosen_by else "last whole epoch"
        say(f"The {which} ({best.epoch}) is in {run.package_path}.")
    elif run.trainer.best is None:
        what = "scored" if run.trainer.chosen_by else "finished"
        say(f"There is no model yet: no epoch was {what} before.")


def _say_how_to_resume(run: RecordedRun) -> None:
    with contextlib.suppress(OSError):  # nobody may be listening any more
        say(f"Go on with: {shell(run.resume_command())}")


@contextlib.contextmanager
def logged_to(handler: logging.Handler) -> Iterator[None]:
    """While the context lasts, ``handler`` gets what the engine logs, and is closed afterwards."""
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
