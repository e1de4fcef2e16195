"""The model that comes with the program."""

import pytest

from captioner.captioning import Captioner
from captioner.model_library import DEFAULT_MODEL, bundled_models_folder, find_package


@pytest.fixture(scope="session")
def bundled():
    """Its package. Only where its folder is missing altogether is a test left out; a damaged one fails."""
    if not (bundled_models_folder() / DEFAULT_MODEL).is_dir():
        pytest.skip(f"this checkout has no models/{DEFAULT_MODEL}; recipes/make_bundled_model.py makes it")
    return find_package()


@pytest.fixture(scope="session")
def captioner(bundled):
    """The model, loaded as a user does."""
    return Captioner.load()
