"""The Caption page with everything behind it but the worker."""

from __future__ import annotations

import math

import numpy as np
import pytest

from captioner.config import DecodingOptions
from captioner.worker.protocol import (
    CaptionImages,
    ExportCaptions,
    Failed,
    FileWritten,
    FindImages,
    Finished,
    FoundImage,
    ImageCaptioned,
    ImageFailed,
    ImagesFound,
    ModelDetails,
    ModelLoaded,
    OpenPhotograph,
    PhotographOpened,
)
from gui.caption.controller import CaptionController
from gui.caption.empty_state import EmptyState
from gui.caption.page import CaptionPage
from gui.settings import SettingsStore
from gui.viewmodels.image_collection import CollectedImage, ImageState
from gui.workspace import Workspace


@pytest.fixture
def workspace(bridge, tmp_path):
    return Workspace.create(bridge, SettingsStore(tmp_path / "settings.json", bridge))


@pytest.fixture
def page(workspace, qtbot):
    page = CaptionPage(workspace, EmptyState([]))
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    yield page
    workspace.undo_stack.clear()


@pytest.fixture
def controller(workspace, page):
    return CaptionController(workspace, page)


@pytest.fixture
def window(controller, client, qtbot, make_caption):
    """Answers requests as the worker would: ``window.open("a.jpg", "b.jpg")`` finds and captions two photographs."""
    return _Worker(controller, client, qtbot, make_caption)


class _Worker:
    def __init__(self, controller, client, qtbot, make_caption):
        self.controller, self.client, self.qtbot, self.make_caption = controller, client, qtbot, make_caption
        self.answered = 0

    def request(self, kind, count=1):
        """Wait for the next request of this kind that was not answered."""
        found = []

        def is_there():
            found[:] = [request for request in self.client.requests[self.answered :] if isinstance(request, kind)]
            return len(found) >= count

        self.qtbot.waitUntil(is_there, timeout=3000)
        return found[-1]

    def answer(self, request, *events):
        self.answered = self.client.requests.index(request) + 1
        for event in events:
            self.client.emit(event)
        self.client.emit(Finished(job_id=request.job_id))
        job_ids = lambda: {job.request.job_id for job in self.controller._workspace.bridge.open_jobs}  # noqa: E731
        self.qtbot.waitUntil(lambda: request.job_id not in job_ids())

    def open(self, *paths):
        self.controller.add(paths)
        request = self.request(FindImages)
        images = tuple(FoundImage(path, 1, 1) for path in paths)
        self.answer(request, ImagesFound(job_id=request.job_id, images=images))

    def caption(self, text="a brown dog runs through the grass", **more):
        request = self.request(CaptionImages)
        captions = [self.make_caption(text, path=path, **more) for path in request.paths]
        events = [
            ImageCaptioned(job_id=request.job_id, path=path, caption=caption)
            for path, caption in zip(request.paths, captions, strict=True)
        ]
        self.answer(request, *events)
        return request


def image_of(workspace, path):
    return workspace.collection.get(path)


def test_dropped_photographs_are_captioned_and_the_first_is_shown(window, workspace, page):
    assert page.is_empty
    window.open("beach.jpg", "dog.jpg")
    window.caption()
    assert not page.is_empty
    assert image_of(workspace, "beach.jpg").state is ImageState.DONE
    assert workspace.view.image.path == "beach.jpg"
    assert [word.text for word in workspace.view.words] == ["a", "brown", "dog", "runs", "through", "the", "grass"]
    assert "tiny" in page.provenance.text()


def test_pixels_of_the_shown_photograph_come_from_the_worker(window, workspace, page, client):
    window.open("beach.jpg")
    request = window.request(OpenPhotograph)
    pixels = np.full((48, 64, 3), 200, np.uint8)
    opened = PhotographOpened(job_id=request.job_id, path="beach.jpg", width=640, height=480, pixels=pixels)
    window.answer(request, opened)
    assert page.canvas.has_photograph
    assert page.canvas.sceneRect().contains(639, 479)


def test_a_photograph_that_cannot_be_opened_says_so_on_the_canvas(window, client, page, qtbot):
    window.open("beach.jpg")
    request = window.request(OpenPhotograph)
    window.answer(request, ImageFailed(job_id=request.job_id, path="beach.jpg", message="beach.jpg is cut short."))
    assert not page.canvas.has_photograph


def test_same_photographs_again_change_nothing(window, workspace, controller, qtbot):
    window.open("beach.jpg")
    window.caption()
    with qtbot.waitSignal(controller.said) as said:
        window.open("beach.jpg")
    assert said.args[1] == "info"
    assert len(workspace.collection) == 1
    assert workspace.undo_stack.count() == 1


