"""The animation: a frame for each word, all of one size, light where the word looked."""

import numpy as np
import pytest
from PIL import Image

from captioner.errors import ConfigurationError, OutputError
from captioner.figures.animation import MILLISECONDS_PER_WORD, SpokenWord, caption_frames, save_animation
from captioner.geometry import Geometry, Rectangle

CORNERS = np.eye(4, dtype=np.float32)


def frames_of(words, size=(120, 120), **options):
    pixels = np.full((size[1], size[0], 3), 200, np.uint8)
    geometry = Geometry(*size, Rectangle(0, 0, *size))
    spoken = [SpokenWord(word, index % 4) for index, word in enumerate(words)]
    return list(caption_frames(pixels, spoken, CORNERS, (2, 2), geometry, **options))


def test_light_goes_from_word_to_word():
    photograph, *frames = frames_of(["a", "red", "dog", "runs"], smooth=False)
    side = frames[0].height - 51  # a line of type and its margins
    pictures = [np.asarray(frame.crop((0, 0, frame.width, side)))[..., 0] for frame in (photograph, *frames)]
    lit = [np.argwhere(picture >= 200) for picture in pictures[1:]]
    middles = [(places[:, 0].mean() < side / 2, places[:, 1].mean() < frames[0].width / 2) for places in lit]
    assert middles == [(True, True), (True, False), (False, True), (False, False)]


def test_word_by_hand_shows_the_photograph_as_it_is():
    pixels = np.full((90, 120, 3), 200, np.uint8)
    geometry = Geometry(120, 90, Rectangle(0, 0, 120, 90))
    words = [SpokenWord("two", None), SpokenWord("dogs", 0)]
    first, by_hand, looked = caption_frames(pixels, words, CORNERS[:1], (2, 2), geometry)
    picture = (0, 0, 480, 300)
    assert by_hand.crop(picture).tobytes() == first.crop(picture).tobytes() != looked.crop(picture).tobytes()
    assert by_hand.tobytes() != first.tobytes()


def test_word_at_hand_is_bold():
    _, one, other = frames_of(["mm", "mm"])
    strips = [np.asarray(frame)[-51:, :, 0] for frame in (one, other)]
    ink = [(strip < 60).sum(axis=0) for strip in strips]
    middle = np.flatnonzero(ink[0] + ink[1]).mean()
    assert np.flatnonzero(ink[0]).max() < middle < np.flatnonzero(ink[1]).min()


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (640, 480)])
@pytest.mark.parametrize("count", [1, 24])
def test_frames_are_of_one_modest_size(size, count):
    frames = frames_of(["photograph"] * count, size)
    assert len(frames) == count + 1
    (shape,) = {frame.size for frame in frames}
    assert max(shape) <= 480


@pytest.mark.parametrize("word", ["café", "猫", "🐕", "", "\x1b\n", "x" * 300])
def test_any_word_can_be_spoken(word):
    assert len(frames_of([word, "dog"])) == 3


def test_long_captions_turn_pages():
    frames = frames_of([f"photograph{number}" for number in range(24)])
    strips = {frame.crop((0, frame.height - 130, 480, frame.height)).tobytes() for frame in frames}
    assert len(strips) == len(frames)


def test_words_that_lean_are_not_parted():
    pixels, geometry = np.zeros((9, 9, 3), np.uint8), Geometry(9, 9, Rectangle(0, 0, 9, 9))

    def strip(is_joined):
        words = [SpokenWord("man", 0), SpokenWord("'s", 1, is_joined)]
        frame = next(caption_frames(pixels, words, CORNERS, (2, 2), geometry))
        return np.flatnonzero((np.asarray(frame)[-51:, :, 0] < 128).any(axis=0)).max()

    assert strip(is_joined=True) < strip(is_joined=False)


def test_file_goes_round_for_ever(tmp_path):
    save_animation(iter(frames_of(["a", "red", "dog"])), tmp_path / "caption.gif")
    with Image.open(tmp_path / "caption.gif") as animation:
        assert (animation.n_frames, animation.info["loop"]) == (4, 0)
        durations = []
        for frame in range(4):
            animation.seek(frame)
            durations.append(animation.info["duration"])
    assert durations == [2 * MILLISECONDS_PER_WORD, *[MILLISECONDS_PER_WORD] * 3]


def test_colours_survive(tmp_path):
    shades = np.linspace(0, 255, 240, dtype=np.uint8)
    pixels = np.stack(np.broadcast_arrays(shades[None], shades[:, None], np.uint8(90)), axis=-1)
    geometry = Geometry(240, 240, Rectangle(0, 0, 240, 240))
    frames = list(caption_frames(pixels, [SpokenWord("a", 0)], CORNERS[:1], (2, 2), geometry))
    save_animation(iter(frames), tmp_path / "caption.gif")
    with Image.open(tmp_path / "caption.gif") as animation:
        shown = np.asarray(animation.convert("RGB"), dtype=float)
    blurred = np.abs(shown - np.asarray(frames[0], dtype=float)).mean()
    assert blurred < 8


def test_weights_that_are_not_there_are_refused(tmp_path):
    geometry = Geometry(9, 9, Rectangle(0, 0, 9, 9))
    with pytest.raises(ConfigurationError, match="not among the 4 rows"):
        next(caption_frames(np.zeros((9, 9, 3), np.uint8), [SpokenWord("a", 4)], CORNERS, (2, 2), geometry))
    with pytest.raises(OutputError, match="folder does not exist"):
        save_animation(iter(frames_of(["a"])), tmp_path / "absent" / "caption.gif")
