"""Captions and figures as files: text beside photographs, tables, a page to look at, pictures and animations."""

from captioner.exports.captions import export_captions
from captioner.exports.figure import export_figure

__all__ = ["export_captions", "export_figure"]
