"""Every single setting of training, found in the engine's own settings: its kind, range, group and when it matters."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from captioner.config import MAX_WORDS, TrainingConfig
from gui.viewmodels.training_field_texts import LABELS, SENTENCES

Value = int | float | bool | str


class Kind(StrEnum):
    """What a setting is."""

    INT = "int"
    FLOAT = "float"
    CHOICE = "choice"
    BOOL = "bool"


class Group(StrEnum):
    """Where a setting belongs, by the heading in the form; English, translated in the context ``TrainingForm``."""

    BASICS = "Basics"
    DECODER = "Decoder"
    OPTIMISATION = "Optimisation"
    REGULARISATION = "Regularisation"
    SECOND_STAGE = "Second stage"
    DECODING = "Decoding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting.

    Attributes
    ----------
    name
        Dotted, as in ``decoder.cell``. A pair of numbers is two settings, ``betas.0`` and ``betas.1``.
    label, sentence
        What it is called, and what it does; English, translated in the context ``TrainingForm``.
    kind, group
        What it is and where it belongs.
    default
        The engine's.
    least, most
        Of a number, both included; 0 and 0 for others. Settings may restrict each other beyond that.
    choices
        Of a choice, as the engine names them; see `CHOICES` of `gui.viewmodels.training_field_texts`.
    """

    name: str
    label: str
    sentence: str
    kind: Kind
    group: Group
    default: Value
    least: float = 0.0
    most: float = 0.0
    choices: tuple[str, ...] = ()


# Taken from the features by the engine, whatever is asked for.
_LEFT_OUT = frozenset({"decoder.encoder_dim"})
_GROUPS: Mapping[Group, tuple[str, ...]] = {
    Group.BASICS: (
        *("epochs", "batch_size", "learning_rate", "patience", "choose_by", "dev_share", "evaluate_from_epoch"),
        *("level", "min_word_count", "max_caption_length", "use_views", "views_from_epoch", "device", "precision"),
        "seed",
    ),
    Group.REGULARISATION: (
        *("decoder.dropout", "label_smoothing", "doubly_stochastic_weight", "weight_decay", "average_decay"),
        "scheduled_sampling",
    ),
}
_GROUPS_OF_PARTS = {
    "decoder": Group.DECODER,
    "hard_attention": Group.DECODER,
    "self_critical": Group.SECOND_STAGE,
    "decoding": Group.DECODING,
}
_BELOW_1 = 0.999999
# Fewer than the engine takes, but all of them exact in a field for numbers.
_MOST_SEED = 2**31 - 1
_RANGES: Mapping[str, tuple[float, float]] = {
    "seed": (0, _MOST_SEED),
    "epochs": (1, 1000),
    "batch_size": (1, 4096),
    "learning_rate": (1e-6, 10),
    "weight_decay": (0, 10),
    "betas.0": (0, _BELOW_1),
    "betas.1": (0, _BELOW_1),
    "momentum": (0, _BELOW_1),
    "warmup_fraction": (0, 0.99),
    "decay_factor": (0.001, 0.999),
    "decay_epochs": (1, 1000),
    "clip_norm": (0, 1000),
    "clip_value": (0, 1000),
    "bptt_steps": (0, MAX_WORDS),
    "scheduled_sampling": (0, 1),
    "label_smoothing": (0, 0.99),
    "doubly_stochastic_weight": (0, 100),
    "average_decay": (0, _BELOW_1),
    "min_word_count": (1, 1000),
    "max_caption_length": (1, MAX_WORDS),
    "dev_share": (0, 0.5),
    "patience": (0, 1000),
    "evaluate_from_epoch": (1, 1000),
    "views_from_epoch": (1, 1000),
    "decoder.project_dim": (0, 16384),
    "decoder.embed_dim": (1, 16384),
    "decoder.decoder_dim": (1, 16384),
    "decoder.attention_dim": (1, 16384),
    "decoder.layers": (1, 4),
    "decoder.dropout": (0, 0.99),
    "hard_attention.reward_weight": (0, 100),
    "hard_attention.entropy_weight": (0, 100),
    "hard_attention.baseline_decay": (0, _BELOW_1),
    "self_critical.epochs": (0, 1000),
    "self_critical.samples": (1, 50),
    "self_critical.images_per_batch": (1, 4096),
    "self_critical.bleu_weight": (0, 100),
    "self_critical.recall_weight": (0, 100),
    "self_critical.learning_rate": (1e-6, 10),
    "self_critical.start_share": (0, 0.99),
    "decoding.beam_size": (1, 50),
    "decoding.length_penalty": (-5, 5),
    "decoding.min_length": (0, MAX_WORDS),
    "decoding.max_length": (1, MAX_WORDS),
    "decoding.temperature": (0.01, 100),
    "decoding.top_k": (0, 100_000),
    "decoding.top_p": (0.01, 1),
    "decoding.seed": (0, _MOST_SEED),
    "decoding.no_repeat_ngram_size": (0, MAX_WORDS),
    "decoding.word_alternatives": (0, 50),
}
_FALLBACK_RANGE = (0.0, 1e6)