def test_another_word_rewrites_the_rest_and_can_be_undone(window, workspace, controller):
    window.open("beach.jpg")
    window.caption()
    workspace.view.set_focus(2)
    controller.choose_word("hound")
    request = window.caption("a brown hound sleeps")
    assert request.beginning == ("a", "brown", "hound")
    assert image_of(workspace, "beach.jpg").text == "a brown hound sleeps"
    workspace.undo_stack.undo()
    assert image_of(workspace, "beach.jpg").text == "a brown dog runs through the grass"
    workspace.undo_stack.redo()
    assert image_of(workspace, "beach.jpg").text == "a brown hound sleeps"


def test_another_caption_is_taken_whole_and_the_old_one_stays_on_offer(window, workspace, controller):
    window.open("beach.jpg")
    window.caption()
    controller.choose_caption("a brown dog runs on a field")
    request = window.caption("a brown dog runs on a field")
    assert request.options.max_length == len(request.beginning) == 7
    offered = [other.text for other in image_of(workspace, "beach.jpg").caption.alternatives]
    assert offered == ["a brown dog runs through the grass", "a dog is running in the grass"]


def test_settings_recaption_the_shown_photograph_and_undo_with_one_step(window, workspace, page):
    window.open("beach.jpg")
    window.caption()
    count = workspace.undo_stack.count()
    page.decoding.options_changed.emit(DecodingOptions(beam_size=7))
    assert window.caption("a dog").options.beam_size == 7
    assert image_of(workspace, "beach.jpg").text == "a dog"
    assert workspace.undo_stack.count() == count + 1
    workspace.undo_stack.undo()
    assert window.caption().options is None
    assert workspace.settings.settings.decoding is None


def test_settings_leave_a_caption_by_hand_alone(window, workspace, page, controller, client, qtbot):
    window.open("beach.jpg")
    window.caption()
    page.text_committed.emit("my dog")
    asked = len(client.requests)
    with qtbot.waitSignal(controller.said):
        page.decoding.options_changed.emit(DecodingOptions(beam_size=7))
    assert len(client.requests) == asked
    assert image_of(workspace, "beach.jpg").text == "my dog"


def test_edit_keeps_the_maps_of_words_that_stay(window, workspace, page):
    window.open("beach.jpg")
    window.caption()
    page.begin_editing()
    page.editor.text_committed.emit("a brown puppy runs")
    assert [word.index for word in workspace.view.words] == [0, 1, None, 3]
    assert image_of(workspace, "beach.jpg").state is ImageState.EDITED
    assert "hand" in page.provenance.text()
    workspace.undo_stack.undo()
    assert image_of(workspace, "beach.jpg").state is ImageState.DONE


def test_samples_are_drawn_anew_each_time(window, workspace, controller, page):
    window.open("beach.jpg")
    window.caption()
    seeds = []
    for _ in range(2):
        controller.draw_samples()
        request = window.caption("a cat")
        assert request.options.method == "sample"
        seeds.append(request.options.seed)
    assert len(set(seeds)) == 2
    assert image_of(workspace, "beach.jpg").text == "a brown dog runs through the grass"
    assert "a cat" in [row.text for row in page.alternatives.rows]


def test_removing_forgets_and_undo_brings_back_with_the_caption(window, workspace, controller, page):
    window.open("beach.jpg", "dog.jpg")
    window.caption()
    controller.remove(["beach.jpg", "dog.jpg"])
    assert page.is_empty
    assert workspace.view.image is None
    workspace.undo_stack.undo()
    assert [image.text for image in workspace.collection] == ["a brown dog runs through the grass"] * 2


def test_failed_photograph_can_be_tried_again(window, workspace, controller):
    window.open("beach.jpg")
    request = window.request(CaptionImages)
    window.answer(request, ImageFailed(job_id=request.job_id, path="beach.jpg", message="beach.jpg is cut short."))
    assert image_of(workspace, "beach.jpg").state is ImageState.FAILED
    controller.retry(["beach.jpg"])
    window.caption()
    assert image_of(workspace, "beach.jpg").state is ImageState.DONE


def test_pointing_at_a_word_shows_its_map_and_details(window, workspace, page):
    window.open("beach.jpg")
    window.caption()
    page.strip.word_hovered.emit(2)
    assert workspace.view.focus == 2
    assert page.legend.isVisibleTo(page.canvas.viewport())
    page.strip.word_left.emit()
    assert workspace.view.focus is None
    assert not page.legend.isVisibleTo(page.canvas.viewport())


def test_pointing_at_the_photograph_ranks_the_words(window, workspace, page):
    window.open("beach.jpg")
    window.caption()
    page.canvas.place_hovered.emit(10.0, 10.0)
    bubble = page.looking.bubble
    weights = [weight for _, weight in bubble.words]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == pytest.approx(workspace.view.caption.attention[:, 0].max())
    page.canvas.place_left.emit()
    assert bubble.isHidden()


def test_click_pins_and_another_click_lets_go(window, workspace, page):
    window.open("beach.jpg")
    window.caption()
    page.strip.word_clicked.emit(1)
    page.strip.word_clicked.emit(2)
    assert list(workspace.view.pins) == [1, 2]
    page.strip.word_clicked.emit(1)
    assert list(workspace.view.pins) == [2]


