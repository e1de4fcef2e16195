"""Scores of the bundled model on photographs it was not trained on: low floors that catch breakage, no measurement."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from captioner.cli.main import app
from captioner.data.annotations import read_split

FLICKR8K = Path(__file__).resolve().parents[3] / "shared" / "data" / "flickr8k"
IMAGES = 100
LEAST_CIDER, LEAST_BLEU_4 = 35, 12


@pytest.mark.skipif(not FLICKR8K.is_dir(), reason="the Flickr8k photographs are not beside this checkout")
def test_scores_are_not_broken(bundled, tmp_path):
    split = tmp_path / "first.txt"
    split.write_text("\n".join(read_split(FLICKR8K / "dev.txt")[:IMAGES]))
    where = ["--images", FLICKR8K / "images", "--captions", FLICKR8K / "captions.txt", "--split", split]
    result = CliRunner().invoke(app, ["evaluate", *map(str, where), "--json"])
    assert (result.exit_code, result.stderr) == (0, "")
    scores = json.loads(result.stdout)
    assert scores["images"] == IMAGES
    assert scores["cider"] > LEAST_CIDER
    assert scores["bleu_4"] > LEAST_BLEU_4
