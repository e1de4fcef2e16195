"""Extraction: what an encoder sees in each photograph, and in mirrored and cropped views of it, into a feature file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from captioner import __version__
from captioner.data.feature_files import FeatureFileInfo, FeatureWriter
from captioner.data.parts import Part, Shard, names_sha256
from captioner.data.pixel_files import PixelFile, row_of_name
from captioner.encoders import Encoder
from captioner.errors import FeatureFileError, ImageError
from captioner.imaging import Photograph, fit_to_square, open_photograph, photograph_from
from captioner.read_ahead import in_batches, map_ahead

ENCODER_BATCH = 32
READING_THREADS = 2
VIEWS_SEED = 7
LEAST_AREA = 0.5
MOST_ASPECT = 4 / 3


@dataclass(frozen=True, slots=True)
class ImagesEncoded:
    """Some images more are done.

    Attributes
    ----------
    done, failed, images
        How many are in the file, were left out, and are wanted in all.
    errors
        Why images were left out since the last event.
    resumed
        How many of them an earlier extraction, which was interrupted, had dealt with.
    """

    done: int
    failed: int
    images: int
    errors: tuple[ImageError, ...]
    resumed: int = 0


def training_views(pixels: NDArray[np.uint8], count: int, *, index: int) -> list[NDArray[np.uint8]]:
    """Make views of a photograph for training, the same each time.

    The first is its mirror image; the others are random crops of 50 to 100 % of the area, aspect 3:4 to 4:3, scaled
    back to the square, every second one mirrored.

    Parameters
    ----------
    pixels
        (S, S, 3) uint8.
    count
        How many views.
    index
        Of the image in its data set; decides the crops.
    """
    random = np.random.default_rng([VIEWS_SEED, index])
    side = pixels.shape[0]
    image = Image.fromarray(pixels)
    views = []
    for view in range(count):
        box = (0.0, 0.0, float(side), float(side)) if view == 0 else _random_box(random, side)
        cropped = image.resize((side, side), Image.Resampling.BICUBIC, box=box)
        if view % 2 == 0:
            cropped = cropped.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        views.append(np.array(cropped))
    return views


def _random_box(random: np.random.Generator, side: int) -> tuple[float, float, float, float]:
    area = random.uniform(LEAST_AREA, 1) * side * side
    aspect = np.exp(random.uniform(-np.log(MOST_ASPECT), np.log(MOST_ASPECT)))
    width, height = min(side, (area * aspect) ** 0.5), min(side, (area / aspect) ** 0.5)
    left, top = random.uniform(0, side - width), random.uniform(0, side - height)
    return left, top, left + width, top + height


def part_of_extraction(
    shard: Shard, encoder: Encoder, names: Sequence[str], *, weights_sha256: str, views: int, max_megapixels: float
) -> Part:
    """What `extract_features` with these arguments makes of one share of the images."""
    config = encoder.config
    return Part(
        shard=shard,
        images=len(names),
        images_per_batch=_images_per_batch(views),
        names_sha256=names_sha256(names),
        settings={
            "the encoder": config.name,
            "the weights": weights_sha256,
            "the input size": str(config.input_size),
            "views": str(views),
            "--precision": str(encoder.precision).removeprefix("torch."),
            "--max-megapixels": str(max_megapixels),
            "Captioner": __version__,
        },
    )


def _images_per_batch(views: int) -> int:
    return max(1, ENCODER_BATCH // (1 + views))


def extract_features(
    encoder: Encoder,
    names: Sequence[str],
    source: Path | PixelFile,
    output: str | os.PathLike[str],
    *,
    weights_sha256: str,
    views: int = 0,
    max_megapixels: float = 64,
    part: Part | None = None,
) -> Generator[ImagesEncoded]:
    """Encode the images ``names`` of ``source`` and write their features, float16, to ``output``.

    The file appears when all images are done. An image that cannot be read is left out of it and reported. What an
    interrupted extraction has done stays, hidden beside ``output``, and the next one with the same arguments goes on
    from there: batch for batch, so that the features are the same as if it had never been interrupted.

    Parameters
    ----------
    encoder
        Ready for inference.
    names
        File names relative to the folder, or `PixelFile.image_names`; they name the rows.
    source
        The folder of the images, or an open file of pixels.
    output
        The feature file.
    weights_sha256
        `captioner.encoders.Encoder.digest`, recorded in the file.
    views
        Extra views of each image, see `training_views`.
    part
        Encode only the images of this share of ``names``, see `part_of_extraction`.

    Raises
    ------
    FeatureFileError
        If no image could be read.
    OutputError
        If the file cannot be written.
    """
    reader = _Reader(source, encoder, views, max_megapixels)
    per_batch = _images_per_batch(views)
    # With their places among all images, which decide their views.
    numbered = list(enumerate(names))[part.rows.start : part.rows.stop] if part else list(enumerate(names))
    names = [name for _, name in numbered]
    info = _announce(encoder, len(names), views, weights_sha256, part)
    with FeatureWriter(output, info, names, resume_key=_resume_key(encoder, source, max_megapixels)) as writer:
        resumed, failed = writer.images_done, writer.images_left_out
        done = resumed - failed
        if resumed:
            yield ImagesEncoded(done, failed, len(names), (), resumed)
        read = map_ahead(reader.read, numbered[resumed:], threads=READING_THREADS, depth=4 * per_batch)
        with contextlib.closing(read) as pictures:
            for batch in in_batches(zip(names[resumed:], pictures, strict=True), per_batch):
                errors = _encode_batch(encoder, batch, writer, done)
                done, failed = done + len(batch) - len(errors), failed + len(errors)
                yield ImagesEncoded(done, failed, len(names), errors, resumed)
        if not done:
            _give_up(writer, source, output)


def _give_up(writer: FeatureWriter, source: Path | PixelFile, output: str | os.PathLike[str]) -> NoReturn:
    writer.discard()
    path = source.path if isinstance(source, PixelFile) else source
    raise FeatureFileError(f"No image of {path} could be read, so {output} was not written.", path=path)


def _encode_batch(
    encoder: Encoder, batch: Sequence[tuple[str, NDArray[np.uint8] | ImageError]], writer: FeatureWriter, row: int
) -> tuple[ImageError, ...]:
    """Write the features of named pictures from ``row`` on, and leave out those that could not be read."""
    errors, good = [], []
    for name, picture in batch:
        if isinstance(picture, ImageError):
            writer.leave_out(name)
            errors.append(picture)
        else:
            good.append(picture)
    if good:
        features = _encode(encoder, good)
        writer.write(row, features[:, 0], features[:, 1:] if writer.info.views else None)
    writer.commit()
    return tuple(errors)


def _resume_key(encoder: Encoder, source: Path | PixelFile, max_megapixels: float) -> str:
    path = source.path if isinstance(source, PixelFile) else source
    return f"{path.resolve()}; {encoder.precision}; {encoder.mean.device.type}; {max_megapixels}"


@torch.inference_mode()
def _announce(encoder: Encoder, images: int, views: int, weights_sha256: str, part: Part | None) -> FeatureFileInfo:
    config = encoder.config
    shape = (1, config.input_size, config.input_size, 3)
    return FeatureFileInfo(
        images=images,
        dim=encoder.dim,
        # Asked of the network itself: not every grid is the input size over the stride.
        grid=encoder(torch.zeros(shape, dtype=torch.uint8, device=encoder.mean.device)).grid,
        views=views,
        encoder=config.name,
        encoder_weights_sha256=weights_sha256,
        input_size=config.input_size,
        preprocessing=f"{config.fit}; mean {config.mean}; std {config.std}",
        part="" if part is None else part.to_json(),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Path | PixelFile
    encoder: Encoder
    views: int
    max_megapixels: float

    def read(self, numbered: tuple[int, str]) -> NDArray[np.uint8] | ImageError:
        """Pixels (1 + V, S, S, 3) of an image and its views, or why there are none."""
        index, name = numbered
        config = self.encoder.config
        try:
            photograph = self._open(name)
        except ImageError as error:
            return error
        pixels, _ = fit_to_square(photograph, config.input_size, config.fit)
        return np.stack([pixels, *training_views(pixels, self.views, index=index)])

    def _open(self, name: str) -> Photograph:
        if not isinstance(self.source, PixelFile):
            side = self.encoder.config.input_size
            return open_photograph(self.source / name, max_megapixels=self.max_megapixels, at_least=side)
        row = row_of_name(name)
        try:
            return photograph_from(self.source.read(-1 if row is None else row))
        except FeatureFileError as error:
            raise ImageError(error.message, path=self.source.path) from error


@torch.inference_mode()
def _encode(encoder: Encoder, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Features (B, 1 + V, L, D) of pixels (1 + V, S, S, 3) each."""
    pixels = torch.from_numpy(np.concatenate(pictures))
    features: NDArray[np.float32] = encoder(pixels.to(encoder.mean.device)).features.cpu().numpy()
    return features.reshape(len(pictures), -1, *features.shape[1:])
