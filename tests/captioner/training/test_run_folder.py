import json
import logging

import pytest
import torch

from captioner.config import TrainingConfig
from captioner.decoder import Decoder
from captioner.errors import ModelPackageError, OutputError
from captioner.metrics.evaluate import evaluate_captions
from captioner.training.run_folder import BEST_WEIGHTS, CONFIG, HISTORY, LOG, RunFolder
from captioner.training.trainer import EpochFinished


def test_best_weights_come_back_as_they_were(tiny, tmp_path):
    decoder = Decoder(tiny.config(), 12)
    run = RunFolder(tmp_path / "run")
    run.save_best({name: torch.zeros_like(value) for name, value in decoder.state_dict().items()})
    run.save_best(decoder.state_dict())
    weights = run.best_weights()
    assert weights.keys() == decoder.state_dict().keys()
    assert all(torch.equal(weights[name], value) for name, value in decoder.state_dict().items())
    assert [file.name for file in (tmp_path / "run" / "checkpoints").iterdir()] == [BEST_WEIGHTS.name]


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(ModelPackageError, match=r"best\.safetensors"):
        RunFolder(tmp_path / "run").best_weights()


def test_configuration_can_be_read_back(tmp_path):
    config = TrainingConfig(epochs=3, betas=(0.5, 0.6))
    RunFolder(tmp_path / "run").write_config(config, {"captions": "captions.csv"})
    content = json.loads((tmp_path / "run" / CONFIG).read_text())
    assert TrainingConfig.from_dict(content["training"]) == config
    assert content["sources"] == {"captions": "captions.csv"}


def test_epochs_add_up(tmp_path):
    run = RunFolder(tmp_path / "run")
    scores = evaluate_captions({"a.jpg": "un café"}, {"a.jpg": ["un café noir"]})
    run.add_epoch(EpochFinished("words", 1, 2.5, 1.0, None, False, {}))
    run.add_epoch(EpochFinished("words", 2, 1.5, 1.0, scores, True, {"a.jpg": "un café"}))
    first, second = map(json.loads, (run.path / HISTORY).read_text().splitlines())
    assert (first["epoch"], first["scores"], first["is_best"]) == (1, None, False)
    assert second["scores"] == scores.to_dict()
    samples = list((run.path / "samples").iterdir())
    assert [file.name for file in samples] == ["epoch-002.json"]
    assert json.loads(samples[0].read_text(encoding="utf-8")) == {"a.jpg": "un café"}


def test_log_is_written(tmp_path):
    run = RunFolder(tmp_path / "run")
    handler = run.log_handler()
    handler.handle(logging.makeLogRecord({"msg": "epoch done", "levelname": "INFO", "name": "captioner"}))
    handler.close()
    assert "INFO captioner: epoch done" in (run.path / LOG).read_text()


def test_a_run_never_writes_over_another(tmp_path):
    RunFolder(tmp_path / "run")
    with pytest.raises(OutputError, match="is not empty"):
        RunFolder(tmp_path / "run")


def test_impossible_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(OutputError, match="cannot be used"):
            RunFolder(path)


def test_history_that_cannot_be_written_is_named(tmp_path):
    run = RunFolder(tmp_path / "run")
    (run.path / HISTORY).mkdir()
    with pytest.raises(OutputError, match=r"history\.jsonl cannot be written"):
        run.add_epoch(EpochFinished("words", 1, 2.5, 1.0, None, False, {}))
