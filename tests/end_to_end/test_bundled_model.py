"""The model that comes with the program describes the sample photographs."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from captioner.cli.main import app

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
PHOTOGRAPHS = sorted(SAMPLES.glob("*.jpg"))
MOST_BYTES = 40_000_000


def test_there_are_samples():
    assert len(PHOTOGRAPHS) >= 3


@pytest.mark.parametrize("path", PHOTOGRAPHS, ids=lambda path: path.stem)
def test_every_sample_gets_a_sentence_and_a_map_for_every_word(captioner, path):
    caption = captioner.caption(path)
    assert caption.text
    assert 3 <= len(caption.words) < captioner.options.max_length, "the caption did not end by itself"
    assert all(word.text in captioner.vocabulary and not word.text.startswith("<") for word in caption.words)
    assert len({word.text for word in caption.words}) >= len(caption.words) / 2, "the caption repeats itself"
    assert caption.log_probability < 0
    assert caption.grid == (7, 7)
    assert caption.attention.shape == (len(caption.words), 49)
    assert np.allclose(caption.attention.sum(axis=1), 1, atol=1e-3)
    assert (caption.attention >= 0).all()


def test_samples_get_different_captions(captioner):
    captions = {captioner.caption(path).text for path in PHOTOGRAPHS}
    assert len(captions) > len(PHOTOGRAPHS) / 2


def test_captions_do_not_depend_on_their_batch(captioner):
    one_by_one = [captioner.caption(path).text for path in PHOTOGRAPHS]
    together = [caption.text for caption in captioner.caption_many(PHOTOGRAPHS)]
    # bf16 convolutions round otherwise in other batches, which may tip a near tie.
    assert sum(a == b for a, b in zip(one_by_one, together, strict=True)) >= len(PHOTOGRAPHS) - 1


def test_files_are_whole_and_small(bundled):
    bundled.verify()
    assert bundled.origin == "bundled"
    assert bundled.bytes <= MOST_BYTES


def test_card_says_what_must_be_said(bundled):
    result = CliRunner().invoke(app, ["models", "show"])
    assert result.exit_code == 0
    assert result.stdout == bundled.card
    for word in ("licence", "flickr8k", "cider", "bleu", "beam"):
        assert word in bundled.card.lower()
    assert "$" not in bundled.card, "a blank of the template was not filled"
