"""Random models of a few dozen units, and what they need."""

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
