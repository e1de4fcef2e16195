"""Has one photograph captioned by two models, for the comparison of both."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from captioner.config import DecodingOptions
from captioner.worker.protocol import CaptionImages, Event, Failed, ImageCaptioned, ImageFailed
from gui.engine_bridge import EngineBridge, Job


class CompareRunner(QObject):
    """One comparison at a time; a later one replaces an earlier one.

    Signals
    -------
    captioned(str, Caption)
        Name of a model and what it says.
    failed(str, str)
        Name of a model and a sentence.
    """

    captioned = Signal(str, object)
    failed = Signal(str, str)

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._jobs: list[Job] = []

    def compare(self, path: str, models: tuple[str, ...], options: DecodingOptions | None = None) -> None:
        """Caption the photograph at ``path`` with each model, with its own recommended options when None."""
        self.drop()
        for model in models:
            self._ask(path, model, options)

    def drop(self) -> None:
        """Forget whatever is under way."""
        for job in self._jobs:
            job.drop()
        self._jobs.clear()

    def _ask(self, path: str, model: str, options: DecodingOptions | None) -> None:
        job = self._bridge.submit(CaptionImages, paths=(path,), model=model, options=options)
        self._jobs.append(job)

        def receive(event: Event) -> None:
            match event:
                case ImageCaptioned(caption=caption):
                    self.captioned.emit(model, caption)
                case ImageFailed(message=message):
                    self.failed.emit(model, message)

        def end(event: Event) -> None:
            # A dropped job says nothing more, not even that it failed.
            if job not in self._jobs:
                return
            self._jobs.remove(job)
            if isinstance(event, Failed):
                self.failed.emit(model, event.message)

        job.event_received.connect(receive)
        job.ended.connect(end)
