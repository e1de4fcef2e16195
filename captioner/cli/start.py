"""Entry point of the ``captioner`` command: straight to the window, or to the command line."""

from __future__ import annotations

import sys

from captioner.errors import CaptionerError


def main() -> None:
    """Open the window for ``captioner`` and ``captioner gui``, and leave everything else to the command line.

    Without arguments and without a screen, the command line shows its help.
    """
    # The command line takes 0.2 s and 30 MB to import, which the window has no use for.
    arguments = sys.argv[1:]
    is_window = not arguments or (arguments[0] == "gui" and not any(word.startswith("-") for word in arguments))
    if is_window:
        from captioner.cli.window import open_window

        try:
            sys.exit(open_window(arguments[1:]))
        except CaptionerError as error:
            sys.stderr.write(f"captioner: {error.message}\n")
        if arguments:
            sys.exit(1)
    from captioner.cli.main import main as run_command_line

    run_command_line()
