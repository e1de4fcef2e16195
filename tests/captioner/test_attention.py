import pytest
import torch

from captioner.attention import HardAttention, Memory, NoAttention, SoftAttention


@pytest.mark.parametrize("word_dim", [0, 7])
def test_attention_is_the_softmax_of_its_energies(word_dim):
    torch.manual_seed(0)
    attention, values, hidden = SoftAttention(4, 3, word_dim, 5), torch.randn(2, 6, 4), torch.randn(2, 3, 3)
    from_words = attention.word(torch.randn(2, 3, word_dim)) if word_dim else None
    context, alphas, places = attention(hidden, from_words, attention.remember(values))
    assert places is None
    for image in range(2):
        for caption in range(3):
            query = attention.query(hidden[image, caption])
            if word_dim:
                query = query + from_words[image, caption]
            energies = torch.stack([attention.score(torch.tanh(attention.key(a) + query)) for a in values[image]])
            expected = energies.flatten().softmax(0)
            torch.testing.assert_close(alphas[image, caption], expected)
            torch.testing.assert_close(context[image, caption], expected @ values[image])


def test_attention_over_one_place_is_that_place():
    attention, values = SoftAttention(4, 3, 0, 5), torch.randn(2, 1, 4)
    context, alphas, _ = attention(torch.randn(2, 2, 3), None, attention.remember(values))
    assert (alphas == 1).all()
    torch.testing.assert_close(context, values.expand(-1, 2, -1))


def test_memory_selects_whole_images():
    memory = Memory(torch.arange(6.0).view(3, 2, 1), -torch.arange(6.0).view(3, 2, 1))
    chosen = memory.select(torch.tensor([2, 0]))
    assert chosen.values.flatten().tolist() == [4, 5, 0, 1]
    assert torch.equal(chosen.keys, -chosen.values)
    assert chosen.is_expected is None
    flagged = memory._replace(is_expected=torch.tensor([True, False, False]))
    assert flagged.select(torch.tensor([2, 0])).is_expected.tolist() == [False, True]


# Hard attention


@pytest.fixture
def hard():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        yield HardAttention(4, 3, 0, 5)


def test_hard_attention_is_soft_when_captions_are_written(hard):
    soft = SoftAttention(4, 3, 0, 5)
    soft.load_state_dict(hard.state_dict())
    values, hidden = torch.randn(2, 6, 4), torch.randn(2, 3, 3)
    one = hard.eval()(hidden, None, hard.remember(values))
    other = soft(hidden, None, soft.remember(values))
    assert torch.equal(one.context, other.context)
    assert torch.equal(one.alphas, other.alphas)
    assert one.places is None


def test_hard_attention_sees_the_one_place_it_drew_or_the_expected_value(hard):
    values, hidden = torch.randn(200, 6, 4), torch.randn(200, 3, 3)
    memory = hard.remember(values)
    context, alphas, places = hard(hidden, None, memory)
    expected = torch.bmm(alphas, values)
    is_expected = memory.is_expected
    assert 60 < int(is_expected.sum()) < 140
    assert (places[is_expected] == -1).all()
    torch.testing.assert_close(context[is_expected], expected[is_expected])
    drawn = places[~is_expected]
    assert ((drawn >= 0) & (drawn < 6)).all()
    rows = torch.arange(len(drawn)).unsqueeze(1)
    torch.testing.assert_close(context[~is_expected], values[~is_expected][rows, drawn])


def test_places_are_drawn_as_often_as_their_probability_says(hard):
    alphas = torch.tensor([0.5, 0.0, 0.3, 0.2]).expand(40, 250, 4)
    counts = hard.draw(alphas).flatten().bincount(minlength=4) / 10_000
    torch.testing.assert_close(counts, alphas[0, 0], atol=0.02, rtol=0)
    assert counts[1] == 0


def test_drawing_from_what_is_not_a_number_gives_a_place(hard):
    places = hard.draw(torch.full((2, 3, 4), torch.nan))
    assert ((places >= 0) & (places < 4)).all()


# No attention


@pytest.mark.parametrize("enters_steps", [True, False])
def test_no_attention_gives_the_mean_or_nothing(enters_steps):
    attention, values = NoAttention(enters_steps=enters_steps), torch.randn(2, 5, 4)
    context, alphas, places = attention(torch.randn(2, 3, 9), None, attention.remember(values))
    assert context.shape == (2, 3, 4 if enters_steps else 0)
    torch.testing.assert_close(context, values.mean(1, keepdim=True).expand(2, 3, 4)[..., : context.shape[-1]])
    assert torch.equal(alphas, torch.full((2, 3, 5), 0.2))
    assert places is None
