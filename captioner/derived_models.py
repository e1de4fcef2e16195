"""Models made of other models without training: they say so, pass on data and terms, and claim no scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from captioner.model import CaptioningModel
from captioner.model_about import MAX_TEXT, PackageAbout
from captioner.model_library import ModelPackage, save_package
from captioner.weight_files import HALF_BITS


def save_derived(
    model: CaptioningModel, parents: Sequence[ModelPackage], output: Path, said: str, *, bits: int = HALF_BITS
) -> ModelPackage:
    """Package ``model`` as the new model ``output``, with the cards of its ``parents`` below its own.

    Parameters
    ----------
    model
        The new one.
    parents
        Whose data, licences and limits are its own as well.
    output
        New folder; its name is the name of the model.
    said
        A sentence of how its weights came about.
    bits
        As in `captioner.model_library.save_package`.

    Raises
    ------
    OutputError
        If the folder exists already or cannot be written.
    """
    descriptions = {package.description for package in parents}
    description = descriptions.pop() if len(descriptions) == 1 else said
    abouts = [package.about for package in parents]
    about = PackageAbout(
        data=_of_all(about.data for about in abouts),
        licence=_of_all(about.licence for about in abouts),
        limits=_of_all(about.limits for about in abouts),
    )
    cards = "\n".join(f"---\n\n{package.card}" for package in parents)
    card = f"# {output.name}\n\n{said} It has not been scored. What these say of themselves:\n\n{cards}"
    return save_package(model, output, description=description, card=card, about=about, bits=bits)


def _of_all(texts: Iterable[str]) -> str:
    """What any of them says, once; nothing where that is too long, since the card has it all."""
    said = " ".join(text for text in dict.fromkeys(texts) if text)
    return said if len(said) <= MAX_TEXT else ""
