"""How far captioning is: counts, speed, time left, and the two buttons that stop it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from gui.icons import icon
from gui.theme import Space
from gui.viewmodels.captioning_queue import Progress

_UPDATE_MILLISECONDS = 100
_BAR_WIDTH = 160


class ProgressStrip(QWidget):
    """One line about a run of the captioning queue; it hides itself when there is none.

    Signals
    -------
    pause_wanted(), resume_wanted(), cancel_wanted()
        A button was pressed.
    """

    pause_wanted = Signal()
    resume_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress = Progress()
        self._is_paused = False
        self.count, self.failures, self.rate, self.left = (self._label() for _ in range(4))
        self.bar = QProgressBar()
        self.pause_button, self.cancel_button = QPushButton(), QPushButton(self.tr("Cancel"))
        self._timer = QTimer(self, singleShot=True, interval=_UPDATE_MILLISECONDS)
        self._timer.timeout.connect(self._show_progress)
        self._build_layout()
        self.pause_button.clicked.connect(self._on_pause_clicked)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self._show_progress()

    def _label(self) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _build_layout(self) -> None:
        self.failures.setProperty("role", "error")
        self.bar.setTextVisible(False)
        self.bar.setMinimumWidth(_BAR_WIDTH)
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.bar.setAccessibleName(self.tr("Progress of captioning"))
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.XS, Space.M, Space.XS)
        row.setSpacing(Space.L)
        self.cancel_button.setIcon(icon("x"))
        for label in (self.count, self.failures, self.rate, self.left):
            row.addWidget(label)
        row.addWidget(self.bar, 1)
        for button in (self.pause_button, self.cancel_button):
            button.setProperty("role", "quiet")
            row.addWidget(button)

    def set_progress(self, progress: Progress) -> None:
        """Show how far it is; may be told as often as one likes."""
        self._progress = progress
        if progress.is_running is self.isHidden() or progress.is_paused != self._is_paused:
            self._timer.stop()
            self._show_progress()
        elif not self._timer.isActive():
            self._timer.start()

    def _show_progress(self) -> None:
        progress, locale = self._progress, QLocale()
        self._is_paused = progress.is_paused
        done, total = locale.toString(progress.done), locale.toString(progress.total)
        self.count.setText(self.tr("{done} of {total}").format(done=done, total=total))
        self.failures.setText(self.tr("%Ln failed", "", progress.failed))
        self.failures.setVisible(progress.failed > 0)
        self.rate.setText("" if progress.is_paused else rate_text(progress.rate))
        self.left.setText(self.tr("Paused") if progress.is_paused else time_left_text(progress.eta))
        self.rate.setVisible(bool(self.rate.text()))
        self.left.setVisible(bool(self.left.text()))
        self.bar.setRange(0, max(progress.total, 1))
        self.bar.setValue(progress.done)
        self.pause_button.setText(self.tr("Resume") if progress.is_paused else self.tr("Pause"))
        self.pause_button.setIcon(icon("play" if progress.is_paused else "pause"))
        self.setVisible(progress.is_running)

    def _on_pause_clicked(self) -> None:
        (self.resume_wanted if self._is_paused else self.pause_wanted).emit()


def rate_text(rate: float) -> str:
    """Speed in words; empty where it is not known."""
    if rate <= 0:
        return ""
    if rate < 1:
        seconds = QLocale().toString(1.0 / rate, "f", 1)
        return QCoreApplication.translate("ProgressStrip", "{seconds} s for each").format(seconds=seconds)
    number = QLocale().toString(float(rate), "f", 0 if rate >= 10 else 1)
    return QCoreApplication.translate("ProgressStrip", "{number} images/s").format(number=number)


def time_left_text(seconds: float | None) -> str:
    """Time left in words, no finer than anybody needs; empty where it is not known."""
    if seconds is None:
        return ""
    if seconds < 55:
        text = QCoreApplication.translate("ProgressStrip", "{seconds} s left")
        return text.format(seconds=max(5 * round(seconds / 5), 1) if seconds > 10 else max(round(seconds), 1))
    minutes = round(seconds / 60)
    if minutes < 60:
        return QCoreApplication.translate("ProgressStrip", "{minutes} min left").format(minutes=minutes)
    text = QCoreApplication.translate("ProgressStrip", "{hours} h {minutes} min left")
    return text.format(hours=minutes // 60, minutes=minutes % 60)
