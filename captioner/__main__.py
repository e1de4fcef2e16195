"""``python -m captioner`` is the ``captioner`` command."""

from captioner.cli.main import main

main()
