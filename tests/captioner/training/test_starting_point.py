"""Runs that begin with a model: its weights, its words, its kind of decoder, and what becomes of them."""

from __future__ import annotations

import dataclasses
import shutil
import tomllib

import pytest
import torch

from captioner.config import DecoderConfig, SelfCriticalConfig, TrainingConfig
from captioner.encoder_sources import EncoderSource
from captioner.errors import ConfigurationError, FeatureFileError, ModelPackageError
from captioner.model_library import read_package
from captioner.training.events import EpochFinished, StepsFinished
from captioner.training.run import RunSources, TrainingRun, repeat_command
from captioner.training.run_folder import read_run
from captioner.training.starting_point import StartingPoint, StartingSettings
from captioner.vocabulary import SPECIAL_TOKENS

SIZES = {"project_dim": 8, "embed_dim": 8, "decoder_dim": 8, "attention_dim": 8}


@pytest.fixture
def sources(training_files, tiny_package):
    return RunSources(
        features=training_files / "train.h5",
        captions=training_files / "captions.csv",
        dev_features=training_files / "dev.h5",
        model=str(tiny_package),
        start_from=str(tiny_package),
        name="further",
    )


@pytest.fixture
def config(training_files):
    recipe = tomllib.loads((training_files / "recipe.toml").read_text())
    return TrainingConfig.from_dict(recipe)


@pytest.fixture
def package(tiny_package):
    return read_package(tiny_package).load()


@pytest.fixture
def output(tmp_path):
    return tmp_path / "run"


def stopped_after(run, step):
    for event in run.events():
        if isinstance(event, StepsFinished) and event.step >= step:
            run.trainer.control.stop_and_save()


def weights_of(path):
    return read_package(path).load().decoder.state_dict()


def are_equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def test_first_weights_are_those_of_the_model(config, sources, output, package):
    with TrainingRun.start(config, sources, output) as run:
        decoder = run.trainer.decoder.state_dict()
    known = len(package.vocabulary)
    for name, value in package.decoder.state_dict().items():
        here = decoder[name][:known] if name in ("embedding.weight", "output.weight", "output.bias") else decoder[name]
        assert torch.equal(here, value), name


def test_words_of_the_model_keep_their_ids_and_new_ones_follow(config, sources, output, package):
    with TrainingRun.start(config, sources, output) as run:
        *_, _ = run.events()
    made = read_package(run.package_path).load().vocabulary
    known = package.vocabulary.tokens
    assert made.tokens[: len(known)] == known
    assert {"dog", "runs", "birds"} <= set(made.tokens[len(known) :])
    assert "circle" in made  # which none of the captions has


def test_added_words_begin_with_the_mean_of_those_that_are_known(config, sources, output, package):
    with TrainingRun.start(config, sources, output) as run:
        decoder = run.trainer.decoder
    known = len(package.vocabulary)
    added = decoder.embedding.weight[known:]
    mean = package.decoder.embedding.weight[len(SPECIAL_TOKENS) :].mean(0)
    assert len(added) > 0
    assert torch.equal(added, mean.expand_as(added))
    assert decoder.output.weight is decoder.embedding.weight  # tied, as in the model


def test_an_added_word_is_at_first_no_likelier_than_known_ones_are_on_average(config, sources, output, package):
    with TrainingRun.start(config, sources, output) as run:
        decoder = run.trainer.decoder.eval()
    with torch.no_grad():
        logits = decoder(torch.randn(5, 4, 320), torch.randint(4, len(package.vocabulary), (5, 3))).logits
    known = logits[..., len(SPECIAL_TOKENS) : len(package.vocabulary)].exp().mean(-1, keepdim=True)
    assert (logits[..., len(package.vocabulary) :].exp() <= known * 1.0001).all()


def test_matrices_that_are_not_tied_are_both_extended(tiny):
    decoder = tiny.decoder(tied_embeddings=False)
    settings = StartingSettings("m", decoder.config, "word")
    start = StartingPoint(settings, tiny.vocabulary(), decoder.state_dict(), None)
    larger = tiny.decoder(seed=1, words=11, tied_embeddings=False)
    start.fill(larger)
    assert larger.output.weight is not larger.embedding.weight
    for mine, theirs in ((larger.output, decoder.output), (larger.embedding, decoder.embedding)):
        assert torch.equal(mine.weight[:12], theirs.weight)
        torch.testing.assert_close(mine.weight[12:], theirs.weight[4:].mean(0).expand(3, -1))


def test_rare_words_are_not_added(config, sources, output, package):
    with TrainingRun.start(config.replace(min_word_count=99), sources, output) as run:
        assert run.trainer.decoder.embedding.num_embeddings == len(package.vocabulary)


def test_a_word_that_was_added_is_learned(config, sources, output):
    config = config.replace(epochs=12, learning_rate=0.1, average_decay=0.0, self_critical=SelfCriticalConfig())
    sources = dataclasses.replace(sources, dev_features=None)
    captions = "image,caption\n" + "".join(f"train-{index}.jpg,zebra\n" for index in range(6))
    sources.captions.write_text(captions)
    with TrainingRun.start(config, sources, output) as run:
        list(run.events())
    model = read_package(run.package_path).load()
    zebra = model.vocabulary.encode(["zebra"])
    logits = model.decoder(torch.randn(1, 4, 320), torch.tensor([[1]])).logits
    assert logits.argmax().item() == zebra[0]


def test_decoder_settings_need_not_be_repeated(config, sources, output, package):
    with TrainingRun.start(config.replace(decoder=DecoderConfig()), sources, output) as run:
        assert run.trainer.config.decoder == package.config.decoder


