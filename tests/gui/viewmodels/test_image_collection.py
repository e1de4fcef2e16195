"""The photographs in the window."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.worker.protocol import FoundImage
from gui.viewmodels.image_collection import CollectedImage, ImageCollection, ImageState


class Mirror:
    """A list that is kept up by signals alone, as the window's model is."""

    def __init__(self, collection):
        self.collection = collection
        self.paths = [image.path for image in collection]
        self.changed_rows = []
        self.removed_paths = []
        collection.inserted.connect(self.on_inserted)
        collection.removed.connect(self.on_removed)
        collection.was_cleared.connect(self.on_cleared)
        collection.changed.connect(self.on_changed)
        collection.paths_removed.connect(self.on_paths_removed)

    def on_inserted(self, first, count):
        self.paths[first:first] = [self.collection[row].path for row in range(first, first + count)]
        self.check()

    def on_removed(self, first, count):
        del self.paths[first : first + count]
        self.check()

    def on_cleared(self):
        self.paths.clear()
        self.check()

    def on_changed(self, row):
        self.changed_rows.append(row)

    def on_paths_removed(self, paths):
        self.removed_paths.append(paths)

    def check(self):
        assert self.paths == [image.path for image in self.collection]
        for row, path in enumerate(self.paths):
            assert self.collection.row_of(path) == row


def found(*names):
    return [FoundImage(name, 10, 20) for name in names]


@pytest.fixture
def collection():
    collection = ImageCollection()
    collection.add(found("a.jpg", "b.jpg", "c.jpg"))
    return collection


@pytest.fixture
def mirror(collection):
    return Mirror(collection)


names = st.sampled_from([f"{letter}.jpg" for letter in "abcdefgh"])
steps = st.lists(
    st.tuples(st.just("add"), st.lists(names, max_size=5), st.none() | st.integers(-2, 9))
    | st.tuples(st.just("remove"), st.lists(names, max_size=5))
    | st.tuples(st.just("set_state"), names, st.sampled_from(ImageState))
    | st.tuples(st.just("undo"))
    | st.tuples(st.just("clear")),
    max_size=12,
)


@settings(deadline=None)
@given(steps)
def test_signals_rows_and_counts_agree_after_any_steps(steps):
    collection = ImageCollection()
    mirror = Mirror(collection)
    taken = []
    for name, *arguments in steps:
        match name:
            case "add":
                collection.add(found(*arguments[0]), arguments[1])
            case "remove":
                taken = collection.remove(arguments[0])
            case "undo":
                collection.restore(taken)
            case _:
                getattr(collection, name)(*arguments)
        mirror.check()
        for state in ImageState:
            assert collection.count(state) == sum(image.state is state for image in collection)


@settings(deadline=None)
@given(st.sets(st.integers(0, 9)))
def test_restore_puts_every_row_back(rows):
    collection = ImageCollection()
    images = collection.add(found(*(f"{row}.jpg" for row in range(10))))
    taken = collection.remove([f"{row}.jpg" for row in rows])
    assert [row for row, _ in taken] == sorted(rows)
    collection.restore(taken)
    assert [image is other for image, other in zip(collection, images, strict=True)] == [True] * 10


def test_adding_skips_what_is_there_and_tells_once(collection, mirror):
    counts = []
    collection.inserted.connect(lambda first, count: counts.append((first, count)))
    added = collection.add(found("c.jpg", "d.jpg", "d.jpg", "e.jpg"), at=1)
    assert [image.path for image in added] == ["d.jpg", "e.jpg"]
    assert (added[0].size, added[0].modified_ns) == (10, 20)
    assert mirror.paths == ["a.jpg", "d.jpg", "e.jpg", "b.jpg", "c.jpg"]
    assert counts == [(1, 2)]
    assert collection.add(found("a.jpg")) == []
    assert counts == [(1, 2)]


def test_ten_thousand_images_are_told_with_one_signal():
    collection = ImageCollection()
    counts = []
    collection.inserted.connect(lambda first, count: counts.append((first, count)))
    collection.add(found(*(f"{row}.jpg" for row in range(10_000))))
    assert counts == [(0, 10_000)]
    assert collection.row_of("9999.jpg") == 9_999


