import pytest
import torch

from captioner.errors import ConfigurationError, ModelPackageError, OutputError
from captioner.model_about import PackageAbout
from captioner.model_library import find_package, save_package
from captioner.model_quantisation import quantise_package


@pytest.fixture
def original(tiny, tmp_path):
    """A package with an encoder, as written."""
    about = PackageAbout(data="Dogs.", licence="For research.", limits="No cats.", scores=(("BLEU-4", 20.0),))
    return save_package(tiny.model(), tmp_path / "large", description="Of dogs.", card="# large\n", about=about)


def test_it_is_smaller_and_nearly_the_same(original, tmp_path):
    small = quantise_package(original.path, tmp_path / "small", 6)
    small.verify()
    assert small.bytes < 0.6 * original.bytes
    assert small.config == original.config
    before, after = original.load().state_dict(), small.load().state_dict()
    assert before.keys() == after.keys()
    for name, value in before.items():
        if value.is_floating_point():
            assert (after[name] - value).norm() <= 0.04 * value.norm(), name
        else:
            assert torch.equal(after[name], value)


def test_it_says_what_it_is_and_claims_no_score(original, tmp_path):
    small = quantise_package(original.path, tmp_path / "small")
    assert "those of large, quantised to 5 bits" in small.card
    assert "has not been scored" in small.card
    assert small.card.endswith("# large\n")
    assert small.about == PackageAbout(data="Dogs.", licence="For research.", limits="No cats.")
    assert small.description == "Of dogs."


def test_what_is_quantised_twice_says_so(original, tmp_path):
    once = quantise_package(original.path, tmp_path / "once", 8)
    twice = quantise_package(once.path, tmp_path / "twice", 4)
    assert twice.bytes < once.bytes
    assert "those of once, quantised to 4 bits" in twice.card
    assert "those of large, quantised to 8 bits" in twice.card


def test_a_package_written_again_keeps_its_rounded_weights(original, tmp_path):
    small = quantise_package(original.path, tmp_path / "small", 5)
    again = save_package(small.load(), tmp_path / "again", description="", card="")
    rounded = small.load().state_dict()
    for name, value in again.load().state_dict().items():
        torch.testing.assert_close(value, rounded[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("bits", [3, 9, 16])
def test_other_numbers_of_bits_are_refused(original, tmp_path, bits):
    with pytest.raises(ConfigurationError, match="4 to 8 bits"):
        quantise_package(original.path, tmp_path / "small", bits)


def test_nothing_is_written_over(original, tmp_path):
    with pytest.raises(OutputError, match="exists already"):
        quantise_package(original.path, original.path)
    with pytest.raises(ModelPackageError, match="There is no model"):
        quantise_package(tmp_path / "nowhere", tmp_path / "small")
    assert find_package(original.path).load()
