"""Captions that a model wrote for the same few images after each epoch, read when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from captioner.training.sample_attention import SampleAttention
from gui.viewmodels.run_files import epochs_with_samples, read_sample_attention, read_samples


class EpochSamples(Mapping[int, Mapping[str, str]]):
    """Caption by image name, by epoch, as the folder of a run has them at this moment.

    A copy would read all of them; each is read once.

    Parameters
    ----------
    folder
        The run folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[int, Mapping[str, str]] = {}
        self._looked: dict[int, Mapping[str, SampleAttention]] = {}
        self._epochs: tuple[int, ...] = ()

    def look(self, last: int) -> None:
        """Look which epochs there are, up to this one; later ones are left of an attempt that was taken back."""
        self._epochs = tuple(epoch for epoch in epochs_with_samples(self._folder) if epoch <= last)
        self._keep_known()

    def forget_from(self, epoch: int) -> None:
        """Forget what was read of this epoch and later ones, which are written again."""
        self._epochs = tuple(one for one in self._epochs if one < epoch)
        self._keep_known()

    def attention(self, epoch: int) -> Mapping[str, SampleAttention]:
        """Where the model looked at a few of the images after an epoch, by name; empty where that was not kept."""
        if epoch not in self._epochs:
            return {}
        if epoch not in self._looked:
            self._looked[epoch] = read_sample_attention(self._folder, epoch)
        return self._looked[epoch]

    @property
    def references(self) -> dict[str, str]:
        """A caption that people wrote of some of the images, by name."""
        looked = self.attention(self._epochs[-1]) if self._epochs else {}
        return {name: sample.reference for name, sample in looked.items() if sample.reference}

    def chosen(self, most: int) -> list[str]:
        """Names of so many images to show: those whose attention was kept, or else the first of the first epoch.

        That epoch may have captions of a few images only, where later ones have captions of all.
        """
        if not self._epochs:
            return []
        return list(self.attention(self._epochs[-1]) or self[self._epochs[0]] or self[self._epochs[-1]])[:most]

    def __getitem__(self, epoch: int) -> Mapping[str, str]:
        if epoch not in self._epochs:
            raise KeyError(epoch)
        if epoch not in self._read:
            first = self._epochs[0]
            also = self.attention(epoch).keys() | (self[first].keys() if epoch != first else set())
            self._read[epoch] = read_samples(self._folder, epoch, also)
        return self._read[epoch]

    def __iter__(self) -> Iterator[int]:
        return iter(self._epochs)

    def __len__(self) -> int:
        return len(self._epochs)

    def _keep_known(self) -> None:
        self._read = {epoch: captions for epoch, captions in self._read.items() if epoch in self._epochs}
        self._looked = {epoch: looked for epoch, looked in self._looked.items() if epoch in self._epochs}
