"""Settings of distillation; importing this never imports torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from captioner.config import Device, Precision
from captioner.settings import Settings, require
from captioner.training.fine_tuning_config import ViewConfig

STRIDE = 32
"""Sides of images are multiples of it."""
Padding = Literal["auto", "torch", "tensorflow"]
Normalisation = Literal["auto", "registry", "halves"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistillationConfig(Settings):
    """How a student learns the features of a teacher.

    Attributes
    ----------
    seed
        Seed of weights, order, views, mixing and whatever else is drawn.
    epochs
        Passes over all images.
    minutes
        Instead of epochs: the run, with its schedules, takes so long. 0 goes by `epochs`. The same seed then gives the
        same weights only while the machine is as fast.
    batch_size
        Images per step.
    learning_rate, weight_decay, betas
        Of AdamW: the peak rate, and decay of matrices and kernels.
    warmup_steps
        Steps in which the rate rises linearly; then it falls as a cosine to zero.
    clip_norm
        Upper bound of the norm of all gradients together; 0 does not clip.
    average_decay
        Decay per step of the running average of weights that is evaluated and kept; 0 keeps the last weights.
    strides
        Depths at which the student is taught, in pixels per cell. The student's last layer is always taught.
    depth_weights
        Weights of the mean squared error at each of `strides`, every channel of the target having unit variance.
    last_weight
        Weight of the error at the last depth, besides.
    logits_weight
        Weight of the divergence (KL) of the class scores that the teacher's own head gives to the student's features
        from those it gives to the teacher's; 0, or a teacher without a head, leaves it out.
    temperature
        Of those scores (Hinton et al. 2015, arXiv:1503.02531).
    teacher_layers
        Layers of the teacher, one for each of `strides`, by their names as modules; found where empty.
    teacher_padding
        How convolutions with a stride pad: as ``torch`` does, or right and bottom first as ``tensorflow`` does.
        ``auto`` takes the latter where batch norms are folded into convolutions, as converters leave them.
    teacher_normalisation
        What the teacher expects of RGB values: the ``registry``'s mean and deviation, or -1 to 1 (``halves``). ``auto``
        decides like `teacher_padding`.
    teacher_scale
        The teacher sees the same view so many times larger, rounded to a multiple of 32 pixels, since most teachers
        know little of small pictures. From 1, where both see the same pixels, to 2.
    stage_feeding
        Where the student's stages meet at the teacher's own widths, each stage is fed the teacher's features at first,
        so that all learn at once, each a shallow problem. No effect on other students.
    fed_until, mixed_until
        Shares of the run: before the first all steps are fed, before the second every other step at random.
    phases
        Pairs of a share of the run and the side in pixels of its images, a multiple of 32; the shares sum to 1.
    views
        How a photograph is altered each time that it is shown to both.
    mix_share
        Share of the batches whose images are mixed with their neighbours (Zhang et al. 2018, arXiv:1710.09412).
    statistics_batches
        Batches over which mean and deviation of the targets are measured before the first step.
    held_out
        Images that are kept from training, a tenth of all at most, and on which errors are measured.
    device
        Where to train.
    precision
        ``bfloat16`` runs convolutions in bf16 under autocast; ``auto`` does so where the device is faster with it.
    """

    seed: int = 1
    epochs: int = 20
    minutes: float = 0.0
    batch_size: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    betas: tuple[float, float] = (0.9, 0.99)
    warmup_steps: int = 300
    clip_norm: float = 2.0
    average_decay: float = 0.998
    strides: tuple[int, ...] = (8, 16, 32)
    depth_weights: tuple[float, ...] = (1.0, 1.0, 1.0)
    last_weight: float = 2.0
    logits_weight: float = 0.1
    temperature: float = 2.0
    teacher_layers: tuple[str, ...] = ()
    teacher_padding: Padding = "auto"
    teacher_normalisation: Normalisation = "auto"
    teacher_scale: float = 1.0
    stage_feeding: bool = True
    fed_until: float = 0.25
    mixed_until: float = 0.5
    phases: tuple[tuple[float, int], ...] = ((0.55, 128), (0.3, 160), (0.15, 224))
    views: ViewConfig = field(default_factory=lambda: ViewConfig(least_area=0.25, grey=0.0))
    mix_share: float = 0.5
    statistics_batches: int = 20
    held_out: int = 256
    device: Device = "auto"
    precision: Precision = "auto"

    def size_at(self, progress: float) -> int:
        """Side of the images at ``progress``, the share of the run that is done."""
        end = 0.0
        for share, size in self.phases:
            end += share
            if progress < end - 1e-9:
                return size
        return self.phases[-1][1]

    def teacher_size(self, size: int) -> int:
        """Side of the teacher's images where those of the student have ``size``."""
        return max(size, round(size * self.teacher_scale / STRIDE) * STRIDE)

    def student_size(self, teacher_size: int) -> int:
        """Side of the student's images in the phase in which those of the teacher have ``teacher_size``."""
        return next(size for _, size in self.phases if self.teacher_size(size) == teacher_size)

    @property
    def last_size(self) -> int:
        """Side of the images in the last phase, and of those that errors are measured on."""
        return self.phases[-1][1]

    def _check_ranges(self) -> None:
        require(self.epochs >= 1, f"epochs must be 1 or more, not {self.epochs}.")
        require(self.minutes >= 0, f"minutes must be 0 or more, not {self.minutes}.")
        require(self.batch_size >= 2, f"batch_size must be 2 or more, not {self.batch_size}.")
        self._check_optimisation()
        self._check_targets()
        self._check_views()

    def _check_optimisation(self) -> None:
        require(0 < self.learning_rate <= 10, f"learning_rate must be above 0 up to 10, not {self.learning_rate}.")
        require(self.weight_decay >= 0, "weight_decay must be 0 or more.")
        require(all(0 <= beta < 1 for beta in self.betas), "Each of betas must be at least 0 and below 1.")
        require(self.warmup_steps >= 0, "warmup_steps must be 0 or more.")
        require(self.clip_norm >= 0, "clip_norm must be 0 or more.")
        require(0 <= self.average_decay < 1, "average_decay must be at least 0 and below 1.")
        require(
            0 <= self.fed_until <= self.mixed_until <= 1,
            f"fed_until and mixed_until must rise from 0 to 1, not {self.fed_until} and {self.mixed_until}.",
        )

    def _check_targets(self) -> None:
        is_rising = all(0 < one < other for one, other in zip(self.strides, self.strides[1:], strict=False))
        require(bool(self.strides) and is_rising, f"strides must be numbers that rise, not {list(self.strides)}.")
        for name in ("depth_weights", "teacher_layers"):
            values = getattr(self, name)
            require(
                len(values) == len(self.strides) or (name == "teacher_layers" and not values),
                f"{name} must have one entry for each of the {len(self.strides)} strides, not {len(values)}.",
            )
        require(all(weight >= 0 for weight in self.depth_weights), "Each of depth_weights must be 0 or more.")
        require(self.last_weight >= 0, "last_weight must be 0 or more.")
        require(self.last_weight + sum(self.depth_weights) > 0, "Some depth must have a weight above 0.")
        require(self.logits_weight >= 0, "logits_weight must be 0 or more.")
        require(self.temperature > 0, "temperature must be above 0.")
        require(1 <= self.teacher_scale <= 2, f"teacher_scale must be 1 to 2, not {self.teacher_scale}.")
        require(self.statistics_batches >= 1, "statistics_batches must be 1 or more.")
        require(self.held_out >= 0, "held_out must be 0 or more.")

    def _check_views(self) -> None:
        require(bool(self.phases), "phases must have one entry at least.")
        for share, size in self.phases:
            require(share > 0, f"The share of a phase must be above 0, not {share}.")
            is_size = STRIDE <= size <= 1024 and not size % STRIDE
            require(is_size, f"A phase's size must be a multiple of {STRIDE}, not {size}.")
        total = sum(share for share, _ in self.phases)
        require(abs(total - 1) < 1e-6, f"The shares of all phases must sum to 1, not {total:g}.")
        require(0 <= self.mix_share <= 1, "mix_share must be 0 to 1.")