Values = Mapping[str, Any]


def _is(name: str, *wanted: object) -> Callable[[Values], bool]:
    return lambda values: values.get(name, wanted[0]) in wanted


def _has_second_stage(values: Values) -> bool:
    return bool(values["self_critical.epochs"] > 0)


_HAS_ATTENTION = _is("decoder.attention", "soft", "hard")
_SAMPLES = _is("decoding.method", "sample")
_MATTERS: Mapping[str, Callable[[Values], bool]] = {
    "betas.0": _is("optimiser", "adamw", "adam"),
    "betas.1": _is("optimiser", "adamw", "adam"),
    "momentum": _is("optimiser", "sgd"),
    "decay_factor": _is("schedule", "step", "plateau"),
    "decay_epochs": _is("schedule", "step", "plateau"),
    "doubly_stochastic_weight": _HAS_ATTENTION,
    "decoder.attention_dim": _HAS_ATTENTION,
    "decoder.attend_to_words": _HAS_ATTENTION,
    "decoder.gate": _is("decoder.attention", "soft", "hard", "none_every"),
    "decoding.temperature": _SAMPLES,
    "decoding.top_k": _SAMPLES,
    "decoding.top_p": _SAMPLES,
    "decoding.seed": _SAMPLES,
    "views_from_epoch": _is("use_views", True),
    "self_critical.samples": _has_second_stage,
    "self_critical.baseline": _has_second_stage,
    "self_critical.bleu_weight": _has_second_stage,
    "self_critical.recall_weight": _has_second_stage,
    "self_critical.images_per_batch": _has_second_stage,
    "self_critical.learning_rate": _has_second_stage,
    "self_critical.start_share": _has_second_stage,
    "hard_attention.reward_weight": _is("decoder.attention", "hard"),
    "hard_attention.entropy_weight": _is("decoder.attention", "hard"),
    "hard_attention.baseline_decay": _is("decoder.attention", "hard"),
}


def matters(name: str, values: Values) -> bool:
    """Whether a setting has a say, the others being what they are."""
    condition = _MATTERS.get(name)
    return condition is None or condition(values)


def training_fields() -> tuple[Field, ...]:
    """Every setting that can be chosen, group by group."""
    found = {name: _field(name, annotation, default) for name, annotation, default in _leaves("", TrainingConfig())}
    ranks = {name: rank for names in _GROUPS.values() for rank, name in enumerate(names)}
    groups = tuple(Group)
    kept = (field for field in found.values() if field.name not in _LEFT_OUT)
    return tuple(sorted(kept, key=lambda field: (groups.index(field.group), ranks.get(field.name, -1))))


def flat_values(config: TrainingConfig) -> dict[str, Value]:
    """Value of each setting by its dotted name."""
    return {name: value for name, _, value in _leaves("", config) if name not in _LEFT_OUT}


def _leaves(prefix: str, config: Any) -> Iterator[tuple[str, Any, Any]]:
    """Dotted name, annotation and value of each plain setting in settings and those inside them."""
    hints = typing.get_type_hints(type(config))
    for one in dataclasses.fields(config):
        name, value, annotation = f"{prefix}{one.name}", getattr(config, one.name), hints[one.name]
        if dataclasses.is_dataclass(value):
            yield from _leaves(f"{name}.", value)
        elif typing.get_origin(annotation) is tuple:
            for place, (kind, part) in enumerate(zip(typing.get_args(annotation), value, strict=True)):
                yield f"{name}.{place}", kind, part
        else:
            yield name, annotation, value


def _field(name: str, annotation: Any, default: Value) -> Field:
    kind = _kind(annotation)
    is_number = kind in (Kind.INT, Kind.FLOAT)
    least, most = _RANGES.get(name, _FALLBACK_RANGE) if is_number else (0.0, 0.0)
    return Field(
        name=name,
        label=LABELS.get(name, name),
        sentence=SENTENCES.get(name, ""),
        kind=kind,
        group=_group(name),
        default=default,
        least=least,
        most=most,
        choices=typing.get_args(annotation) if kind is Kind.CHOICE else (),
    )


def _kind(annotation: Any) -> Kind:
    if typing.get_origin(annotation) is Literal:
        return Kind.CHOICE
    kinds = {bool: Kind.BOOL, int: Kind.INT, float: Kind.FLOAT}
    return kinds[annotation]


def _group(name: str) -> Group:
    for group, names in _GROUPS.items():
        if name in names:
            return group
    return _GROUPS_OF_PARTS.get(name.partition(".")[0], Group.OPTIMISATION)
