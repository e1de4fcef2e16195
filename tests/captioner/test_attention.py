import pytest
import torch

from captioner.attention import Memory, SoftAttention


@pytest.mark.parametrize("word_dim", [0, 7])
def test_attention_is_the_softmax_of_its_energies(word_dim):
    torch.manual_seed(0)
    attention, values, hidden = SoftAttention(4, 3, word_dim, 5), torch.randn(2, 6, 4), torch.randn(2, 3, 3)
    from_words = attention.word(torch.randn(2, 3, word_dim)) if word_dim else None
    context, alphas = attention(hidden, from_words, attention.remember(values))
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
    context, alphas = attention(torch.randn(2, 2, 3), None, attention.remember(values))
    assert (alphas == 1).all()
    torch.testing.assert_close(context, values.expand(-1, 2, -1))


def test_memory_selects_whole_images():
    memory = Memory(torch.arange(6.0).view(3, 2, 1), -torch.arange(6.0).view(3, 2, 1))
    chosen = memory.select(torch.tensor([2, 0]))
    assert chosen.values.flatten().tolist() == [4, 5, 0, 1]
    assert torch.equal(chosen.keys, -chosen.values)
