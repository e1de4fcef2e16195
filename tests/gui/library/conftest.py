"""Models for the tests of the Models page."""

from __future__ import annotations

import pytest

from captioner.worker.protocol import Finished, ListModels, ModelDetails, ModelsListed
from gui.library.page import LibraryPage
from gui.viewmodels.model_shelf import ModelShelf


@pytest.fixture
def make_model():
    """Build models: ``make_model("tiny", origin="installed")``."""

    def make(name: str = "tiny", **changes: object) -> ModelDetails:
        fields = {
            "description": "Captions for tests.",
            "origin": "bundled",
            "path": f"/models/{name}",
            "size": 35_546_216,
            "encoder": "alexnet at 224 x 224",
            "decoder": "LSTM 32",
            "grid": (7, 7),
            "vocabulary": 812,
            "scores": (("BLEU-1", 65.8), ("CIDEr", 50.31)),
            "protocol": "Dev split, beam 3",
        }
        return ModelDetails(name=name, **(fields | changes))

    return make


@pytest.fixture
def models(make_model):
    return (make_model("small"), make_model("birds", origin="installed"), make_model("third", origin="installed"))


@pytest.fixture
def shelf():
    return ModelShelf()


@pytest.fixture
def page(qtbot, bridge, client, shelf, models):
    """The page once the worker has listed three models."""
    page = LibraryPage(bridge, shelf)
    qtbot.addWidget(page)
    page.resize(1240, 800)
    page.show()
    shelf.set_active("small")
    job_id = client.last(ListModels).job_id
    client.emit(ModelsListed(job_id=job_id, models=models, problems=("old cannot be read: it is cut short.",)))
    client.emit(Finished(job_id=job_id))
    qtbot.waitUntil(lambda: len(page.gallery.cards) == len(models))
    return page
