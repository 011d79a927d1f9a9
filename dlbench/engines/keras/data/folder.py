"""Loads folders of images: TensorFlow decodes them and brings them to one size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from dlbench.datasets import texts
from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.folder import listing
from dlbench.datasets.places import Places
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data

ROWS = 64
"""Images in a chunk."""
COLOUR = 3


def load(data: Data, places: Places) -> Examples:
    """Load the images of ``folder:PATH``: 8-bit, of the study's ``size = [height, width]`` or ``[height, width, channels]``.

    Images are resized with bilinear interpolation and antialiasing, without keeping their proportions; of an animation, the first
    image counts. Channels are 3 unless the study says 1. A folder of CLASS.txt files is a dataset of sentences.

    Raises:
        InputError: naming the file that is no image or has another size, or the class that is empty.
    """
    listed = listing(data.source, places.find(data.source))
    parts = [part for part in (listed.train, listed.test) if part is not None]
    if listed.text:
        return texts.load(*({name: files[0] for name, files in part.items()} for part in parts))
    names = tuple(sorted(listed.train))
    return Examples(*(_chunks(part, names, data) for part in parts), names=names)


def _chunks(classes: dict[str, list[Path]], names: tuple[str, ...], data: Data) -> Iterator[Chunk]:
    size = data.size or ()
    for label, name in enumerate(names):
        for first in range(0, len(classes[name]), ROWS):
            files = classes[name][first : first + ROWS]
            images = [_image(file, size) for file in files]
            for file, image in zip(files, images):
                if image.shape != images[0].shape:
                    raise InputError(f"dataset '{data.source}': {file} is {_pixels(image)}, {files[0]} is {_pixels(images[0])}; "
                                     "`size = [height, width]` in the study makes them one size")
            yield Chunk(np.stack(images), np.full(len(files), label), lambda row, files=files: str(files[row]))


def _image(file: Path, size: tuple[int, ...]) -> np.ndarray:
    """Read one image, uint8 [height, width, channels].

    Raises:
        InputError: TensorFlow cannot decode it.
    """
    try:
        channels = size[2] if len(size) > 2 else COLOUR
        image = tf.io.decode_image(file.read_bytes(), channels, expand_animations=False)
        image = image[0] if image.shape.rank == 4 else image
    except (OSError, tf.errors.OpError) as error:
        raise InputError(f"{file} is broken, or no image that TensorFlow decodes (JPEG, PNG, GIF, BMP, WebP): {_reason(error)}") from None
    return (resized(image, size) if size and tuple(image.shape[:2]) != size[:2] else image).numpy()


def resized(image: tf.Tensor, size: tuple[int, ...] | None) -> tf.Tensor:
    """Resize an image without keeping its proportions: bilinear, antialiased, rounded.

    Args:
        image: [height, width, channels] uint8.
        size: height, width (and channels, which are not looked at); None leaves the image as it is.

    Returns:
        [height, width, channels] uint8.

    Example:
        >>> resized(tf.fill([4, 6, 3], tf.constant(7, tf.uint8)), (2, 2)).numpy()[0, 0].tolist()
        [7, 7, 7]
    """
    if size is None:
        return image
    values = tf.image.resize(image, size[:2], "bilinear", antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(values), 0, 255), tf.uint8)


def _reason(error: Exception) -> str:
    text = getattr(error, "message", None) or str(error)
    return re.sub(r"^\{\{.*?\}\} ?", "", text).partition(" [Op:")[0]


def _pixels(image: np.ndarray) -> str:
    return "x".join(map(str, image.shape))
