import pytest
import torch

from captioner.errors import ConfigurationError, ModelPackageError, OutputError
from captioner.model_about import PackageAbout
from captioner.model_average import average_packages
from captioner.model_library import find_package, save_package
from captioner.vocabulary import Vocabulary


@pytest.fixture
def package(tiny, tmp_path):
    """Packages a tiny model with the weights of a seed, or another model."""

    def make(name, seed=0, model=None, about=None):
        model, about = model or tiny.model(seed), about or PackageAbout()
        return save_package(model, tmp_path / name, description=f"{name}.", card=f"# {name}\n", about=about).path

    return make


def weights(path):
    return find_package(path).load().state_dict()


def test_weights_are_the_mean(package, tmp_path):
    one, two = package("one", 1), package("two", 2)
    mean = average_packages([one, two, one], tmp_path / "mean")
    first, second, found = weights(one), weights(two), weights(mean.path)
    assert found.keys() == first.keys()
    floating = [name for name, value in found.items() if value.is_floating_point()]
    assert any(not torch.equal(first[name], second[name]) for name in floating)
    for name in floating:
        # Packages hold float16.
        torch.testing.assert_close(found[name], (2 * first[name] + second[name]) / 3, rtol=1e-3, atol=1e-4)


def test_mean_of_a_model_with_itself_is_that_model(package, tmp_path):
    one = package("one")
    mean = average_packages([one, one], tmp_path / "mean")
    expected = weights(one)
    assert all(torch.equal(value, expected[name]) for name, value in weights(mean.path).items())


def test_encoder_that_models_share_keeps_its_digest(package, tiny, tmp_path):
    one, two = tiny.model(1), tiny.model(2)
    with torch.no_grad():
        next(iter(one.encoder.trunk.parameters())).flatten()[0] = -0.0
    two.encoder = one.encoder
    mean = average_packages([package("one", model=one), package("two", model=two)], tmp_path / "mean")
    assert mean.load().encoder.digest() == one.encoder.digest()


def test_it_says_what_it_is_made_of_and_claims_no_score(package, tmp_path):
    mean = average_packages([package("one", 1), package("two", 2)], tmp_path / "mean")
    assert "mean of those of one and two" in mean.card
    assert "has not been scored" in mean.card
    assert mean.about.scores == ()
    assert mean.name == "mean"


def test_it_has_the_data_and_the_terms_of_all(package, tmp_path):
    one = package("one", about=PackageAbout(data="Dogs.", licence="For research.", limits="No cats."))
    two = package("two", about=PackageAbout(data="Cats.", licence="For research.", limits="x" * 1999))
    mean = average_packages([one, two], tmp_path / "mean")
    assert (mean.about.data, mean.about.licence, mean.about.limits) == ("Dogs. Cats.", "For research.", "")
    assert mean.description == "Its weights are the mean of those of one and two."
    assert average_packages([one, one], tmp_path / "same").description == "one."


def test_models_that_do_not_fit_together_are_refused(package, tiny, tmp_path):
    one = package("one")
    wider = package("wider", model=tiny.model(decoder_dim=24))
    with pytest.raises(ConfigurationError, match="decoders differ"):
        average_packages([one, wider], tmp_path / "mean")
    other = tiny.model()
    other.vocabulary = Vocabulary((*other.vocabulary.tokens[:-1], "elsewhere"))
    with pytest.raises(ConfigurationError, match="different words"):
        average_packages([one, package("words", model=other)], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_one_model_is_too_few_and_none_is_overwritten(package, tmp_path):
    one = package("one")
    with pytest.raises(ConfigurationError, match="two models"):
        average_packages([one], tmp_path / "mean")
    with pytest.raises(ModelPackageError):
        average_packages([one, tmp_path / "absent"], tmp_path / "mean")
    with pytest.raises(OutputError, match="exists already"):
        average_packages([one, one], one)
