"""`Captioner`: paths or pictures in, captions with words, probabilities and attention out."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL.Image import Image
from torch import Tensor

from captioner.caption import Alternative, Caption, FeatureCaption, Word
from captioner.config import DecodingOptions, EncoderConfig, Precision
from captioner.decoding import DecodedCaption, decode
from captioner.devices import choose_device, choose_precision
from captioner.encoders import EncodedImages, stack_pixels
from captioner.errors import ConfigurationError, ImageError
from captioner.geometry import Geometry
from captioner.imaging import Photograph, fit_to_square, open_photograph, photograph_from
from captioner.model import CaptioningModel, features_only
from captioner.model_library import find_package
from captioner.read_ahead import in_batches, map_ahead
from captioner.vocabulary import UNK, Vocabulary, join_words, tokenise_words

BATCH_SIZE = 64
ENCODER_BATCH_SIZE = 16
READING_THREADS = 2

ImageSource = str | os.PathLike[str] | Image | NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class FailedImage:
    """An image that could not be captioned: its `path`, and the `error` that says why and what to do."""

    path: Path | None
    error: ImageError


@dataclass(frozen=True, slots=True, eq=False)
class PreparedImage:
    """An image as the encoder sees it.

    Attributes
    ----------
    pixels
        (S, S, 3) uint8, S the encoder's input size.
    geometry
        Which part of the original they show.
    path
        Of the file; None when the picture came from memory.
    """

    pixels: NDArray[np.uint8]
    geometry: Geometry
    path: Path | None


@dataclass(frozen=True, slots=True, eq=False)
class ImageFeatures:
    """What the encoder says of one image; worth keeping, since captions follow from it without another look.

    Attributes
    ----------
    features
        (L, D) float32, a view into those of the batch.
    grid
        Rows and columns, L = rows x columns.
    geometry, path
        As in `PreparedImage`.
    """

    features: Tensor
    grid: tuple[int, int]
    geometry: Geometry
    path: Path | None


class Captioner:
    """A loaded model, ready to caption.

    Use `Captioner.load`. An object may be used from one thread at a time; `prepare` from any number besides.

    `caption` and `caption_many` are three steps, which can be taken apart by a caller that has its own order of work:
    `prepare` reads a file, `encode_prepared` runs the CNN, `caption_features` finds the words. `caption_rows` does so
    for features from elsewhere, and is all that a model without an encoder can do.

    Attributes
    ----------
    name
        Name of the model.
    options
        The decoding options the model was tuned for, used where no others are given.
    """

    def __init__(
        self,
        model: CaptioningModel,
        *,
        name: str = "unnamed",
        device: str = "auto",
        precision: Precision = "auto",
        max_megapixels: float = 64,
    ) -> None:
        self.name = name
        self.device = choose_device(device)
        self.max_megapixels = max_megapixels
        self._model = model.eval()
        if self._model.encoder is not None:
            self._model.encoder.optimise_for_inference(choose_precision(precision, self.device))
        self._model.to(self.device)

    @classmethod
    def load(
        cls,
        model: str | os.PathLike[str] | None = None,
        *,
        device: str = "auto",
        precision: Precision = "auto",
        input_size: int | None = None,
        max_megapixels: float = 64,
    ) -> Captioner:
        """Load a model package.

        Parameters
        ----------
        model
            Name of an installed model or a package's folder; without it the model that comes with the program.
        device
            ``auto``, ``cpu``, ``cuda`` or ``mps``.
        precision
            Of the encoder: ``auto`` takes bf16 where the processor is faster with it.
        input_size
            Side in pixels of the square that the encoder sees. Twice the model's own gives a grid twice as fine, takes
            four times as long, and may cost accuracy, since the model was trained at its own.
        max_megapixels
            Larger images are refused before they are decoded.

        Raises
        ------
        ModelPackageError
            If the package is missing or damaged.
        DeviceError
            If this machine does not have the device.
        ConfigurationError
            If the input size is not a multiple of the encoder's stride, or the model has no encoder.
        """
        choose_device(device)
        package = find_package(model)
        loaded = package.load(input_size)
        return cls(loaded, name=package.name, device=device, precision=precision, max_megapixels=max_megapixels)

    @property
    def options(self) -> DecodingOptions:
        """The decoding options the model was tuned for."""
        return self._model.config.decoding

    @property
    def vocabulary(self) -> Vocabulary:
        """The words the model knows."""
        return self._model.vocabulary

    @property
    def encoder(self) -> EncoderConfig | None:
        """What the model sees photographs with; None where it captions features alone."""
        return self._model.config.encoder

    def require_encoder(self) -> EncoderConfig:
        """What the model sees photographs with.

        Raises
        ------
        ConfigurationError
            If it has no encoder, so that it captions features and no photographs.
        """
        if self._model.config.encoder is None:
            raise features_only(self.name)
        return self._model.config.encoder

    def caption(
        self,
        image: ImageSource,
        options: DecodingOptions | None = None,
        *,
        beginning: str | Sequence[str] = (),
    ) -> Caption:
        """Caption one image.

        Parameters
        ----------
        image
            A path, a Pillow image, or an array (H, W, 3) or (H, W) uint8.
        options
            How words are chosen; the model's own recommendation when absent.
        beginning
            Words the caption must begin with; the rest of the sentence follows from them.

        Raises
        ------
        ImageError
            If the image cannot be read.
        ConfigurationError
            If the model does not know a word of the beginning.
        """
        prefix = self._prefix(beginning)
        return self._decode(self.encode_prepared([self.prepare(image)]), options or self.options, prefix)[0]

    def caption_many(
        self, images: Iterable[ImageSource], options: DecodingOptions | None = None, *, batch_size: int = BATCH_SIZE
    ) -> Generator[Caption | FailedImage]:
        """Caption images as they come, reading the next while these are captioned.

        Results keep the order of ``images``. An image that cannot be read gives a `FailedImage`; the rest goes on.

        Parameters
        ----------
        images
            May be a generator; it is consumed a few batches ahead.
        options
            How words are chosen; the model's own recommendation when absent.
        batch_size
            Images that are decoded at once; the encoder takes them in smaller parts.
        """
        if batch_size < 1:
            raise ConfigurationError(f"The batch size must be 1 or more, not {batch_size}.")
        chosen = options or self.options
        prepared = map_ahead(self._prepare_or_fail, images, threads=READING_THREADS, depth=2 * batch_size)
        for batch in in_batches(prepared, batch_size):
            yield from self._caption_batch(batch, chosen)

    def encode(self, images: Sequence[ImageSource]) -> EncodedImages:
        """Features of images, as `features` (B, L, D) float32 and `grid`.

        Raises
        ------
        ImageError
            If an image cannot be read.
        """
        return self._encode([self.prepare(image) for image in images])

    def prepare(self, image: ImageSource) -> PreparedImage:
        """Read an image and fit it to what the encoder sees.

        Raises
        ------
        ImageError
            If the image cannot be read.
        ConfigurationError
            If the model has no encoder, so that it captions features and no photographs.
        """
        config = self.require_encoder()
        photograph: Photograph
        if isinstance(image, (str, os.PathLike)):
            photograph = open_photograph(image, max_megapixels=self.max_megapixels, at_least=config.input_size)
        else:
            photograph = photograph_from(image)
        pixels, geometry = fit_to_square(photograph, config.input_size, config.fit)
        return PreparedImage(pixels, geometry, photograph.path)

    def encode_prepared(self, images: Sequence[PreparedImage]) -> list[ImageFeatures]:
        """Run the encoder over prepared images, all at once as far as memory allows."""
        if not images:
            return []
        encoded = self._encode(images)
        return [
            ImageFeatures(features, encoded.grid, image.geometry, image.path)
            for image, features in zip(images, encoded.features, strict=True)
        ]

    def caption_features(
        self,
        images: Sequence[ImageFeatures],
        options: DecodingOptions | None = None,
        *,
        beginning: str | Sequence[str] = (),
    ) -> list[Caption]:
        """Find the captions of encoded images, as one batch.

        Parameters
        ----------
        images
            From `encode_prepared` of this captioner, of any of its calls. None at all still has the rest checked.
        options, beginning
            As in `caption`.

        Raises
        ------
        ConfigurationError
            If the model does not know a word of the beginning, or the beginning is too long.
        """
        return self._decode(images, options or self.options, self._prefix(beginning))

    def caption_rows(
        self,
        features: NDArray[np.float32],
        options: DecodingOptions | None = None,
        *,
        beginning: str | Sequence[str] = (),
    ) -> list[FeatureCaption]:
        """Find the captions of features that were not made here, as one batch.

        Parameters
        ----------
        features
            (B, L, D) float32 from the encoder that the model learned with.
        options, beginning
            As in `caption`.

        Raises
        ------
        ConfigurationError
            If the model expects features of another width, or does not know a word of the beginning.
        """
        dim = self._model.config.decoder.encoder_dim
        if features.ndim != 3 or features.shape[-1] != dim:
            raise ConfigurationError(
                f"The model {self.name} takes features that are {dim} wide, not of shape {features.shape}. "
                "Give it features from what it learned with."
            )
        chosen, on_device = options or self.options, torch.from_numpy(features).to(self.device)
        prefix = self._prefix(beginning)
        decoded = decode(self._model.decoder, on_device, chosen, prefix=prefix, space=self.vocabulary.space)
        return [self._finish_row(caption) for caption in decoded]

    def _caption_batch(
        self, batch: Sequence[PreparedImage | FailedImage], options: DecodingOptions
    ) -> Iterator[Caption | FailedImage]:
        prepared = [image for image in batch if isinstance(image, PreparedImage)]
        captions = iter(self._decode(self.encode_prepared(prepared), options))
        for image in batch:
            yield image if isinstance(image, FailedImage) else next(captions)

    def _prepare_or_fail(self, image: ImageSource) -> PreparedImage | FailedImage:
        try:
            return self.prepare(image)
        except ImageError as error:
            return FailedImage(Path(image) if isinstance(image, (str, os.PathLike)) else None, error)

    def _encode(self, images: Sequence[PreparedImage]) -> EncodedImages:
        if not images:
            return self._encode_none()
        # A decoder is faster with many images at once; a CNN is not, and its memory grows with each.
        parts = [
            self._model.encode(stack_pixels([image.pixels for image in part]).to(self.device))
            for part in in_batches(images, ENCODER_BATCH_SIZE)
        ]
        return EncodedImages(torch.cat([part.features for part in parts]), parts[0].grid)

    def _encode_none(self) -> EncodedImages:
        size = self.require_encoder().input_size
        # Not every layer takes an empty batch, so a grey image tells the shape.
        grey = self._model.encode(torch.full((1, size, size, 3), 127, dtype=torch.uint8, device=self.device))
        return EncodedImages(grey.features[:0], grey.grid)

    def _decode(
        self, images: Sequence[ImageFeatures], options: DecodingOptions, prefix: Sequence[int] = ()
    ) -> list[Caption]:
        features = torch.stack([image.features for image in images]) if images else torch.empty(0, device=self.device)
        # In float32: bf16 would be a quarter faster, but its kernels for every batch that shrinks take 150 MB.
        decoded = decode(self._model.decoder, features, options, prefix=prefix, space=self.vocabulary.space)
        return [self._finish(*pair, options) for pair in zip(images, decoded, strict=True)]

    def _finish(self, image: ImageFeatures, decoded: DecodedCaption, options: DecodingOptions) -> Caption:
        caption = self._finish_row(decoded)
        return Caption(
            path=image.path,
            text=caption.text,
            words=caption.words,
            log_probability=caption.log_probability,
            score=caption.score,
            width=image.geometry.width,
            height=image.geometry.height,
            attention=caption.attention,
            grid=image.grid,
            geometry=image.geometry,
            alternatives=caption.alternatives,
            model=self.name,
            options=options,
        )

    def _finish_row(self, decoded: DecodedCaption) -> FeatureCaption:
        tokens = self.vocabulary.tokens
        texts = self.vocabulary.decode(decoded.best.token_ids)
        words = tuple(
            Word(text, log_probability, gate, tuple((tokens[index], value) for index, value in alternatives))
            for text, log_probability, gate, alternatives in zip(
                texts, decoded.log_probabilities.tolist(), decoded.gates.tolist(), decoded.alternatives, strict=True
            )
        )
        others = tuple(
            Alternative(join_words(self.vocabulary.decode(other.token_ids)), other.log_probability, other.score)
            for other in decoded.others
        )
        return FeatureCaption(
            text=join_words(texts),
            words=words,
            log_probability=decoded.best.log_probability,
            score=decoded.best.score,
            attention=decoded.alphas,
            alternatives=others,
            model=self.name,
        )

    def _prefix(self, beginning: str | Sequence[str]) -> list[int]:
        words = tokenise_words(beginning) if isinstance(beginning, str) else list(beginning)
        token_ids = self.vocabulary.encode(words)
        if UNK in token_ids:
            unknown = next(word for word in words if UNK in self.vocabulary.encode([word]))
            raise ConfigurationError(f"The model {self.name} does not know the word {unknown!r}. Choose another.")
        return token_ids
