"""The facts that a check of a data set found, as label and value for a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from captioner.amounts import byte_size, counted

Values = Mapping[str, Any]
Line = tuple[str, str]


def dataset_lines(report: Values) -> Iterator[Line]:
    """Label and value of each fact worth showing that a `DatasetSummary` has no field for.

    Parameters
    ----------
    report
        What ``captioner check --json`` prints (`captioner.data.dataset_report.DatasetReport.to_dict`); parts may be
        missing.
    """
    for split in report.get("splits", ()):
        yield from _split_lines(split)
    if report.get("features"):
        yield from _feature_lines(report["features"])
    if report.get("vocabulary_size"):
        least = report.get("min_word_count")
        rule = "" if least is None else f" seen {least} times or more"
        yield "Vocabulary", f"{report['vocabulary_size']:,} words{rule}"
    if report.get("estimate"):
        yield "Features on disk", byte_size(report["estimate"]["feature_bytes"])


def _split_lines(split: Values) -> Iterator[Line]:
    words = split["words_per_caption"]
    name = str(split["name"])
    yield f"Split {name}", f"{counted(split['images'], 'image')}, {counted(split['captions'], 'caption')}"
    yield f"Words per caption, {name}", f"{words['minimum']} to {words['maximum']}, {words['median']:g} in the middle"
    yield f"Unknown words, {name}", f"{split['unknown_rate']:.1%}"
    if split.get("image_ids"):
        first, last = split["image_ids"]
        yield f"Image numbers, {name}", f"{first} to {last}"


def _feature_lines(features: Values) -> Iterator[Line]:
    places, grid = features["places"], features.get("grid")
    if places == 1:
        shape = "one vector"
    elif grid:
        shape = f"{grid[0]} x {grid[1]} places"
    else:
        shape = f"{places} {'regions' if features.get('has_boxes') else 'places'}"
    views = f", {features['views']} extra views" if features.get("views") else ""
    yield "Features", f"{shape} of {features['dim']} numbers, {features['dtype']}{views}"
    if features.get("encoder"):
        yield "Encoder", str(features["encoder"])
    read, images = features["images_read"], features["images"]
    of = "" if read == images else f", of {counted(read, 'image')}"
    yield "Values", f"{features['minimum']:.4g} to {features['maximum']:.4g}, mean {features['mean']:.4g}{of}"
