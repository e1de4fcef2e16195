"""Makes the Train page act: what a run learns from, what its buttons do, and what is done with finished runs."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from captioner.errors import CaptionerError
from captioner.file_names import file_name, is_model_name, printable
from captioner.worker.training_protocol import DatasetChoice, TrainingEnded, TrainingRequest
from gui.training import dialogs
from gui.training.curve_export import write_picture, write_values
from gui.training.preparation import Preparation
from gui.training.run_display import Photographs, RunDisplay
from gui.training.words import features_only_text
from gui.training_bridge import TrainingBridge
from gui.viewmodels.next_action import Action, is_ready, next_action
from gui.viewmodels.run_files import is_same_model
from gui.viewmodels.training_run import RunState, RunView

if TYPE_CHECKING:
    from gui.training.page import TrainPage

DEFAULT_NAME = "my-model"


class TrainController(QObject):
    """Ties the page to the view-models, and these to the processes that train."""

    def __init__(self, bridge: TrainingBridge, page: TrainPage) -> None:
        super().__init__(page)
        self._bridge, self._page = bridge, page
        self._shelf, self._dataset, self._form = page.shelf, page.dataset, page.form
        self._name = DEFAULT_NAME
        self._model_in_use = ""
        self.preparation = Preparation(bridge, page, page.dataset)
        photographs = lambda: Photographs(page.dataset.choice, page.dataset.report)  # noqa: E731
        self.display = RunDisplay(page, page.shelf, photographs)
        page.settings.set_name(self._name)
        self._connect_bridge()
        self._connect_page()
        self.preparation.features_changed.connect(self._on_changed)
        for model in (self._shelf, self._dataset, self._form, page.wishes):
            model.changed.connect(self._on_changed)
        self._shelf.refresh()
        self._on_changed()

    def set_model_in_use(self, path: str) -> None:
        """Tell which model, by its folder, writes the captions; empty where none does."""
        if path != self._model_in_use:
            self._model_in_use = path
            self._on_changed()

    # What the large button and those beside it do

    def act(self, action: Action) -> None:
        """Do the next thing."""
        run = self._shelf.current
        match action:
            case Action.CHOOSE_DATA:
                self.preparation.ask_files()
            case Action.CHECK if self._dataset.is_buildable:
                self.preparation.make_features()
            case Action.CHECK:
                self.preparation.check()
            case Action.START:
                self.start()
            case Action.PAUSE if run is not None:
                self._ask(lambda: self._bridge.pause(run.path))
            case Action.RESUME if run is not None:
                self._resume(run)
            case Action.USE_MODEL if run is not None and run.package is not None:
                self._page.model_ready.emit(run.package)

    def start(self) -> None:
        """Start a run from the chosen data with the settings of the form."""
        name = self._name or DEFAULT_NAME
        folder = self._shelf.new_folder(name)
        if any(run.name == name for run in self._shelf.runs):
            name = folder.name  # numbered, so that runs and the models that they make can be told apart
        request = TrainingRequest(
            dataset=self._page.wishes.told_of(self._dataset, self._form.start_from),
            preset=self._form.preset,
            settings=self._form.to_settings(),
            output=str(folder),
            name=_package_name(folder.name),
            start_from=self._form.start_from or None,
        )
        if self._ask(lambda: self._bridge.start(request)):
            self._shelf.begin(request.output, name)

    def extend(self, epochs: int) -> None:
        """Let the run that is looked at go on for so many epochs more."""
        run = self._shelf.current
        if run is None:
            return
        if run.is_live:
            self._ask(lambda: self._bridge.extend(run.path, epochs))
        else:
            self._go_on(run, epochs)

    def stop(self) -> None:
        """Have the run that is looked at save and end."""
        run = self._shelf.current
        if run is not None:
            self._ask(lambda: self._bridge.stop_and_save(run.path))

    def take(self, paths: Sequence[str]) -> bool:
        """Take up what was dropped, if a model can learn from it; whether it can."""
        if not self.preparation.take(paths):
            return False
        self._shelf.set_current(None)
        return True

    def learn_from(self, choice: DatasetChoice, photographs: int, model: str) -> None:
        """Prepare to teach a model further on these captions."""
        self._form.set_start_from(model)
        self._form.suit_to(photographs)
        self._dataset.set_choice(choice)
        self._shelf.set_current(None)
        if choice.dev_split is None:
            sentence = self.tr(
                "With so few photographs none is set apart to choose the best epoch by, so the last one is kept."
            )
            self._page.message.emit(sentence, "info")

    def _resume(self, run: RunView) -> None:
        if run.state is RunState.PAUSED:
            self._ask(lambda: self._bridge.resume(run.path))
        else:
            self._go_on(run, 0)

    def _go_on(self, run: RunView, epochs: int) -> None:
        name = str(run.sources.get("name", run.name))
        settings = {} if run.smaller_batch is None else {"batch_size": run.smaller_batch}
        request = TrainingRequest(
            output=run.path, name=name, resume=True, extend=epochs, settings=settings, command=run.command
        )
        if self._ask(lambda: self._bridge.start(request)):
            self._shelf.begin(run.path)

    def _ask(self, what: Callable[[], object]) -> bool:
        """Ask something of the processes that train; whether they took it."""
        try:
            what()
        except CaptionerError as error:
            self._page.message.emit(error.message, "error")
            return False
        return True

    # Runs

    def delete(self, path: str) -> None:
        """Delete a run, unless the user thinks better of it when asked."""
        run = self._shelf.get(path)
        if run is not None:
            dialogs.ask_deletion(self._page, printable(run.name), printable(path), lambda: self._delete(path))

    def _delete(self, path: str) -> None:
        self._ask(lambda: self._shelf.delete(path))

    def reveal(self, path: str) -> None:
        """Show the folder of a run in the system's file browser."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(path)):
            sentence = self.tr("The folder cannot be shown here: {path}").format(path=printable(path))
            self._page.message.emit(sentence, "warning")

    def use(self, path: str) -> None:
        """Use the model of a run now."""
        run = self._shelf.get(path)
        if run is None or run.package is None:
            return
        if run.has_usable_model:
            self._page.model_ready.emit(run.package)
        else:
            self._page.message.emit(features_only_text(printable(run.name)), "warning")

    def toggle_comparison(self, path: str) -> None:
        """Lay a run over the one that is looked at, or no more; with none to lay it over, look at it."""
        if self._shelf.current is None:
            self._shelf.set_current(path)
        else:
            self._shelf.toggle_selected(path)

    # Files

    def save_picture(self) -> None:
        """Ask where to, and write the curves as a picture."""
        image = self._page.curves.figure()
        title, kinds = self.tr("Save the curves"), self.tr("Pictures (*.png)")
        dialogs.ask_target(
            self._page, title, "curves.png", kinds, lambda path: self._save(path, lambda to: write_picture(image, to))
        )

    def save_values(self) -> None:
        """Ask where to, and write the numbers of the curves as a table."""
        runs = self._page.curves.runs
        title, kinds = self.tr("Save the numbers"), self.tr("Tables (*.csv)")
        dialogs.ask_target(
            self._page, title, "curves.csv", kinds, lambda path: self._save(path, lambda to: write_values(runs, to))
        )

    def _save(self, path: str, write: Callable[[Path], None]) -> None:
        if self._ask(lambda: write(Path(path))):
            saved = self.tr("Saved as {name}.").format(name=file_name(Path(path)))
            self._page.message.emit(saved, "done")

    # Wiring

    def _connect_bridge(self) -> None:
        bridge = self._bridge
        signals = (bridge.started, bridge.step_reported, bridge.epoch_reported, bridge.checkpoint_saved)
        for signal in (*signals, bridge.paused, bridge.resumed, bridge.extended, bridge.ended, bridge.failed):
            signal.connect(self._shelf.apply)
        for signal in (bridge.started, bridge.paused, bridge.resumed, bridge.ended, bridge.failed):
            signal.connect(lambda _: self._on_changed())
        bridge.ended.connect(self._on_ended)

    def _connect_page(self) -> None:
        page, runs, buttons = self._page, self._page.runs, self._page.buttons
        buttons.action_wanted.connect(self.act)
        buttons.stop_wanted.connect(self.stop)
        buttons.extend_wanted.connect(self.extend)
        runs.selected.connect(self._shelf.set_current)
        runs.comparison_toggled.connect(self.toggle_comparison)
        runs.renamed.connect(self._shelf.rename)
        runs.delete_wanted.connect(self.delete)
        runs.reveal_wanted.connect(self.reveal)
        runs.use_wanted.connect(self.use)
        runs.order_chosen.connect(self._shelf.set_order)
        runs.new_wanted.connect(lambda: self._shelf.set_current(None))
        runs.add_wanted.connect(lambda: dialogs.ask_run_folder(page, self._add))
        page.curves.picture_wanted.connect(self.save_picture)
        page.curves.values_wanted.connect(self.save_values)
        page.settings.name_changed.connect(self._on_named)

    def _add(self, path: str) -> None:
        self._ask(lambda: self._shelf.add(Path(path)))

    def _on_named(self, name: str) -> None:
        self._name = name

    def _on_ended(self, event: TrainingEnded) -> None:
        run = self._shelf.get(event.run)
        if run is not None and run.package is not None:
            sentence = self.tr("{name} has been trained. Its model can be used now.")
            if not run.has_usable_model:
                sentence = self.tr("{name} has been trained. Its model captions features.")
            self._page.message.emit(sentence.format(name=printable(run.name)), "done")

    def _on_changed(self) -> None:
        """Let the buttons say what can be done now."""
        run, buttons = self._shelf.current, self._page.buttons
        action = next_action(self._dataset, run, self._form)
        is_possible = is_ready(action, self._dataset, self._form, run)
        if action is Action.CHECK:
            is_possible = is_possible and not self.preparation.is_making_features
        if action in (Action.CHECK, Action.START):
            is_possible = is_possible and not self.preparation.lacks_weights
        is_in_use = action is Action.USE_MODEL and self._is_in_use(run)
        text = self._check_text() if action is Action.CHECK else self.tr("In use") if is_in_use else ""
        buttons.set_action(action, is_ready=is_possible and not is_in_use, text=text)
        is_over = run is not None and (run.state in (RunState.ENDED, RunState.STOPPED))
        is_live = run is not None and run.is_live
        buttons.set_others(can_stop=is_live, can_extend=is_live or is_over)
        self._page.invitation.set_told(*self._invitation_texts(action))
        self._page.show_run(run is not None)

    def _is_in_use(self, run: RunView | None) -> bool:
        package = None if run is None else run.package
        return package is not None and is_same_model(package, self._model_in_use)

    def _invitation_texts(self, action: Action) -> tuple[str, str]:
        """Heading and sentence of what stands where nothing was found in the data yet; empty to invite to drop some."""
        if self._dataset.is_empty and not self._dataset.choice.images:
            return "", ""
        if self.preparation.is_making_features:
            return self.tr("Features are being made"), self.tr("They say what is on each photograph, in numbers.")
        if self._dataset.is_checking:
            return self.tr("The data is being checked"), self.tr("What was found in it appears here.")
        told = {
            Action.CHOOSE_DATA: self.tr("It needs something to go with it. Drop more here, or choose it."),
            Action.CHECK: self.tr("Check it next, with the large button, or drop more here."),
        }
        if action is Action.CHECK and self._dataset.is_buildable:
            told[action] = self.tr("Make features of it next, with the large button, or drop more here.")
        if self._page.data.problem or self.preparation.lacks_weights:
            told[action] = self.tr("See under Data what stands in the way.")
        return self.tr("Data has been chosen"), told.get(action, "")

    def _check_text(self) -> str:
        """What comes before the check, or the check itself."""
        if self.preparation.is_making_features:
            return self.tr("Making features…")
        if self._dataset.is_buildable:
            return self.tr("Make features")
        return self.tr("Checking…") if self._dataset.is_checking else ""


def _package_name(folder: str) -> str:
    """A name that a model can have on any system, another for each folder: that of the folder as far as it can be."""
    kept = re.sub(r"[^A-Za-z0-9._]+", "-", folder).strip("-._")
    if kept.strip("0123456789-._") and is_model_name(kept):
        return kept
    return f"{DEFAULT_NAME}-{zlib.crc32(os.fsencode(folder)):08x}"
