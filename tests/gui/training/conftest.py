"""A training bridge without processes, and runs for the tests of the Train page."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal

from captioner.worker.training_protocol import (
    DatasetChecked,
    DatasetSummary,
    EpochReport,
)
from gui.settings import SettingsStore
from gui.training.page import TrainPage
from gui.training.quantities import Curve, Part, Quantity, RunCurves
from gui.viewmodels.training_runs import RunShelf

REQUESTS = ["start", "pause", "resume", "stop_and_save", "extend", "check", "drop_check", "extract", "stop_extraction"]


class FakeTrainingBridge(QObject):
    """Stands where `gui.training_bridge.TrainingBridge` would: notes what is asked, tells what it is given."""

    started = Signal(object)
    step_reported = Signal(object)
    epoch_reported = Signal(object)
    checkpoint_saved = Signal(object)
    paused = Signal(object)
    resumed = Signal(object)
    extended = Signal(object)
    ended = Signal(object)
    failed = Signal(object)
    dataset_checked = Signal(object)
    extraction_reported = Signal(object)
    extraction_ended = Signal(object)
    extraction_failed = Signal(object)
    is_training_changed = Signal(bool)

    def __init__(self):
        super().__init__()
        self.asked = []
        self.refusal = None

    def __getattr__(self, name):
        if name not in REQUESTS:
            raise AttributeError(name)

        def ask(*arguments):
            if self.refusal is not None:
                raise self.refusal
            self.asked.append((name, *arguments))
            return arguments[0].output if name in ("start", "extract") else None

        return ask

    def last(self, name):
        """What was asked last by this name."""
        return next(arguments for asked, *arguments in reversed(self.asked) if asked == name)


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    """A folder of a photograph and a file of captions, as dropped; features of them go into ``tmp_path``."""
    monkeypatch.setattr("gui.training.preparation.features_folder", lambda: tmp_path / "features")
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "dog.jpg").write_bytes(b"")
    captions = tmp_path / "captions.txt"
    captions.write_text("dog.jpg#0\ta dog\n")
    return [str(folder), str(captions)]


@pytest.fixture
def trainer(qapp):
    return FakeTrainingBridge()


def epoch_report(run, number, **changes):
    """A report of an epoch."""
    values = {
        "stage": "words",
        "loss": 4.0 / number,
        "dev_loss": 4.2 / number,
        "scores": {"cider": 20.0 * number, "bleu_4": 6.0 * number},
        "is_best": True,
        "seconds": 100.0,
    }
    return EpochReport(run=run, epoch=number, **(values | changes))


@pytest.fixture
def make_curves():
    """Build curves: ``make_curves("/runs/a", "a")``."""

    def make(path="/runs/a", name="a", *, count=200, epochs=3):
        random = np.random.default_rng(0)
        x, ends = np.linspace(0.01, epochs, count), np.arange(1.0, epochs + 1)
        return RunCurves(
            path,
            name,
            (
                Curve(Quantity.LOSS, Part.TRAIN, x, 5 - x + random.normal(0, 0.1, count), is_noisy=True),
                Curve(Quantity.LOSS, Part.DEV, ends, 4.8 - ends),
                Curve(Quantity.CIDER, Part.DEV, ends, 20 * ends),
                Curve(Quantity.LEARNING_RATE, Part.TRAIN, x, np.full(count, 1e-3)),
            ),
        )

    return make


@pytest.fixture
def write_run(tmp_path):
    """Write the folder of a run that was stopped after some epochs: ``write_run("a", epochs=2)``.

    What else is named replaces parts of its ``config.json``.
    """

    def write(name="a", *, epochs=2, has_model=False, samples=("dog.jpg", "cat.jpg"), **also):
        folder = tmp_path / "runs" / name
        (folder / "samples").mkdir(parents=True)
        sources = {"features": "train.h5", "captions": "captions.txt", "name": "model"}
        content = {"sources": sources, "training": {"epochs": epochs, "choose_by": "cider"}, **also}
        (folder / "config.json").write_text(json.dumps(content))
        lines = []
        for number in range(1, epochs + 1):
            report = epoch_report(str(folder), number)
            names = ("stage", "epoch", "loss", "dev_loss", "is_best", "seconds")
            values = {key: getattr(report, key) for key in names} | {"scores": dict(report.scores)}
            lines.append(json.dumps(values))
            captions = {image: f"epoch {number} of {image}" for image in samples}
            (folder / "samples" / f"epoch-{number:03d}.json").write_text(json.dumps(captions))
        (folder / "history.jsonl").write_text("\n".join(lines) + "\n")
        (folder / "log.txt").write_text("began\n")
        if has_model:
            (folder / "model").mkdir()
            (folder / "model" / "manifest.json").write_text("{}")
        return folder

    return write


@pytest.fixture
def report():
    return DatasetSummary(
        layout="Native features",
        counts={"train": 6000, "dev": 1000},
        lines=(("Features", "49 places x 320"),),
        samples=(("dog.jpg", "a dog runs <b>fast</b>"),),
        warnings=("12 images have no captions.",),
        estimate_seconds=1750.0,
        memory=840_000_000,
        preset="good",
        is_usable=True,
    )


@pytest.fixture
def store(tmp_path, qapp):
    store = SettingsStore(tmp_path / "settings.json")
    yield store
    store.save_now()


@pytest.fixture
def open_page(qtbot, trainer, bridge, store, tmp_path):
    """Open the page over the runs that are there."""

    def build():
        page = TrainPage(trainer, bridge, store, RunShelf(tmp_path / "runs"))
        qtbot.addWidget(page)
        page.resize(1280, 760)
        page.show()
        return page

    return build


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def data(tmp_path):
    """Files that look like a data set."""
    paths = [tmp_path / name for name in ("train.h5", "dev.h5", "captions.txt")]
    for path in paths:
        path.write_bytes(b"")
    return [str(path) for path in paths]


@pytest.fixture
def press(qtbot):
    """Press the large button of a page: ``press(page)``."""
    return lambda page: qtbot.mouseClick(page.buttons.button, Qt.MouseButton.LeftButton)


@pytest.fixture
def check(press, trainer):
    """Give a page data and let the check find a report: ``check(page, data, report)``."""

    def run(page, data, report):
        page.take(data)
        press(page)
        trainer.dataset_checked.emit(DatasetChecked(paths=tuple(trainer.last("check")[0]), report=report))

    return run
