"""What a model says of itself in short, worded for people: its facts, its scores, its size."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from captioner.worker.protocol import ModelDetails

_PREFERRED = ("CIDEr", "BLEU-4", "METEOR", "ROUGE-L")

# By this name the translation tools find the texts.
translate = QCoreApplication.translate


def facts_of(model: ModelDetails) -> list[tuple[str, str]]:
    """Label and text of what decides whether a model is of use; what its maker left out is left out."""
    return _known(
        (translate("ModelFacts", "Learned from"), model.data),
        (translate("ModelFacts", "Licence"), model.licence),
        (translate("ModelFacts", "Limits"), model.limits),
        (translate("ModelFacts", "Size"), measures_of(model)),
    )


def build_of(model: ModelDetails) -> list[tuple[str, str]]:
    """Label and text of what a model is made of, and where it lies."""
    origins = {
        "bundled": translate("ModelFacts", "Comes with the program"),
        "installed": translate("ModelFacts", "Installed by you"),
    }
    return _known(
        (translate("ModelFacts", "Encoder"), model.encoder or translate("ModelFacts", "None: features only")),
        (translate("ModelFacts", "Decoder"), model.decoder),
        (translate("ModelFacts", "Origin"), origins.get(model.origin, model.path)),
    )


def measures_of(model: ModelDetails) -> str:
    """What it weighs and holds, such as ``36 MB · 2,540 words · 7 × 7 places``, or that it captions features only."""
    rows, columns = model.grid
    places = translate("ModelFacts", "{rows} × {columns} places").format(rows=rows, columns=columns)
    return " · ".join(
        (
            size_of(model),
            translate("ModelFacts", "%Ln word(s)", "", model.vocabulary),
            translate("ModelFacts", "features only") if model.is_features_only else places,
        )
    )


def use_hint(model: ModelDetails) -> str:
    """Why it cannot write the captions here; empty where it can."""
    if not model.is_features_only:
        return ""
    return translate(
        "ModelFacts",
        "It captions features, not photographs. Use it on the command line: captioner caption --features.",
    )


def size_of(model: ModelDetails) -> str:
    """Its size on disk, such as ``36 MB``."""
    return QLocale().formattedDataSize(model.size, 0, QLocale.DataSizeFormat.DataSizeSIFormat)


def main_scores(model: ModelDetails, most: int = 4) -> list[tuple[str, str]]:
    """Name and value of the scores that say most, the best known first, values with one decimal."""
    scores = dict(model.scores)
    names = [name for name in _PREFERRED if name in scores]
    names += [name for name in scores if name not in names]
    return [(name, QLocale().toString(float(scores[name]), "f", 1)) for name in names[:most]]


def _known(*facts: tuple[str, str]) -> list[tuple[str, str]]:
    return [(label, text) for label, text in facts if text]
