"""One distillation from photographs to an encoder's weights: begun and resumed."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
from collections.abc import Generator
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from captioner import __version__
from captioner.atomic_file import atomic_path
from captioner.errors import TrainingRunError
from captioner.file_names import printable
from captioner.model_library import sha256_of
from captioner.training.checkpoint import CheckpointFolder, write_tensors
from captioner.training.distillation.card import encoder_card
from captioner.training.distillation.config import DistillationConfig
from captioner.training.distillation.distiller import Distiller
from captioner.training.distillation.events import DistillationEvent, DistillationFinished, StudentMeasured
from captioner.training.distillation.folder import (
    ABOUT,
    CARD,
    CHECKPOINTS,
    WEIGHTS,
    DistillationFolder,
    DistillationSources,
    read_distillation,
    write_json,
)
from captioner.training.distillation.pictures import find_pictures
from captioner.training.distillation.student import build_student
from captioner.training.distillation.teacher import TeacherSource, open_teacher
from captioner.training.recorded_run import RunOptions

logger = logging.getLogger(__name__)

MOST_THREADS = 16


class DistillationRun:
    """Teaches a student, records, and writes its encoder. Made by `start` or `resume`; close it after use.

    Attributes
    ----------
    path
        The run folder.
    folder
        The same, held by this process; None in those of a world that do not write.
    distiller
        Does the work.
    sources
        Who is taught by whom, and on what.
    """

    def __init__(
        self,
        path: Path,
        folder: DistillationFolder | None,
        distiller: Distiller,
        sources: DistillationSources,
        resources: contextlib.ExitStack,
    ) -> None:
        self.path, self.folder, self.distiller, self.sources = path, folder, distiller, sources
        self._resources = resources

    @classmethod
    def start(
        cls, config: DistillationConfig, sources: DistillationSources, output: Path, options: RunOptions | None = None
    ) -> Self:
        """Begin a run in the new folder ``output``.

        Raises
        ------
        CaptionerError
            If a file cannot be used, the networks do not fit together, or the folder is not empty.
        """
        options = options or RunOptions()
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(DistillationFolder(output, is_new=True)) if options.world.rank == 0 else None
            distiller = _build(config, sources, options, folder)
            if folder is not None:
                folder.write_config(config, sources)
            return cls(output, folder, distiller, sources, stack.pop_all())

    @classmethod
    def resume(cls, path: Path, options: RunOptions | None = None) -> Self:
        """Go on with a run from its last checkpoint, or from its beginning where it has none.

        A run that goes by epochs ends with the weights, bit for bit, that it would have had without interruption.

        Raises
        ------
        CaptionerError
            If there is no run, no checkpoint is whole, another process is training in the folder, or the photographs
            are others than it began with.
        """
        options = options or RunOptions()
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(DistillationFolder(path, is_new=False)) if options.world.rank == 0 else None
            options.world.sum(torch.zeros(1))  # all wait until the folder is in order
            config, sources = read_distillation(path)
            checkpoint = CheckpointFolder(path / CHECKPOINTS).latest()
            distiller = _build(config, sources, options, folder)
            if checkpoint is not None:
                if checkpoint.values["fingerprint"] != distiller.pictures.fingerprint():
                    raise TrainingRunError(
                        f"{printable(sources.images[0])} does not hold the photographs that the run began with. Put "
                        "them back, or begin a new run.",
                        path=sources.images[0],
                    )
                distiller.restore(checkpoint.tensors, checkpoint.values)
            if folder is not None:
                folder.rewind(checkpoint)
            return cls(path, folder, distiller, sources, stack.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def introduction(self) -> list[str]:
        """What was found, in sentences for people."""
        distiller, teacher = self.distiller, self.distiller.teacher
        pictures, student = distiller.pictures, distiller.student
        asked = ", ".join(layer.name for layer in teacher.layers)
        directly = all(isinstance(adapter, nn.Identity) for adapter in student.adapters)
        manner = "compared directly" if directly else "compared through adapters, which are left behind"
        return [
            f"{len(pictures.training):,} photographs to learn from, {len(pictures.held_out):,} to measure on.",
            f"{self.sources.teacher} is asked at {asked}; {self.sources.student} is {manner}.",
        ]

    def resume_command(self) -> list[str]:
        """The command that goes on with this run."""
        return ["captioner", "distill", "--resume", str(self.path)]

    def events(self) -> Generator[DistillationEvent]:
        """Teach to the end or to where the control asks to stop; at the end write the encoder."""
        with contextlib.closing(self.distiller.run()) as events:
            for event in events:
                if isinstance(event, StudentMeasured) and self.folder is not None:
                    logger.info("%s", event)
                if isinstance(event, DistillationFinished) and self.folder is not None:
                    yield dataclasses.replace(event, weights=self._write_encoder())
                else:
                    yield event

    def _write_encoder(self) -> Path:
        """Write weights, what they are, and a page about them; returns where the weights are."""
        weights, student = self.path / WEIGHTS, self.distiller.student
        write_tensors({name: _halved(value) for name, value in student.encoder_weights().items()}, weights)
        about = {
            "encoder": dataclasses.asdict(student.spec.config(self.distiller.config.last_size)),
            "channels": student.spec.dim,
            "stride": student.spec.stride,
            "parameters": sum(weight.numel() for weight in student.trunk.parameters()),
            "weights_sha256": sha256_of(weights),
            "captioner": __version__,
            "teacher": {
                "name": self.sources.teacher,
                "weights_sha256": TeacherSource(self.sources.teacher, self.sources.teacher_weights).sha256,
                "layers": [layer.name for layer in self.distiller.teacher.layers],
            },
            "images": len(self.distiller.pictures.training),
            "images_held_out": len(self.distiller.pictures.held_out),
            "views": self.distiller.images_seen,
            "seconds": round(self.distiller.clock.seconds),
            "explained_variance": {name: round(share, 4) for name, share in self.distiller.explained.items()},
            "training": self.distiller.config.to_dict(),
        }
        write_json(self.path / ABOUT, about)
        with atomic_path(self.path / CARD) as card:
            card.write_text(encoder_card(about), encoding="utf-8")
        return weights


def _build(
    config: DistillationConfig, sources: DistillationSources, options: RunOptions, folder: DistillationFolder | None
) -> Distiller:
    pictures = find_pictures(sources.images, splits=sources.splits, left_out=sources.left_out, held_out=config.held_out)
    if folder is not None:
        folder.fingerprint = pictures.fingerprint()
    student = build_student(sources.student, config, sources.start_from)
    source = TeacherSource(sources.teacher, sources.teacher_weights)
    teacher = open_teacher(source, student.depths, config, on_progress=options.on_progress)
    torch.manual_seed(config.seed)  # building the teacher has drawn from it, too
    student.adapt_to([layer.channels for layer in teacher.layers])
    return Distiller(
        *(config, student, teacher, pictures),
        control=options.control,
        recorder=folder,
        save_every=options.save_every,
        world=options.world,
        threads=max(2, min(MOST_THREADS, (os.cpu_count() or 1) // options.world.size)),
    )


def _halved(value: Tensor) -> Tensor:
    """``value`` in float16, unless that cannot hold it."""
    half = value.half() if value.is_floating_point() else value
    return half.contiguous() if torch.isfinite(half).all() else value.contiguous()
