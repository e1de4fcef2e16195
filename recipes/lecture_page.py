"""The page of the lecture's table: what a trained row reports, and the Markdown that is made of all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Self

TABLE, CAPTIONS, PROTOCOL = "table", "captions", "protocol"
HEADINGS = (
    *("Row", "Parameters", "dev BLEU-4", "dev CIDEr", "dev loss"),
    *("captions/s", "gradient norm, median", "95 %"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of one training.

    Attributes
    ----------
    name, title
        Of the row, as in ``lecture.toml``.
    parameters
        Numbers that were learned, those of the encoder left out.
    bleu_4, cider, dev_loss
        Of the best epoch: in percent, in percent, and in nats per word or per character.
    loss_per
        ``word`` or ``character``.
    best_epoch
        That epoch, from 1.
    captions_per_second
        While training, evaluation left out.
    is_alone
        Whether that was measured by itself, and not during a training that shared the machine.
    gradient_norm, gradient_norm_95
        Median and 95th percentile over the steps that were reported, before clipping.
    captions
        Of some dev images, by name.
    """

    name: str
    title: str
    parameters: int
    bleu_4: float
    cider: float
    dev_loss: float
    loss_per: str
    best_epoch: int
    captions_per_second: float
    is_alone: bool
    gradient_norm: float
    gradient_norm_95: float
    captions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from what `to_dict` returned."""
        return cls(**values)


def evenly_spaced(names: Sequence[str], count: int) -> list[str]:
    """``count`` of ``names``, the first and the last among them; all where there are fewer."""
    if count >= len(names):
        return list(names)
    return [names[round(index * (len(names) - 1) / (count - 1))] for index in range(count)]


def read_steps(lines: Iterable[str]) -> dict[int, dict[str, Any]]:
    """The reports of ``captioner train --events jsonl`` on its steps, by step.

    What was done again after an interruption counts once, and a line that was cut off counts for nothing.
    """
    steps = {}
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event["event"] == "steps_finished":
            steps[event["step"]] = event
    return steps


def percentile(values: Iterable[float], share: float) -> float:
    """The least value that at least ``share`` (0 to 1) of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def summarise_steps(steps: Iterable[Mapping[str, Any]]) -> tuple[float, float, float]:
    """Median and 95th percentile of the gradient's norm, and the median speed in captions per second."""
    reports = list(steps)
    norms = [report["gradient_norm"] for report in reports]
    return median(norms), percentile(norms, 0.95), median(report["captions_per_second"] for report in reports)


def render_table(rows: Sequence[Row]) -> str:
    """The table, best CIDEr in bold."""
    best = max((row.cider for row in rows), default=0.0)
    return "\n".join(
        ["| " + " | ".join(HEADINGS) + " |", "|---" + "|--:" * (len(HEADINGS) - 1) + "|"]
        + [_render_row(row, is_best=row.cider == best) for row in rows]
    )


def _render_row(row: Row, *, is_best: bool) -> str:
    cider = f"**{row.cider:.1f}**" if is_best else f"{row.cider:.1f}"
    return (
        f"| {row.title} | {row.parameters / 1e6:.2f} M | {row.bleu_4:.1f} | {cider} | {row.dev_loss:.3f} per "
        f"{row.loss_per} | {row.captions_per_second:.0f} | {row.gradient_norm:.2f} | {row.gradient_norm_95:.2f} |"
    )


def render_protocol(protocol: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """One paragraph on what is behind the numbers."""
    speed = (
        f"Speeds were measured one row at a time over {protocol['speed_steps']} steps"
        if rows and all(row.is_alone for row in rows)
        else "Speeds are medians over trainings that may have shared the machine"
    )
    return (
        f"Every row: {_count(protocol['epochs'], 'epoch')} over {protocol['training_images']} photographs and their "
        f"captions, batches of {protocol['batch_size']}, seed {protocol['seed']} unless the row says otherwise. "
        f"Scores of the best epoch by CIDEr on {protocol['dev_images']} dev photographs, beam "
        f"{protocol['beam_size']}. {speed}, on {protocol['machine']}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def render_captions(rows: Sequence[Row]) -> str:
    """What each row says of the same photographs, a table for each."""
    names = list(rows[0].captions) if rows else []
    tables = []
    for number, name in enumerate(names, 1):
        lines = [f"| Photograph {number}, `{name}` | |", "|---|---|"]
        lines += [f"| {row.title} | {row.captions[name]} |" for row in rows if name in row.captions]
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def fill_region(page: str, region: str, content: str) -> str:
    """``page`` with ``content`` between the comments ``region: begin`` and ``region: end``.

    Raises
    ------
    ValueError
        If the page has no such region, or several.
    """
    pattern = re.compile(rf"(<!-- {region}: begin[^>]*-->\n).*?(<!-- {region}: end -->)", re.DOTALL)
    filled, count = pattern.subn(lambda match: f"{match[1]}{content}\n{match[2]}", page)
    if count != 1:
        raise ValueError(f"The page must have one region named {region}, not {count}.")
    return filled
