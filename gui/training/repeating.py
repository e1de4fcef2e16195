"""The command line that trains once more as a run was trained."""

from __future__ import annotations

from pathlib import Path

from gui.viewmodels.run_files import CONFIG, FINE_TUNE
from gui.viewmodels.training_run import RunView

_OPTIONS = {
    "features": "--features",
    "dev_features": "--dev-features",
    "captions": "--captions",
    "encoder": "--encoder",
    "encoder_weights": "--weights",
    "model": "--model",
    "name": "--name",
    "images": "--images",
    "start_from": "--start-from",
}
_OPTIONS_OF_FINE_TUNING = {
    "images": "--images",
    "captions": "--captions",
    "split": "--split",
    "dev_split": "--dev-split",
    "model": "--model",
    "encoder": "--encoder",
    "input_size": "--input-size",
    "name": "--name",
}


def repeating_command(run: RunView) -> tuple[str, ...]:
    """Program and arguments, writing into a new folder beside that of the run; empty where its sources are unknown."""
    if not run.sources:
        return ()
    paths = run.sources.get("paths")
    sources = [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []
    for name, option in (_OPTIONS_OF_FINE_TUNING if run.command == FINE_TUNE else _OPTIONS).items():
        value = run.sources.get(name)
        if isinstance(value, str | int) and value:
            sources += (option, str(value))
    folder = Path(run.path)
    again = folder.with_name(f"{folder.name}-again")
    return ("captioner", run.command, *sources, "--recipe", str(folder / CONFIG), "--output", str(again))
