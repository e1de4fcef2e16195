"""Every setting of training is there, says what it does, and can be what it says it can be."""

from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError
from captioner.worker.training_commands import recipe_text
from gui.viewmodels import training_presets
from gui.viewmodels.training_field_texts import CHOICES, GROUPS, LABELS, PRESETS, SENTENCES
from gui.viewmodels.training_fields import Group, Kind, training_fields
from gui.viewmodels.training_form import TrainingForm
from gui.viewmodels.training_presets import Preset

FIELDS = training_fields()
HAS_BASELINE = any(field.name == "self_critical.baseline" for field in FIELDS)
NUMBERS = [field for field in FIELDS if field.kind in (Kind.INT, Kind.FLOAT)]


def names_in(config, prefix=""):
    """Dotted names of all plain settings, found without the form's help."""
    for one in fields(config):
        value = getattr(config, one.name)
        if is_dataclass(value):
            yield from names_in(value, f"{prefix}{one.name}.")
        elif isinstance(value, tuple):
            yield from (f"{prefix}{one.name}.{place}" for place in range(len(value)))
        else:
            yield f"{prefix}{one.name}"


@pytest.fixture
def form():
    form = TrainingForm()
    form.changes = 0

    def count():
        form.changes += 1

    form.changed.connect(count)
    return form


def config_with(**changes):
    """A configuration in which nothing else stands in the way of these settings, by dotted name."""
    form = TrainingForm({"plain": Preset("plain", TrainingConfig(), "")})
    neutral = {"clip_norm": 0.0, "decoding.min_length": 0, "decoding.max_length": 200}
    if HAS_BASELINE:
        neutral["self_critical.baseline"] = "greedy"
    for name, value in {**neutral, **changes}.items():
        form.set_value(name, value)
    return form.config()


# The settings


def test_every_setting_of_the_engine_is_in_the_form():
    assert {field.name for field in FIELDS} == set(names_in(TrainingConfig())) - {"decoder.encoder_dim"}


@pytest.mark.parametrize("name", sorted(names_in(TrainingConfig())))
def test_every_setting_has_a_name_and_one_plain_sentence(name):
    sentence = SENTENCES[name]
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "!" not in sentence
    assert 20 <= len(sentence) <= 130
    assert sentence[0].isupper()
    assert 0 < len(LABELS[name]) <= 26


def test_labels_tell_settings_apart_within_a_group():
    told = [(field.group, field.label) for field in FIELDS]
    assert len(set(told)) == len(told)
    assert tuple(Group) == GROUPS


@pytest.mark.parametrize(
    "field", [field for field in FIELDS if field.kind is Kind.CHOICE], ids=lambda field: field.name
)
def test_every_choice_has_a_word(field):
    assert field.default in field.choices
    assert all(CHOICES[choice] for choice in field.choices)
    assert len({CHOICES[choice] for choice in field.choices}) == len(field.choices)


@pytest.mark.parametrize("field", NUMBERS, ids=lambda field: field.name)
def test_the_engine_takes_both_ends_of_every_range(field):
    # A single drawn caption needs something else than the other ones to be compared with.
    least = 2 if field.name == "self_critical.samples" and not HAS_BASELINE else field.least
    for value in (least, field.most):
        assert config_with(**{field.name: value}) is not None
    assert field.least <= field.default <= field.most


@pytest.mark.parametrize("field", NUMBERS, ids=lambda field: field.name)
def test_kinds_are_those_of_the_defaults(field):
    assert type(field.default) is (int if field.kind is Kind.INT else float)


def test_groups_hold_every_setting_once(form):
    grouped = [field.name for members in form.groups.values() for field in members]
    assert sorted(grouped) == sorted(field.name for field in form.fields)
    assert all(form.groups.values())
    assert [field.name for field in form.groups[Group.BASICS]][:3] == ["epochs", "batch_size", "learning_rate"]


# Presets


def test_the_presets_are_quick_good_and_best(form):
    assert list(form.presets) == ["quick", "good", "best"]
    assert form.preset == "quick"
    sentences = [form.sentence_of(preset) for preset in form.presets]
    assert all(sentence.endswith(".") for sentence in sentences)
    assert len(set(sentences)) == 3
    assert form.sentence_of("unknown") == ""


def test_the_words_of_the_presets_are_those_of_the_engine():
    """Translations go by the very words."""
    assert {key: preset.sentence for key, preset in training_presets.training_presets().items()} == PRESETS


def test_a_preset_brings_its_values_and_drops_changes(form):
    form.set_value("epochs", 99)
    form.set_preset("best")
    assert form.differences == {}
    assert form.config() == form.presets["best"].config
    assert form.changes == 2
    with pytest.raises(ConfigurationError, match="no preset"):
        form.set_preset("better")


# Values


