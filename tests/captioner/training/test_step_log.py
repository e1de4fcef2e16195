"""What is kept of the reports of steps: enough for curves, never too much, and nothing of steps taken back."""

import json
import logging

import pytest

from captioner.training.events import StepsFinished
from captioner.training.step_log import StepLog


def report(step, *, per_epoch=10, **changes):
    values = {"stage": "words", "epoch": (step - 1) // per_epoch + 1, "epochs": 9, "step": step, "steps": 90}
    values |= {"loss": 5 - step / 100, "penalty": 0.1, "learning_rate": 1e-3, "gradient_norm": 1 / 3}
    values |= {"captions_per_second": 100.0, "seconds_left": 1.0, "peak_memory": 1}
    return StepsFinished(**(values | changes))


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def log(tmp_path, clock):
    return StepLog(tmp_path / "steps.jsonl", clock=clock)


def lines(log):
    return [json.loads(line) for line in log.path.read_text().splitlines()]


def steps(log):
    return [line["step"] for line in lines(log)]


def test_a_line_has_what_curves_are_drawn_from(log):
    log.add(report(7))
    (line,) = lines(log)
    assert line["gradient_norm"] == 0.333333
    assert line.keys() == {
        *("stage", "epoch", "epochs", "step", "steps", "loss", "penalty", "learning_rate", "gradient_norm"),
        "captions_per_second",
    }


def test_there_is_a_line_a_second_and_the_last_of_each_epoch(log, clock):
    for step in range(1, 26):
        clock.now += 0.25
        log.add(report(step))
    log.flush()
    assert steps(log) == [1, 5, 9, 10, 15, 19, 20, 25]


def test_a_file_that_grows_too_large_is_thinned(tmp_path, clock):
    log = StepLog(tmp_path / "steps.jsonl", clock=clock, max_bytes=6000)
    for step in range(1, 401):
        clock.now += 1
        log.add(report(step, per_epoch=50))
    log.flush()
    kept = steps(log)
    assert log.path.stat().st_size <= 6000
    assert kept == sorted(set(kept))
    assert {50, 100, 150, 200, 250, 300, 350, 400} <= set(kept)
    assert len(kept) > 15


def test_steps_that_are_taken_back_are_forgotten(log, clock):
    for step in range(1, 9):
        clock.now += 1
        log.add(report(step))
    with log.path.open("ab") as file:
        file.write(b'{"step": 3')
    log.rewind(5)
    assert steps(log) == [1, 2, 3, 4, 5]
    clock.now += 1
    log.add(report(6))
    assert steps(log) == [1, 2, 3, 4, 5, 6]
    log.rewind(0)
    assert steps(log) == []


def test_taking_back_where_nothing_was_kept_makes_no_file(log):
    log.rewind(5)
    log.flush()
    assert not log.path.exists()


def test_a_line_that_was_cut_short_costs_no_other(log, clock):
    log.add(report(1))
    with log.path.open("ab") as file:
        file.write(b'{"step": 2')
    clock.now += 1
    log.add(report(3))
    first, broken, second = log.path.read_text().splitlines()
    assert (json.loads(first)["step"], broken, json.loads(second)["step"]) == (1, '{"step": 2', 3)


def test_a_file_that_cannot_be_written_is_said_once_and_training_goes_on(log, clock, caplog):
    log.path.mkdir()
    with caplog.at_level(logging.WARNING):
        for step in (1, 2):
            clock.now += 1
            log.add(report(step))
    assert [record.message.count("cannot be written") for record in caplog.records] == [1]
