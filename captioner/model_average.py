"""Models whose weights are the mean of those of others: often better than each of them, and no slower."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from captioner.derived_models import save_derived
from captioner.errors import ConfigurationError
from captioner.file_names import printable
from captioner.model import CaptioningModel
from captioner.model_library import ModelPackage, find_package


def average_packages(models: Sequence[str | os.PathLike[str]], output: Path) -> ModelPackage:
    """Package the mean of some models (Wortsman et al. 2022, arXiv:2203.05482) as the new model ``output``.

    It is worth something only where all of them were trained further from one and the same model: weights of models
    that began apart have no common meaning. Parents that learned for different rewards give a model that is good by
    all of them (Ramé et al. 2023, arXiv:2306.04488).

    Parameters
    ----------
    models
        Names or folders of two or more models with the same encoder, decoder and vocabulary; one that is named twice
        counts twice. How words are chosen is taken from the first.
    output
        New folder; its name is the name of the model.

    Raises
    ------
    ConfigurationError
        If there are fewer than two models, or they do not fit together.
    ModelPackageError
        If there is no such model, or it is damaged.
    OutputError
        If the folder exists already or cannot be written.
    """
    if len(models) < 2:
        raise ConfigurationError("Name two models or more to average.")
    packages = [find_package(name) for name in models]
    networks = [package.load() for package in packages]
    for package, network in zip(packages[1:], networks[1:], strict=True):
        _require_alike((packages[0], networks[0]), (package, network))
    states = [network.state_dict() for network in networks]
    mean = {name: _mean([state[name] for state in states]) for name in states[0]}
    for name, value in mean.items():
        if not value.isfinite().all():
            raise ConfigurationError(f"These models cannot be averaged: the mean of {name} is not finite.")
    networks[0].load_state_dict(mean)
    names = [package.name for package in packages]
    said = f"Its weights are the mean of those of {', '.join(names[:-1])} and {names[-1]}."
    return save_derived(networks[0], packages, output, said)


def _mean(values: Sequence[Tensor]) -> Tensor:
    """The mean of floating-point values, in their own precision; of others, such as counts, the first."""
    first = values[0]
    # Equal ones stay as they are, down to the signs of zeros: models that share an encoder go on sharing it.
    if not first.is_floating_point() or all(torch.equal(first, other) for other in values[1:]):
        return first
    return torch.stack([value.double() for value in values]).mean(0).to(first)


def _require_alike(first: tuple[ModelPackage, CaptioningModel], other: tuple[ModelPackage, CaptioningModel]) -> None:
    facts: dict[str, tuple[object, object]] = {
        "their encoders differ": (first[0].config.encoder, other[0].config.encoder),
        "their decoders differ": (first[0].config.decoder, other[0].config.decoder),
        "they know different words": (first[1].vocabulary.to_json(), other[1].vocabulary.to_json()),
    }
    for reason, (one, another) in facts.items():
        if one != another:
            raise ConfigurationError(
                f"{printable(first[0].path)} and {printable(other[0].path)} cannot be averaged: {reason}. Name models "
                "that were trained further from one and the same model."
            )
