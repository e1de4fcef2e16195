import json

import pytest

from captioner.errors import AnnotationError, ConfigurationError
from captioner.metrics import evaluate
from captioner.metrics.evaluate import evaluate_captions
from captioner.metrics.tokenise import ptb_tokenise

REFERENCES = {
    "dog.jpg": ["A dog runs.", "The man's dog is running (fast)!"],
    "man.jpg": ["A man sits on a bench.", "Someone isn't standing."],
    "sea.jpg": ["Waves at the sea."],
}


def test_perfect_captions_score_a_hundred():
    scores = evaluate_captions({name: captions[0] for name, captions in REFERENCES.items()}, REFERENCES)
    assert scores.bleu_1 == pytest.approx(100)
    assert scores.bleu_4 == pytest.approx(100)
    assert scores.rouge_l == pytest.approx(100)
    assert scores.meteor is None
    assert scores.images == 3


def test_case_and_punctuation_do_not_count():
    one = evaluate_captions({"dog.jpg": "a dog RUNS", "man.jpg": "a man"}, REFERENCES)
    other = evaluate_captions({"dog.jpg": "A dog runs.", "man.jpg": '"A man".'}, REFERENCES)
    assert one == other


def test_equals_coco_caption_with_images_without_a_hypothesis_left_out(oracle):
    hypotheses = {"man.jpg": "A man isn't on a bench.", "dog.jpg": "The dog runs (very) fast"}
    scores = evaluate_captions(hypotheses, REFERENCES)
    tokens = [ptb_tokenise(caption) for caption in hypotheses.values()]
    references = [[ptb_tokenise(caption) for caption in REFERENCES[name]] for name in hypotheses]
    expected, _ = oracle("bleu.bleu.Bleu", tokens, references, 4, verbose=0)
    assert [scores.bleu_1, scores.bleu_2, scores.bleu_3, scores.bleu_4] == pytest.approx([100 * x for x in expected])
    assert scores.rouge_l == pytest.approx(100 * oracle("rouge.rouge.Rouge", tokens, references)[0])
    assert scores.cider == pytest.approx(100 * oracle("cider.cider.Cider", tokens, references)[0])
    assert scores.images == 2


def test_scores_are_plain_json():
    scores = evaluate_captions({"dog.jpg": "a dog"}, REFERENCES).to_dict()
    assert set(scores) == {"bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "cider", "meteor", "images"}
    assert json.loads(json.dumps(scores)) == scores


@pytest.mark.parametrize(("answer", "expected"), [(0.25, 25.0), (None, None)])
def test_meteor_is_in_percent_and_only_on_request(monkeypatch, answer, expected):
    monkeypatch.setattr(evaluate, "meteor", lambda hypotheses, references: answer)
    assert evaluate_captions({"dog.jpg": "a dog"}, REFERENCES, with_meteor=True).meteor == expected
    assert evaluate_captions({"dog.jpg": "a dog"}, REFERENCES).meteor is None


@pytest.mark.parametrize("references", [{}, {"dog.jpg": []}])
def test_refuses_an_image_without_reference_by_name(references):
    with pytest.raises(AnnotationError, match=r"dog\.jpg has no reference"):
        evaluate_captions({"dog.jpg": "a dog"}, references)


def test_refuses_nothing():
    with pytest.raises(ConfigurationError, match="nothing to score"):
        evaluate_captions({}, REFERENCES)
