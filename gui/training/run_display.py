"""Shows the runs there are, and the one that is looked at in full, however fast they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, QTimer

from captioner.file_names import printable
from captioner.worker.training_protocol import DatasetChoice, DatasetSummary
from gui.training.hint_texts import hint_text
from gui.training.repeating import repeating_command
from gui.training.run_curves import curves_of
from gui.training.runs_panel import RunRow
from gui.training.samples_strip import MOST_CARDS, Sample
from gui.training.words import count_text, duration_text, features_only_text, memory_text, score_text, value_text
from gui.viewmodels.dataset_files import folders_in
from gui.viewmodels.run_files import LOG
from gui.viewmodels.step_series import CAPTIONS
from gui.viewmodels.training_hints import HintKind, hints
from gui.viewmodels.training_run import RunState, RunView
from gui.viewmodels.training_runs import RunShelf

if TYPE_CHECKING:
    from gui.training.page import TrainPage

SHOWN_EVERY_MILLISECONDS = 200
SCORE_NAMES = {"cider": "CIDEr", "bleu_4": "BLEU-4", "rouge_l": "ROUGE-L"}


class RunDisplay(QObject):
    """Keeps the page's runs panel, header, curves, samples, log and command true to the shelf.

    Parameters
    ----------
    photographs
        Where the photographs of a run's dev images lie, and captions that people wrote for some.
    """

    def __init__(self, page: TrainPage, shelf: RunShelf, photographs: Callable[[], Photographs]) -> None:
        super().__init__(page)
        self._page, self._shelf, self._photographs = page, shelf, photographs
        self._seen_epochs: tuple[str, int] = ("", -1)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.show_now)
        shelf.changed.connect(self._on_shelf_changed)
        self._on_shelf_changed()

    def show_now(self) -> None:
        """Show all as it is at this moment."""
        self._timer.stop()
        run = self._shelf.current
        rows = [self._row(one) for one in self._shelf.runs]
        self._page.runs.set_runs(rows, None if run is None else run.path, self._shelf.order)
        if run is None:
            self._page.curves.set_runs(())
            self._page.log.set_file(None)
            return
        self._show_header(run)
        self._page.curves.set_runs([curves_of(one) for one in (run, *self._shelf.selected)])
        self._show_samples(run)
        self._page.log.set_file(Path(run.path) / LOG)
        self._page.command.set_command(repeating_command(run))

    def _on_shelf_changed(self) -> None:
        for run in self._shelf.runs:
            run.changed.connect(self._on_run_changed, unique=True)
        self.show_now()

    def _on_run_changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    # One run

    def _row(self, run: RunView) -> RunRow:
        drawn = [one.path for one in (self._shelf.current, *self._shelf.selected) if one is not None]
        colour = drawn.index(run.path) if run.path in drawn and self._shelf.current is not None else None
        return RunRow(
            run.path, printable(run.name), self._detail(run), colour, run.is_live, has_model=run.package is not None
        )

    def _detail(self, run: RunView) -> str:
        score = run.score(run.best) if run.best is not None else None
        parts = [self.state_text(run)]
        if score is not None:
            names = {**SCORE_NAMES, "loss": self.tr("dev loss")}
            write = value_text if run.metric == "loss" else score_text
            parts.append(f"{names[run.metric]} {write(score)}")
        return ", ".join(parts)

    def state_text(self, run: RunView) -> str:
        """What a run is doing, in a word."""
        texts = {
            RunState.RUNNING: self.tr("Training"),
            RunState.PAUSED: self.tr("Paused"),
            RunState.STOPPED: self.tr("Stopped"),
            RunState.ENDED: self.tr("Ended"),
            RunState.FAILED: self.tr("Failed"),
        }
        if run.state is RunState.RUNNING and run.progress is None:
            return self.tr("Reading data")
        return texts[run.state]

    def _show_header(self, run: RunView) -> None:
        header, progress = self._page.header, run.progress
        state = self.state_text(run)
        if run.state is RunState.RUNNING and progress is not None and progress.seconds_left is not None:
            left = self.tr("{time} left").format(time=duration_text(progress.seconds_left))
            state = f"{state}, {left}"
        header.set_run(printable(run.name), state)
        share = progress.step / progress.steps if progress is not None and progress.steps else 0.0
        header.set_progress(share if run.is_live else None)
        header.set_figures(self._live_figures(run) if run.is_live else self._last_figures(run))
        header.set_notes(self._notes(run))

    def _live_figures(self, run: RunView) -> list[str]:
        progress = run.progress
        if progress is None:
            return []
        of = self.tr("{done} of {all}")
        step = of.format(done=count_text(progress.step), all=count_text(progress.steps))
        figures = [self.tr("Step {place}").format(place=step)]
        epoch = of.format(done=progress.epoch, all=progress.epochs) if progress.epochs else str(progress.epoch)
        figures.append(self.tr("Epoch {place}").format(place=epoch))
        if progress.stage == CAPTIONS:
            figures.append(self.tr("Second stage"))
        if run.state is RunState.RUNNING:
            rate = QLocale().toString(round(progress.captions_per_second))
            figures.append(self.tr("{rate} captions/s").format(rate=rate))
        if progress.memory:
            figures.append(memory_text(progress.memory))
        return figures

    def _last_figures(self, run: RunView) -> list[str]:
        figures = [self.tr("%Ln epoch(s)", "", len(run.epochs))]
        seconds = sum(epoch.seconds for epoch in run.epochs)
        if seconds:
            figures.append(duration_text(seconds))
        best = run.best
        if best is not None:
            figures.append(self.tr("Best: epoch {epoch}").format(epoch=best.epoch))
            scores = (("CIDEr", best.scores.get("cider")), ("BLEU-4", best.scores.get("bleu_4")))
            figures += [f"{name} {score_text(score)}" for name, score in scores if score is not None]
        return figures

    def _notes(self, run: RunView) -> list[tuple[str, str]]:
        if run.state is RunState.FAILED:
            return [("error", self._failure_text(run))]
        notes = []
        if run.state is RunState.PAUSED and run.message:
            notes.append(("warning", run.message))
        if run.package is not None and not run.is_live:
            is_usable = run.has_usable_model
            ready = self.tr("The model is ready.") if is_usable else features_only_text(printable(run.name))
            notes.append(("done" if is_usable else "info", ready))
            if run.epochs_without_gain:
                notes.append(("info", self._patience_text(run)))
        if run.is_live:
            kinds = {HintKind.DIVERGING: "error", HintKind.OVERFITTING: "warning"}
            notes += [(kinds.get(hint.kind, "info"), hint_text(hint)) for hint in hints(run)[:1]]
        return notes

    def _failure_text(self, run: RunView) -> str:
        if run.smaller_batch is not None:
            text = self.tr(
                "There is not enough memory for batches of this size. Resume goes on with batches of {size}; closing "
                "other programs helps as well."
            )
            return text.format(size=count_text(run.smaller_batch))
        if run.message:
            return run.message
        if run.has_begun:
            return self.tr("It broke off without a word. The log may say why.")
        return self.tr("It broke off while its data was being read, so nothing of it was kept. Start it again.")

    def _patience_text(self, run: RunView) -> str:
        """Why it ended before all its epochs were done."""
        count = run.epochs_without_gain
        if run.metric == "loss":
            return self.tr("It ended as its patience asks: dev loss had not fallen for %Ln epoch(s).", "", count)
        text = self.tr("It ended as its patience asks: dev {score} had not risen for %Ln epoch(s).", "", count)
        return text.format(score=SCORE_NAMES[run.metric])

    def _waiting_text(self, run: RunView) -> str:
        """Why there will be no sample captions; empty where they are still to come."""
        if run.epochs and run.epochs[-1].dev_loss is None:
            return self.tr("There are no dev photographs, whose captions could be shown here.")
        return ""

    def _show_samples(self, run: RunView) -> None:
        self._page.samples.set_empty_text(self._waiting_text(run))
        seen = (run.path, run.epochs[-1].epoch if run.epochs else 0)
        # Looking into the folder for each report of steps would be for nothing.
        if seen == self._seen_epochs:
            return
        self._seen_epochs = seen
        samples = run.samples
        self._page.samples.set_samples(self._photographs().of(run, samples.chosen(MOST_CARDS)))
        self._page.samples.set_captions(samples, samples.attention)


class Photographs:
    """Where the photographs of a data set lie, and captions that people wrote for some of them."""

    def __init__(self, choice: DatasetChoice, report: DatasetSummary | None) -> None:
        self._folder = choice.images
        self._references = {} if report is None else {PurePath(name).name: text for name, text in report.samples}

    def of(self, run: RunView, names: list[str]) -> list[Sample]:
        """The images of these names; those whose photograph is known come first."""
        folder = run.sources.get("images")
        folder = folder if isinstance(folder, str) else self._folder
        recorded = run.samples.references
        samples = [
            Sample(name, _path_in(folder, name), recorded.get(name) or self._references.get(name, "")) for name in names
        ]
        return sorted(samples, key=lambda sample: not sample.path)


def _path_in(folder: str | None, name: str) -> str:
    """The path of an image, which may lie in a folder right inside this one, such as COCO's for each year.

    Empty where its name, which comes out of a file, leads out of the folder.
    """
    place = PurePath(name)
    if not folder or place.is_absolute() or ".." in place.parts or "\0" in name:
        return ""
    path = Path(folder) / place
    if path.exists():
        return str(path)
    inside = (Path(inner) / place for inner in folders_in(folder))
    return str(next((other for other in inside if other.exists()), path))
