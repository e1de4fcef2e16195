"""Reports and run folders, as the trainer makes them."""

import json

import pytest

from captioner.worker.training_protocol import EpochReport, StepReport


class MadeUp:
    """What a run in the folder ``run`` tells and leaves; ten steps make an epoch."""

    @staticmethod
    def step(step, run="run", **changes):
        values = {"stage": "words", "epoch": (step - 1) // 10 + 1, "epochs": 4, "steps": 40, "loss": 5.0 - step / 20}
        values |= {"penalty": 0.1, "learning_rate": 1e-3, "gradient_norm": 1.0, "captions_per_second": 200.0}
        return StepReport(run=run, step=step, **(values | changes))

    @staticmethod
    def epoch(epoch, run="run", **changes):
        values = {"stage": "words", "loss": 5.0 - epoch, "dev_loss": 5.2 - epoch, "is_best": True, "seconds": 60.0}
        values["scores"] = {"cider": 40.0 + epoch, "bleu_4": 15.0 + epoch}
        return EpochReport(run=run, epoch=epoch, **(values | changes))

    @staticmethod
    def history_line(epoch, **changes):
        values = {"stage": "words", "epoch": epoch, "loss": 5.0 - epoch, "seconds": 60.0, "is_best": True}
        values |= {"dev_loss": 5.2 - epoch}
        values["scores"] = {"bleu_4": 15.0 + epoch, "cider": 40.0 + epoch, "meteor": None, "images": 100}
        return json.dumps(values | changes) + "\n"

    def run(self, folder, epochs=2, *, name="my-model", has_package=False, settings=None):
        folder.mkdir(parents=True)
        config = {"sources": {"features": "/data/train.h5", "name": name}, "training": settings or {"epochs": 4}}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "history.jsonl").write_text("".join(map(self.history_line, range(1, epochs + 1))))
        (folder / "steps.jsonl").write_text("")
        for part in ("samples", "checkpoints"):
            (folder / part).mkdir()
        for epoch in range(1, epochs + 1):
            self.samples(folder, epoch)
        (folder / "checkpoints" / "best.safetensors").write_bytes(b"weights")
        (folder / "log.txt").write_text("a line\n")
        if has_package:
            (folder / name).mkdir()
            (folder / name / "manifest.json").write_text("{}")
        return folder

    @staticmethod
    def samples(folder, epoch, captions=None):
        content = captions or {"b.jpg": f"a dog in epoch {epoch}", "a.jpg": "a cat"}
        (folder / "samples" / f"epoch-{epoch:03d}.json").write_text(json.dumps(content))


@pytest.fixture
def made_up():
    return MadeUp()