def test_what_differs_from_the_preset_is_what_is_sent(form):
    assert form.to_settings() == {}
    form.set_value("epochs", 5)
    form.set_value("decoder.dropout", 0.25)
    form.set_value("betas.1", 0.99)
    assert form.to_settings() == {"epochs": 5, "betas": (0.9, 0.99), "decoder.dropout": 0.25}
    assert set(form.differences) == {"epochs", "betas.1", "decoder.dropout"}
    assert form.differences["epochs"] == (form.presets["quick"].config.epochs, 5)
    assert "betas = [0.9, 0.99]\n" in recipe_text(form.to_settings())
    form.reset_value("betas.1")
    assert "betas" not in form.to_settings()
    form.reset()
    assert form.to_settings() == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("epochs", "3"),
        ("learning_rate", float("nan")),
        ("learning_rate", None),
        ("use_views", 1),
        ("decoder.cell", "brain"),
        ("decoder.encoder_dim", 3),
        ("unknown", 3),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(form, name, value):
    with pytest.raises(ConfigurationError):
        form.set_value(name, value)
    assert (form.to_settings(), form.changes) == ({}, 0)


def test_whole_numbers_and_fractions_keep_their_types(form):
    form.set_value("epochs", 3.0)
    form.set_value("learning_rate", 1)
    assert type(form.value("epochs")) is int
    assert type(form.value("learning_rate")) is float


def test_settings_that_contradict_each_other_are_a_problem_until_they_agree(form):
    assert form.problem == ""
    form.set_value("decoding.min_length", 30)
    assert "30" in form.problem
    form.set_value("decoding.max_length", 40)
    assert form.problem == ""


def test_settings_without_a_say_are_known(form):
    assert not form.matters("decoding.temperature")
    form.set_value("decoding.method", "sample")
    assert form.matters("decoding.temperature")
    form.set_value("self_critical.epochs", 0)
    assert not form.matters("self_critical.learning_rate")
    assert form.matters("self_critical.epochs")
    assert form.matters("epochs")


def test_the_settings_of_an_earlier_run_can_be_taken(form):
    config = TrainingConfig(epochs=7, betas=(0.8, 0.9), seed=5)
    form.take_settings(config.to_dict())
    assert form.config().replace(decoder=config.decoder) == config
    assert form.preset == "quick"


def test_of_damaged_settings_what_can_be_is_taken(form):
    form.take_settings({"epochs": 7, "seed": "many", "decoder": 3, "decoding": {"beam_size": 5}, "new": [1, {}]})
    assert form.to_settings() == {"epochs": 7, "decoding.beam_size": 5}


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_settings_survive_the_way_to_the_engine(data):
    form = TrainingForm()
    for field in data.draw(st.lists(st.sampled_from(NUMBERS), max_size=5)):
        values = st.integers if field.kind is Kind.INT else st.floats
        least, most = (int(field.least), int(field.most)) if field.kind is Kind.INT else (field.least, field.most)
        form.set_value(field.name, data.draw(values(least, most)))
    again = TrainingForm()
    again.take_settings(form.to_settings())
    for name, value in form.to_settings().items():
        again.take_settings(_nested(name, value))
    assert again.to_settings() == form.to_settings()


def _nested(name, value):
    first, _, rest = name.partition(".")
    return {first: _nested(rest, value) if rest else value}


# Teaching a model further


def test_a_model_that_is_taught_further_brings_its_decoder(form):
    form.set_value("decoder.cell", "gru")
    form.set_value("decoder.dropout", 0.2)
    form.set_value("level", "char")
    form.set_value("batch_size", 7)
    form.set_start_from("mine")
    assert form.to_settings() == {"decoder.dropout": 0.2, "batch_size": 7}
    assert form.differences.keys() == {"decoder.dropout", "batch_size"}
    assert [form.matters(name) for name in ("decoder.cell", "level", "decoder.dropout")] == [False, False, True]
    form.set_start_from("")
    assert form.to_settings()["decoder.cell"] == "gru"
    assert form.matters("decoder.cell")


def test_choosing_a_model_to_start_from_is_told_once(form):
    before = form.changes
    form.set_start_from("mine")
    form.set_start_from("mine")
    assert (form.start_from, form.changes) == ("mine", before + 1)


def test_a_preset_leaves_the_model_to_start_from(form):
    form.set_start_from("mine")
    form.set_preset("good")
    form.reset()
    assert form.start_from == "mine"


@pytest.mark.parametrize("photographs", [1, 2, 7, 40, 99])
def test_few_photographs_get_settings_for_few(form, photographs):
    form.suit_to(photographs)
    config = form.config()
    assert (config.min_word_count, config.self_critical.epochs, config.dev_share) == (1, 0, 0)
    steps = config.epochs * -(-photographs // config.batch_size)
    assert 30 <= steps <= 120
    assert form.preset == "quick"


def test_many_photographs_need_no_other_settings_than_the_presets(form):
    form.suit_to(40)
    form.suit_to(100)
    assert form.differences == {}
