"""Captions one photograph again: from a word of the user's choice, with other settings, or by sampling."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from captioner.caption import Caption
from captioner.config import DecodingOptions
from captioner.worker.protocol import CaptionImages, Event, Failed, ImageCaptioned, ImageFailed
from gui.engine_bridge import EngineBridge, Job

SAMPLES = 5


class Recaptioning(QObject):
    """One question at a time of each kind; a later one replaces an earlier one of its kind.

    Signals
    -------
    captioned(str, Caption)
        Path and the caption that was asked for.
    refreshed(str, Caption)
        Path and its caption under the present settings, after `refresh`.
    sampled(str, list[tuple[str, float]])
        Path, and texts with log-probabilities.
    failed(str, str)
        Path and a sentence.
    """

    captioned = Signal(object, object)  # not str: a path that is no text would lose bytes in Qt
    refreshed = Signal(object, object)
    sampled = Signal(object, object)
    failed = Signal(object, str)  # not str: a path that is no text would lose bytes on its way through Qt

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._jobs: dict[str, Job] = {}

    def again(self, path: str, options: DecodingOptions | None) -> None:
        """Caption with these options; the model's own when None."""
        self._ask("caption", path, options, (), self.captioned.emit)

    def refresh(self, path: str, options: DecodingOptions | None) -> None:
        """Follow a change of settings."""
        self._ask("caption", path, options, (), self.refreshed.emit)

    def from_beginning(self, path: str, options: DecodingOptions | None, beginning: tuple[str, ...]) -> None:
        """Let the sentence go on from these words."""
        self._ask("caption", path, options, beginning, self.captioned.emit)

    def whole_sentence(self, path: str, options: DecodingOptions, words: tuple[str, ...]) -> None:
        """Take this sentence as it is, to learn where its words look."""
        count = max(len(words), 1)
        fixed = options.replace(min_length=min(options.min_length, count), max_length=count)
        self._ask("caption", path, fixed, words, self.captioned.emit)

    def sample(self, path: str, options: DecodingOptions, seed: int) -> None:
        """Draw a few captions at random."""
        self._ask("samples", path, options.replace(method="sample", beam_size=SAMPLES, seed=seed), (), self._on_samples)

    def drop(self) -> None:
        """Forget whatever is under way."""
        for job in self._jobs.values():
            job.drop()
        self._jobs.clear()

    def _ask(
        self,
        kind: str,
        path: str,
        options: DecodingOptions | None,
        beginning: tuple[str, ...],
        take: Callable[[str, Caption], None],
    ) -> None:
        if kind in self._jobs:
            self._jobs.pop(kind).drop()
        job = self._bridge.submit(CaptionImages, paths=(path,), options=options, beginning=beginning)
        self._jobs[kind] = job

        def receive(event: Event) -> None:
            match event:
                case ImageCaptioned(path=path, caption=caption):
                    take(path, caption)
                case ImageFailed(path=path, message=message):
                    self.failed.emit(path, message)

        def end(event: Event) -> None:
            if self._jobs.get(kind) is job:
                del self._jobs[kind]
            if isinstance(event, Failed):
                self.failed.emit(path, event.message)

        job.event_received.connect(receive)
        job.ended.connect(end)

    def _on_samples(self, path: str, caption: Caption) -> None:
        best = (caption.text, caption.log_probability)
        self.sampled.emit(path, [best, *((other.text, other.log_probability) for other in caption.alternatives)])
