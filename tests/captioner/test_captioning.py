import json
import math

import numpy as np
import pytest
import torch
from PIL import Image

from captioner import Captioner
from captioner.caption import Caption, Word
from captioner.captioning import FailedImage
from captioner.config import DecodingOptions
from captioner.errors import ConfigurationError, DeviceError, ImageError, ModelPackageError


@pytest.fixture(scope="module")
def captioner(tiny):
    return Captioner(tiny.model(), name="tiny", device="cpu", precision="float32")


def draw(seed, width=90, height=70):
    """A smooth picture of its own for every seed."""
    corners = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for seed in range(7):
        draw(seed).save(folder / f"{seed}.png")
    return [folder / f"{seed}.png" for seed in range(7)]


def assert_same(one, other):
    assert one.text == other.text
    assert one.score == pytest.approx(other.score, abs=1e-4)
    np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)
    assert (one.path, one.width, one.height, one.grid) == (other.path, other.width, other.height, other.grid)


@pytest.mark.parametrize("batch_size", [1, 3, 16])
def test_many_equal_one_by_one_and_keep_their_order(captioner, paths, batch_size):
    captions = list(captioner.caption_many(paths, batch_size=batch_size))
    assert [caption.path for caption in captions] == paths
    for caption in captions:
        assert_same(caption, captioner.caption(caption.path))


def test_images_are_told_apart(captioner, paths):
    assert len({caption.score for caption in captioner.caption_many(paths)}) == len(paths)


def test_caption_is_complete(captioner, paths):
    caption = captioner.caption(paths[0])
    assert caption.text == " ".join(word.text for word in caption.words)
    assert caption.attention.shape == (len(caption.words), 4)
    assert caption.grid == (2, 2)
    assert (caption.width, caption.height) == (caption.geometry.width, caption.geometry.height) == (90, 70)
    assert caption.model == "tiny"
    assert len(caption.alternatives) == captioner.options.beam_size - 1
    for word in caption.words:
        assert word.log_probability <= 0
        assert 0 <= word.probability <= 1
        assert 0 <= word.gate <= 1
        assert len(word.alternatives) == 5


@pytest.mark.parametrize("probability", [1.0, 0.25, 1e-30])
def test_probability_of_a_word_is_that_of_its_logarithm(probability):
    assert Word("dog", math.log(probability), 1.0, ()).probability == pytest.approx(probability)


def test_bad_file_fails_alone(captioner, paths, tmp_path):
    (tmp_path / "cut.png").write_bytes(paths[1].read_bytes()[:100])
    (tmp_path / "text.jpg").write_text("not an image")
    mixed = [tmp_path / "cut.png", paths[0], tmp_path / "missing.png", tmp_path / "text.jpg", paths[1]]
    results = list(captioner.caption_many(mixed, batch_size=2))
    assert [type(result) for result in results] == [FailedImage, Caption, FailedImage, FailedImage, Caption]
    assert [result.path for result in results] == mixed
    assert all(isinstance(result.error, ImageError) for result in results if isinstance(result, FailedImage))
    assert_same(results[4], captioner.caption(paths[1]))
    with pytest.raises(ImageError):
        captioner.caption(mixed[0])


def test_pictures_in_memory_equal_files(captioner, paths):
    from_file = captioner.caption(paths[2])
    with Image.open(paths[2]) as image:
        from_memory = list(captioner.caption_many([image, np.array(image), str(paths[2])]))
    assert [caption.path for caption in from_memory] == [None, None, paths[2]]
    assert {caption.text for caption in from_memory} == {from_file.text}
    assert [caption.score for caption in from_memory] == pytest.approx([from_file.score] * 3, abs=1e-4)


def test_what_is_no_picture_fails_alone(captioner, paths):
    results = list(captioner.caption_many([np.zeros((5, 5)), paths[0], None, "nul\0byte"]))
    assert [type(result) for result in results] == [FailedImage, Caption, FailedImage, FailedImage]
    assert [result.path for result in results][:1] == [None]


