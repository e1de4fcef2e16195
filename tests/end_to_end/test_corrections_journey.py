"""Captions are corrected by hand, collected, and taught to the model: real worker, real trainer, the bundled model."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from captioner.data.annotations import read_annotations
from captioner.vocabulary import Vocabulary
from gui.toasts import Toasts
from gui.training.page import TrainPage
from gui.viewmodels.image_collection import ImageState
from gui.viewmodels.next_action import Action
from gui.viewmodels.training_run import RunState

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
CORRECTIONS = {"cat.jpg": "a tabby cat looks up", "moose.jpg": "a moose stands in the meadow"}
MILLISECONDS_TO_WAIT = 60_000


def test_from_corrected_captions_to_a_model_that_has_learned_them(bundled, open_window, tmp_path, qtbot):
    def wait(condition):
        qtbot.waitUntil(lambda: bool(condition()), timeout=MILLISECONDS_TO_WAIT)

    paths = {str(SAMPLES / name): text for name, text in CORRECTIONS.items()}
    with open_window(tmp_path / "home", *paths) as window:
        main, collection = window.parent(), window.workspace.collection
        wait(lambda: collection.count(ImageState.DONE) == len(paths))
        assert not main.commands["collect_corrections"].isEnabled()
        for path, text in paths.items():
            window.page.collection.select(path)
            window.page.text_committed.emit(text)
        wait(main.commands["collect_corrections"].isEnabled)

        folder = tmp_path / "corrected"
        main.commands["collect_corrections"].trigger()
        (dialog,) = window.page.findChildren(QFileDialog)
        dialog.fileSelected.emit(str(folder))
        dialog.reject()
        annotations = read_annotations(folder / "captions.json")
        assert {image.file_name: image.captions[0] for image in annotations.images} == CORRECTIONS
        toast = main.findChild(Toasts).shown
        assert "in corrected now" in toast.text
        toast.action[1]()

        page: TrainPage = window.teaching.page
        wait(lambda: main.page == "train" and page.buttons.action is Action.CHECK)
        assert (page.dataset.choice.images, page.form.start_from) == (str(SAMPLES), "captioner-small")
        page.form.set_value("epochs", 2)
        page.buttons.button.click()
        wait(lambda: page.buttons.action is Action.START)
        assert page.dataset.report.is_usable
        page.buttons.button.click()
        wait(lambda: page.shelf.current is not None and page.shelf.current.state is RunState.ENDED)
        package = Path(page.shelf.current.package)
        words = Vocabulary.from_file(package / "vocabulary.json")
        known = Vocabulary.from_file(bundled.path / "vocabulary.json")
        assert words.tokens[: len(known)] == known.tokens
        assert {"tabby", "moose"} <= set(words.tokens)

        page.buttons.button.click()
        wait(lambda: window.workspace.shelf.active == package.name and main.page == "caption")
        wait(lambda: window.workspace.view.caption.model == package.name)
