"""Random models of a few dozen units, and what they need."""

import threading
from types import SimpleNamespace

import pytest


class Tiny:
    """Makes decoders sharp enough that no two words are nearly as likely, and features and vocabularies for them."""

    places, encoder_dim = 6, 5

    def config(self, **changes):
        from captioner.config import DecoderConfig

        sizes = {"encoder_dim": 5, "project_dim": 8, "embed_dim": 7, "decoder_dim": 9, "attention_dim": 6}
        return DecoderConfig(**(sizes | changes))

    def vocabulary(self, words=8):
        from captioner.vocabulary import SPECIAL_TOKENS, Vocabulary

        return Vocabulary((*SPECIAL_TOKENS, *(f"word{index}" for index in range(words))))

    def decoder(self, seed=0, words=8, **changes):
        import torch

        from captioner.decoder import Decoder

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            decoder = Decoder(self.config(**changes), len(self.vocabulary(words))).eval()
            with torch.no_grad():
                for parameter in decoder.parameters():
                    parameter.copy_(torch.randn_like(parameter) * 0.8)
        return decoder.requires_grad_(False)

    def features(self, images, seed=0):
        import torch

        return torch.randn((images, self.places, self.encoder_dim), generator=torch.Generator().manual_seed(seed))

    def model(self, seed=0, **decoder):
        """A model with the project's own encoder at 64 pixels: a grid of 2 x 2."""
        import torch

        from captioner.config import DecodingOptions, EncoderConfig, ModelConfig
        from captioner.encoders import Encoder
        from captioner.model import CaptioningModel

        config = ModelConfig(
            encoder=EncoderConfig(input_size=64),
            decoder=self.config(encoder_dim=320, **decoder),
            decoding=DecodingOptions(beam_size=2, max_length=6, min_length=2),
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            encoder = Encoder(config.encoder)
        weights = self.decoder(seed, encoder_dim=320, **decoder)
        return CaptioningModel(config, self.vocabulary(), encoder, weights).eval()


@pytest.fixture(scope="session")
def tiny():
    return Tiny()


class Together:
    """Runs a stage of training per process, in threads whose worlds add up what all of them hand in."""

    def __init__(self, size):
        self.size = size
        self._barrier = threading.Barrier(size)
        self._values = [None] * size

    def world(self, rank):
        def add_up(value):
            self._values[rank] = value.clone()
            self._barrier.wait()
            total = sum(self._values)
            self._barrier.wait()
            return total

        return SimpleNamespace(rank=rank, size=self.size, sum=add_up)

    def run(self, make, work):
        # One after the other, as making decoders draws from the random numbers that all threads share.
        stages = [make(self.world(rank)) for rank in range(self.size)]
        results, errors = [None] * self.size, []

        def run_one(rank):
            try:
                results[rank] = work(stages[rank])
            except BaseException as error:
                errors.append(error)
                self._barrier.abort()

        threads = [threading.Thread(target=run_one, args=(rank,)) for rank in range(self.size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return results


@pytest.fixture(scope="session")
def in_a_world_of():
    """``in_a_world_of(2, make, work)``: what ``work(make(world))`` returns in each of two processes."""
    return lambda size, make, work: Together(size).run(make, work)


@pytest.fixture
def training_files(tmp_path, tiny_package):
    """A folder with train.h5 (6 images, a view of each), dev.h5 (2 images), captions.csv and recipe.toml.

    The features are random, and said to be by the encoder of the tiny package.
    """
    import numpy as np

    from captioner.data.feature_files import FeatureFileInfo, FeatureWriter
    from captioner.model_library import find_package

    captions = ["a dog runs on grass", "two men play", "a red car", "the boy jumps", "a woman reads", "three birds"]
    random = np.random.default_rng(0)
    digest = find_package(tiny_package).load_encoder().digest()
    for name, images, views in (("train", 6, 1), ("dev", 2, 0)):
        names = [f"{name}-{index}.jpg" for index in range(images)]
        info = FeatureFileInfo(
            images=images,
            dim=320,
            grid=(2, 2),
            views=views,
            encoder="stepped_resnet_small",
            encoder_weights_sha256=digest,
            input_size=64,
        )
        with FeatureWriter(tmp_path / f"{name}.h5", info, names) as writer:
            extra = random.normal(size=(images, views, 4, 320)).astype(np.float32) if views else None
            writer.write(0, random.normal(size=(images, 4, 320)).astype(np.float32), extra)
    lines = [f"train-{index}.jpg,{text}" for index, text in enumerate(captions)]
    lines += [f"dev-{index}.jpg,{text}" for index, text in enumerate(captions[:2])]
    (tmp_path / "captions.csv").write_text("\n".join(["image,caption", *lines]) + "\n")
    (tmp_path / "recipe.toml").write_text(
        "epochs = 4\nbatch_size = 2\nmin_word_count = 1\nevaluate_from_epoch = 1\npatience = 0\n"
        'precision = "float32"\n'
        "[decoder]\nproject_dim = 8\nembed_dim = 8\ndecoder_dim = 8\nattention_dim = 8\n"
        "[decoding]\nbeam_size = 1\nmax_length = 6\n"
        "[self_critical]\nepochs = 2\nsamples = 2\nimages_per_batch = 2\n"
    )
    return tmp_path


@pytest.fixture(scope="session")
def mobile_package(tmp_path_factory):
    """Folder of a model package whose encoder is small, random weights and a few words; not to be altered."""
    import torch

    from captioner.config import DecoderConfig, DecodingOptions, ModelConfig
    from captioner.encoder_registry import encoder_spec
    from captioner.model import CaptioningModel
    from captioner.model_library import save_package
    from captioner.vocabulary import SPECIAL_TOKENS, Vocabulary

    sizes = {"encoder_dim": 576, "project_dim": 8, "embed_dim": 8, "decoder_dim": 8, "attention_dim": 8}
    config = ModelConfig(
        encoder=encoder_spec("mobilenet_v3_small").config(64),
        decoder=DecoderConfig(**sizes),
        decoding=DecodingOptions(beam_size=1, max_length=6),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = CaptioningModel(config, Vocabulary((*SPECIAL_TOKENS, "a", "dog", "red", "car", "runs"))).eval()
    path = tmp_path_factory.mktemp("models") / "mobile"
    save_package(model, path, description="A model with random weights.", card="# Mobile\n\nKnows five words.\n")
    return path


@pytest.fixture
def fine_tuning_files(tmp_path):
    """A folder with photos/0.jpg to 7.jpg, captions.csv, and train.txt (six of them) and dev.txt (two)."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    lines = ["image,caption"]
    for index in range(8):
        corners = Image.fromarray(random.integers(0, 256, (3, 4, 3), np.uint8))
        corners.resize((80, 60), Image.Resampling.BILINEAR).save(tmp_path / "photos" / f"{index}.jpg")
        lines += [f"{index}.jpg,a red car", f"{index}.jpg,a dog runs"]
    (tmp_path / "captions.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "train.txt").write_text("".join(f"{index}.jpg\n" for index in range(6)))
    (tmp_path / "dev.txt").write_text("6.jpg\n7.jpg\n")
    return tmp_path


class Entries:
    """Makes captions and entries without a model: each word looks at the next cell of a grid of 2 x 2."""

    def caption(self, text, path=None, *, words=None, size=(96, 64), **changes):
        import numpy as np

        from captioner.caption import Caption, Word
        from captioner.config import DecodingOptions
        from captioner.geometry import Geometry, Rectangle

        texts = text.split() if words is None else words
        attention = np.full((len(texts), 4), 0.1, np.float32)
        for row in range(len(texts)):
            attention[row, row % 4] = 0.7
        content = {
            "path": path,
            "text": text,
            "words": tuple(Word(word, -0.25 * (row + 1), 0.5, ((word, -0.25),)) for row, word in enumerate(texts)),
            "log_probability": -1.5,
            "score": -0.5,
            "width": size[0],
            "height": size[1],
            "attention": attention,
            "grid": (2, 2),
            "geometry": Geometry(*size, Rectangle(0, 0, *size)),
            "alternatives": (),
            "model": "tiny",
            "options": DecodingOptions(),
        }
        return Caption(**(content | changes))

    def entry(self, path, text="a red circle", **changes):
        """An entry whose text is the model's own."""
        import os

        from captioner.caption import CaptionEntry

        return CaptionEntry(os.fspath(path), text, self.caption(text, path, **changes))


@pytest.fixture(scope="session")
def entries():
    return Entries()
