"""``captioner info``: what a bug report needs."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

from captioner import __version__

EXAMPLES = ("captioner info", "captioner info > bug-report.txt")
PACKAGES = ("torch", "torchvision", "numpy", "pillow", "h5py", "safetensors", "pillow-heif", "pycocoevalcap")


def info() -> None:
    """Show versions, devices, folders and the known encoders; for bug reports."""
    import torch

    from captioner.devices import has_fast_bfloat16
    from captioner.encoder_registry import ENCODERS
    from captioner.model_library import bundled_models_folder, list_packages, user_models_folder

    cuda = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    rows = {
        "captioner": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        **{name: _version(name) for name in PACKAGES},
        "processor": f"{torch.get_num_threads()} threads, bf16 {_yes(has_fast_bfloat16(torch.device('cpu')))}",
        "cuda": cuda,
        "mps": _yes(torch.backends.mps.is_available()),
        "bundled models": str(bundled_models_folder()),
        "installed models": str(user_models_folder()),
        "models": ", ".join(package.name for package in list_packages()) or "none",
        "encoders": ", ".join(ENCODERS),
    }
    for name, value in rows.items():
        sys.stdout.write(f"{name:<17} {value}\n")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
