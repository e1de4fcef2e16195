"""The collection as views see it."""

from __future__ import annotations

import os
import random
import sys

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from captioner.worker.protocol import FoundImage
from gui.item_models.collection_model import CollectionModel
from gui.viewmodels.collection_filter import CollectionFilter, Order
from gui.viewmodels.image_collection import ImageCollection, ImageState


def found(names):
    return [FoundImage(f"/p/{name}", 1, 1) for name in names]


@pytest.fixture
def collection():
    return ImageCollection()


@pytest.fixture
def model(qapp, collection):
    model = CollectionModel(collection)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def names(model):
    return [model.index(row).data() for row in range(model.rowCount())]


def test_ten_thousand_images_arrive_filtered_and_sorted(qtbot, collection, model):
    model.set_filter(CollectionFilter("img_", order=Order.NAME))
    numbers = list(range(10_000))
    random.Random(0).shuffle(numbers)
    for first in range(0, 10_000, 1000):
        collection.add(found(f"IMG_{number}.jpg" for number in numbers[first : first + 1000]))
        model.refresh()
    collection.add(found(["other.jpg"]))
    qtbot.waitUntil(lambda: len(collection) == 10_001)
    assert names(model) == [f"IMG_{number}.jpg" for number in range(10_000)]


def test_rows_follow_by_themselves(qtbot, collection, model):
    with qtbot.waitSignal(model.refreshed):
        collection.add(found(["b.jpg", "a.jpg"]))
    assert names(model) == ["b.jpg", "a.jpg"]
    with qtbot.waitSignal(model.refreshed):
        collection.remove(["/p/b.jpg"])
    assert names(model) == ["a.jpg"]
    with qtbot.waitSignal(model.refreshed):
        collection.clear()
    assert names(model) == []


def test_many_changes_at_once_are_one_refresh(qtbot, collection, model):
    collection.add(found(f"{number}.jpg" for number in range(500)))
    model.refresh()
    refreshes = []
    model.refreshed.connect(lambda: refreshes.append(model.rowCount()))
    collection.remove([f"/p/{number}.jpg" for number in range(0, 500, 2)])
    qtbot.waitUntil(lambda: bool(refreshes))
    assert refreshes == [250]


@pytest.mark.parametrize("seed", range(8))
def test_any_sequence_of_changes_ends_where_the_filter_says(collection, model, seed):
    draw = random.Random(seed)
    for step in range(30):
        collection.add(found(f"IMG_{draw.randrange(200)}.jpg" for _ in range(draw.randrange(12))), at=draw.randrange(9))
        collection.remove([image.path for image in collection if draw.random() < 0.15])
        for image in list(collection):
            if draw.random() < 0.2:
                collection.set_state(image.path, draw.choice(list(ImageState)))
        chosen = CollectionFilter(
            draw.choice(["", "1", "img"]),
            frozenset(draw.sample(list(ImageState), draw.randrange(2, 6))),
            draw.choice(list(Order)),
            draw.random() < 0.5,
        )
        model.set_filter(chosen) if step % 2 else model.refresh()
        assert list(model.images) == model.filter.arranged(collection)
        assert all(model.row_of(image.path) == row for row, image in enumerate(model.images))


def test_persistent_indices_stay_with_their_images(collection, model):
    collection.add(found(f"IMG_{number}.jpg" for number in range(20)))
    model.refresh()
    kept = {number: QPersistentModelIndex(model.index(number)) for number in (0, 7, 19)}
    model.set_filter(CollectionFilter(is_reversed=True))
    collection.remove([f"/p/IMG_{number}.jpg" for number in (1, 7, 12, 18)])
    model.refresh()
    assert kept[0].data() == "IMG_0.jpg"
    assert kept[19].data() == "IMG_19.jpg"
    assert not kept[7].isValid()


def test_a_new_caption_is_told_of_its_row(qtbot, collection, model, make_caption):
    collection.add(found(["a.jpg", "b.jpg"]))
    model.refresh()
    with qtbot.waitSignal(model.dataChanged) as told:
        collection.set_caption("/p/b.jpg", make_caption())
    assert told.args[0].row() == told.args[1].row() == 1


def test_captions_move_images_in_a_view_that_depends_on_them(qtbot, collection, model, make_caption):
    collection.add(found(["a.jpg", "b.jpg", "c.jpg"]))
    model.set_filter(CollectionFilter("dog"))
    assert names(model) == []
    collection.set_caption("/p/b.jpg", make_caption("a dog runs"))
    qtbot.waitUntil(lambda: names(model) == ["b.jpg"])


def test_changes_of_many_images_are_told_as_one(qtbot, collection, model):
    collection.add(found(f"{number}.jpg" for number in range(1000)))
    model.refresh()
    told = []
    model.dataChanged.connect(lambda first, last, *_: told.append((first.row(), last.row())))
    for image in collection:
        collection.set_state(image.path, ImageState.CAPTIONING)
    qtbot.waitUntil(lambda: bool(told))
    assert told == [(0, 999)]


def test_a_change_of_an_image_that_left_is_of_no_consequence(qtbot, collection, model):
    collection.add(found(["a.jpg", "b.jpg"]))
    model.refresh()
    collection.set_state("/p/a.jpg", ImageState.CAPTIONING)
    collection.set_state("/p/b.jpg", ImageState.CAPTIONING)
    collection.remove(["/p/a.jpg"])
    with qtbot.waitSignal(model.dataChanged) as told:
        pass
    assert told.args[0].row() == 0


def test_tooltips_and_screen_readers_get_plain_text(collection, model):
    collection.add(found(["<img src=x>.jpg"]))
    collection.set_failed("/p/<img src=x>.jpg", "It is <b>damaged</b>.")
    model.refresh()
    tooltip = model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tooltip
    assert "<b>" not in tooltip
    spoken = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "<img src=x>.jpg, Failed, It is <b>damaged</b>."


def test_images_are_dragged_out_as_files(collection, model, tmp_path):
    collection.add([FoundImage(str(tmp_path / name), 1, 1) for name in ("a.jpg", "b ü.jpg", "c.jpg")])
    model.refresh()
    data = model.mimeData([model.index(2), model.index(1)])
    assert [url.toLocalFile() for url in data.urls()] == [str(tmp_path / "b ü.jpg"), str(tmp_path / "c.jpg")]
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled


@pytest.mark.skipif(sys.platform != "linux", reason="only there are file names any bytes")
def test_a_name_that_is_not_text_is_dragged_out_whole(collection, model):
    path = os.fsdecode(b"/p/caf\xe9.jpg")
    collection.add([FoundImage(path, 1, 1)])
    model.refresh()
    assert bytes(model.mimeData([model.index(0)]).urls()[0].toEncoded().data()) == b"file:///p/caf%E9.jpg"
    assert model.index(0).data() == r"caf\xe9.jpg"