def test_rotated_photograph_equals_upright(captioner, tmp_path):
    upright = draw(3, width=80, height=60)
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.save(tmp_path / "upright.png")
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "rotated.png", exif=exif)
    one, other = captioner.caption_many([tmp_path / "upright.png", tmp_path / "rotated.png"])
    assert (other.width, other.height) == (80, 60)
    assert other.geometry == one.geometry
    assert other.text == one.text
    np.testing.assert_allclose(other.attention, one.attention, atol=1e-4)


def test_images_are_drawn_lazily(captioner, paths):
    drawn = []
    endless = (drawn.append(0) or paths[index % 7] for index in iter(int, 1))
    captions = captioner.caption_many(endless, batch_size=2)
    assert not drawn
    assert next(captions).path == paths[0]
    assert len(drawn) <= 8
    captions.close()


def test_no_images_give_no_captions(captioner):
    assert list(captioner.caption_many([])) == []


def test_beginning_is_continued(captioner, paths):
    caption = captioner.caption(paths[0], beginning="Word3 word1")
    assert caption.text.startswith("word3 word1 ")
    assert captioner.caption(paths[0], beginning=["word3", "word1"]).text == caption.text


@pytest.mark.parametrize("beginning", ["zebra", ["word1", "zebra"], ["<end>"], ["<unk>"], "word1 " * 7])
def test_impossible_beginning_is_refused(captioner, paths, beginning):
    with pytest.raises(ConfigurationError):
        captioner.caption(paths[0], beginning=beginning)


def test_unknown_word_of_the_beginning_is_named(captioner, paths):
    with pytest.raises(ConfigurationError, match="tiny does not know the word 'zebra'"):
        captioner.caption(paths[0], beginning="word1 zebra")


def test_dict_is_ready_for_json(captioner, paths):
    caption = captioner.caption(paths[0])
    values = json.loads(json.dumps(caption.to_dict()))
    assert values["path"] == str(paths[0])
    assert values["caption"] == caption.text
    assert [word["text"] for word in values["words"]] == [word.text for word in caption.words]
    assert captioner.caption(draw(0)).to_dict()["path"] is None


def test_options_are_obeyed(captioner, paths):
    caption = captioner.caption(paths[0], DecodingOptions(beam_size=4, min_length=3, max_length=3, word_alternatives=2))
    assert len(caption.words) == 3
    assert len(caption.alternatives) == 3
    assert all(len(word.alternatives) == 2 for word in caption.words)


def test_features_are_given(captioner, paths):
    encoded = captioner.encode(paths[:3])
    assert encoded.features.shape == (3, 4, 320)
    assert encoded.features.dtype == torch.float32
    assert encoded.grid == (2, 2)


def test_no_images_have_no_features(captioner):
    encoded = captioner.encode([])
    assert encoded.features.shape == (0, 4, 320)
    assert encoded.features.dtype == torch.float32
    assert encoded.grid == (2, 2)


def test_three_steps_equal_one(captioner, paths):
    options = DecodingOptions(beam_size=3, max_length=5)
    first = captioner.encode_prepared([captioner.prepare(path) for path in paths[:2]])
    second = captioner.encode_prepared([captioner.prepare(paths[2])])
    captions = captioner.caption_features([*second, *first], options, beginning="word3")
    for path, caption in zip([paths[2], *paths[:2]], captions, strict=True):
        assert_same(caption, captioner.caption(path, options, beginning="word3"))


def test_steps_of_no_images_still_check_the_beginning(captioner):
    assert captioner.encode_prepared([]) == []
    assert captioner.caption_features([], beginning="word3") == []
    with pytest.raises(ConfigurationError, match="does not know the word 'zebra'"):
        captioner.caption_features([], beginning=["zebra"])


def test_bfloat16_encoder_is_close(tiny, captioner, paths):
    other = Captioner(tiny.model(), device="cpu", precision="bfloat16")
    exact = captioner.encode(paths).features
    error = (other.encode(paths).features - exact).norm() / exact.norm()
    assert 0 < error < 0.05