def test_details_of_a_word_have_its_alternatives_and_entropy(window, workspace, page):
    window.open("beach.jpg")
    window.caption()
    workspace.view.set_focus(2)
    details = page.looking.details(2)
    assert details.probability == pytest.approx(workspace.view.caption.words[2].probability)
    assert ("hound", pytest.approx(0.07)) in details.alternatives
    assert details.most_entropy == pytest.approx(math.log2(49))
    assert 0 < details.entropy < details.most_entropy


def test_overlay_change_is_kept_and_undone(window, workspace, controller):
    controller.set_mode("outline")
    assert workspace.settings.settings.overlay.mode == "outline"
    workspace.undo_stack.undo()
    assert workspace.settings.settings.overlay.mode == "heat"


def test_entries_hold_what_stands_there(window, workspace, controller, page):
    window.open("beach.jpg", "dog.jpg")
    window.caption()
    page.text_committed.emit("my dog")
    entries = controller.entries()
    assert [(entry.text, entry.is_edited) for entry in entries] == [
        ("my dog", True),
        ("a brown dog runs through the grass", False),
    ]
    assert len(controller.entries(["dog.jpg"])) == 1


def test_export_tells_how_it_went(window, controller, client, qtbot):
    window.open("beach.jpg")
    window.caption()
    controller.exporting.write_captions("csv", tuple(controller.entries()), "captions.csv")
    request = window.request(ExportCaptions)
    with qtbot.waitSignal(controller.said) as said:
        window.answer(request, FileWritten(job_id=request.job_id, path="captions.csv"))
    assert said.args[1] == "done"
    controller.exporting.write_captions("csv", tuple(controller.entries()), "captions.csv")
    request = window.request(ExportCaptions)
    with qtbot.waitSignal(controller.failed) as failed:
        client.emit(Failed(job_id=request.job_id, message="captions.csv is read-only."))
    assert failed.args[0] == "captions.csv is read-only."


def test_recommended_settings_are_those_of_the_model(window, workspace, page, client, qtbot):
    model = ModelDetails(
        name="other",
        description="",
        origin="installed",
        path="other",
        size=1,
        encoder="stepped_resnet18",
        decoder="lstm",
        grid=(7, 7),
        vocabulary=10,
        decoding=DecodingOptions(beam_size=5),
    )
    workspace.shelf.set_models([model])
    workspace.shelf.set_active("other")
    client.emit(ModelLoaded(job_id=0, model=model, seconds=1.0))
    qtbot.waitUntil(lambda: page.decoding.options.beam_size == 5)


def test_paths_that_are_no_text_survive(window, workspace):
    path = b"caf\xe9.jpg".decode("utf-8", "surrogateescape")
    window.open(path)
    request = window.caption()
    assert request.paths == (path,)
    assert image_of(workspace, path).state is ImageState.DONE


def test_removed_before_its_turn_waits_again_when_it_comes_back(window, workspace, controller, client):
    window.open("beach.jpg", "dog.jpg")
    window.caption()
    window.open("late.jpg")
    controller.remove(["late.jpg"])
    workspace.undo_stack.undo()
    window.caption("a dog")
    assert image_of(workspace, "late.jpg").text == "a dog"


def test_again_for_many_leaves_texts_by_hand(window, workspace, controller, page, qtbot):
    window.open("beach.jpg", "dog.jpg")
    window.caption()
    page.text_committed.emit("my dog")
    with qtbot.waitSignal(controller.said):
        controller.caption_again(["beach.jpg", "dog.jpg"])
    assert window.caption("another").paths == ("dog.jpg",)
    assert [image.text for image in workspace.collection] == ["my dog", "another"]


def test_photographs_of_the_last_time_are_not_captioned_by_themselves(window, workspace, controller, client, qtbot):
    controller.restore([CollectedImage("old.jpg")])
    qtbot.wait(50)
    assert not [request for request in client.requests if isinstance(request, CaptionImages)]
    window.open("new.jpg")
    assert window.caption().paths == ("new.jpg",)


def test_a_caption_that_arrives_while_another_is_written_by_hand_does_not_end_the_writing(
    window, workspace, controller, page
):
    window.open("beach.jpg")
    window.caption()
    page.begin_editing()
    assert page.editor.is_editing
    controller.caption_again(["beach.jpg"])
    window.caption("a dog")
    assert page.editor.is_editing
    page.editor.text_committed.emit("my dog")
    assert image_of(workspace, "beach.jpg").text == "my dog"
    assert not page.editor.is_editing


def test_a_photograph_without_caption_says_why(window, workspace, page, controller):
    window.open("beach.jpg")
    request = window.request(CaptionImages)
    assert page.words_text == "Is being captioned…"
    window.answer(request, ImageFailed(job_id=request.job_id, path="beach.jpg", message="beach.jpg is cut short."))
    assert page.words_text == "Has no caption."
