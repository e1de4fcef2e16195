import threading

import pytest

from captioner.errors import OutputError
from captioner.training import keeping
from captioner.training.control import TrainingControl
from captioner.training.events import CheckpointSaved, EpochFinished, TrainingPaused, TrainingResumed
from captioner.training.keeping import Keeper

EPOCH = EpochFinished("words", 1, 2.5, 1.0, None, True)


class FullDisk:
    """A recorder on a disk that has room from the n-th attempt on."""

    def __init__(self, path, failures):
        self.path, self.failures = path, failures
        self.epochs, self.best, self.saved = [], [], []

    def _try(self):
        self.failures -= 1
        if self.failures >= 0:
            raise OutputError("run/x could not be written: No space left on device. Free some space.")

    def add_epoch(self, epoch):
        self._try()
        self.epochs.append(epoch)

    def save_best(self, weights):
        self._try()
        self.best.append(weights)

    def save_checkpoint(self, step, tensors, values):
        self._try()
        self.saved.append((step, tensors, values))
        return self.path / "checkpoint"


@pytest.fixture(autouse=True)
def _retry_at_once(monkeypatch):
    monkeypatch.setattr(keeping, "RETRY_SECONDS", 0.0)


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_saving_waits_for_room(tmp_path, failures):
    disk, control = FullDisk(tmp_path, failures), TrainingControl()
    *waits, saved = Keeper(disk, control).save(8, lambda: ({}, {"a": 1}))
    assert [type(event) for event in waits] == [TrainingPaused, TrainingResumed] * failures
    assert all("No space left on device" in event.reason for event in waits[::2])
    assert (saved.path, saved.step) == (tmp_path / "checkpoint", 8)
    assert disk.saved == [(8, {}, {"a": 1})]
    assert not control.is_paused


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_an_epoch_is_recorded_once(tmp_path, failures):
    disk = FullDisk(tmp_path, failures)
    waits = list(Keeper(disk, TrainingControl()).record(EPOCH, {"w": 1}))
    assert len(waits) == 2 * failures
    assert (disk.epochs, disk.best) == ([EPOCH], [{"w": 1}])


def test_only_the_best_weights_are_written(tmp_path):
    disk = FullDisk(tmp_path, 0)
    epoch = EpochFinished("words", 2, 2.5, 1.0, None, False)
    assert list(Keeper(disk, TrainingControl()).record(epoch, {})) == []
    assert (disk.epochs, disk.best) == ([epoch], [])


def test_somebody_can_end_the_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "RETRY_SECONDS", 60.0)
    control = TrainingControl()
    saving = Keeper(FullDisk(tmp_path, 1), control).save(8, lambda: ({}, {}))
    assert isinstance(next(saving), TrainingPaused)
    timer = threading.Timer(0.02, control.resume)
    timer.start()
    assert [type(event) for event in saving] == [TrainingResumed, CheckpointSaved]
    timer.join()


def test_a_wish_to_pause_outlasts_the_wait(tmp_path):
    control = TrainingControl()
    saving = Keeper(FullDisk(tmp_path, 1), control).save(8, lambda: ({}, {}))
    next(saving)
    control.pause()
    assert [type(event) for event in saving] == [TrainingResumed, CheckpointSaved]
    assert control.is_paused


def test_who_stops_is_told_that_nothing_was_saved(tmp_path):
    control = TrainingControl()
    saving = Keeper(FullDisk(tmp_path, 9), control).save(8, lambda: ({}, {}))
    next(saving)
    control.stop_and_save()
    with pytest.raises(OutputError, match="No space left"):
        list(saving)


def test_checkpoints_are_due_now_and_then(tmp_path):
    keeper = Keeper(FullDisk(tmp_path, 0), TrainingControl(), save_every=0)
    assert keeper.is_due
    patient = Keeper(FullDisk(tmp_path, 0), TrainingControl(), save_every=1e9)
    assert not patient.is_due


def test_nothing_is_kept_without_a_recorder():
    keeper = Keeper(None, TrainingControl(), save_every=0)
    assert not keeper.is_due
    assert list(keeper.save(1, dict)) == list(keeper.record(EPOCH, {})) == []
