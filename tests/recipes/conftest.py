"""The scripts of recipes/, which are no package: imported as Python imports what lies beside a script."""

import importlib
from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(scope="session")
def recipe():
    """``recipe("lecture_page")``: a module of recipes/."""
    if not RECIPES.is_dir():
        pytest.skip("recipes are in the checkout only")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(RECIPES)
        yield importlib.import_module
