from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.worker.line_process import Ending
from captioner.worker.training_protocol import DatasetChecked, ExtractionEnded, ExtractionFailed, TrainingFailed
from captioner.worker.training_reports import CheckReports, ExtractionReports, RunReports

CRASHED = Ending(status=1, words="exit status 1", complaint="", details="Traceback")
KINDS = ("run_started", "steps_finished", "epoch_finished", "checkpoint_saved", "training_paused", "training_resumed")
KINDS += ("training_extended", "training_finished", "run_failed", "images_encoded", "extraction_finished")
SPREAD = {"minimum": 3, "median": 11.0, "maximum": 36}
SPLIT = {"name": "train", "images": 6000, "captions": 1, "words_per_caption": SPREAD, "unknown_rate": 0.0123}
SPLIT |= {"image_ids": [42, 581929]}
FEATURES = {
    **{"images": 6000, "places": 49, "dim": 512, "grid": [7, 7], "dtype": "float16", "encoder": "resnet18"},
    **{"views": 7, "has_boxes": False, "images_read": 500, "minimum": 0.0, "mean": 0.5, "maximum": 12.25},
}
ESTIMATE = {"preset": "good", "seconds": 1500.0, "seconds_per_epoch": 150.0, "feature_bytes": 3 * 10**9}
ESTIMATE |= {"caption_bytes": 10**6, "network_bytes": 10**8, "batch_bytes": 10**7}
REPORT = {
    "is_usable": False,
    "layout": "CS231n coco_captioning",
    "splits": [SPLIT],
    "features": FEATURES,
    "vocabulary_size": 2500,
    "min_word_count": 5,
    "samples": [{"split": "train", "image": "a.jpg", "caption": "a dog"}],
    "estimate": ESTIMATE,
    "findings": [
        {"severity": "refusal", "message": "Row 3 of features is not a number."},
        {"severity": "warning", "message": "There is no val split."},
    ],
}

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.dictionaries(st.text(max_size=5), plain, max_size=3) | st.lists(plain, max_size=3) | plain
names = st.sampled_from(["step", "steps", "process", "stage", "epoch", "loss", "scores", "done", "images", "findings"])


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({**FEATURES, "may_be_of_an_encoder": True}, ("resnet18", True)),
        ({**FEATURES, "encoder": "", "may_be_of_an_encoder": True}, ("", True)),
        ({**FEATURES, "encoder": "", "may_be_of_an_encoder": False}, ("", False)),
        (None, ("", False)),
    ],
)
def test_a_check_tells_what_made_the_features(features, expected):
    reports = CheckReports(("coco",))
    reports.take({**REPORT, "features": features})
    summary = reports.end(Ending(status=0, words="", complaint="", details="")).report
    assert (summary.encoder, summary.may_be_of_an_encoder) == expected


@given(st.sampled_from(KINDS), st.dictionaries(names, values))
def test_no_object_that_a_process_may_print_is_an_error(kind, fields):
    for reports in (RunReports("run", "m"), CheckReports(("coco",)), ExtractionReports("f.h5")):
        reports.take({"event": kind, **fields})
        assert reports.end(CRASHED)


def test_losses_that_have_grown_beyond_all_numbers_are_told():
    steps = {"epoch": 1, "step": 1, "steps": 9, "penalty": 0.0, "learning_rate": 1.0, "captions_per_second": 1.0}
    report = RunReports("run", "m").take(
        {"event": "steps_finished", "stage": "words", "loss": math.nan, "gradient_norm": math.inf, **steps}
    )
    assert math.isnan(report.loss)
    assert report.gradient_norm == math.inf
    assert report.seconds_left is None


@pytest.mark.parametrize(
    ("is_begun", "what_to_do"),
    [(True, "Resume it from its last checkpoint."), (False, "Nothing of it was kept, so start it again.")],
)
def test_a_run_that_ends_without_a_word_has_failed(tmp_path, is_begun, what_to_do):
    if is_begun:
        (tmp_path / "config.json").write_text("{}")
    failed = RunReports(str(tmp_path), "m").end(CRASHED)
    message = f"Training ended by itself (exit status 1). {what_to_do}"
    assert failed == TrainingFailed(run=str(tmp_path), message=message, details="Traceback")


