"""On which device, in which numbers and from which random ones a stage of training computes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.config import TrainingConfig
from captioner.decoder import Decoder
from captioner.devices import autocast_dtype, choose_device


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Where and how a stage computes.

    Attributes
    ----------
    device
        Of weights and features.
    dtype
        Of weights and features: float32, or float64 where that was asked for.
    autocast_dtype
        Of matrix products, or None where it is `dtype`.
    """

    device: torch.device
    dtype: torch.dtype
    autocast_dtype: torch.dtype | None

    @classmethod
    def of(cls, config: TrainingConfig) -> Arithmetic:
        """What ``config`` asks for.

        Raises
        ------
        DeviceError
            If this machine does not have the device.
        """
        device = choose_device(config.device)
        dtype = torch.float64 if config.precision == "float64" else torch.float32
        return cls(device, dtype, autocast_dtype(config.precision, device))

    def take(self, decoder: Decoder) -> Decoder:
        """Move ``decoder`` where it is trained, in place."""
        return decoder.to(self.device, self.dtype)

    def features(self, values: NDArray[np.float32]) -> Tensor:
        """Features read from disk as a tensor."""
        return torch.from_numpy(values).to(self.device, self.dtype)

    def number(self, value: float) -> Tensor:
        """A single number as a tensor."""
        return torch.tensor(value, dtype=self.dtype, device=self.device)

    def autocast(self) -> torch.autocast:
        """A context for forward passes that share their gradient; one without must have a context of its own.

        Autocast keeps the weights it has cast, and those cast without gradient have none afterwards either.
        """
        return torch.autocast(self.device.type, self.autocast_dtype, enabled=self.autocast_dtype is not None)

    @contextlib.contextmanager
    def random_numbers(self, *key: int) -> Iterator[None]:
        """A context in which torch draws what ``key`` decides (whole numbers, the last above 0), and nobody else's."""
        seed = int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0])
        with torch.random.fork_rng(devices=[]):
            # Not torch.manual_seed: where CUDA is installed but not in use, that takes a millisecond.
            torch.default_generator.manual_seed(seed)
            if self.device.type == "cuda":
                torch.cuda.manual_seed(seed)
            elif self.device.type == "mps":
                torch.mps.manual_seed(seed)
            yield