def test_another_dropout_is_no_other_decoder(config, sources, output):
    with TrainingRun.start(config.replace(decoder=config.decoder.replace(dropout=0.1)), sources, output) as run:
        assert run.trainer.decoder.dropout.p == 0.1


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"decoder": DecoderConfig(**SIZES, cell="gru")}, "decoder.cell cannot be 'gru'"),
        ({"decoder": DecoderConfig(**SIZES | {"decoder_dim": 9})}, "decoder.decoder_dim cannot be 9"),
        ({"level": "char"}, "level cannot be 'char'"),
    ],
)
def test_other_decoders_are_refused(config, sources, output, changes, name):
    with pytest.raises(ConfigurationError, match=f"The setting {name}, because the model tiny"):
        TrainingRun.start(config.replace(**changes), sources, output)
    assert not output.exists()


def test_features_of_another_width_are_refused(tiny):
    from captioner.data.feature_files import FeatureFileInfo

    start = StartingPoint(StartingSettings("m", tiny.config(), "word"), tiny.vocabulary(), {}, None)
    with pytest.raises(FeatureFileError, match=r"7 wide, but the model m learned from features of width 5"):
        start.require_features(FeatureFileInfo(images=1, dim=7, grid=(1, 1)), "train.h5", None)


@pytest.mark.parametrize("is_same", [True, False])
def test_features_of_another_encoder_are_warned_of(tiny, caplog, is_same):
    from captioner.data.feature_files import FeatureFileInfo

    one, other = (tiny.model(seed=seed).encoder for seed in (0, 0 if is_same else 1))
    settings = StartingSettings("m", tiny.config(encoder_dim=320), "word")
    start = StartingPoint(settings, tiny.vocabulary(), {}, one)
    start.require_features(FeatureFileInfo(images=1, dim=320, grid=(2, 2)), "train.h5", EncoderSource.of(other))
    assert ("another encoder" in caplog.text) is not is_same


def test_a_model_that_is_not_there_is_refused(config, sources, output):
    with pytest.raises(ModelPackageError, match="There is no model 'nobody'"):
        TrainingRun.start(config, dataclasses.replace(sources, start_from="nobody"), output)


def test_self_critical_stage_alone(config, sources, output):
    only = config.replace(epochs=0)
    with TrainingRun.start(only, sources, output) as run:
        events = [event for event in run.events() if isinstance(event, EpochFinished)]
    assert [(event.stage, event.epoch) for event in events] == [("captions", 1), ("captions", 2)]
    assert run.package_path.exists()


def test_self_critical_stage_alone_is_extended_and_takes_other_batches(config, sources, output):
    with TrainingRun.start(config.replace(epochs=0), sources, output) as run:
        stopped_after(run, 2)
    with TrainingRun.resume(output, batch_size=3) as run:
        assert run.trainer.config.self_critical.images_per_batch == 3
        run.trainer.control.extend(1)
        epochs = [event.epoch for event in run.events() if isinstance(event, EpochFinished)]
    assert epochs == [1, 2, 3]


def test_a_new_decoder_cannot_begin_with_the_self_critical_stage(config, sources, output):
    with pytest.raises(ConfigurationError, match="never trained"):
        TrainingRun.start(config.replace(epochs=0), dataclasses.replace(sources, start_from=None), output)


@pytest.mark.parametrize("epochs", [4, 0])
def test_resumed_run_ends_with_the_same_weights_and_without_its_model(
    config, sources, output, epochs, tiny_package, tmp_path
):
    config = config.replace(epochs=epochs)
    copy = shutil.copytree(tiny_package, tmp_path / "original")
    sources = dataclasses.replace(sources, start_from=str(copy))
    with TrainingRun.start(config, sources, output.with_name("whole")) as run:
        list(run.events())
    with TrainingRun.start(config, sources, output):
        pass  # as if it was killed before its first step
    shutil.rmtree(copy)
    with TrainingRun.resume(output) as first:
        stopped_after(first, 4)
    with TrainingRun.resume(output) as second:
        list(second.events())
    assert are_equal(weights_of(run.package_path), weights_of(second.package_path))


def test_the_same_features_teach_a_model_again_and_again(config, sources, output, caplog):
    config = config.replace(epochs=0)
    with TrainingRun.start(config, sources, output) as first:
        list(first.events())
    taught = str(first.package_path)
    with TrainingRun.start(
        config, dataclasses.replace(sources, model=taught, start_from=taught), output.with_name("again")
    ) as second:
        list(second.events())
    assert not are_equal(weights_of(second.package_path), weights_of(first.package_path))
    assert "another encoder" not in caplog.text


def test_run_without_a_checkpoint_begins_with_the_model_again(config, sources, output, package):
    with TrainingRun.start(config, sources, output):
        pass
    for path in (output / "checkpoints").iterdir():
        path.unlink()
    with TrainingRun.resume(output) as run:
        assert torch.equal(run.trainer.decoder.cell.words.weight, package.decoder.cell.words.weight)
    assert list((output / "checkpoints").iterdir())


def test_what_it_began_from_is_recorded(config, sources, output, tiny_package):
    with TrainingRun.start(config, sources, output) as run:
        list(run.events())
    _, recorded = read_run(output)
    assert recorded.start_from == str(tiny_package)
    command = repeat_command(output)
    assert command[command.index("--start-from") + 1] == str(tiny_package)
    assert "- begun from: tiny" in read_package(run.package_path).card


def test_runs_of_before_are_read(config, sources):
    values = dataclasses.replace(sources, start_from=None).to_dict()
    del values["start_from"]
    assert RunSources.from_dict(values).start_from is None
