"""Every edit of the user's can be undone and done again, exactly."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QUndoStack

from captioner.config import DecodingOptions
from captioner.worker.protocol import FoundImage
from gui.commands import AddImages, ChangeDecoding, ChangeOverlay, EditCaption, RemoveImages, ReplaceCaption
from gui.viewmodels.image_collection import ImageCollection, ImageState
from gui.viewmodels.overlay_style import OverlayStyle

pytestmark = pytest.mark.usefixtures("qapp")


def found(*names):
    return [FoundImage(name, 1, 1) for name in names]


def picture(collection):
    """All that is in a collection, to compare."""
    return [
        (id(image), image.path, image.state, id(image.caption), image.text, image.word_indices, image.message)
        for image in collection
    ]


@pytest.fixture
def collection(make_caption):
    collection = ImageCollection()
    collection.add(found("a.jpg", "b.jpg", "c.jpg", "d.jpg"))
    collection.set_caption("a.jpg", make_caption("a dog runs"))
    collection.set_caption("b.jpg", make_caption("a dog runs"))
    collection.set_text("b.jpg", "my dog runs")
    collection.set_failed("c.jpg", "It is cut short.")
    return collection


@pytest.fixture
def stack(qapp):
    return QUndoStack()


KINDS = {
    "add": lambda collection, cat: AddImages(collection, found("x.jpg", "a.jpg", "y.jpg")),
    "remove": lambda collection, cat: RemoveImages(collection, ["d.jpg", "a.jpg", "unknown.jpg"]),
    "edit the model's": lambda collection, cat: EditCaption(collection, "a.jpg", "my dog"),
    "edit again": lambda collection, cat: EditCaption(collection, "b.jpg", "a dog runs"),
    "edit a failure": lambda collection, cat: EditCaption(collection, "c.jpg", "my cat"),
    "edit nothing": lambda collection, cat: EditCaption(collection, "d.jpg", "my bird"),
    "replace the model's": lambda collection, cat: replace(collection, "a.jpg", cat),
    "replace a hand's": lambda collection, cat: replace(collection, "b.jpg", cat),
    "replace nothing": lambda collection, cat: replace(collection, "d.jpg", cat),
}


def replace(collection, path, new):
    image = collection.get(path)
    return ReplaceCaption(collection, path, image and image.caption, new)


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_each_command_is_undone_and_redone_exactly(stack, collection, make_caption, make):
    before = picture(collection)
    stack.push(make(collection, make_caption("a cat")))
    after = picture(collection)
    assert after != before
    for _ in range(2):
        stack.undo()
        assert picture(collection) == before
        stack.redo()
        assert picture(collection) == after
    assert stack.text(0)


@pytest.mark.parametrize("first", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("second", KINDS.values(), ids=KINDS)
def test_commands_one_upon_the_other_come_undone(stack, collection, make_caption, first, second):
    before = picture(collection)
    for make in (first, second):
        stack.push(make(collection, make_caption("a cat")))
    after = picture(collection)
    stack.setIndex(0)
    assert picture(collection) == before
    stack.setIndex(stack.count())
    assert picture(collection) == after


def test_images_that_were_collected_already_can_be_taken_out_again(stack, collection):
    new = collection.add(found("x.jpg", "y.jpg"))
    stack.push(AddImages(collection, new))
    assert len(collection) == 6
    stack.undo()
    assert [image.path for image in collection] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    stack.redo()
    assert list(collection)[4:] == new


def test_captions_that_came_meanwhile_survive_undo_and_redo_of_adding(stack, collection, make_caption):
    stack.push(AddImages(collection, found("x.jpg")))
    collection.set_caption("x.jpg", make_caption("a horse"))
    stack.undo()
    stack.redo()
    assert collection.get("x.jpg").text == "a horse"


def test_what_changes_nothing_leaves_no_trace(stack, collection):
    stack.push(AddImages(collection, found("a.jpg")))
    stack.push(RemoveImages(collection, ["unknown.jpg"]))
    stack.push(EditCaption(collection, "a.jpg", "a dog runs"))
    stack.push(ChangeOverlay(lambda style: None, OverlayStyle(), OverlayStyle()))
    assert stack.count() == 0


def test_edits_of_one_caption_are_one_step(stack, collection):
    before = picture(collection)
    for text in ("my", "my dog", "my dog sits"):
        stack.push(EditCaption(collection, "a.jpg", text))
    assert stack.count() == 1
    stack.undo()
    assert picture(collection) == before
    stack.redo()
    assert collection[0].text == "my dog sits"


def test_edits_of_two_captions_are_two_steps(stack, collection):
    for path, text in (("a.jpg", "my dog"), ("b.jpg", "my cat"), ("a.jpg", "my horse")):
        stack.push(EditCaption(collection, path, text))
    assert stack.count() == 3


def test_edits_that_lead_back_leave_no_step(stack, collection):
    before = picture(collection)
    stack.push(EditCaption(collection, "a.jpg", "my dog"))
    stack.push(EditCaption(collection, "a.jpg", "a dog runs"))
    assert stack.count() == 0
    assert picture(collection) == before


@pytest.mark.parametrize(("path", "text"), [("d.jpg", "a horse"), ("b.jpg", "my dog runs")])
def test_undoing_an_edit_keeps_what_the_model_has_said_meanwhile(stack, collection, make_caption, path, text):
    stack.push(EditCaption(collection, path, "a hand's words"))
    caption = make_caption("a horse")
    collection.set_caption(path, caption)
    assert collection.get(path).text == "a hand's words"
    stack.undo()
    assert (collection.get(path).text, collection.get(path).caption) == (text, caption)
    stack.redo()
    assert collection.get(path).text == "a hand's words"


def test_undoing_an_edit_of_an_image_under_way_does_not_leave_it_under_way(stack, collection):
    collection.set_state("d.jpg", ImageState.CAPTIONING)
    stack.push(EditCaption(collection, "d.jpg", "my bird"))
    stack.undo()
    assert collection[3].state is ImageState.WAITING


def test_an_edit_of_an_image_that_is_gone_does_nothing(stack, collection):
    stack.push(EditCaption(collection, "a.jpg", "my dog"))
    collection.remove(["a.jpg"])
    stack.undo()
    stack.redo()
    assert "a.jpg" not in collection


def test_a_caption_that_is_shown_already_can_be_taken_back(stack, collection, make_caption):
    old, new = collection[0].caption, make_caption("a cat")
    collection.set_caption("a.jpg", new)
    stack.push(ReplaceCaption(collection, "a.jpg", old, new))
    stack.undo()
    assert (collection[0].caption, collection[0].text) == (old, "a dog runs")


class Holder:
    def __init__(self, value):
        self.value = value

    def set(self, value):
        self.value = value


def test_moves_of_one_slider_are_one_step(stack):
    holder = Holder(OverlayStyle())
    for opacity in (0.5, 0.4, 0.3):
        stack.push(ChangeOverlay(holder.set, holder.value, dataclasses.replace(holder.value, opacity=opacity)))
    assert (stack.count(), holder.value.opacity) == (1, 0.3)
    stack.undo()
    assert holder.value == OverlayStyle()
    stack.redo()
    assert holder.value.opacity == 0.3


def test_a_slider_that_is_moved_back_leaves_no_step(stack):
    holder = Holder(OverlayStyle())
    for opacity in (0.5, 0.6):
        stack.push(ChangeOverlay(holder.set, holder.value, dataclasses.replace(holder.value, opacity=opacity)))
    assert stack.count() == 0


changes = st.lists(
    st.sampled_from(
        (
            {"mode": "outline"},
            {"mode": "heat"},
            {"opacity": 0.1},
            {"opacity": 0.2},
            {"is_smooth": False},
            {"colour_map": "magma"},
            {"opacity": 0.3, "is_smooth": True},
        )
    ),
    max_size=8,
)


@settings(deadline=None)
@given(changes)
def test_any_changes_of_the_overlay_come_undone(changes):
    stack, holder = QUndoStack(), Holder(OverlayStyle())
    for change in changes:
        stack.push(ChangeOverlay(holder.set, holder.value, dataclasses.replace(holder.value, **change)))
    last = holder.value
    stack.setIndex(0)
    assert holder.value == OverlayStyle()
    stack.setIndex(stack.count())
    assert holder.value == last


def test_choices_are_steps_of_their_own(stack):
    holder = Holder(OverlayStyle())
    for change in ({"mode": "outline"}, {"mode": "spotlight"}, {"opacity": 0.2}, {"is_smooth": False}):
        stack.push(ChangeOverlay(holder.set, holder.value, dataclasses.replace(holder.value, **change)))
    assert stack.count() == 4


def test_decoding_goes_back_to_the_models_own(stack):
    holder = Holder(None)
    stack.push(ChangeDecoding(holder.set, None, DecodingOptions(beam_size=4)))
    for size in (5, 6):
        stack.push(ChangeDecoding(holder.set, holder.value, DecodingOptions(beam_size=size)))
    assert stack.count() == 2
    stack.setIndex(0)
    assert holder.value is None
    stack.setIndex(2)
    assert holder.value == DecodingOptions(beam_size=6)


def test_overlay_and_decoding_do_not_become_one(stack):
    overlay, decoding = Holder(OverlayStyle()), Holder(DecodingOptions())
    stack.push(ChangeOverlay(overlay.set, overlay.value, OverlayStyle(opacity=0.1)))
    stack.push(ChangeDecoding(decoding.set, decoding.value, DecodingOptions(beam_size=4)))
    stack.push(ChangeOverlay(overlay.set, overlay.value, OverlayStyle(opacity=0.2)))
    assert stack.count() == 3
