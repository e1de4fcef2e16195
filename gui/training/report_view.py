"""What the check of a data set found: what stands in the way, what is worth knowing, counts, and a few pairs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from captioner.worker.training_protocol import DatasetSummary
from gui.controls.clamped_label import ClampedLabel
from gui.library.fact_widgets import label
from gui.library.icon_mark import IconMark
from gui.theme import FontSize, Space
from gui.training.words import duration_text, memory_text

MOST_FINDINGS = 8


class ReportView(QWidget):
    """A report, rebuilt when there is another.

    Parameters
    ----------
    is_brief
        Leave out whatever does not bear on whether and how long to train.
    """

    def __init__(self, parent: QWidget | None = None, *, is_brief: bool = False) -> None:
        super().__init__(parent)
        self._is_brief = is_brief
        self.report: DatasetSummary | None = None
        self._has_photographs = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)
        self._content: QWidget | None = None
        self.set_report(None)

    def set_report(self, report: DatasetSummary | None, *, has_photographs: bool = False) -> None:
        """Show what was found; nothing where nothing was checked.

        Parameters
        ----------
        has_photographs
            Whether there are photographs as well, but no telling which file has their captions.
        """
        self.report, self._has_photographs = report, has_photographs
        if self._content is not None:
            self._column.removeWidget(self._content)
            self._content.deleteLater()
            self._content = None
        if report is not None:
            self._content = self._build(report)
            self._column.addWidget(self._content)
        self.setVisible(report is not None)

    def _build(self, report: DatasetSummary) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self._verdict(report))
        shown = [("error", report.refusals)]
        if self._is_brief and report.warnings:
            column.addWidget(finding("warning", self.tr("%Ln thing(s) to know before", "", len(report.warnings))))
        elif not self._is_brief:
            shown.append(("warning", report.warnings))
        for kind, sentences in shown:
            for sentence in sentences[:MOST_FINDINGS]:
                column.addWidget(finding(kind, sentence))
            if len(sentences) > MOST_FINDINGS:
                column.addWidget(label(self.tr("and %Ln more", "", len(sentences) - MOST_FINDINGS), "secondary"))
        facts = self._facts(report)
        if facts and self._is_brief:
            texts = [text if name == self.tr("Time") else f"{name} {text}" for name, text in facts]
            column.addWidget(label(" \N{MIDDLE DOT} ".join(texts), "secondary", wraps=True))
        elif facts:
            column.addWidget(_table(facts))
        if report.samples and not self._is_brief:
            column.addWidget(self._pairs(report.samples))
        return content

    def _verdict(self, report: DatasetSummary) -> QWidget:
        if report.is_usable and report.pixel_files:
            return finding("warning", self.tr("Features of these images have to be made first."))
        if report.is_usable and report.captions_files and self._has_photographs:
            return finding("warning", self.tr("Features of these photographs have to be made first."))
        if report.is_usable and not report.has_features and self._has_photographs:
            sentence = self.tr("These captions do not name photographs. Add features, or a captions file that does.")
            return finding("warning", sentence)
        if report.is_usable and not report.has_features:
            return finding("warning", self.tr("There are no features among these files. Add some, or photographs."))
        if report.is_usable:
            return finding("done", self.tr("A model can learn from this."))
        return finding("error", self.tr("A model cannot learn from this yet."))

    def _facts(self, report: DatasetSummary) -> list[tuple[str, str]]:
        if self._is_brief:
            facts = [(split, self.tr("%Ln image(s)", "", images)) for split, images in report.counts.items()]
        else:
            facts = [(self.tr("Layout"), report.layout)] if report.layout else []
            facts += report.lines
        if report.estimate_seconds is not None:
            facts.append((self.tr("Time"), self._time(report.estimate_seconds, report.preset)))
        if report.memory and not self._is_brief:
            memory = self.tr("{memory} beyond the engine's own").format(memory=memory_text(report.memory))
            facts.append((self.tr("Memory"), memory))
        return facts

    def _time(self, seconds: float, preset: str) -> str:
        names = {"quick": self.tr("Quick"), "good": self.tr("Good"), "best": self.tr("Best")}
        text = self.tr("about {time} with {preset}") if preset in names else self.tr("about {time}")
        return text.format(time=duration_text(seconds), preset=names.get(preset, ""))

    def _pairs(self, samples: Sequence[tuple[str, str]]) -> QWidget:
        pairs = QWidget()
        column = QVBoxLayout(pairs)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(label(self.tr("Do these belong together?"), "secondary"))
        for name, caption in samples:
            column.addWidget(ClampedLabel(caption, most_lines=2))
            column.addWidget(ClampedLabel(name, most_lines=1, size=FontSize.SECONDARY, is_secondary=True))
            column.addSpacing(Space.XS)
        return pairs


def finding(kind: str, sentence: str) -> QWidget:
    """A sentence beside the mark of its kind: ``error``, ``warning`` or ``done``."""
    marks = {"error": "warning-circle", "warning": "warning", "done": "check-circle"}
    result = QWidget()
    row = QHBoxLayout(result)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(Space.S)
    row.addWidget(IconMark(marks[kind], kind), 0, Qt.AlignmentFlag.AlignTop)
    text = label(sentence, wraps=True)
    # So that long names of files, which have no spaces, can be selected and read elsewhere.
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    row.addWidget(text, 1)
    return result


def _table(facts: Sequence[tuple[str, str]]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(Space.M)
    grid.setVerticalSpacing(Space.XS)
    grid.setColumnStretch(1, 1)
    for number, (name, text) in enumerate(facts):
        heading: QLabel = label(name, "secondary")
        heading.setContentsMargins(0, 2, 0, 0)
        grid.addWidget(heading, number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(ClampedLabel(text, most_lines=3), number, 1)
    return table
