"""Where the files are that came with the program: icons, translations, sample photographs."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def resources_folder() -> Path:
    """The folder inside the installed package, or in the checkout."""
    # find_spec of a top-level package imports nothing.
    found = importlib.util.find_spec("captioner")
    places = found.submodule_search_locations if found is not None else None
    package = Path(places[0] if places else "captioner").resolve()
    installed = package / "bundled_resources"
    return installed if installed.is_dir() else package.parent / "resources"
