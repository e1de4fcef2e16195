"""Makes the Caption page act: what is dropped is captioned, what is chosen is shown, what is changed can be undone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from captioner.caption import Alternative, Caption
from captioner.config import DecodingOptions
from captioner.worker.protocol import CaptionEntry, PhotographOpened
from gui.caption.collecting import Collecting
from gui.caption.exporting import Exporting
from gui.caption.page import CaptionPage
from gui.caption.photograph_loader import PhotographLoader
from gui.caption.recaptioning import Recaptioning
from gui.captioning_runner import CaptioningRunner
from gui.collector import Collector
from gui.commands import AddImages, ChangeDecoding, ChangeOverlay, EditCaption, RemoveImages, ReplaceCaption
from gui.viewmodels.image_collection import CollectedImage, ImageState
from gui.viewmodels.overlay_style import Mode, OverlayStyle
from gui.viewmodels.word_alignment import tokens_of
from gui.workspace import Workspace


class CaptionController(QObject):
    """The one place where the Caption page, the worker and the undo stack meet.

    Signals
    -------
    said(str, str)
        A sentence for a toast and its kind: ``info``, ``done``, ``warning`` or ``error``.
    failed(str, str)
        A sentence for a dialog, and details for a report.
    image_shown(str)
        Path of the photograph that is looked at, empty for none.
    """

    said = Signal(str, str)
    failed = Signal(str, str)
    image_shown = Signal(object)

    def __init__(self, workspace: Workspace, page: CaptionPage) -> None:
        super().__init__(page)
        self._workspace, self._page = workspace, page
        self.loader = PhotographLoader(workspace.bridge, self)
        self.recaptioning = Recaptioning(workspace.bridge, self)
        self.collector = Collector(workspace.bridge, workspace.collection, self)
        self.runner = CaptioningRunner(workspace.bridge, workspace.collection, workspace.queue, self)
        self.exporting = Exporting(workspace.bridge, page)
        self.collecting = Collecting(page)
        self._is_captioning_arrivals = True
        self._sample_seed = 0
        self._replaced: dict[str, Caption] = {}
        self._connect_widgets()
        self._connect_workspace()
        self._apply_settings()

    # Wiring

    def _connect_widgets(self) -> None:
        page = self._page
        page.collection.image_selected.connect(self.show)
        page.collection.remove_wanted.connect(self.remove)
        page.collection.retry_wanted.connect(self.retry)
        page.collection.prioritise_wanted.connect(self.prioritise)
        page.text_committed.connect(self.edit)
        page.word.alternative_chosen.connect(self.choose_word)
        page.alternatives.alternative_chosen.connect(self.choose_caption)
        page.alternatives.samples_wanted.connect(self.draw_samples)
        page.overlay.style_changed.connect(self._on_style_wanted)
        page.decoding.options_changed.connect(self._on_options_wanted)
        page.canvas.resolution_wanted.connect(self.loader.sharpen)

    def _connect_workspace(self) -> None:
        self.loader.opened.connect(self._on_opened)
        self.loader.sharpened.connect(lambda event: self._page.canvas.show_sharper(event.pixels))
        self.loader.failed.connect(self._on_open_failed)
        self.recaptioning.captioned.connect(self._on_recaptioned)
        self.recaptioning.refreshed.connect(self._workspace.collection.set_caption)
        self.recaptioning.sampled.connect(self._on_sampled)
        self.recaptioning.failed.connect(lambda path, message: self.said.emit(message, "error"))
        self.collector.refused.connect(lambda sentence: self.said.emit(sentence, "warning"))
        self.collector.finished.connect(self._on_collected)
        self.exporting.exported.connect(self._on_exported)
        self.exporting.failed.connect(self.failed)
        self.collecting.said.connect(self.said)
        self._workspace.collection.changed.connect(self._on_image_changed)
        self._workspace.collection.inserted.connect(self._on_inserted)
        self._workspace.collection.removed.connect(self._on_removed)
        self._workspace.collection.was_cleared.connect(self._on_removed)
        self._workspace.bridge.model_changed.connect(self._on_model_changed)

    def _apply_settings(self) -> None:
        settings = self._workspace.settings.settings
        self._page.overlay.set_style(settings.overlay)
        self._page.looking.set_style(settings.overlay)
        self._show_options()

    # Getting pictures in

    def add(self, paths: Sequence[str]) -> None:
        """Collect these files and folders, and caption what is new."""
        if paths:
            self.collector.add(list(paths))

    def restore(self, images: Sequence[CollectedImage]) -> None:
        """Collect the photographs of the last time as they were left: those that waited go on waiting."""
        self._is_captioning_arrivals = False
        self._workspace.collection.add(images)
        self._is_captioning_arrivals = True

    def _on_collected(self, new: int, paths: list[str]) -> None:
        if new:
            self._workspace.undo_stack.push(AddImages(self._workspace.collection, self._images(paths)))
        elif paths:
            self.said.emit(self.tr("Nothing new: these photographs are in the list already."), "info")
            self._page.collection.select(paths[0])

    def _on_inserted(self, first: int, count: int) -> None:
        """Caption what is found while the search for more goes on, and what comes back when a removal is undone."""
        collection = self._workspace.collection
        if not self._is_captioning_arrivals:
            return
        new = [collection[row] for row in range(first, first + count)]
        self._workspace.queue.enqueue([image.path for image in new if image.state is ImageState.WAITING])
        if self._workspace.view.image is None:
            self._page.collection.select(collection[first].path)

    def _images(self, paths: Iterable[str]) -> list[CollectedImage]:
        rows = map(self._workspace.collection.row_of, paths)
        return [self._workspace.collection[row] for row in rows if row is not None]

    # Looking at one

    def show(self, path: str) -> None:
        """Look at this photograph."""
        image = self._image(path)
        if image is None or image is self._workspace.view.image:
            return
        self.recaptioning.drop()
        self._page.canvas.clear()
        self._workspace.view.set_image(image)
        self._page.show_image(image)
        self.loader.open(path)
        if image.state is ImageState.WAITING:
            self._workspace.queue.prioritise(path)
        self.image_shown.emit(path)

    def show_neighbour(self, by: int) -> None:
        """Look at the next or the previous photograph of the list as it is sorted."""
        self._page.collection.select_neighbour(by)

    def _on_opened(self, event: PhotographOpened) -> None:
        if self._shown_path() == event.path:
            self._page.canvas.show_photograph(event.pixels, event.width, event.height)

    def _on_open_failed(self, path: str, message: str) -> None:
        if self._shown_path() == path:
            self._page.canvas.show_message(message, "error")

    def _shown_path(self) -> str:
        image = self._workspace.view.image
        return "" if image is None else image.path

    def _image(self, path: str) -> CollectedImage | None:
        row = self._workspace.collection.row_of(path)
        return None if row is None else self._workspace.collection[row]

    def _on_image_changed(self, row: int) -> None:
        image = self._workspace.collection[row]
        if image is self._workspace.view.image:
            self._workspace.view.set_image(image)
            self._page.show_image(image)

    def _on_removed(self, *_: int) -> None:
        path = self._shown_path()
        if path and self._workspace.collection.row_of(path) is None:
            self.loader.forget(path)
            self._workspace.view.set_image(None)
            self._page.show_image(None)
            self._page.canvas.clear()
            self.image_shown.emit("")

    # Captioning

    def caption_again(self, paths: Sequence[str]) -> None:
        """Caption these once more with the present settings, one of them at once, more in the queue."""
        if len(paths) == 1:
            self._ask_again(paths[0])
            return
        images = self._images(paths)
        self._workspace.queue.enqueue([image.path for image in images if image.state is not ImageState.EDITED])
        kept = sum(image.state is ImageState.EDITED for image in images)
        if kept:
            self.said.emit(self.tr("%n caption(s) written by hand stay as they are.", "", kept), "info")

    def retry(self, paths: Sequence[str]) -> None:
        """Try images that failed once more."""
        for path in paths:
            self.loader.forget(path)
            self._page.thumbnails.forget(path)
        self._workspace.queue.enqueue(paths)
        if self._shown_path() in paths:
            self.loader.open(self._shown_path())

    def prioritise(self, path: str) -> None:
        """Caption this one next."""
        self._workspace.queue.prioritise(path)

    def remove(self, paths: Sequence[str]) -> None:
        """Take photographs off the list; the files stay where they are."""
        if paths:
            self._workspace.undo_stack.push(RemoveImages(self._workspace.collection, list(paths)))

    def toggle_pause(self) -> None:
        """Pause captioning, or let it go on."""
        if self._workspace.queue.progress.is_paused:
            self.runner.resume()
        else:
            self.runner.pause()

    # Changing a caption

    def edit(self, text: str) -> None:
        """Let the shown photograph have this caption."""
        image = self._workspace.view.image
        if image is not None and text != image.text:
            self._workspace.undo_stack.push(EditCaption(self._workspace.collection, image.path, text))

    def choose_word(self, word: str) -> None:
        """Put another word in the place of the one that is looked at; the sentence goes on from it."""
        view = self._workspace.view
        if view.focus is not None and view.image is not None:
            beginning = view.beginning_to(view.focus, word)
            self.recaptioning.from_beginning(view.image.path, self._options(), beginning)

    def choose_caption(self, text: str) -> None:
        """Take one of the other captions."""
        image = self._workspace.view.image
        if image is not None and image.caption is not None:
            options = self._options() or image.caption.options
            self._replaced[image.path] = image.caption
            self.recaptioning.whole_sentence(image.path, options, tuple(tokens_of(text)))

    def draw_samples(self) -> None:
        """Draw more captions for the shown photograph, others each time."""
        image = self._workspace.view.image
        if image is not None and image.caption is not None:
            self._sample_seed += 1
            self.recaptioning.sample(image.path, self._options() or image.caption.options, self._sample_seed)

    def _ask_again(self, path: str) -> None:
        self.recaptioning.again(path, self._options())

    def _on_recaptioned(self, path: str, caption: Caption) -> None:
        image = self._image(path)
        if image is None:
            return
        before = self._replaced.pop(path, None)
        if before is not None:
            caption = dataclasses.replace(caption, alternatives=_others(before, caption))
        self._workspace.undo_stack.push(ReplaceCaption(self._workspace.collection, path, image.caption, caption))

    def _on_sampled(self, path: str, samples: list[tuple[str, float]]) -> None:
        image = self._workspace.view.image
        if image is not None and image.path == path and image.caption is not None:
            caption = image.caption
            others = [(other.text, other.log_probability) for other in caption.alternatives]
            distinct = [sample for sample in dict(samples).items() if sample[0] != caption.text]
            self._page.alternatives.set_alternatives((caption.text, caption.log_probability), others, distinct)

    # Settings

    def _options(self) -> DecodingOptions | None:
        return self._workspace.settings.settings.decoding

    def _recommended(self) -> DecodingOptions:
        active = self._workspace.shelf.active
        model = None if active is None else self._workspace.shelf.get(active)
        return DecodingOptions() if model is None else model.decoding

    def _show_options(self) -> None:
        recommended = self._recommended()
        self._page.decoding.set_options(self._options() or recommended, recommended)
        self.runner.options = self._options()

    def _on_model_changed(self, *_: object) -> None:
        self._show_options()

    def set_mode(self, mode: Mode) -> None:
        """Draw attention in this way."""
        self._on_style_wanted(dataclasses.replace(self._workspace.settings.settings.overlay, mode=mode))

    def _on_style_wanted(self, style: OverlayStyle) -> None:
        before = self._workspace.settings.settings.overlay
        if style != before:
            self._workspace.undo_stack.push(ChangeOverlay(self._set_style, before, style))

    def _set_style(self, style: OverlayStyle) -> None:
        self._workspace.settings.change(overlay=style)
        self._page.overlay.set_style(style)
        self._page.looking.set_style(style)

    def _on_options_wanted(self, options: DecodingOptions) -> None:
        before = self._options()
        after = None if options == self._recommended() else options
        if after != before:
            self._workspace.undo_stack.push(ChangeDecoding(self._set_options, before, after))

    def _set_options(self, options: DecodingOptions | None) -> None:
        self._workspace.settings.change(decoding=options)
        self._show_options()
        image = self._workspace.view.image
        if image is not None and image.state is ImageState.DONE:
            # Not a step of its own to undo: undoing the change of settings captions again as well.
            self.recaptioning.refresh(image.path, options)
        elif image is not None and image.state is ImageState.EDITED:
            self.said.emit(self.tr("This caption was written by hand and stays. Caption again to replace it."), "info")

    # Out

    def copy_caption(self) -> None:
        """Put the caption on the clipboard."""
        image = self._workspace.view.image
        if image is not None and image.text:
            QGuiApplication.clipboard().setText(image.text)
            self.said.emit(self.tr("Caption copied."), "done")

    def copy_figure(self) -> None:
        """Put the photograph with its overlay on the clipboard."""
        figure = self._page.canvas.grab_figure()
        if not figure.isNull():
            QGuiApplication.clipboard().setImage(figure)
            self.said.emit(self.tr("Figure copied."), "done")

    def entries(self, paths: Sequence[str] = ()) -> list[CaptionEntry]:
        """Captions of these photographs, or of all; photographs without one are left out."""
        images = self._images(paths) if paths else list(self._workspace.collection)
        return [image.to_entry() for image in images if image.text]

    def corrections(self) -> dict[str, str]:
        """The captions that a hand wrote, by the path of their photograph."""
        edited = (image for image in self._workspace.collection if image.state is ImageState.EDITED)
        return {image.path: image.text for image in edited if image.text.strip()}

    def ask_export(self, paths: Sequence[str]) -> None:
        """Let the user choose how the captions of these photographs are written."""
        self.exporting.ask_format(self.entries(paths))

    def export_figure(self, *, is_animation: bool) -> None:
        """Draw the caption that is shown, for print or as an animation."""
        image = self._workspace.view.image
        if image is not None and image.caption is not None:
            style = self._workspace.settings.settings.overlay
            self.exporting.export_figure(
                image.to_entry(),
                is_animation=is_animation,
                is_smooth=style.is_smooth,
                is_scale_shared=style.is_scale_shared,
            )

    def _on_exported(self, written: list[str]) -> None:
        self.said.emit(self.tr("%n file(s) written.", "", len(written)), "done")


def _others(before: Caption, chosen: Caption) -> tuple[Alternative, ...]:
    """The captions that were on offer, but for the one that was taken, and with the one that it replaces."""
    rest = tuple(other for other in before.alternatives if other.text != chosen.text)
    return (Alternative(before.text, before.log_probability, before.score), *rest)
