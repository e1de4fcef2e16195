"""The questions of the Models page: which package, where to, and whether to remove; none of them blocks the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QDir, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from captioner.worker.protocol import ModelDetails

# By this name the translation tools find the texts.
translate = QCoreApplication.translate


def ask_package_file(parent: QWidget, take: Callable[[str], None]) -> None:
    """Ask for a package as a ``.zip`` file."""
    dialog = QFileDialog(parent, translate("ModelDialogs", "Import a model package"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(translate("ModelDialogs", "Model packages (*.zip)"))
    _open(dialog, take)


def ask_package_folder(parent: QWidget, take: Callable[[str], None]) -> None:
    """Ask for a package as a folder."""
    dialog = QFileDialog(parent, translate("ModelDialogs", "Import a model package"))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    _open(dialog, take)


def ask_photograph(parent: QWidget, take: Callable[[str], None]) -> None:
    """Ask for one photograph."""
    dialog = QFileDialog(parent, translate("ModelDialogs", "Open a photograph"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
    _open(dialog, take)


def ask_export_target(parent: QWidget, model: ModelDetails, take: Callable[[str], None]) -> None:
    """Ask where to write a model; the dialog itself asks before a file is replaced."""
    dialog = QFileDialog(parent, translate("ModelDialogs", "Export {name}").format(name=model.name))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(translate("ModelDialogs", "Model packages (*.zip)"))
    dialog.setDefaultSuffix("zip")
    folder = QDir(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    dialog.setDirectory(folder)
    dialog.selectFile(f"{model.name}.zip")
    _open(dialog, take)


def ask_removal(parent: QWidget, model: ModelDetails, size: str, take: Callable[[], None]) -> None:
    """Ask whether to remove a model, which cannot be undone."""
    question = QMessageBox(parent)
    question.setWindowModality(Qt.WindowModality.WindowModal)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.setIcon(QMessageBox.Icon.Question)
    question.setTextFormat(Qt.TextFormat.PlainText)
    question.setText(translate("ModelDialogs", "Remove {name}?").format(name=model.name))
    told = translate(
        "ModelDialogs", "It is deleted from this computer and frees {size}. To keep a copy, export it first."
    )
    question.setInformativeText(told.format(size=size))
    remove = question.addButton(translate("ModelDialogs", "Remove"), QMessageBox.ButtonRole.DestructiveRole)
    question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
    question.buttonClicked.connect(lambda button: take() if button is remove else None)
    question.open()


def _open(dialog: QFileDialog, take: Callable[[str], None]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(take)
    dialog.open()
