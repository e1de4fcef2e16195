"""Which layers of an encoder learn, and which keep what they have."""

from __future__ import annotations

from torch import nn

from captioner.encoders import Encoder
from captioner.errors import ConfigurationError

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def encoder_stages(encoder: Encoder) -> list[nn.Module]:
    """The stages of an encoder, from the pixels up: the modules right inside its network that have weights.

    Networks that are a single module inside, as VGG's ``features``, are taken apart one level further. The project's
    own encoder has 3, at strides of 8, 16 and 32; a ResNet has 6, a convolution and a norm before its four layers.
    """
    stages: list[nn.Module] = [encoder.trunk]
    while len(stages) == 1:
        inside = [module for module in stages[0].children() if next(module.parameters(), None) is not None]
        if not inside:
            return stages
        stages = inside
    return stages


class FrozenLayers:
    """Keeps part of an encoder as it is.

    Parameters
    ----------
    encoder
        Gradients of the frozen stages are turned off in it.
    stages
        How many stages keep their weights and statistics, from the pixels up.
    keep_statistics
        Whether all other batch norms keep the statistics they came with as well.

    Raises
    ------
    ConfigurationError
        If no stage would be left to learn.
    """

    def __init__(self, encoder: Encoder, stages: int, *, keep_statistics: bool) -> None:
        self._encoder, self._keep_statistics = encoder, keep_statistics
        every = encoder_stages(encoder)
        if stages >= len(every):
            raise ConfigurationError(
                f"{encoder.config.name} has {len(every)} stages, of which {stages} cannot be frozen. Lower "
                "frozen_stages; to train the decoder alone, extract features and use `captioner train`."
            )
        self._stages = every[:stages]
        for stage in self._stages:
            stage.requires_grad_(False)

    def train(self) -> None:
        """Put the encoder in training mode, but for what is kept."""
        self._encoder.train()
        for stage in self._stages:
            stage.eval()
        if self._keep_statistics:
            for module in self._encoder.modules():
                if isinstance(module, BATCH_NORMS):
                    module.eval()
