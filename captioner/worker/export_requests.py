"""Captions and figures written to files."""

from __future__ import annotations

import os
from pathlib import Path

from captioner.worker.decoding_gate import DecodingGate
from captioner.worker.jobs import Job, Outlet, Steps
from captioner.worker.protocol import ExportCaptions, ExportFigure, FileWritten


class ExportRequests:
    """Writes what a window wants to keep."""

    def __init__(self, outlet: Outlet, gate: DecodingGate) -> None:
        self._outlet = outlet
        self._gate = gate

    def captions(self, job: Job[ExportCaptions]) -> Steps:
        """Write captions in one of the formats."""
        from captioner.exports import export_captions  # noqa: PLC0415 (it is wanted rarely, and slow to import)

        request = job.request
        target = Path(request.target) if request.target else None
        for path in export_captions(request.entries, request.format, target, request.is_overwriting):
            self._outlet.send(FileWritten(job_id=job.id, path=os.fspath(path)))
        yield

    def figure(self, job: Job[ExportFigure]) -> Steps:
        """Draw one caption."""
        from captioner.exports import export_figure  # noqa: PLC0415

        request = job.request
        # Decoded once under watch: what ends the worker here is known by name, and what passes will pass again.
        self._gate.open_within(job, request.entry.path, side=1)
        export_figure(
            request.entry, Path(request.target), request.is_smooth, request.is_scale_shared, request.is_overwriting
        )
        self._outlet.send(FileWritten(job_id=job.id, path=request.target))
        yield