def test_pixel_limit_is_kept(tiny, paths):
    strict = Captioner(tiny.model(), device="cpu", precision="float32", max_megapixels=0.001)
    assert isinstance(next(strict.caption_many(paths)), FailedImage)


def test_batch_size_is_checked(captioner, paths):
    with pytest.raises(ConfigurationError, match="batch size"):
        next(captioner.caption_many(paths, batch_size=0))


def test_impossible_device_and_model_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="no device 'abacus'"):
        Captioner.load(device="abacus")
    with pytest.raises(ModelPackageError):
        Captioner.load(tmp_path)
    if not torch.backends.mps.is_available():
        with pytest.raises(DeviceError):
            Captioner.load(device="mps")


def test_weights_that_overflow_are_refused(tiny, paths):
    model = tiny.model()
    model.encoder.trunk.stage32[-1].bias.data.fill_(math.inf)
    with pytest.raises(ModelPackageError, match="not numbers"):
        Captioner(model, device="cpu", precision="float32").caption(paths[0])


# Models that spell


@pytest.fixture(scope="module")
def speller(tiny, tmp_path_factory):
    """A model of characters, saved and loaded again."""
    from captioner.model_library import save_package
    from captioner.vocabulary import SPECIAL_TOKENS, Vocabulary

    model = tiny.model(cell="gru", layers=2)
    # Less sure of itself, so that it does not repeat one character for ever.
    model.decoder.embedding.weight.mul_(0.1)
    model.decoder.output.bias[4] += 2
    model.vocabulary = Vocabulary((*SPECIAL_TOKENS, " ", *"abcdef'"), level="char")
    path = tmp_path_factory.mktemp("models") / "speller"
    save_package(model, path, description="Spells.", card="")
    return Captioner.load(path, device="cpu", precision="float32")


@pytest.mark.parametrize("method", ["beam", "sample"])
def test_words_that_were_spelled_are_words(speller, paths, method):
    for caption in speller.caption_many(paths, DecodingOptions(method=method, min_length=2, max_length=5)):
        texts = [word.text for word in caption.words]
        assert 2 <= len(texts) <= 5
        assert all(text and " " not in text for text in texts)
        assert caption.text.replace(" ", "") == "".join(texts)
        assert caption.attention.shape == (len(texts), 4)
        np.testing.assert_allclose(caption.attention.sum(1), 1, atol=1e-5)
        assert all(word.log_probability < 0 <= word.gate <= 1 and word.alternatives == () for word in caption.words)
        assert sum(word.log_probability for word in caption.words) >= caption.log_probability - 1e-3


def test_spelled_caption_goes_on_from_its_beginning(speller, paths):
    caption = speller.caption(paths[0], beginning="Dad fed")
    assert [word.text for word in caption.words][:2] == ["dad", "fed"]
    with pytest.raises(ConfigurationError, match="'zebra'"):
        speller.caption(paths[0], beginning="dad zebra")


# Other decoders


@pytest.mark.parametrize(
    "kind",
    [
        {"cell": "rnn", "layers": 3},
        {"cell": "gru"},
        {"attention": "hard"},
        {"attention": "none_first"},
        {"attention": "none_every", "cell": "gru", "layers": 2, "tied_embeddings": False},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["beam", "sample"])
def test_every_kind_of_decoder_captions_after_saving_and_loading(tiny, tmp_path, paths, kind, method):
    from captioner.model_library import save_package

    save_package(tiny.model(**kind), tmp_path / "model", description="", card="")
    loaded = Captioner.load(tmp_path / "model", device="cpu", precision="float32")
    assert loaded._model.config.decoder == tiny.config(encoder_dim=320, **kind)
    options = DecodingOptions(method=method, max_length=6)
    captions = [list(loaded.caption_many(paths[:3], options, batch_size=size)) for size in (1, 3)]
    for one, other in zip(*captions, strict=True):
        assert_same(one, other)
        assert one.words
        np.testing.assert_allclose(one.attention.sum(1), 1, atol=1e-5)
        if "none" in kind.get("attention", ""):
            np.testing.assert_allclose(one.entropy, 2, atol=1e-6)  # bits, of four places
