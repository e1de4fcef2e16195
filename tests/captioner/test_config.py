import dataclasses
import json
import math
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.config import (
    DecoderConfig,
    DecodingOptions,
    EncoderConfig,
    HardAttentionConfig,
    ModelConfig,
    SelfCriticalConfig,
    TrainingConfig,
)
from captioner.errors import ConfigurationError

ALL = [
    EncoderConfig,
    DecoderConfig,
    DecodingOptions,
    ModelConfig,
    HardAttentionConfig,
    SelfCriticalConfig,
    TrainingConfig,
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", ALL)
def test_json_round_trip(kind):
    settings = kind()
    again = kind.from_dict(json.loads(json.dumps(settings.to_dict())))
    assert again == settings
    assert hash(again) == hash(settings)


def test_round_trip_of_other_than_default_values():
    config = ModelConfig(
        encoder=EncoderConfig(name="resnet50", input_size=448, fit="crop", mean=(0.1, 0.2, 0.3), std=(1, 2, 3)),
        decoder=DecoderConfig(gate="vector", project_dim=0, dropout=0),
        decoding=DecodingOptions(method="sample", top_k=4, seed=2**63 - 1),
    )
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def as_toml(values, *, table=""):
    """Settings as a recipe has them: plain values first, then a table for each group."""
    lines = [f"[{table}]"] if table else []
    plain = {name: value for name, value in values.items() if not isinstance(value, dict)}
    # JSON writes numbers, texts, lists, true and false as TOML does.
    lines += [f"{name} = {json.dumps(value)}" for name, value in plain.items()]
    for name in values.keys() - plain.keys():
        lines.append(as_toml(values[name], table=f"{table}.{name}" if table else name))
    return "\n".join(lines)


def test_recipe_round_trip_of_other_than_default_values():
    config = TrainingConfig(
        decoder=DecoderConfig(cell="gru", layers=3, attention="hard"),
        level="char",
        optimiser="sgd",
        schedule="plateau",
        clip_norm=0,
        clip_value=0.5,
        bptt_steps=20,
        scheduled_sampling=0.25,
        hard_attention=HardAttentionConfig(entropy_weight=0.01),
        choose_by="loss",
        device="cuda",
        precision="float64",
        self_critical=SelfCriticalConfig(epochs=2, samples=1, baseline="greedy"),
    )
    assert TrainingConfig.from_dict(tomllib.loads(as_toml(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({}, "LSTM 512 with soft attention"),
        ({"cell": "gru", "layers": 2, "attention": "hard"}, "GRU 2 x 512 with hard attention"),
        ({"cell": "rnn", "attention": "none_every"}, "RNN 512 without attention, the image in every step"),
        ({"attention": "none_first"}, "LSTM 512 without attention, the image in its first state"),
    ],
)
def test_decoder_is_told_in_a_few_words(changes, summary):
    assert DecoderConfig(**changes).summary == summary


def test_contradiction_says_what_to_do():
    with pytest.raises(ConfigurationError, match="Set clip_norm or clip_value to 0"):
        TrainingConfig(clip_value=1)
    with pytest.raises(ConfigurationError, match="or set its baseline to greedy"):
        SelfCriticalConfig(samples=1)


@pytest.mark.parametrize("kind", ALL)
def test_missing_settings_take_their_defaults(kind):
    assert kind.from_dict({}) == kind()


@pytest.mark.parametrize("kind", ALL)
@given(data=st.data())
def test_arbitrary_values_are_taken_or_refused(kind, data):
    names = st.sampled_from([field.name for field in dataclasses.fields(kind)]) | st.text(max_size=5)
    values = data.draw(json_values | st.dictionaries(names, json_values, max_size=3))
    try:
        settings = kind.from_dict(values)
    except ConfigurationError:
        return
    assert kind.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize("kind", ALL)
def test_unknown_setting_is_refused_and_the_known_are_named(kind):
    with pytest.raises(ConfigurationError, match=rf"'colour' is not known.*{dataclasses.fields(kind)[0].name}"):
        kind.from_dict({"colour": 1})


def test_a_setting_in_another_place_is_told_its_table():
    with pytest.raises(ConfigurationError, match=r"'dropout' is not known.*\[decoder\].* below \[decoder\]\.$"):
        TrainingConfig.from_dict({"dropout": 0.1})
    with pytest.raises(ConfigurationError, match=r"In x\.toml, decoder .*'seed' is not known\. Known: .*dropout"):
        TrainingConfig.from_dict({"decoder": {"seed": 1}}, where="x.toml")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (EncoderConfig, {"input_size": 0}),
        (EncoderConfig, {"input_size": 10**9}),
        (EncoderConfig, {"input_size": 224.0}),
        (EncoderConfig, {"input_size": True}),
        (EncoderConfig, {"name": None}),
        (EncoderConfig, {"fit": "stretch"}),
        (EncoderConfig, {"fit": ["squeeze"]}),
        (EncoderConfig, {"std": [1, 1]}),
        (EncoderConfig, {"std": [1, 1, 0]}),
        (EncoderConfig, {"mean": [1, 1, math.nan]}),
        (EncoderConfig, {"mean": 0.5}),
        (DecoderConfig, {"encoder_dim": 0}),
        (DecoderConfig, {"decoder_dim": 10**12}),
        (DecoderConfig, {"project_dim": -1}),
        (DecoderConfig, {"cell": "transformer"}),
        (DecoderConfig, {"attention": "none"}),
        (DecoderConfig, {"layers": 0}),
        (DecoderConfig, {"layers": 5}),
        (DecoderConfig, {"layers": 10**9}),
        (DecoderConfig, {"gate": None}),
        (DecoderConfig, {"dropout": 1}),
        (DecoderConfig, {"dropout": -0.1}),
        (DecoderConfig, {"tied_embeddings": 1}),
        (DecodingOptions, {"method": "greedy"}),
        (DecodingOptions, {"beam_size": 0}),
        (DecodingOptions, {"beam_size": 51}),
        (DecodingOptions, {"length_penalty": math.inf}),
        (DecodingOptions, {"min_length": 5, "max_length": 4}),
        (DecodingOptions, {"min_length": 0, "max_length": 0}),
        (DecodingOptions, {"max_length": 10**6}),
        (DecodingOptions, {"temperature": 0}),
        (DecodingOptions, {"temperature": math.nan}),
        (DecodingOptions, {"temperature": 10**400}),
        (DecodingOptions, {"top_k": -1}),
        (DecodingOptions, {"top_p": 0}),
        (DecodingOptions, {"top_p": 1.5}),
        (DecodingOptions, {"seed": -1}),
        (DecodingOptions, {"seed": 2**64}),
        (DecodingOptions, {"no_repeat_ngram_size": -1}),
        (DecodingOptions, {"word_alternatives": 51}),
        (TrainingConfig, {"epochs": 0}),
        (TrainingConfig, {"batch_size": 0}),
        (TrainingConfig, {"learning_rate": 0}),
        (TrainingConfig, {"learning_rate": 11}),
        (TrainingConfig, {"weight_decay": -1}),
        (TrainingConfig, {"weight_decay": math.inf}),
        (TrainingConfig, {"betas": [0.9, 1]}),
        (TrainingConfig, {"warmup_fraction": 1}),
        (TrainingConfig, {"clip_norm": -1}),
        (TrainingConfig, {"clip_value": -1}),
        (TrainingConfig, {"clip_norm": 1, "clip_value": 1}),
        (TrainingConfig, {"level": "byte"}),
        (TrainingConfig, {"optimiser": "lbfgs"}),
        (TrainingConfig, {"momentum": 1}),
        (TrainingConfig, {"schedule": "linear"}),
        (TrainingConfig, {"decay_factor": 0}),
        (TrainingConfig, {"decay_factor": 1}),
        (TrainingConfig, {"decay_epochs": 0}),
        (TrainingConfig, {"bptt_steps": -1}),
        (TrainingConfig, {"scheduled_sampling": 1.1}),
        (TrainingConfig, {"choose_by": "spice"}),
        (TrainingConfig, {"device": "tpu"}),
        (TrainingConfig, {"precision": "float16"}),
        (TrainingConfig, {"precision": "float64", "device": "mps"}),
        (TrainingConfig, {"hard_attention": {"reward_weight": -1}}),
        (HardAttentionConfig, {"reward_weight": -1}),
        (HardAttentionConfig, {"entropy_weight": -1}),
        (HardAttentionConfig, {"baseline_decay": 1}),
        (SelfCriticalConfig, {"samples": 0}),
        (SelfCriticalConfig, {"samples": 1}),
        (SelfCriticalConfig, {"samples": 1, "baseline": "leave_one_out"}),
        (SelfCriticalConfig, {"baseline": "mean"}),
        (TrainingConfig, {"label_smoothing": 1}),
        (TrainingConfig, {"doubly_stochastic_weight": -1}),
        (TrainingConfig, {"average_decay": 1}),
        (TrainingConfig, {"min_word_count": 0}),
        (TrainingConfig, {"max_caption_length": 201}),
        (TrainingConfig, {"patience": -1}),
        (TrainingConfig, {"dev_share": -0.1}),
        (TrainingConfig, {"dev_share": 0.6}),
        (TrainingConfig, {"evaluate_from_epoch": 0}),
        (TrainingConfig, {"seed": -1}),
        (TrainingConfig, {"decoder": 3}),
        (TrainingConfig, {"decoder": {"cell": 3}}),
        (ModelConfig, {"encoder": 3}),
        (ModelConfig, {"decoder": None}),
        (ModelConfig, {"decoding": {"beam_size": "3"}}),
    ],
)
def test_impossible_value_is_refused_read_or_made(kind, values):
    with pytest.raises(ConfigurationError):
        kind.from_dict(values)
    with pytest.raises(ConfigurationError):
        kind(**values)


def test_message_names_the_place():
    with pytest.raises(ConfigurationError, match=r"In model\.json, decoder the setting 'cell'"):
        ModelConfig.from_dict({"decoder": {"cell": "gated"}}, where="model.json")


def test_replace_leaves_what_is_none():
    options = DecodingOptions(beam_size=4)
    assert options.replace(beam_size=None, max_length=9) == DecodingOptions(beam_size=4, max_length=9)
    with pytest.raises(ConfigurationError, match="beam size"):
        options.replace(beam_size=0)


def test_importing_settings_does_not_import_torch():
    command = "import sys, captioner.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0


def test_a_model_without_an_encoder_is_read_as_it_was_written():
    config = ModelConfig(encoder=None)
    assert config.to_dict()["encoder"] is None
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert ModelConfig.from_dict({}).encoder is not None
