"""The questions of the Train page: which files, where to, and whether to delete; none of them blocks the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QDir, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from captioner.encoder_registry import official_weights_folder

# By this name the translation tools find the texts.
translate = QCoreApplication.translate


def ask_files(parent: QWidget, take: Callable[[list[str]], None]) -> None:
    """Ask for the files of a data set."""
    dialog = QFileDialog(parent, translate("TrainingDialogs", "Choose the files of a data set"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(take)
    _open(dialog)


def ask_folder(parent: QWidget, take: Callable[[str], None]) -> None:
    """Ask for a folder with a data set or with photographs."""
    _ask_folder(parent, translate("TrainingDialogs", "Choose a folder to learn from"), take)


def ask_weights(parent: QWidget, take: Callable[[str], None]) -> None:
    """Ask for the file of an encoder's weights, first where those are that were fetched before."""
    dialog = QFileDialog(parent, translate("TrainingDialogs", "Choose the weights of the encoder"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(translate("TrainingDialogs", "Weights (*.safetensors)"))
    fetched = official_weights_folder()
    if fetched.is_dir():
        dialog.setDirectory(str(fetched))
    dialog.fileSelected.connect(take)
    _open(dialog)


def ask_run_folder(parent: QWidget, take: Callable[[str], None]) -> None:
    """Ask for the folder of a run that is not listed."""
    _ask_folder(parent, translate("TrainingDialogs", "Choose the folder of a run"), take)


def ask_target(parent: QWidget, title: str, name: str, kinds: str, take: Callable[[str], None]) -> None:
    """Ask where to write a file; the dialog itself asks before one is replaced.

    Parameters
    ----------
    name
        Proposed, with its suffix.
    kinds
        The filter of names.
    """
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(kinds)
    dialog.setDefaultSuffix(name.rpartition(".")[2])
    dialog.setDirectory(QDir(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)))
    dialog.selectFile(name)
    dialog.fileSelected.connect(take)
    _open(dialog)


def ask_deletion(parent: QWidget, name: str, path: str, take: Callable[[], None]) -> None:
    """Ask whether to delete a run, which cannot be undone."""
    question = QMessageBox(parent)
    question.setWindowModality(Qt.WindowModality.WindowModal)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.setIcon(QMessageBox.Icon.Question)
    question.setTextFormat(Qt.TextFormat.PlainText)
    question.setText(translate("TrainingDialogs", "Delete the run {name}?").format(name=name))
    told = translate(
        "TrainingDialogs",
        "Its folder {path} is deleted with curves, captions and checkpoints, so that it cannot be resumed. A model "
        "that you use already stays.",
    )
    question.setInformativeText(told.format(path=path))
    delete = question.addButton(translate("TrainingDialogs", "Delete"), QMessageBox.ButtonRole.DestructiveRole)
    question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
    question.buttonClicked.connect(lambda button: take() if button is delete else None)
    question.open()


def _ask_folder(parent: QWidget, title: str, take: Callable[[str], None]) -> None:
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(take)
    _open(dialog)


def _open(dialog: QFileDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
