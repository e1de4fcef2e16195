"""Bring the translations up to date with the texts of the window: run it, translate what is unfinished, run it again.

Texts are read with Python's own parser and handed to lupdate as the C++ that it knows best, since its own reader of
Python misses plurals outside of ``tr`` and characters that are written by name.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TRANSLATIONS = ROOT / "resources" / "translations"
LANGUAGES = {"en": ("-pluralonly",), "zh_CN": ()}
"""English needs no more than its plurals."""

_WITH_CONTEXT = ("translate", "QT_TRANSLATE_NOOP")


class Message(NamedTuple):
    """A text of the window, where it stands, and whether it has a plural."""

    context: str
    source: str
    is_plural: bool


def messages_of(folder: Path) -> set[Message]:
    """Every text that the modules below ``folder`` pass to ``tr``, ``translate`` or ``QT_TRANSLATE_NOOP``."""
    modules = (ast.parse(path.read_text("utf-8"), str(path)) for path in sorted(folder.rglob("*.py")))
    return {message for module in modules for message in _messages(module, "", _wrappers(module))}


def _messages(node: ast.AST, context: str, wrappers: dict[str, str]) -> Iterator[Message]:
    if isinstance(node, ast.ClassDef):
        context = node.name
    if isinstance(node, ast.Call):
        texts = [item.value if isinstance(item, ast.Constant) else None for item in node.args]
        match _name(node.func), texts:
            case "tr", [str(source), *more]:
                yield Message(context, source, len(more) > 1)
            case name, [str(where), str(source), *more] if name in _WITH_CONTEXT:
                yield Message(where, source, len(more) > 1)
            case name, [str(source), *more] if name in wrappers:
                yield Message(wrappers[name], source, bool(more))
    for child in ast.iter_child_nodes(node):
        yield from _messages(child, context, wrappers)


def _wrappers(module: ast.Module) -> dict[str, str]:
    """Names of the module's own short forms of ``translate``, and the context that each of them fills in."""
    found: dict[str, str] = {}
    for function in (node for node in module.body if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            match _name(call.func), call.args:
                case "translate", [ast.Constant(value=str(context)), ast.Name(), *_]:
                    found[function.name] = context
    return found


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _as_cpp(messages: set[Message]) -> str:
    lines = []
    for context, source, is_plural in sorted(messages):
        macro = "QT_TRANSLATE_N_NOOP" if is_plural else "QT_TRANSLATE_NOOP"
        lines.append(f"{macro}({json.dumps(context)}, {json.dumps(source, ensure_ascii=False)});")
    return "\n".join(lines)


def main() -> None:
    """Update every .ts file and compile it."""
    with tempfile.TemporaryDirectory() as folder:
        digest = Path(folder) / "window.cpp"
        digest.write_text(_as_cpp(messages_of(ROOT / "gui")), "utf-8")
        for language, options in LANGUAGES.items():
            texts = TRANSLATIONS / f"captioner_{language}.ts"
            update = ("-locations", "none", "-no-obsolete", "-source-language", "en", *options)
            _run("lupdate", str(digest), *update, "-ts", str(texts))
            _run("lrelease", str(texts), "-qm", str(texts.with_suffix(".qm")))


def _run(tool: str, *arguments: str) -> None:
    subprocess.run([Path(sys.executable).with_name(f"pyside6-{tool}"), *arguments], check=True)


if __name__ == "__main__":
    main()
