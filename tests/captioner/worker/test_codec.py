"""Messages survive the journey as they are; anything else is refused."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.config import DecodingOptions
from captioner.worker import codec, protocol
from captioner.worker.codec import EVENTS, REQUESTS, ProtocolError, encode, read_message

PICTURE = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
# Any text at all, lone surrogates among it: file names that are not UTF-8 are such.
TEXT = st.text(st.characters(exclude_categories=()), max_size=20)

FOUND = st.builds(protocol.FoundImage, TEXT, st.integers(0), st.integers(0))


def written(*messages):
    return io.BytesIO(b"".join(bytes(part) for message in messages for part in encode(message)))


def there_and_back(message):
    known = REQUESTS if isinstance(message, protocol.Request) else EVENTS
    return read_message(written(message), known)


def packed(content, arrays=b""):
    header = content if isinstance(content, bytes) else json.dumps(content).encode()
    return io.BytesIO(struct.pack(">I", len(header)) + header + arrays)


def thumbnail(**changes):
    values = {"job_id": 1, "path": "a", "width": 4, "height": 2, "pixels": 0} | changes
    return {"type": "ThumbnailMade", "fields": values, "arrays": [["uint8", [2, 4, 3]]]}


@pytest.mark.parametrize("kind", [*REQUESTS.values(), *EVENTS.values()], ids=lambda kind: kind.__name__)
def test_every_message_can_be_read(kind):
    assert callable(codec._reader(kind))


@settings(deadline=None)
@given(
    job_id=st.integers(-(2**53), 2**53),
    paths=st.lists(TEXT, max_size=4),
    beginning=st.lists(TEXT, max_size=2),
    model=st.none() | TEXT,
    options=st.none() | st.builds(DecodingOptions, beam_size=st.integers(1, 50), top_p=st.floats(0.1, 1)),
)
def test_requests_survive(job_id, paths, beginning, model, options):
    request = protocol.CaptionImages(
        job_id=job_id, paths=tuple(paths), beginning=tuple(beginning), model=model, options=options
    )
    assert there_and_back(request) == request


@settings(deadline=None)
@given(
    message=st.one_of(
        st.builds(
            protocol.ImagesFound,
            job_id=st.integers(0, 9),
            images=st.lists(FOUND, max_size=3).map(tuple),
        ),
        st.builds(protocol.Failed, job_id=st.integers(0, 9), message=TEXT, details=TEXT),
        st.builds(protocol.WorkerReady, job_id=st.just(0), seconds=st.floats(allow_nan=False)),
        st.builds(
            protocol.ModelsListed,
            job_id=st.just(1),
            models=st.just((
                protocol.ModelDetails(
                    name="a", description="b", origin="folder", path="c", size=2**40, encoder="", decoder="",
                    grid=(7, 7), vocabulary=3, scores=(("CIDEr", 50.3),),
                ),
            )),
            problems=st.lists(TEXT, max_size=2).map(tuple),
        ),
    )
)  # fmt: skip
def test_events_survive(message):
    assert there_and_back(message) == message


def test_a_caption_survives_whole(caption):
    event = there_and_back(protocol.ImageCaptioned(job_id=3, path="x", caption=caption))
    assert (event.job_id, event.path) == (3, "x")
    for field in fields(caption):
        ours, theirs = getattr(caption, field.name), getattr(event.caption, field.name)
        assert type(theirs) is type(ours)
        if field.name == "attention":
            np.testing.assert_array_equal(theirs, ours)
            assert theirs.dtype == np.float32
        else:
            assert theirs == ours


def test_several_arrays_keep_their_order(caption):
    entries = (
        protocol.CaptionEntry("a.jpg", "a dog", caption, word_indices=(0, None)),
        protocol.CaptionEntry("b.jpg", "by hand", None, is_edited=True),
        protocol.CaptionEntry("c.jpg", "a dog", caption),
    )
    request = there_and_back(protocol.ExportCaptions(job_id=1, format="html", entries=entries, target="x"))
    assert [entry.caption is None for entry in request.entries] == [False, True, False]
    assert request.entries[0].word_indices == (0, None)
    np.testing.assert_array_equal(request.entries[2].caption.attention, caption.attention)


@pytest.mark.parametrize("pixels", [PICTURE, PICTURE[:, ::2], np.asfortranarray(PICTURE), PICTURE[::-1]])
def test_pixels_survive_however_they_lie_in_memory(pixels):
    event = there_and_back(protocol.ThumbnailMade(job_id=1, path="a", width=4, height=2, pixels=pixels))
    np.testing.assert_array_equal(event.pixels, pixels)
    assert event.pixels.dtype == np.uint8


def test_messages_follow_each_other_to_the_end():
    events = [protocol.Finished(job_id=index) for index in range(3)]
    stream = written(*events)
    assert [read_message(stream, EVENTS) for _ in range(4)] == [*events, None]


def test_a_stream_may_end_anywhere():
    event = protocol.ThumbnailMade(job_id=1, path="a", width=4, height=2, pixels=PICTURE)
    whole = written(event).getvalue()
    assert [read_message(io.BytesIO(whole[:size]), EVENTS) for size in range(len(whole))] == [None] * len(whole)


@pytest.mark.parametrize(
    "content",
    [
        b"not JSON",
        b"[" * 100_000,
        b'"\xff"',
        [],
        {"type": "Finished", "fields": {"job_id": 1}},
        {"type": "Finished", "fields": {"job_id": 1}, "arrays": [], "more": 1},
        {"type": "Nonsense", "fields": {}, "arrays": []},
        {"type": ["Finished"], "fields": {"job_id": 1}, "arrays": []},
        {"type": "Finished", "fields": {}, "arrays": []},
        {"type": "Finished", "fields": {"job_id": 1, "more": 2}, "arrays": []},
        {"type": "Finished", "fields": {"job_id": "1"}, "arrays": []},
        {"type": "Finished", "fields": {"job_id": True}, "arrays": []},
        {"type": "Finished", "fields": {"job_id": 1.0}, "arrays": []},
        {"type": "Finished", "fields": [1], "arrays": []},
        {"type": "Finished", "fields": {"job_id": 1}, "arrays": 3},
        {"type": "Finished", "fields": {"job_id": 1}, "arrays": [["uint8", [0]]]},
        {"type": "WorkerReady", "fields": {"job_id": 0, "seconds": 10**400}, "arrays": []},
        {"type": "ImageFailed", "fields": {"job_id": 1, "path": None, "message": "x"}, "arrays": []},
        {"type": "ImagesFound", "fields": {"job_id": 1, "images": "abc"}, "arrays": []},
        {"type": "Cancel", "fields": {"job_id": 1}, "arrays": []},
        thumbnail(pixels=1),
        thumbnail(pixels=-1),
        thumbnail(pixels=None),
        thumbnail(width="4"),
        thumbnail() | {"arrays": [["uint8", [24]]]},
        thumbnail() | {"arrays": [["uint8", [2, 3, 4]]]},
        thumbnail() | {"arrays": [["uint8", [0, 4, 3]]]},
        thumbnail() | {"arrays": [["uint8", [2, -4, 3]]]},
        thumbnail() | {"arrays": [["uint8", [2, 4.0, 3]]]},
        thumbnail() | {"arrays": [["uint8", [2**20, 2**20, 3]]]},
        thumbnail() | {"arrays": [["uint8", [1] * 40]]},
        thumbnail() | {"arrays": [["object", [2, 4, 3]]]},
        thumbnail() | {"arrays": [["float32", [2, 1, 3]]]},
        thumbnail() | {"arrays": [["uint8", [2, 4, 3]], ["uint8", [2, 4, 3]]]},
    ],
    ids=lambda content: str(content)[:60],
)
def test_what_is_no_event_is_refused(content):
    with pytest.raises(ProtocolError):
        read_message(packed(content, bytes(48)), EVENTS)


def test_settings_out_of_range_are_refused():
    options = DecodingOptions().to_dict() | {"beam_size": 51}
    fields = {"job_id": 1, "paths": [], "options": options, "beginning": [], "model": None}
    with pytest.raises(ProtocolError, match="beam size"):
        read_message(packed({"type": "CaptionImages", "fields": fields, "arrays": []}), REQUESTS)


def test_requests_and_events_go_one_way_each():
    with pytest.raises(ProtocolError, match="no message 'Shutdown'"):
        read_message(written(protocol.Shutdown(job_id=0)), EVENTS)


def test_a_header_that_claims_gigabytes_is_refused_unread():
    with pytest.raises(ProtocolError, match="too long"):
        read_message(io.BytesIO(b"\xff\xff\xff\xff"), EVENTS)


@settings(deadline=None)
@given(place=st.integers(4, 200), byte=st.integers(0, 255))
def test_an_altered_byte_gives_an_event_or_nothing(place, byte):
    event = protocol.ThumbnailMade(job_id=1, path="a", width=4, height=2, pixels=PICTURE)
    altered = bytearray(written(event).getvalue())
    altered[place % len(altered)] = byte
    try:
        message = read_message(io.BytesIO(altered), EVENTS)
    except ProtocolError:
        return
    assert message is None or type(message) in EVENTS.values()


@pytest.mark.parametrize("pixels", [np.zeros(3, object), np.zeros(3, np.int64), [1, 2]])
def test_what_cannot_be_read_cannot_be_sent(pixels):
    with pytest.raises(ProtocolError, match="cannot be sent"):
        encode(protocol.ThumbnailMade(job_id=1, path="a", width=1, height=1, pixels=pixels))
