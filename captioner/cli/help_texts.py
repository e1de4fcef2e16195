"""How help texts reach the terminal: paragraphs that flow, and examples that can be copied."""

from __future__ import annotations

import inspect


def flowing(text: str | None) -> str:
    """``text`` with its line breaks taken out of paragraphs, so that they break where the terminal ends."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in inspect.cleandoc(text or "").split("\n\n"))


def examples(*commands: str) -> str:
    """The last part of a command's help; each command must fit a line of 80 characters."""
    # Older Typer joins lines that no empty line parts.
    return "\n\n".join(("Examples:", *commands))
