"""From a finished run to the model in use."""

from __future__ import annotations

import dataclasses

import pytest

from captioner.worker.protocol import (
    Failed,
    Finished,
    ImportModel,
    ListModels,
    LoadModel,
    ModelDetails,
    ModelImported,
    ModelLoaded,
    ModelsListed,
)
from captioner.worker.training_client import TrainingClient
from gui.main_window import MainWindow
from gui.model_switch import ModelSwitch
from gui.settings import SettingsStore
from gui.teaching import Teaching
from gui.workspace import Workspace


def details(name: str, origin: str) -> ModelDetails:
    return ModelDetails(
        name=name,
        description="",
        origin=origin,
        path=name,
        size=1,
        encoder="stepped_resnet18",
        decoder="lstm",
        grid=(7, 7),
        vocabulary=10,
    )


@pytest.fixture
def teaching(bridge, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("gui.viewmodels.training_runs.runs_folder", lambda: tmp_path / "runs")
    store = SettingsStore(tmp_path / "settings.json", bridge)
    window = MainWindow(store)
    qtbot.addWidget(window)
    workspace = Workspace.create(bridge, store)
    teaching = Teaching(workspace, ModelSwitch(workspace, window), lambda told: TrainingClient(told.take_event))
    qtbot.addWidget(teaching.page)
    workspace.shelf.set_models([details("captioner-small", "bundled")])
    workspace.shelf.set_active("captioner-small")
    yield teaching
    teaching.close()
    workspace.undo_stack.clear()


def answer(client, kind, *events):
    request = client.last(kind)
    for event in events:
        client.emit(event(request.job_id))
    client.emit(Finished(job_id=request.job_id))


def test_a_finished_model_is_installed_loaded_and_told(teaching, client, qtbot, tmp_path):
    teaching.page.model_ready.emit(str(tmp_path / "runs" / "mine" / "my-model"))
    assert client.last(ImportModel).source.endswith("my-model")
    mine = details("my-model", "installed")
    answer(client, ImportModel, lambda job: ModelImported(job_id=job, model=mine))
    qtbot.waitUntil(lambda: any(isinstance(request, ListModels) for request in client.requests))
    answer(
        client, ListModels, lambda job: ModelsListed(job_id=job, models=(details("captioner-small", "bundled"), mine))
    )
    qtbot.waitUntil(lambda: any(isinstance(request, LoadModel) for request in client.requests))
    with qtbot.waitSignal(teaching.model_in_use) as told:
        answer(client, LoadModel, lambda job: ModelLoaded(job_id=job, model=mine, seconds=1.0))
    assert told.args == ["captioner-small", "my-model"]


def test_a_model_that_cannot_be_installed_says_why_and_the_old_one_stays(teaching, client, qtbot):
    teaching.use("runs/mine/my-model")
    with qtbot.waitSignal(teaching.failed) as told:
        client.emit(Failed(job_id=client.last(ImportModel).job_id, message="There is another model of that name."))
    assert told.args[0] == "There is another model of that name."
    assert not [request for request in client.requests if isinstance(request, LoadModel)]


def test_the_page_knows_which_model_writes_the_captions(teaching, tmp_path):
    package = tmp_path / "runs" / "mine" / "my-model"
    package.mkdir(parents=True)
    (package / "manifest.json").write_text("{}")
    (package.parent / "config.json").write_text('{"sources": {"name": "my-model"}, "training": {}}')
    teaching.page.shelf.add(package.parent)
    button, shelf = teaching.page.buttons.button, teaching._workspace.shelf
    assert button.isEnabled()
    shelf.set_models([dataclasses.replace(details("my-model", "installed"), path=str(package))])
    shelf.set_active("my-model")
    assert not button.isEnabled()
    assert button.text() == "In use"
