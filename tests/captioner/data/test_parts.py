"""Shares of a list of images: none is left out or taken twice, and only what belongs together is joined."""

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.data.parts import Part, Shard, in_order, names_sha256
from captioner.errors import ConfigurationError

SETTINGS = {"the encoder": "resnet50", "views": "0"}


def part(index, count=3, **changes):
    usual = {"images": 100, "images_per_batch": 8, "names_sha256": "0" * 64, "settings": SETTINGS}
    return Part(shard=Shard(index, count), **(usual | changes))


def refusal(*parts):
    with pytest.raises(ConfigurationError) as raised:
        in_order({Path(f"{letter}.h5"): part for letter, part in zip("abcdef", parts, strict=False)})
    return raised.value.message


@given(images=st.integers(1, 500), per_batch=st.integers(1, 40), count=st.integers(1, 20))
def test_shares_are_all_images_once_in_whole_batches(images, per_batch, count):
    shares = [Shard(index, count).rows(images, per_batch) for index in range(count)]
    assert [row for share in shares for row in share] == list(range(images))
    assert all(share.start % per_batch == 0 for share in shares if share)
    batches = [-(-len(share) // per_batch) for share in shares]
    assert max(batches) - min(batches) <= 1


def test_shards_are_written_as_they_are_read():
    assert str(Shard.parse("2/4")) == "2/4"
    assert Shard.parse("2/4").mark == "2-of-4"


@pytest.mark.parametrize("text", ["", "1", "a/b", "-1/4", "1/2/3", "1.0/4", " 1/4", "999999/1000000"])
def test_what_is_no_shard(text):
    with pytest.raises(ConfigurationError, match="is no shard"):
        Shard.parse(text)


@pytest.mark.parametrize("text", ["4/4", "0/0", "0/10001"])
def test_shards_that_cannot_be(text):
    with pytest.raises(ConfigurationError, match="the last is 3/4"):
        Shard.parse(text)


def test_parts_come_back_from_json():
    assert Part.from_json(part(1).to_json(), Path("a.h5")) == part(1)
    assert part(1).to_json() == part(1, settings=dict(reversed(SETTINGS.items()))).to_json()


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "1", "null", "{}", "[" * 100_000),
        *(
            json.dumps(json.loads(part(1).to_json()) | change)
            for change in (
                *({"images": 0}, {"images_per_batch": 0}, {"images": "many"}, {"shard": [1, 3]}, {"shard": {}}),
                *({"settings": []}, {"settings": {"views": 1}}, {"names_sha256": 1}),
                *({"shard": {"index": "1", "count": 3}}, {"images": None}),
            )
        ),
    ],
)
def test_json_that_is_no_part_is_refused(text):
    with pytest.raises(ConfigurationError, match=r"a\.h5 does not say"):
        Part.from_json(text, Path("a.h5"))


def test_names_are_told_apart():
    lists = [["a", "b"], ["b", "a"], ["ab"], ["a"], [], [b"caf\xe9.jpg".decode(errors="surrogateescape")]]
    assert len({names_sha256(names) for names in lists}) == len(lists)
    assert names_sha256([Path("a"), Path("b")]) == names_sha256(["a", "b"])


def test_order_is_that_of_the_images():
    files = {Path(name): part(index) for name, index in (("x.h5", 2), ("y.h5", 0), ("z.h5", 1))}
    assert in_order(files) == [Path("y.h5"), Path("z.h5"), Path("x.h5")]


def test_a_shard_without_images_is_not_missed():
    few = {"images": 16}
    assert not part(0, **few).rows
    assert in_order({Path("a.h5"): part(1, **few), Path("b.h5"): part(2, **few)}) == [Path("a.h5"), Path("b.h5")]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (part(1, 4), "a.h5 is one of 3 shards, but b.h5 is one of 4"),
        (part(1, names_sha256="1" * 64), "b.h5 was made from another list of images than a.h5"),
        (part(1, images=99), "b.h5 was made from another list of images than a.h5"),
        (part(1, images_per_batch=4), "in batches of 8 images, but b.h5 in batches of 4"),
        (part(1, settings=SETTINGS | {"views": "7"}), "a.h5 was made with views 0, but b.h5 with 7"),
        (part(1, settings={"views": "0"}), "a.h5 was made with the encoder resnet50, but b.h5 with unknown"),
        (part(0), "a.h5 and b.h5 are both shard 0/3. Name each shard once."),
        (part(2), "Shard 1/3 is missing. Make it with --shard 1/3 and name its file too."),
    ],
)
def test_what_does_not_belong_together_is_refused(other, message):
    assert message in refusal(part(0), other)


def test_missing_shards_are_counted():
    assert refusal(part(1, 4)).startswith("Shard 0/4 and 2 more is missing")


def test_a_beginning_is_not_called_missing(tmp_path):
    (tmp_path / ".features.1-of-2.unfinished-0123456789ab.h5").touch()
    with pytest.raises(ConfigurationError, match="Shard 1/2 is not finished") as raised:
        in_order({tmp_path / "features.0-of-2.h5": part(0, 2)})
    assert raised.value.path == tmp_path


def test_parts_are_values():
    assert dataclasses.replace(part(0), shard=Shard(1, 3)) == part(1)
