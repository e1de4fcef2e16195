"""Models on the disk: listed, imported, exported, removed."""

from __future__ import annotations

from pathlib import Path

from captioner.model_exchange import export_package, install_package, remove_package
from captioner.worker.jobs import Job, Outlet, Steps
from captioner.worker.model_details import all_details, details_of
from captioner.worker.protocol import (
    ExportModel,
    FileWritten,
    ImportModel,
    ListModels,
    ModelImported,
    ModelRemoved,
    ModelsListed,
    RemoveModel,
)


class ModelRequests:
    """Answers what is asked about model packages."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def list_all(self, job: Job[ListModels]) -> Steps:
        """Tell of all models."""
        models, problems = all_details()
        self._outlet.send(ModelsListed(job_id=job.id, models=models, problems=problems))
        yield

    def install(self, job: Job[ImportModel]) -> Steps:
        """Verify and install a package."""
        package = install_package(Path(job.request.source))
        self._outlet.send(ModelImported(job_id=job.id, model=details_of(package)))
        yield

    def export(self, job: Job[ExportModel]) -> Steps:
        """Write a package to a file."""
        request = job.request
        export_package(request.name, Path(request.target), overwrite=request.is_overwriting)
        self._outlet.send(FileWritten(job_id=job.id, path=request.target))
        yield

    def remove(self, job: Job[RemoveModel]) -> Steps:
        """Remove an installed package."""
        remove_package(job.request.name)
        self._outlet.send(ModelRemoved(job_id=job.id, name=job.request.name))
        yield
