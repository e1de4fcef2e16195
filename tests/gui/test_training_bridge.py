from __future__ import annotations

import threading

import pytest

from captioner.errors import ConfigurationError
from captioner.worker.training_protocol import (
    CheckpointSaved,
    DatasetChecked,
    DatasetSummary,
    EpochReport,
    ExtractionEnded,
    ExtractionFailed,
    ExtractionReport,
    ExtractionRequest,
    StepReport,
    TrainingEnded,
    TrainingExtended,
    TrainingFailed,
    TrainingPaused,
    TrainingRequest,
    TrainingResumed,
    TrainingStarted,
)
from gui.training_bridge import TrainingBridge

STEPS = {"loss": 1.0, "penalty": 0.0, "learning_rate": 1e-3, "gradient_norm": 1.0, "captions_per_second": 9.0}
EVENTS = {
    "started": TrainingStarted(run="run", pid=1, step=0, steps=9),
    "step_reported": StepReport(run="run", stage="words", epoch=1, step=1, steps=9, **STEPS),
    "epoch_reported": EpochReport(run="run", stage="words", epoch=1, loss=1.0, is_best=True, seconds=1.0),
    "checkpoint_saved": CheckpointSaved(run="run", step=1),
    "paused": TrainingPaused(run="run", reason="The disk is full."),
    "resumed": TrainingResumed(run="run"),
    "extended": TrainingExtended(run="run", epochs=3, steps=9),
    "ended": TrainingEnded(run="run", reason="done", package="run/model", best_epoch=1),
    "failed": TrainingFailed(run="run", message="There is not enough memory."),
    "dataset_checked": DatasetChecked(paths=("coco",), report=DatasetSummary(is_usable=True)),
    "extraction_reported": ExtractionReport(output="f.h5", done=1, failed=0, images=2, images_per_second=1.0),
    "extraction_ended": ExtractionEnded(output="f.h5", path="f.h5"),
    "extraction_failed": ExtractionFailed(output="f.h5", message=""),
}


class FakeTrainingClient:
    """Stands where `captioner.worker.training_client.TrainingClient` would: notes calls, does nothing."""

    def __init__(self):
        self.calls = []
        self.runs = ()

    @property
    def is_training(self):
        return bool(self.runs)

    def start(self, request):
        if not request.output:
            raise ConfigurationError("The run has no folder.")
        self.runs = (request.output,)
        return request.output

    def extract(self, request):
        self.calls.append(("extract", request))
        return request.output

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments: self.calls.append((name, *arguments))


@pytest.fixture
def training_client():
    return FakeTrainingClient()


@pytest.fixture
def training(qapp, training_client):
    bridge = TrainingBridge(training_client)
    yield bridge
    bridge.close()
    bridge.deleteLater()


@pytest.mark.parametrize(("signal", "event"), EVENTS.items(), ids=list(EVENTS))
def test_each_event_has_its_signal(training, qtbot, signal, event):
    with qtbot.waitSignal(getattr(training, signal)) as told:
        training.take_event(event)
    assert told.args == [event]


def test_events_from_another_thread_arrive_on_the_windows_in_order(training, qtbot):
    heard = []
    training.step_reported.connect(lambda event: heard.append((event, threading.current_thread())))
    training.ended.connect(lambda event: heard.append((event, threading.current_thread())))
    events = [EVENTS["step_reported"], EVENTS["ended"]]
    other = threading.Thread(target=lambda: [training.take_event(event) for event in events])
    other.start()
    other.join()
    assert not heard
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert heard == [(event, threading.main_thread()) for event in events]


def test_calls_are_handed_to_the_client(training, training_client):
    request = ExtractionRequest(images="photos", output="f.h5")
    training.pause("run")
    training.resume("run")
    training.stop_and_save("run")
    training.extend("run", 3)
    training.check(["coco"])
    training.drop_check()
    assert training.extract(request) == "f.h5"
    training.stop_extraction("f.h5")
    assert training_client.calls == [
        ("pause", "run"),
        ("resume", "run"),
        ("stop_and_save", "run"),
        ("extend", "run", 3),
        ("check", ["coco"], None),
        ("drop_check",),
        ("extract", request),
        ("stop_extraction", "f.h5"),
    ]


def test_whether_anything_trains_is_told_when_it_changes(training, training_client, qtbot):
    told = []
    training.is_training_changed.connect(told.append)
    assert not training.is_training
    assert training.start(TrainingRequest(output="run")) == "run"
    assert training.runs == ("run",)
    training.start(TrainingRequest(output="run"))
    assert told == [True]
    training_client.runs = ()
    training.take_event(EVENTS["failed"])
    qtbot.waitUntil(lambda: told == [True, False])


def test_a_refused_request_is_the_callers_to_tell(training):
    with pytest.raises(ConfigurationError, match="no folder"):
        training.start(TrainingRequest())
    assert not training.is_training


def test_a_bridge_without_client_only_says_that_nothing_trains(qapp, training_client):
    bridge = TrainingBridge()
    assert not bridge.is_training
    assert bridge.runs == ()
    with pytest.raises(ValueError, match="no client"):
        bridge.check(["coco"])
    bridge.attach(training_client)
    bridge.check(["coco"])
    assert training_client.calls == [("check", ["coco"], None)]
    bridge.close()


def test_nothing_is_heard_after_closing(training, training_client, qtbot):
    heard = []
    training.ended.connect(heard.append)
    training.take_event(EVENTS["ended"])
    training.close()
    training.close()
    qtbot.wait(20)
    assert not heard
    assert training_client.calls == [("close",)]
