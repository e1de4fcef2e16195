"""The dialog for what is chosen once: look, language, and how the program starts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from gui.controls.calm_inputs import CalmChoice
from gui.controls.switch import Switch
from gui.settings import SYSTEM_LANGUAGE, SettingsStore
from gui.theme import Scheme, Space
from gui.translations import LANGUAGES


class PreferencesDialog(QDialog):
    """Every change applies at once; shown with `open`, it deletes itself when it is closed."""

    def __init__(self, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Preferences"))
        self._store = store
        self._build_choices()
        self._build_layout()
        self._connect_signals()

    def _build_choices(self) -> None:
        settings = self._store.settings
        self.theme_box = CalmChoice(self)
        for scheme, label in (
            (Scheme.SYSTEM, self.tr("Like the system")),
            (Scheme.LIGHT, self.tr("Light")),
            (Scheme.DARK, self.tr("Dark")),
        ):
            self.theme_box.addItem(label, str(scheme))
        self.theme_box.setCurrentIndex(self.theme_box.findData(str(settings.theme)))
        self.language_box = CalmChoice(self)
        self.language_box.addItem(self.tr("Like the system"), SYSTEM_LANGUAGE)
        for language, name in LANGUAGES.items():
            self.language_box.addItem(name, language)
        self.language_box.setCurrentIndex(max(self.language_box.findData(settings.language), 0))
        self.reopen_box = Switch(self.tr("Open the photographs of the last time"), self)
        self.reopen_box.setChecked(settings.reopens_photographs)
        self.confirm_box = Switch(self.tr("Ask before a model is removed"), self)
        self.confirm_box.setChecked(settings.confirms_removal)

    def _build_layout(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(Space.L)
        form.setVerticalSpacing(Space.M)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("Theme"), self.theme_box)
        form.addRow(self.tr("Language"), self.language_box)
        note = QLabel(self.tr("Another language shows when Captioner is started again."), self)
        note.setProperty("role", "secondary")
        note.setWordWrap(True)
        form.addRow("", note)
        form.addRow(self.tr("At the start"), self.reopen_box)
        form.addRow(self.tr("Models"), self.confirm_box)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.XL)
        column.addLayout(form)
        column.addWidget(buttons)

    def _connect_signals(self) -> None:
        self.theme_box.activated.connect(self._on_theme_chosen)
        self.language_box.activated.connect(lambda: self._store.change(language=self.language_box.currentData()))
        self.reopen_box.toggled.connect(lambda is_on: self._store.change(reopens_photographs=is_on))
        self.confirm_box.toggled.connect(lambda is_on: self._store.change(confirms_removal=is_on))

    def _on_theme_chosen(self) -> None:
        self._store.change(theme=Scheme(self.theme_box.currentData()))
