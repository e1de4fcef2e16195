"""All that the check of a data set found, with room to read it, before a run is started."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from captioner.worker.training_protocol import DatasetSummary
from gui.library.fact_widgets import label
from gui.theme import Space
from gui.training.report_view import ReportView

TEXT_WIDTH = 560


class PreparationView(QScrollArea):
    """The whole report, scrolled where it is long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("What was found in the data"))
        self._report = ReportView()
        text = QWidget()
        text.setMaximumWidth(TEXT_WIDTH)
        column = QVBoxLayout(text)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        column.addWidget(label(self.tr("What was found in the data"), "heading", wraps=True))
        column.addWidget(self._report)
        column.addStretch(1)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        row.addStretch(1)
        row.addWidget(text, 1000)
        row.addStretch(1)
        self.setWidget(content)

    @property
    def report(self) -> DatasetSummary | None:
        """What was found."""
        return self._report.report

    def set_report(self, report: DatasetSummary | None, *, has_photographs: bool = False) -> None:
        """Show another report, from its beginning; see `gui.training.report_view.ReportView.set_report`."""
        self._report.set_report(report, has_photographs=has_photographs)
        self.verticalScrollBar().setValue(0)
