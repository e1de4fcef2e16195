"""``captioner train``: a new model from features and captions."""

from __future__ import annotations

import contextlib
import logging
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captioner.cli import options
from captioner.cli.console import complain, download_progress, progress_bar, say
from captioner.cli.extract import BUNDLED
from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError

if TYPE_CHECKING:
    from captioner.training.run import TrainingRun
    from captioner.training.trainer import EpochFinished, StepsFinished

EXAMPLES = (
    "captioner train --features t.h5 --dev-features d.h5 --captions c.csv -o run",
    "captioner train --features t.h5 --captions c.csv -o run --recipe recipe.toml",
)


def train(
    features: Annotated[Path, typer.Option(help="Feature file of the training images, from `captioner extract`.")],
    captions: Annotated[Path, typer.Option(help="Captions of all images, in any layout `evaluate` reads.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder for the run.")],
    dev_features: Annotated[
        Path | None, typer.Option(help="Feature file of the images that choose the best epoch.")
    ] = None,
    recipe: Annotated[Path | None, typer.Option(help="TOML file of settings; see the README for all of them.")] = None,
    encoder_weights: Annotated[
        str, typer.Option("--weights", help="The encoder's weights, as given to `captioner extract`.")
    ] = BUNDLED,
    model: options.Model = None,
    name: Annotated[str, typer.Option(help="Name of the new model.")] = "my-model",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over all captions.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Captions per step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate of AdamW.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed on the same machine gives the same weights.")] = None,
) -> None:
    """Train a decoder on features, keep the epoch with the best dev CIDEr, and package it as a model.

    The new model lies in OUTPUT/NAME; try it with `captioner caption photo.jpg --model OUTPUT/NAME`.
    """
    config = _read_recipe(recipe).replace(epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, seed=seed)
    from captioner.data.feature_files import FeatureFile
    from captioner.encoder_sources import open_encoder
    from captioner.training.run import TrainingRun

    with contextlib.ExitStack() as stack:
        train_file = stack.enter_context(FeatureFile(features))
        dev_file = stack.enter_context(FeatureFile(dev_features)) if dev_features else None
        on_progress = stack.enter_context(download_progress())
        info = train_file.info
        source = open_encoder(
            info.encoder, encoder_weights, model=model, input_size=info.input_size, on_progress=on_progress
        )
        run = TrainingRun(config, train_file, dev_file, captions, source, output, name=name)
        stack.enter_context(_logged_to(run.folder.log_handler()))
        try:
            _show(run)
        except KeyboardInterrupt:
            complain(f"Stopped before a model was made. What was recorded is in {run.folder.path}.")
            raise
    say(f"The model is in {run.package_path}.")


def _read_recipe(path: Path | None) -> TrainingConfig:
    if path is None:
        return TrainingConfig()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.", path=path) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.", path=path) from error
    return TrainingConfig.from_dict(values, where=str(path))


def _show(run: TrainingRun) -> None:
    """Run to the end under a progress bar, an epoch's scores on a line each."""
    from captioner.training.trainer import EpochFinished, StepsFinished, TrainingFinished

    with progress_bar("steps") as bar, contextlib.closing(run.events()) as events:
        task = bar.add_task("", total=run.trainer.steps)
        for event in events:
            if isinstance(event, StepsFinished):
                bar.update(task, completed=event.step, description=_step_line(event))
            elif isinstance(event, EpochFinished):
                say(_epoch_line(event))
            elif isinstance(event, TrainingFinished):
                say(f"Training ended: {event.reason}. Best epoch: {event.best_epoch}.")


def _step_line(event: StepsFinished) -> str:
    return f"epoch {event.epoch} loss {event.loss:.3f} {event.captions_per_second:.0f} captions/s"


def _epoch_line(event: EpochFinished) -> str:
    line = f"epoch {event.epoch} ({event.stage}): loss {event.loss:.3f}, {event.seconds:.0f} s"
    if event.scores:
        line += (
            f", dev BLEU-1 {event.scores.bleu_1:.1f}, BLEU-4 {event.scores.bleu_4:.1f}, CIDEr {event.scores.cider:.1f}"
        )
    return line + (", best so far" if event.is_best else "")


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
