import pytest
import torch

from captioner.decoding import word_log_probabilities
from captioner.training.scheduled_sampling import own_share, with_own_words
from captioner.vocabulary import END, PAD, START

TOKEN_IDS = torch.tensor([[START, 5, 6, 7, END, PAD], [START, 8, 9, 3, 10, 11], [START, 4, END, PAD, PAD, PAD]])


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def test_share_rises_linearly_from_nothing_in_the_first_epoch():
    assert [own_share(0.4, epoch, 5) for epoch in range(1, 6)] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert own_share(0.4, 7, 5) == 0.4
    assert own_share(0.4, 1, 1) == 0


def test_no_share_changes_nothing(tiny):
    decoder = tiny.decoder().train()
    assert torch.equal(with_own_words(decoder, tiny.features(3), TOKEN_IDS, 0.0), TOKEN_IDS)


@pytest.mark.parametrize("kind", [{}, {"cell": "gru", "layers": 2}, {"attention": "hard"}], ids=str)
def test_start_end_and_padding_stay_and_none_is_drawn(tiny, kind):
    decoder = tiny.decoder(**kind, dropout=0.5).train()
    mixed = with_own_words(decoder, tiny.features(3), TOKEN_IDS, 1.0)
    is_word = TOKEN_IDS > END
    assert torch.equal(mixed[~is_word], TOKEN_IDS[~is_word])
    assert ((mixed[is_word] > 3) & (mixed[is_word] < 12)).all()
    assert not torch.equal(mixed, TOKEN_IDS)
    assert decoder.training


def test_words_are_replaced_as_often_as_asked(tiny):
    decoder, token_ids = tiny.decoder().train(), torch.full((3000, 4), 3)
    token_ids[:, 0] = START
    mixed = with_own_words(decoder, tiny.features(1).expand(3000, -1, -1), token_ids, 0.25)
    # The words of these captions are <unk>, which is never drawn.
    assert (mixed != token_ids)[:, 1:].float().mean().item() == pytest.approx(0.25, abs=0.02)


def test_words_are_drawn_from_what_the_decoder_says_after_its_own(tiny):
    decoder, features = tiny.decoder(dropout=0.5), tiny.features(1)
    token_ids = torch.tensor([[START, 5, 5]]).expand(20_000, -1)
    mixed = with_own_words(decoder.train(), features.expand(len(token_ids), -1, -1), token_ids, 1.0)
    decoder.eval()

    def expected(*words):
        log_probabilities = word_log_probabilities(decoder(features, torch.tensor([[START, *words]])).logits)[0, -1]
        log_probabilities[END] = -torch.inf
        return log_probabilities.softmax(0)

    first = mixed[:, 1].bincount(minlength=12) / len(mixed)
    torch.testing.assert_close(first, expected(), atol=0.015, rtol=0)
    likeliest = int(first.argmax())
    after = mixed[mixed[:, 1] == likeliest, 2]
    torch.testing.assert_close(after.bincount(minlength=12) / len(after), expected(likeliest), atol=0.02, rtol=0)