def test_removing_tells_the_paths_once(collection, mirror):
    collection.remove(["c.jpg", "a.jpg", "c.jpg", "nothing.jpg"])
    assert mirror.paths == ["b.jpg"]
    assert mirror.removed_paths == [("a.jpg", "c.jpg")]
    collection.clear()
    collection.clear()
    assert mirror.removed_paths == [("a.jpg", "c.jpg"), ("b.jpg",)]


def test_a_caption_makes_an_image_done(collection, mirror, make_caption):
    caption = make_caption("a dog")
    collection.set_failed("b.jpg", "It is cut short.")
    collection.set_caption("b.jpg", caption)
    image = collection[1]
    assert (image.state, image.text, image.caption, image.message) == (ImageState.DONE, "a dog", caption, "")
    assert mirror.changed_rows == [1, 1]


def test_a_hand_edits_and_returns_to_the_models_words(collection, make_caption):
    collection.set_caption("a.jpg", make_caption("a dog runs"))
    collection.set_text("a.jpg", "A big dog runs.")
    image = collection[0]
    assert (image.state, image.word_indices) == (ImageState.EDITED, (0, None, 1, 2))
    assert image.to_entry().is_edited
    collection.set_text("a.jpg", "a dog runs")
    assert (image.state, image.word_indices) == (ImageState.DONE, ())
    assert not image.to_entry().is_edited


def test_what_a_hand_wrote_while_the_model_worked_stays(collection, make_caption):
    collection.set_state("a.jpg", ImageState.CAPTIONING)
    collection.set_text("a.jpg", "my dog")
    caption = make_caption("a dog")
    collection.set_caption("a.jpg", caption)
    image = collection[0]
    assert (image.state, image.text, image.caption, image.word_indices) == (
        ImageState.EDITED,
        "my dog",
        caption,
        (None, 1),
    )


def test_a_text_that_is_captioned_again_on_purpose_is_replaced(collection, make_caption):
    collection.set_caption("a.jpg", make_caption("a dog"))
    collection.set_text("a.jpg", "my dog")
    collection.set_state("a.jpg", ImageState.CAPTIONING)
    collection.set_caption("a.jpg", make_caption("a cat"))
    assert (collection[0].text, collection[0].state) == ("a cat", ImageState.DONE)


def test_a_failure_keeps_what_was_said_before(collection, make_caption):
    collection.set_caption("a.jpg", make_caption("a dog"))
    collection.set_failed("a.jpg", "It is cut short.")
    assert (collection[0].text, collection[0].message, collection[0].state) == (
        "a dog",
        "It is cut short.",
        ImageState.FAILED,
    )
    collection.set_state("a.jpg", ImageState.WAITING)
    assert collection[0].message == ""
    assert collection[0].resting_state is ImageState.DONE


def test_an_image_that_was_under_way_when_it_was_removed_does_not_stay_so(collection):
    collection.set_state("b.jpg", ImageState.CAPTIONING)
    taken = collection.remove(["b.jpg"])
    collection.restore(taken)
    assert collection[1].state is ImageState.WAITING


def test_news_of_unknown_images_is_ignored(collection, mirror, make_caption):
    collection.set_state("x.jpg", ImageState.DONE)
    collection.set_caption("x.jpg", make_caption())
    collection.set_text("x.jpg", "words")
    collection.set_failed("x.jpg", "It is gone.")
    assert mirror.changed_rows == []
    assert collection.row_of("x.jpg") is collection.get("x.jpg") is None
    assert "x.jpg" not in collection


@pytest.mark.parametrize(
    ("path", "name"), [("/photos/beach.jpg", "beach.jpg"), ("a\nb.jpg", "a\\nb.jpg"), ("/x/\udce9.jpg", "\\xe9.jpg")]
)
def test_names_are_printable(path, name):
    assert CollectedImage(path).name == name


def test_confidence_is_the_mean_probability_per_word(make_caption):
    caption = make_caption("a dog runs")
    assert CollectedImage("a.jpg").confidence is None
    assert CollectedImage("a.jpg", caption=caption).confidence == pytest.approx(math.exp(caption.log_probability / 4))
