"""The real worker, but for photographs whose names tell what happens when they are decoded."""

import os
import signal
import sys
import time
from pathlib import Path

sys.path[:0] = sys.argv[1:]

from captioner import imaging  # noqa: E402

decode = imaging.open_photograph


def sabotaged(path, **options):
    name = Path(path).name
    if "segv" in name:
        signal.raise_signal(signal.SIGSEGV)
    if "sleep" in name:
        time.sleep(60)
    if "noisy" in name:
        os.write(1, b"printed by a library\n")
        os.write(2, b"warned by a library\n")
    return decode(path, **options)


imaging.open_photograph = sabotaged

from captioner.worker.process import main  # noqa: E402

main()
