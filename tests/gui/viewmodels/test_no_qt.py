"""View-models hold the truth without a window, and without the engine's weight."""

import pkgutil
import subprocess
import sys

import gui.viewmodels

MODULES = [module.name for module in pkgutil.iter_modules(gui.viewmodels.__path__, "gui.viewmodels.")]


def test_view_models_load_neither_qt_nor_torch():
    program = (
        "import importlib, sys\n"
        f"for name in {MODULES!r}: importlib.import_module(name)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'PySide6', 'shiboken6', 'torch', 'PIL'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert len(MODULES) > 5
    assert done.stdout.split() == []
