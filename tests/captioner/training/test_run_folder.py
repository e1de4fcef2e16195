import dataclasses
import json
import logging
from pathlib import Path

import numpy as np
import pytest
import torch

from captioner.config import SelfCriticalConfig, TrainingConfig
from captioner.decoder import Decoder
from captioner.errors import ConfigurationError, ModelPackageError, OutputError, TrainingRunError
from captioner.metrics.evaluate import evaluate_captions
from captioner.training.events import EpochFinished, StepsFinished
from captioner.training.run_folder import (
    BEST_WEIGHTS,
    CONFIG,
    HISTORY,
    LOG,
    STEPS,
    RunFolder,
    RunSources,
    holds_run,
    read_run,
)
from captioner.training.sample_attention import SampleAttention, read_attention

SOURCES = RunSources(features=Path("t.h5"), captions=Path("c.csv"))
SCORES = evaluate_captions({"a.jpg": "un café"}, {"a.jpg": ["un café noir"]})
FIRST = EpochFinished("words", 1, 2.5, 1.0, None, False)
SECOND = EpochFinished("words", 2, 1.5, 1.0, SCORES, True, {"a.jpg": "un café"}, 0.5)


@pytest.fixture
def run(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        yield folder


def history_of(run):
    return [json.loads(line)["epoch"] for line in (run.path / HISTORY).read_text().splitlines()]


def steps_of(run):
    return [json.loads(line) for line in (run.path / STEPS).read_text().splitlines()]


def test_best_weights_come_back_as_they_were(tiny, run):
    decoder = Decoder(tiny.config(), 12)
    run.save_best({name: torch.zeros_like(value) for name, value in decoder.state_dict().items()})
    run.save_best(decoder.state_dict())
    weights = run.best_weights()
    assert weights.keys() == decoder.state_dict().keys()
    assert all(torch.equal(weights[name], value) for name, value in decoder.state_dict().items())
    assert [file.name for file in (run.path / "checkpoints").iterdir()] == [BEST_WEIGHTS.name]


def test_missing_weights_are_named(run):
    with pytest.raises(ModelPackageError, match=r"best\.safetensors"):
        run.best_weights()


def test_settings_and_sources_can_be_read_back(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = TrainingConfig(epochs=3, betas=(0.5, 0.6), self_critical=SelfCriticalConfig(epochs=2))
    (tmp_path / "weights.safetensors").write_bytes(b"")
    sources = RunSources(
        features=Path("t.h5"),
        captions=Path("c.csv"),
        images=Path("photographs"),
        encoder_weights="weights.safetensors",
        name="dogs",
    )
    assert not holds_run(run.path)
    run.write_config(config, sources)
    assert holds_run(run.path)
    found, where = read_run(run.path)
    assert found == config
    # They must be found from any other folder as well.
    assert (where.features, where.captions) == (tmp_path / "t.h5", tmp_path / "c.csv")
    assert where.images == tmp_path / "photographs"
    assert (where.dev_features, where.model, where.name) == (None, None, "dogs")
    assert where.encoder_weights == str(tmp_path / "weights.safetensors")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"sources": {}, "training": {}}', '{"sources": 3}'])
def test_damaged_settings_are_named(run, content):
    (run.path / CONFIG).write_text(content)
    with pytest.raises(TrainingRunError, match=r"config\.json is missing or damaged"):
        read_run(run.path)


def test_settings_of_another_version_are_named(run):
    run.write_config(TrainingConfig(), SOURCES)
    text = (run.path / CONFIG).read_text()
    (run.path / CONFIG).write_text(text.replace('"epochs"', '"epoques"', 1))
    with pytest.raises(ConfigurationError, match="'epoques' is not known"):
        read_run(run.path)


def test_epochs_add_up(run):
    run.add_epoch(FIRST)
    run.add_epoch(SECOND)
    first, second = map(json.loads, (run.path / HISTORY).read_text().splitlines())
    assert (first["epoch"], first["scores"], first["is_best"], first["dev_loss"]) == (1, None, False, None)
    assert (second["scores"], second["dev_loss"]) == (SCORES.to_dict(), 0.5)
    samples = list((run.path / "samples").iterdir())
    assert [file.name for file in samples] == ["epoch-002.json"]
    assert json.loads(samples[0].read_text(encoding="utf-8")) == {"a.jpg": "un café"}


def test_attention_of_samples_lies_beside_their_captions(run):
    alphas = np.full((2, 4), 0.25, np.float32)
    attention = {"a.jpg": SampleAttention.of(("un", "café"), alphas, grid=(2, 2))}
    run.add_epoch(dataclasses.replace(SECOND, attention=attention))
    assert read_attention(run.path / "samples" / "epoch-002.attention.json") == attention
    assert "attention" not in json.loads((run.path / HISTORY).read_text())


def test_steps_are_rewound_with_the_rest(run):
    def report(step):
        return StepsFinished("words", step, 9, step, 9, 2.5, 0.1, 1e-3, 1.0, 100.0, 1.0, 1)

    run.write_config(TrainingConfig(), SOURCES)
    for step in (1, 2, 3):
        run.add_steps(report(step))
    run.save_checkpoint(2, {"x": torch.ones(2)}, {})
    run.add_steps(report(4))
    run.close()
    assert [line["step"] for line in steps_of(run)] == [1, 2, 3, 4]
    with RunFolder.reopen(run.path) as again:
        again.rewind(again.checkpoints.latest())
        assert [line["step"] for line in steps_of(again)] == [1, 2]
        again.rewind(None)
        assert steps_of(again) == []


def test_half_a_line_of_a_failed_attempt_is_written_over(run):
    run.add_epoch(FIRST)
    with (run.path / HISTORY).open("a") as file:
        file.write('{"stage": "wor')
    run.add_epoch(SECOND)
    assert history_of(run) == [1, 2]


def test_resuming_takes_back_what_came_after_the_checkpoint(run):
    run.write_config(TrainingConfig(), SOURCES)
    run.fingerprint = "abc"
    run.add_epoch(FIRST)
    run.save_checkpoint(7, {"x": torch.ones(2)}, {"position": 7})
    run.add_epoch(SECOND)
    run.close()
    with RunFolder.reopen(run.path) as again:
        checkpoint = again.checkpoints.latest()
        assert checkpoint.values["position"] == 7
        assert checkpoint.values["fingerprint"] == "abc"
        again.rewind(checkpoint)
        assert history_of(again) == [1]
        again.add_epoch(SECOND)
        assert history_of(again) == [1, 2]
        again.rewind(None)
        assert history_of(again) == []


def test_litter_of_a_killed_process_goes(run):
    run.write_config(TrainingConfig(), SOURCES)
    run.close()
    litter = [run.path / "checkpoints" / ".step-000000001.partial-0a.safetensors", run.path / ".config.partial-0b.json"]
    for path in litter:
        path.write_bytes(b"half")
    with RunFolder.reopen(run.path):
        assert not any(path.exists() for path in litter)


def test_log_is_written(run):
    handler = run.log_handler()
    handler.handle(logging.makeLogRecord({"msg": "epoch done", "levelname": "INFO", "name": "captioner"}))
    handler.close()
    assert "INFO captioner: epoch done" in (run.path / LOG).read_text()


def test_a_run_never_writes_over_another(run):
    run.write_config(TrainingConfig(), SOURCES)
    run.close()
    with pytest.raises(OutputError, match="run is not empty"):
        RunFolder(run.path)


def test_a_run_that_died_before_it_began_is_no_obstacle(run):
    (run.path / ".config.partial-0b.json").write_bytes(b"half")
    run.close()
    with RunFolder(run.path) as again:
        assert not list(again.path.glob(".*"))


def test_two_at_a_time_are_refused(run):
    run.write_config(TrainingConfig(), SOURCES)
    with pytest.raises(TrainingRunError, match="is being trained by process"):
        RunFolder.reopen(run.path)


def test_folder_without_a_run_cannot_be_resumed(tmp_path):
    for path in (tmp_path, tmp_path / "gone"):
        with pytest.raises(TrainingRunError, match="holds no run"):
            RunFolder.reopen(path)


def test_impossible_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(OutputError, match="cannot be used"):
            RunFolder(path)


def test_history_that_cannot_be_written_is_named(run):
    (run.path / HISTORY).mkdir()
    with pytest.raises(OutputError, match=r"history\.jsonl cannot be written"):
        run.add_epoch(FIRST)
