"""The whole window, with all its parts joined and a fake worker."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from captioner.worker.protocol import (
    CaptionImages,
    Failed,
    FindImages,
    Finished,
    FoundImage,
    ImageCaptioned,
    ImagesFound,
    ImportModel,
    ListModels,
    LoadModel,
    ModelDetails,
    ModelLoaded,
    ModelsListed,
)
from gui.app import build_window, join_worker
from gui.furnishing import Furnishing
from gui.incoming import read_mime_data
from gui.settings import SettingsStore
from gui.toasts import Toasts
from gui.viewmodels.corrections import read_collection
from gui.viewmodels.image_collection import ImageState


def details(name: str, origin: str = "bundled") -> ModelDetails:
    return ModelDetails(
        name=name,
        description=f"The model {name}.",
        origin=origin,
        path=f"models/{name}",
        size=1000,
        encoder="stepped_resnet18",
        decoder="lstm",
        grid=(7, 7),
        vocabulary=10,
    )


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("DATA", "STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path


@pytest.fixture
def open_window(bridge, qtbot, home, qapp):
    """Open windows one after the other, as a user who closes and starts again does."""
    opened = []

    def make(*paths: str) -> Furnishing:
        store = SettingsStore(home / "settings.json", qapp)
        window = build_window(store)
        qtbot.addWidget(window)
        join_worker(window, bridge)
        with qtbot.waitSignal(window.first_painted):
            window.show()
        furnishing = Furnishing(window, bridge, paths)
        opened.append(window)
        return furnishing

    yield make
    for window in opened:
        window.close()


@pytest.fixture
def window(open_window):
    return open_window()


def answer(client, kind, *make_events):
    request = client.last(kind)
    for make in make_events:
        client.emit(make(request))
    client.emit(Finished(job_id=request.job_id))


def wait_for(client, qtbot, kind, **fields):
    def find():
        return [
            request
            for request in client.requests
            if isinstance(request, kind) and all(getattr(request, name) == value for name, value in fields.items())
        ]

    qtbot.waitUntil(lambda: bool(find()), timeout=3000)
    return find()[-1]


def caption_all(furnishing, client, qtbot, make_caption, *paths):
    request = wait_for(client, qtbot, FindImages, paths=paths)
    client.emit(ImagesFound(job_id=request.job_id, images=tuple(FoundImage(path, 1, 1) for path in paths)))
    client.emit(Finished(job_id=request.job_id))
    collection = furnishing.workspace.collection
    answered = set()
    while any(image.state in (ImageState.WAITING, ImageState.CAPTIONING) for image in collection) or not len(
        collection
    ):
        found = [r for r in client.requests if isinstance(r, CaptionImages) and r.job_id not in answered]
        for request in found:
            answered.add(request.job_id)
            for path in request.paths:
                caption = make_caption(path=path)
                client.emit(ImageCaptioned(job_id=request.job_id, path=path, caption=caption))
            client.emit(Finished(job_id=request.job_id))
        qtbot.wait(5)


def test_the_model_is_asked_for_before_all_else(window, client):
    kinds = [type(request) for request in client.requests]
    assert kinds[:2] == [LoadModel, ListModels]
    assert client.requests[0].model is None


def test_paths_of_the_command_line_are_opened(open_window, client, qtbot, make_caption):
    furnishing = open_window("beach.jpg")
    caption_all(furnishing, client, qtbot, make_caption, "beach.jpg")
    assert furnishing.workspace.view.image.path == "beach.jpg"


def drop(main, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path)])
    place, copy, left = QPointF(50, 50), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    no_keys = Qt.KeyboardModifier.NoModifier
    QGuiApplication.sendEvent(main.windowHandle(), QDragEnterEvent(place.toPoint(), copy, data, left, no_keys))
    QGuiApplication.sendEvent(main.windowHandle(), QDropEvent(place, copy, data, left, no_keys))


def test_drop_from_any_page_leads_to_the_caption_page(window, client, qtbot, tmp_path, make_caption):
    main = window.parent()
    main.show_page("models")
    photograph = tmp_path / "beach.jpg"
    photograph.write_bytes(b"not decoded here")
    drop(main, str(photograph))
    assert main.page == "caption"
    caption_all(window, client, qtbot, make_caption, str(photograph))
    assert main.store.settings.recent == (str(photograph),)


def test_package_dropped_on_the_models_page_is_imported(window, client, tmp_path):
    window.parent().show_page("models")
    drop(window.parent(), str(tmp_path / "birds.zip"))
    assert client.last(ImportModel).source == str(tmp_path / "birds.zip")
    assert window.parent().page == "models"


def test_url_is_refused_with_a_sentence(window, qtbot, client):
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/beach.jpg")])
    with qtbot.waitSignal(window.arrivals.refused) as told:
        window.arrivals.take(read_mime_data(data))
    assert "example.org" in told.args[0]
    assert not [request for request in client.requests if isinstance(request, FindImages)]


def test_pasted_paths_are_opened(window, client, qtbot, tmp_path):
    photograph = tmp_path / "beach.jpg"
    photograph.write_bytes(b"x")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photograph))])
    QGuiApplication.clipboard().setMimeData(data)
    window.parent().commands["paste"].trigger()
    assert wait_for(client, qtbot, FindImages).paths == (str(photograph),)
    QGuiApplication.clipboard().clear()


def test_commands_are_enabled_when_they_have_something_to_do(window, client, qtbot, make_caption):
    commands = window.parent().commands
    nothing_yet = ("copy_caption", "export_csv", "remove", "pause", "undo", "edit_caption", "play", "export_figure")
    assert not [name for name in nothing_yet if commands[name].isEnabled()]
    window.controller.add(["beach.jpg"])
    caption_all(window, client, qtbot, make_caption, "beach.jpg")
    now = ("copy_caption", "export_csv", "remove", "undo", "edit_caption", "play", "export_figure", "next_word")
    qtbot.waitUntil(lambda: all(commands[name].isEnabled() for name in now))
    commands["copy_caption"].trigger()
    assert QGuiApplication.clipboard().text() == "a brown dog runs through the grass"


def test_every_command_has_a_handler(window, client, qtbot):
    """What a menu offers, the window can do: no command is there for show."""
    commands = window.parent().commands
    dead = [name for name in commands if not commands.is_handled(name)]
    assert not dead


def test_another_model_is_loaded_told_and_remembered(window, client, qtbot):
    listed = (details("captioner-small"), details("mine", "installed"))
    answer(client, LoadModel, lambda r: ModelLoaded(job_id=r.job_id, model=listed[0], seconds=1.0))
    answer(client, ListModels, lambda r: ModelsListed(job_id=r.job_id, models=listed))
    qtbot.waitUntil(lambda: window.workspace.shelf.active == "captioner-small")
    with qtbot.waitSignal(window.models.switched):
        window.parent().model_chosen.emit("mine")
        answer(client, LoadModel, lambda r: ModelLoaded(job_id=r.job_id, model=listed[1], seconds=1.0))
    assert window.workspace.shelf.active == "mine"
    assert window.parent().store.settings.active_model == "mine"


def test_a_model_that_is_gone_gives_way_to_the_bundled_one(open_window, client, qtbot, home, qapp):
    store = SettingsStore(home / "settings.json", qapp)
    store.change(active_model="gone")
    store.save_now()
    furnishing = open_window()
    assert client.last(LoadModel).model == "gone"
    with qtbot.waitSignal(furnishing.models.failed):
        client.emit(Failed(job_id=client.last(LoadModel).job_id, message="There is no model 'gone'."))
    assert client.last(LoadModel).model is None


def test_photographs_captions_and_place_come_back_at_the_next_start(open_window, client, qtbot, make_caption):
    first = open_window()
    first.controller.add(["beach.jpg", "dog.jpg"])
    caption_all(first, client, qtbot, make_caption, "beach.jpg", "dog.jpg")
    first.page.collection.select("dog.jpg")
    first.page.text_committed.emit("my dog")
    first.parent().close()
    asked = sum(isinstance(request, CaptionImages) for request in client.requests)

    second = open_window()
    qtbot.waitUntil(lambda: len(second.workspace.collection) == 2, timeout=3000)
    qtbot.waitUntil(lambda: second.workspace.view.image is not None)
    assert [image.text for image in second.workspace.collection] == ["a brown dog runs through the grass", "my dog"]
    assert second.workspace.view.image.path == "dog.jpg"
    weights = second.workspace.view.map_of(1)
    assert weights is not None
    assert np.isclose(weights.sum(), 1, atol=0.01)
    assert sum(isinstance(request, CaptionImages) for request in client.requests) == asked
    qtbot.waitUntil(second.parent().commands["export_csv"].isEnabled)


def test_closing_closes_the_worker_once_it_is_joined(window, client, qtbot, bridge):
    window.parent().closing.connect(bridge.close)
    window.parent().close()
    assert client.is_closed


def test_corrected_captions_are_collected_and_offered_to_the_train_page(
    open_window, client, qtbot, make_caption, tmp_path
):
    paths = [str(tmp_path / name) for name in ("beach.jpg", "sea.jpg")]
    window = open_window(*paths)
    caption_all(window, client, qtbot, make_caption, *paths)
    window.workspace.shelf.set_models([details("captioner-small"), details("mine", "installed")])
    window.workspace.shelf.set_active("mine")
    main, command = window.parent(), window.parent().commands["collect_corrections"]
    assert not command.isEnabled()
    window.page.collection.select(paths[1])
    window.page.text_committed.emit("the sea at night")
    qtbot.waitUntil(command.isEnabled)
    command.trigger()
    (dialog,) = window.page.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "corrected"))
    dialog.reject()
    assert read_collection(tmp_path / "corrected") == {paths[1]: "the sea at night"}
    toast = main.findChild(Toasts).shown
    toast.action[1]()
    assert main.page == "train"
    page = window.teaching.page
    assert page.form.start_from == "mine"
    assert page.dataset.choice.images == str(tmp_path)
    assert [row.role for row in page.data.rows] == ["Captions", "Photographs"]


def test_a_folder_with_another_captions_file_is_left_alone(window, qtbot, tmp_path):
    (tmp_path / "captions.json").write_text("{}")
    said = []
    window.controller.said.connect(lambda text, kind: said.append((text, kind)))
    window.controller.collecting.collect(str(tmp_path), {"/p/a.jpg": "a"})
    assert said == [
        (f"{tmp_path / 'captions.json'} is not a collection of corrected captions. Choose another folder.", "error")
    ]


def test_photographs_without_a_usable_name_are_counted(window, tmp_path):
    said, collected = [], []
    window.controller.said.connect(lambda text, kind: said.append((text, kind)))
    window.controller.collecting.collected.connect(lambda result, text: collected.append(result))
    window.controller.collecting.collect(str(tmp_path / "corrected"), {"/p/a\nb.jpg": "a", "/p/c.jpg": "c"})
    assert said[0][1] == "warning"
    assert collected[0].photographs == 1
