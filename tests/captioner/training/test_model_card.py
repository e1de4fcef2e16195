import pytest

from captioner.config import SelfCriticalConfig, TrainingConfig
from captioner.metrics.evaluate import evaluate_captions
from captioner.model_about import PackageAbout
from captioner.training.events import EpochFinished
from captioner.training.model_card import LICENCE, LIMITS, summarise_training, write_model_card

SOURCES = {"captions": "captions.csv", "dev_features": ""}


@pytest.mark.parametrize(("epochs", "more"), [(7, 0), (4, 3)])
def test_best_epoch_is_one_of_all_stages(tiny, epochs, more):
    scores = evaluate_captions({"a.jpg": "a dog"}, {"a.jpg": ["a dog runs"]})
    config = TrainingConfig(epochs=epochs, self_critical=SelfCriticalConfig(epochs=more))
    card = write_model_card("dogs", tiny.model(), config, SOURCES, EpochFinished("captions", 6, 1, 1, scores, True, {}))
    assert card.startswith("# dogs\n")
    assert "Epoch 6 of 7, beam size 3" in card
    assert f"| {scores.bleu_1:.1f} |" in card
    assert "- captions: captions.csv" in card
    assert "dev features" not in card


def test_model_without_dev_images_has_no_scores(tiny):
    best = EpochFinished("words", 1, 1, 1, None, True, {})
    for epoch in (None, best):
        card = write_model_card("dogs", tiny.model(), TrainingConfig(), SOURCES, epoch)
        assert "trained without dev images" in card
        assert "BLEU" not in card


def test_epoch_that_the_loss_chose_before_captions_were_scored_is_told_by_its_loss(tiny):
    best = EpochFinished("words", 2, 1, 1, None, True, {}, dev_loss=2.71828)
    config = TrainingConfig(epochs=7, choose_by="loss", evaluate_from_epoch=3)
    card = write_model_card("dogs", tiny.model(), config, SOURCES, best)
    assert "A dev loss of 2.718 nats per word chose epoch 2 of 7. Its captions were not scored." in card
    assert "without dev images" not in card


def test_summary_has_the_scores_of_the_card():
    scores = evaluate_captions({"a.jpg": "a dog"}, {"a.jpg": ["a dog runs"]})
    about = summarise_training(
        TrainingConfig(epochs=7), SOURCES, 1200, EpochFinished("words", 6, 1, 1, scores, True, {})
    )
    assert about.data == "1,200 captions of captions.csv."
    assert dict(about.scores)["BLEU-1"] == round(scores.bleu_1, 1)
    assert [name for name, _ in about.scores] == ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr"]
    assert about.protocol.startswith("Epoch 6 of 7, beam size 3")
    assert (about.licence, about.limits) == (LICENCE, LIMITS)


def test_summary_without_dev_images_and_of_any_file_name():
    about = summarise_training(TrainingConfig(), {"captions": "a\n\u202eb.csv"}, 5, None)
    assert (about.scores, about.protocol) == ((), "")
    assert PackageAbout.from_dict(about.to_dict()) == about
