"""A command line without engine; what it does is told by the name of the file that it is to work on."""

import json
import os
import signal
import sys
import time
from pathlib import Path

command, *arguments = sys.argv[1:]


def given(option, default=""):
    return arguments[arguments.index(option) + 1] if option in arguments else default


def write(text, stream=sys.stdout):
    stream.write(f"{text}\n")
    stream.flush()


def tell(event, **values):
    write(json.dumps({"event": event, **values}))


def complain(text):
    write(text, sys.stderr)


def step(number):
    tell(
        "steps_finished", stage="words", epoch=1, epochs=2, step=number, steps=100, loss=3.5, penalty=0.25,
        learning_rate=1e-3, gradient_norm=1.5, captions_per_second=120.0, seconds_left=9.0, peak_memory=1000,
    )  # fmt: skip


def train():
    folder = Path(given("--output") or given("--resume"))
    recipe = Path(given("--recipe")).read_text() if "--recipe" in arguments else ""
    complain("arguments: " + json.dumps([part for part in arguments if part != given("--recipe")]))
    complain("recipe: " + json.dumps(recipe))
    complain(f"niceness: {os.nice(0)}")
    write("a library says hello")
    tell("run_started", path=str(folder), process=os.getpid(), step=0, steps=100)
    manner = Path(given("--features")).stem
    if manner == "refused":
        complain("captioner: features.h5 is cut short. Copy it again.")
        sys.exit(1)
    if manner == "exhausted":
        tell("run_failed", message="There is not enough memory.")
        complain("captioner: something else")
        sys.exit(1)
    if manner == "killed":
        signal.raise_signal(signal.SIGKILL)
    if manner == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        tell("checkpoint_saved", step=0)
        time.sleep(60)
    if manner == "damaged":
        tell("steps_finished", stage="words")
        tell("epoch_finished", stage="words", epoch="one")
        tell("something_new")
        write("[1]\n{oops")
    if manner == "ends":
        step(20)
        scores = {"cider": 50.5, "meteor": None, "bleu_4": 20.0, "images": 2}
        tell("epoch_finished", stage="words", epoch=1, loss=3.0, seconds=2.0, scores=scores, is_best=True,
             samples={"a.jpg": "a dog"}, dev_loss=2.5)  # fmt: skip
        tell("checkpoint_saved", step=20, path="x", seconds=0.1)
        tell("training_finished", best_epoch=1, scores=scores, reason="all epochs are done")
        return
    obey()


def obey():
    step(1)
    for line in sys.stdin:
        match line.split():
            case ["pause"]:
                tell("training_paused", reason="")
            case ["resume"]:
                tell("training_resumed")
            case ["extend", number]:
                tell("training_extended", epochs=2 + int(number), steps=150)
            case ["stop"]:
                break
    if marker := os.environ.get("SAVED"):  # whoever listened may be gone
        Path(marker).write_text("saved")
    tell("checkpoint_saved", step=1, path="x", seconds=0.1)
    tell("training_stopped", step=1, checkpoint="x")
    sys.exit(130)


def check():
    manner = Path(arguments[-1]).name
    if manner == "slow":
        complain(f"pid {os.getpid()}")
        time.sleep(60)
    if manner == "crash":
        signal.raise_signal(signal.SIGSEGV)
    write(json.dumps({"is_usable": True, "layout": "paths", "splits": [], "findings": []}))


def extract():
    tell("images_encoded", done=3, failed=1, images=9, resumed=0, errors=["x.jpg is cut short."])
    if "slow" in given("--output"):
        sys.stdin.read()
        sys.exit(130)
    if "full" in given("--output"):
        complain("captioner: The disk is full. Free some space and try again.")
        sys.exit(1)
    tell("extraction_finished", path=given("--output"), done=8, failed=1)
    sys.exit(1)


{"train": train, "check": check, "extract": extract}[command]()
