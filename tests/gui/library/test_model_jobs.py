import pytest

from captioner.worker.protocol import (
    ExportModel,
    Failed,
    FileWritten,
    Finished,
    ImportModel,
    ListModels,
    ModelImported,
    ModelRemoved,
    ModelsListed,
    RemoveModel,
)
from gui.library.model_jobs import ModelJobs


@pytest.fixture
def jobs(bridge):
    return ModelJobs(bridge)


@pytest.fixture
def said(jobs):
    heard = []
    jobs.message.connect(lambda text, kind: heard.append((text, kind)))
    return heard


@pytest.fixture
def work(jobs):
    heard = []
    jobs.work_changed.connect(heard.append)
    return heard


def test_models_are_listed(jobs, client, qtbot, models):
    jobs.list_models()
    event = ModelsListed(job_id=client.last(ListModels).job_id, models=models)

    with qtbot.waitSignal(jobs.listed) as caught:
        client.emit(event)

    assert caught.args == [event]


def test_a_list_that_cannot_be_made_is_told_in_a_sentence(jobs, client, qtbot):
    jobs.list_models()

    with qtbot.waitSignal(jobs.list_failed) as caught:
        client.emit(Failed(job_id=client.last(ListModels).job_id, message="The folder of models cannot be read."))

    assert caught.args == ["The folder of models cannot be read."]


def test_a_later_list_replaces_an_earlier_one(jobs, client):
    jobs.list_models()
    first = client.last(ListModels).job_id

    jobs.list_models()

    assert client.cancelled == [first]


def test_an_import_is_worded_from_begin_to_end(jobs, client, qtbot, said, work, make_model):
    jobs.import_model("/downloads/birds.zip")
    request = client.last(ImportModel)
    assert request.source == "/downloads/birds.zip"
    assert jobs.is_working

    with qtbot.waitSignal(jobs.imported) as caught:
        client.emit(ModelImported(job_id=request.job_id, model=make_model("birds")))
        client.emit(Finished(job_id=request.job_id))
    qtbot.waitUntil(lambda: not jobs.is_working)

    assert caught.args == ["birds"]
    assert work == ["Importing birds.zip…", ""]
    assert said == [("birds was checked and installed.", "done")]


def test_an_import_that_fails_says_what_the_worker_says(jobs, client, qtbot, said):
    jobs.import_model("/downloads/birds.zip")
    client.emit(Failed(job_id=client.last(ImportModel).job_id, message="birds.zip is damaged. Download it again."))

    qtbot.waitUntil(lambda: bool(said))
    assert said == [("birds.zip is damaged. Download it again.", "error")]
    assert not jobs.is_working


def test_an_export_may_replace_the_file_that_the_dialog_asked_about(jobs, client, qtbot, said):
    jobs.export_model("small", "/out/small.zip")
    request = client.last(ExportModel)
    client.emit(FileWritten(job_id=request.job_id, path="/out/small.zip"))

    qtbot.waitUntil(lambda: bool(said))
    assert (request.name, request.target, request.is_overwriting) == ("small", "/out/small.zip", True)
    assert said == [("small.zip was written.", "done")]


def test_a_removal_is_told(jobs, client, qtbot, said):
    jobs.remove_model("birds")

    with qtbot.waitSignal(jobs.removed) as caught:
        client.emit(ModelRemoved(job_id=client.last(RemoveModel).job_id, name="birds"))

    assert caught.args == ["birds"]
    assert said == [("birds was removed.", "done")]


def test_only_one_thing_at_a_time(jobs, client, said):
    jobs.remove_model("birds")

    jobs.import_model("/downloads/birds.zip")

    assert [type(request) for request in client.requests] == [RemoveModel]
    assert [kind for _, kind in said] == ["info"]


def test_work_can_be_cancelled_and_other_work_begun(jobs, client, qtbot, said, work):
    jobs.import_model("/downloads/birds.zip")

    jobs.cancel()

    qtbot.waitUntil(lambda: not jobs.is_working)
    assert client.cancelled == [client.last(ImportModel).job_id]
    assert said == []
    jobs.remove_model("birds")
    assert work == ["Importing birds.zip…", "", "Removing birds…"]