def test_memory_that_ran_out_is_told_with_a_size_of_batches_to_resume_with():
    reports = RunReports("run", "m")
    assert reports.take({"event": "run_failed", "message": "There is not enough memory.", "batch_size": 40}) is None
    expected = {"message": "There is not enough memory.", "details": "Traceback", "batch_size": 40}
    assert reports.end(CRASHED) == TrainingFailed(run="run", **expected)


@pytest.mark.parametrize(("values", "images"), [({"images": "photos"}, "photos"), ({}, None)])
def test_an_extraction_tells_where_it_found_the_images(values, images):
    reports = ExtractionReports("f.h5")
    reports.take({"event": "extraction_finished", "path": "f.h5", "done": 8, "failed": 1, **values})
    assert reports.end(CRASHED) == ExtractionEnded(output="f.h5", path="f.h5", failed=1, images=images)


def test_all_that_a_check_found_is_in_its_report():
    reports = CheckReports(("coco",))
    assert reports.take(REPORT) is None
    report = reports.end(CRASHED).report
    assert report.layout == "CS231n coco_captioning"
    assert report.counts == {"train": 6000}
    assert report.samples == (("a.jpg", "a dog"),)
    assert report.refusals == ("Row 3 of features is not a number.",)
    assert report.warnings == ("There is no val split.",)
    assert (report.estimate_seconds, report.memory, report.preset) == (1500.0, 111 * 10**6, "good")
    assert not report.is_usable
    assert report.lines == (
        ("Split train", "6,000 images, 1 caption"),
        ("Words per caption, train", "3 to 36, 11 in the middle"),
        ("Unknown words, train", "1.2%"),
        ("Image numbers, train", "42 to 581929"),
        ("Features", "7 x 7 places of 512 numbers, float16, 7 extra views"),
        ("Encoder", "resnet18"),
        ("Values", "0 to 12.25, mean 0.5, of 500 images"),
        ("Vocabulary", "2,500 words seen 5 times or more"),
        ("Features on disk", "3.0 GB"),
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"places": 1, "grid": None}, "one vector of 512 numbers"),
        ({"places": 36, "grid": None, "has_boxes": True}, "36 regions of 512 numbers"),
        ({"places": 36, "grid": None}, "36 places of 512 numbers"),
    ],
)
def test_features_are_told_by_their_kind(changes, words):
    reports = CheckReports(("coco",))
    reports.take({"is_usable": True, "features": FEATURES | changes})
    assert dict(reports.end(CRASHED).report.lines)["Features"].startswith(words)


def test_data_that_could_not_be_opened_is_refused_with_the_reason():
    reports = CheckReports(("coco",))
    reports.take({"is_usable": False, "findings": [{"severity": "refusal", "message": "coco is empty."}]})
    checked = reports.end(CRASHED)
    assert isinstance(checked, DatasetChecked)
    assert checked.report.refusals == ("coco is empty.",)
    assert checked.report.lines == ()


def test_the_rate_of_an_extraction_leaves_out_what_was_done_before_and_what_could_not_be_read():
    seconds = iter([10.0, 12.0, 15.0])
    reports = ExtractionReports("f.h5", clock=lambda: next(seconds))
    told = [
        reports.take({"event": "images_encoded", "done": done, "failed": failed, "images": 900})
        for done, failed in ((500, 0), (590, 10), (750, 10))
    ]
    assert [report.images_per_second for report in told] == [0.0, 45.0, 50.0]


def test_an_extraction_that_is_killed_may_have_had_too_little_memory():
    killed = Ending(status=-9, words="signal SIGKILL", complaint="", details="")
    failed = ExtractionReports("f.h5").end(killed)
    assert isinstance(failed, ExtractionFailed)
    assert "perhaps because memory ran out" in failed.message
