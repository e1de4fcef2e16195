import json
from pathlib import Path

from captioner.metrics.evaluate import evaluate_captions
from captioner.training.events import CheckpointSaved, EpochFinished, TrainingPaused, event_to_dict

SCORES = evaluate_captions({"a.jpg": "a dog"}, {"a.jpg": ["a dog runs"]})


def test_events_become_json():
    assert event_to_dict(TrainingPaused("The disk is full.")) == {
        "event": "training_paused",
        "reason": "The disk is full.",
    }
    saved = event_to_dict(CheckpointSaved(Path("run") / "x", 3, 0.5))
    assert saved == {"event": "checkpoint_saved", "path": str(Path("run") / "x"), "step": 3, "seconds": 0.5}
    epoch = EpochFinished("words", 1, 2.5, 9.0, SCORES, True, {"a.jpg": "a dog"}, 2.0)
    values = json.loads(json.dumps(event_to_dict(epoch)))
    assert values["event"] == "epoch_finished"
    assert values["scores"]["images"] == 1
    assert values["samples"] == {"a.jpg": "a dog"}


def test_an_epoch_comes_back_without_its_samples():
    for scores in (SCORES, None):
        epoch = EpochFinished("words", 1, 1 / 3, 9.0, scores, True, {"a.jpg": "a dog"}, 0.1)
        values = json.loads(json.dumps(epoch.to_dict()))
        assert EpochFinished.from_dict(values) == EpochFinished("words", 1, 1 / 3, 9.0, scores, True, {}, 0.1)
