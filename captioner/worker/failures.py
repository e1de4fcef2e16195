"""What is said when something goes wrong: the engine's own sentences, and one for what nobody foresaw."""

from __future__ import annotations

import importlib.metadata
import logging
import re
import traceback

from captioner.errors import CaptionerError
from captioner.worker.protocol import Failed

OUT_OF_MEMORY = "There is not enough memory for this. Close other programs, or choose a smaller model, and try again."
UNEXPECTED = (
    "Something unexpected went wrong ({}). Choose Save diagnostics in the Help menu and report it; the rest goes on."
)
MISSING_ENGINE = "PyTorch is not installed, so nothing can be captioned. Install the program again."
BROKEN_ENGINE = "PyTorch cannot be loaded ({}), so nothing can be captioned. Install the program again."
MISMATCH = (
    "PyTorch {torch} and torchvision {torchvision} do not belong together: this torchvision needs PyTorch {needed}. "
    "Install both again, of versions that fit."
)

logger = logging.getLogger(__name__)


class EngineMissingError(Exception):
    """The engine could not be imported; holds a sentence for the user and the details for a report."""

    def __init__(self, message: str, details: str) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


def failure(job_id: int, error: BaseException) -> Failed:
    """The event that ends a job after ``error``."""
    if isinstance(error, CaptionerError):
        return Failed(job_id=job_id, message=error.message)
    if isinstance(error, EngineMissingError):
        return Failed(job_id=job_id, message=error.message, details=error.details)
    details = _details(error)
    logger.error("Job %d failed:\n%s", job_id, details)
    if is_out_of_memory(error):
        return Failed(job_id=job_id, message=OUT_OF_MEMORY, details=details)
    mismatch = torchvision_mismatch() if _is_about_torchvision(error) else None
    return Failed(job_id=job_id, message=mismatch or UNEXPECTED.format(type(error).__name__), details=details)


def engine_failure(error: BaseException) -> EngineMissingError:
    """Say why the engine cannot be imported."""
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        message = MISSING_ENGINE
    else:
        message = torchvision_mismatch() or BROKEN_ENGINE.format(type(error).__name__)
    return EngineMissingError(message, _details(error))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python, or torch on any device, ran out of memory."""
    if isinstance(error, MemoryError):
        return True
    # torch says so with a RuntimeError on the CPU and a subclass of it on a GPU.
    return isinstance(error, RuntimeError) and bool(re.search(r"out of memory|can't allocate memory", str(error)))


def torchvision_mismatch() -> str | None:
    """A sentence when torchvision was built for another version of torch than is here; found without importing them."""
    try:
        torch, torchvision = importlib.metadata.version("torch"), importlib.metadata.version("torchvision")
        wanted = importlib.metadata.requires("torchvision") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    needed = next((match[1] for line in wanted if (match := re.match(r"torch\s*\(?==\s*([\w.+]+)", line))), None)
    if needed is None or needed.split("+")[0] == torch.split("+")[0]:
        return None
    return MISMATCH.format(torch=torch, torchvision=torchvision, needed=needed)


def _is_about_torchvision(error: BaseException) -> bool:
    return isinstance(error, (ImportError, RuntimeError)) and "torchvision" in _details(error)


def _details(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
