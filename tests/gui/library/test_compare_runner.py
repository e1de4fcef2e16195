import pytest

from captioner.worker.protocol import CaptionImages, Failed, Finished, ImageCaptioned, ImageFailed
from gui.library.compare_runner import CompareRunner


@pytest.fixture
def runner(bridge):
    return CompareRunner(bridge)


@pytest.fixture
def heard(runner):
    heard = []
    runner.captioned.connect(lambda model, caption: heard.append((model, caption.text)))
    runner.failed.connect(lambda model, message: heard.append((model, message)))
    return heard


def requests(client):
    return [request for request in client.requests if isinstance(request, CaptionImages)]


def test_each_model_is_asked_and_its_answer_bears_its_name(runner, client, qtbot, heard, make_caption):
    runner.compare("beach.jpg", ("small", "birds"))
    small, birds = requests(client)
    client.emit(ImageCaptioned(job_id=birds.job_id, path="beach.jpg", caption=make_caption("a gull flies")))
    client.emit(ImageCaptioned(job_id=small.job_id, path="beach.jpg", caption=make_caption("a dog runs")))

    qtbot.waitUntil(lambda: len(heard) == 2)
    assert [(request.model, request.paths) for request in (small, birds)] == [
        ("small", ("beach.jpg",)),
        ("birds", ("beach.jpg",)),
    ]
    assert heard == [("birds", "a gull flies"), ("small", "a dog runs")]


@pytest.mark.parametrize("failure", [ImageFailed, Failed])
def test_a_model_that_fails_leaves_the_other_alone(runner, client, qtbot, heard, make_caption, failure):
    runner.compare("beach.jpg", ("small", "birds"))
    small, birds = requests(client)
    path = {"path": "beach.jpg"} if failure is ImageFailed else {}
    client.emit(failure(job_id=small.job_id, message="It is damaged.", **path))
    client.emit(ImageCaptioned(job_id=birds.job_id, path="beach.jpg", caption=make_caption("a gull flies")))

    qtbot.waitUntil(lambda: len(heard) == 2)
    assert heard == [("small", "It is damaged."), ("birds", "a gull flies")]


def test_a_later_comparison_silences_an_earlier_one(runner, client, qtbot, heard, make_caption):
    runner.compare("beach.jpg", ("small", "birds"))
    earlier = requests(client)

    runner.compare("cat.jpg", ("small", "birds"))
    for request in earlier:
        client.emit(ImageCaptioned(job_id=request.job_id, path="beach.jpg", caption=make_caption("late")))
        client.emit(Finished(job_id=request.job_id))
    client.emit(ImageCaptioned(job_id=requests(client)[2].job_id, path="cat.jpg", caption=make_caption("a cat")))

    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [("small", "a cat")]
    assert client.cancelled == [request.job_id for request in earlier]
