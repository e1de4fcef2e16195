"""Shares of one list of images, taken by processes that never speak with one another, and how their parts fit."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from captioner.errors import ConfigurationError
from captioner.file_names import printable

MAX_SHARDS = 10_000


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` shares of a list of images, counted from 0; written ``0/4``."""

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_SHARDS or not 0 <= self.index < self.count:
            raise ConfigurationError(
                f"There is no shard {self.index} of {self.count}. Shards are counted from 0: of 4, the last is 3/4."
            )

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``I/N``.

        Raises
        ------
        ConfigurationError
            If it is no shard.
        """
        found = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text)
        if found is None:
            raise ConfigurationError(f"{text!r:.40} is no shard. Write it like 0/4: the first of four.")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @property
    def mark(self) -> str:
        """What tells its file apart, ``0-of-4``."""
        return f"{self.index}-of-{self.count}"

    def rows(self, images: int, images_per_batch: int) -> range:
        """Which of the images, from 0, are in this share.

        Shares are neighbouring images and made of whole batches, so that every image is computed with the same others
        as in a single process, and the numbers come out equal to the last bit. Of fewer batches than shards, some
        shards get none.
        """
        batches = -(-images // images_per_batch)
        first, last = (batches * index // self.count for index in (self.index, self.index + 1))
        return range(min(images, first * images_per_batch), min(images, last * images_per_batch))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one process makes of its share.

    Attributes
    ----------
    shard
        The share.
    images
        How many images all shares have together.
    images_per_batch
        How many of them are computed at once.
    names_sha256
        Of the names of all of them, see `names_sha256`.
    settings
        Whatever else decides what becomes of an image, by names that people understand.
    """

    shard: Shard
    images: int
    images_per_batch: int
    names_sha256: str
    settings: Mapping[str, str]

    @property
    def rows(self) -> range:
        """Which of all images are in the share."""
        return self.shard.rows(self.images, self.images_per_batch)

    def to_json(self) -> str:
        """A line of JSON, equal for equal parts."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str, path: Path) -> Part:
        """Read what `to_json` wrote.

        Raises
        ------
        ConfigurationError
            If it is something else; ``path`` is named.
        """
        try:
            return cls._from_values(json.loads(text))
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            message = f"{printable(path)} does not say which share of the images it holds. Make it again."
            raise ConfigurationError(message, path=path) from error

    @classmethod
    def _from_values(cls, values: Any) -> Part:
        names = values.pop("names_sha256")
        settings = values.pop("settings")
        if not isinstance(names, str) or not all(isinstance(value, str) for value in settings.values()):
            raise TypeError("texts were expected")
        shard = Shard(**values.pop("shard"))
        images, images_per_batch = int(values["images"]), int(values["images_per_batch"])
        if images < 1 or images_per_batch < 1:
            raise ValueError("there are no images")
        return cls(
            shard=shard, images=images, images_per_batch=images_per_batch, names_sha256=names, settings=dict(settings)
        )


def names_sha256(names: Sequence[str | os.PathLike[str]]) -> str:
    """SHA-256 of a list of names: equal only where the images and their order are."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(os.fsencode(name) + b"\0")
    return digest.hexdigest()


def in_order(parts: Mapping[Path, Part]) -> list[Path]:
    """The files of all parts of one list of images, in the order of the images.

    Raises
    ------
    ConfigurationError
        If a part is missing or there twice, or they were not made alike.
    """
    ordered = sorted(parts, key=lambda path: parts[path].shard.index)
    for path in ordered[1:]:
        _require_alike(ordered[0], parts[ordered[0]], path, parts[path])
    for one, other in pairwise(ordered):
        if parts[one].shard == parts[other].shard:
            raise ConfigurationError(
                f"{printable(one)} and {printable(other)} are both shard {parts[one].shard}. Name each shard once.",
                path=other,
            )
    _require_all(ordered, parts)
    return ordered


def _require_alike(one: Path, first: Part, other: Path, second: Part) -> None:
    here, there = printable(one), printable(other)
    if first.shard.count != second.shard.count:
        fault = f"{here} is one of {first.shard.count} shards, but {there} is one of {second.shard.count}"
    elif (first.images, first.names_sha256) != (second.images, second.names_sha256):
        fault = f"{there} was made from another list of images than {here}"
    elif first.images_per_batch != second.images_per_batch:
        sizes = first.images_per_batch, second.images_per_batch
        fault = f"{here} was made in batches of {sizes[0]} images, but {there} in batches of {sizes[1]}"
    else:
        names = sorted({*first.settings, *second.settings})
        differing = [name for name in names if first.settings.get(name) != second.settings.get(name)]
        if not differing:
            return
        values = [f"{part.settings.get(differing[0], 'unknown'):.70}" for part in (first, second)]
        fault = f"{here} was made with {differing[0]} {values[0]}, but {there} with {values[1]}"
    raise ConfigurationError(f"{fault}. Make all parts alike, or name those that were.", path=other)


def _require_all(ordered: Sequence[Path], parts: Mapping[Path, Part]) -> None:
    first = parts[ordered[0]]
    present = {part.shard.index for part in parts.values()}
    wanted = [dataclasses.replace(first, shard=Shard(index, first.shard.count)) for index in range(first.shard.count)]
    missing = [part.shard for part in wanted if part.rows and part.shard.index not in present]
    if not missing:
        return
    shard = missing[0]
    others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    folder = ordered[0].parent
    if any(folder.glob(f".*.{shard.mark}.unfinished-*")):
        raise ConfigurationError(
            f"Shard {shard}{others} is not finished: {printable(folder)} holds a beginning of it. Run its command "
            f"again, which goes on from there, then name its file too.",
            path=folder,
        )
    raise ConfigurationError(
        f"Shard {shard}{others} is missing. Make it with --shard {shard} and name its file too.", path=folder
    )
