"""The registry of encoders: which networks there are, and what each of them takes and gives; known without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from captioner.config import IMAGENET_MEAN, IMAGENET_STD, EncoderConfig
from captioner.errors import ConfigurationError

HALVES = (0.5, 0.5, 0.5)
OWN_ENCODER = "stepped_resnet18"
DILATED_ENCODER = "stepped_resnet18_dilated"
SMALL_ENCODER = "stepped_resnet_small"
SMALL_DILATED_ENCODER = "stepped_resnet_small_dilated"
OWN_ENCODERS = (OWN_ENCODER, DILATED_ENCODER, SMALL_ENCODER, SMALL_DILATED_ENCODER)


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """One entry of the registry.

    Attributes
    ----------
    name
        torchvision's name of the network, or this project's own.
    node
        The layer whose output is the grid of features, by torchvision's feature-extraction names.
    stride
        Pixels of the input per cell of the grid. Input sides are multiples of it.
    dim
        Width D of one feature.
    input_size
        Side for which the published weights were made, rounded to the stride.
    mean, std
        Normalisation those weights expect, for RGB in [0, 1].
    options
        Arguments for torchvision's builder.
    weights_of
        The encoder whose weights are this one's as well; itself where that is empty.
    """

    name: str
    node: str
    stride: int
    dim: int
    input_size: int = 224
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    options: tuple[tuple[str, bool], ...] = ()
    weights_of: str = ""

    def config(self, input_size: int | None = None) -> EncoderConfig:
        """Settings with this encoder's own normalisation, at its own input size unless another is given."""
        return EncoderConfig(name=self.name, input_size=input_size or self.input_size, mean=self.mean, std=self.std)


# GoogLeNet's and Inception's published weights were ported from networks that saw RGB in [-1, 1].
_UNINITIALISED = (("init_weights", False), ("aux_logits", False))

ENCODERS: Mapping[str, EncoderSpec] = {
    spec.name: spec
    for spec in (
        EncoderSpec(OWN_ENCODER, "stage32", 32, 320, mean=HALVES, std=HALVES),
        EncoderSpec(DILATED_ENCODER, "stage32", 16, 320, mean=HALVES, std=HALVES, weights_of=OWN_ENCODER),
        EncoderSpec(SMALL_ENCODER, "stage32", 32, 320, mean=HALVES, std=HALVES),
        EncoderSpec(SMALL_DILATED_ENCODER, "stage32", 16, 320, mean=HALVES, std=HALVES, weights_of=SMALL_ENCODER),
        EncoderSpec("alexnet", "features.11", 16, 256),
        EncoderSpec("vgg16", "features.29", 16, 512),
        EncoderSpec("vgg19", "features.35", 16, 512),
        EncoderSpec("googlenet", "inception5b", 32, 1024, mean=HALVES, std=HALVES, options=_UNINITIALISED),
        EncoderSpec("inception_v3", "Mixed_7c", 32, 2048, 320, mean=HALVES, std=HALVES, options=_UNINITIALISED),
        EncoderSpec("resnet18", "layer4", 32, 512),
        EncoderSpec("resnet34", "layer4", 32, 512),
        EncoderSpec("resnet50", "layer4", 32, 2048),
        EncoderSpec("resnet101", "layer4", 32, 2048),
        EncoderSpec("resnet152", "layer4", 32, 2048),
        EncoderSpec("densenet121", "relu", 32, 1024),
        EncoderSpec("densenet161", "relu", 32, 2208),
        EncoderSpec("densenet201", "relu", 32, 1920),
        EncoderSpec("mobilenet_v2", "features", 32, 1280),
        EncoderSpec("mobilenet_v3_small", "features", 32, 576),
        EncoderSpec("mobilenet_v3_large", "features", 32, 960),
        EncoderSpec("shufflenet_v2_x1_0", "conv5", 32, 1024),
        EncoderSpec("efficientnet_b0", "features", 32, 1280),
        EncoderSpec("efficientnet_b1", "features", 32, 1280, 256),
        EncoderSpec("efficientnet_b2", "features", 32, 1408, 288),
        EncoderSpec("efficientnet_b3", "features", 32, 1536, 288),
        EncoderSpec("efficientnet_b4", "features", 32, 1792, 384),
        EncoderSpec("efficientnet_lite0", "features", 32, 1280, mean=HALVES, std=HALVES),
        EncoderSpec("efficientnet_lite1", "features", 32, 1280, 256, mean=HALVES, std=HALVES),
        EncoderSpec("efficientnet_lite2", "features", 32, 1280, 256, mean=HALVES, std=HALVES),
        EncoderSpec("convnext_tiny", "features", 32, 768),
        EncoderSpec("convnext_small", "features", 32, 768),
        EncoderSpec("regnet_y_400mf", "trunk_output", 32, 440),
        EncoderSpec("regnet_y_800mf", "trunk_output", 32, 784),
        EncoderSpec("regnet_y_1_6gf", "trunk_output", 32, 888),
        EncoderSpec("regnet_y_3_2gf", "trunk_output", 32, 1512),
        EncoderSpec("regnet_x_1_6gf", "trunk_output", 32, 912),
    )
}


def encoder_spec(name: str) -> EncoderSpec:
    """The registry's entry for ``name``.

    Raises
    ------
    ConfigurationError
        If there is none; the message lists the names there are.
    """
    if name not in ENCODERS:
        raise ConfigurationError(f"There is no encoder {name!r:.60}. Choose one of: {', '.join(ENCODERS)}.")
    return ENCODERS[name]


def shares_weights(name: str, other: str) -> bool:
    """Whether weights of one registered encoder are those of the other as well."""
    specs = encoder_spec(name), encoder_spec(other)
    return len({spec.weights_of or spec.name for spec in specs}) == 1


def official_weights_folder() -> Path:
    """Where torchvision's weights are kept as ``.safetensors`` once they were fetched; all of it may be deleted."""
    return Path(platformdirs.user_cache_dir("captioner")) / "torchvision"
