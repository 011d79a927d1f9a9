"""Image files as arrays of one size: plain ones are decoded by TensorFlow, others by Pillow, TIFF files of many channels by tifffile."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil
import tensorflow as tf

from dlbench.datasets import tiff
from dlbench.datasets.images import OPAQUE, OPAQUE_16_BITS, UPRIGHT, Header, composited, decode, deep, header, with_alpha
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import plural

ROWS = 64
"""Images in a chunk."""
COLOUR = 3
LARGEST_PX = 2**20
"""Pixels of an image that is trained on in the size that it has; larger ones need a size in the study."""
SUGGESTED_PX = 224
RESIZING = 12
"""Bytes of a value while an image is read and resized: its own, and two of single precision."""
CHUNK_BYTES = 2**28
TO_16_BITS = 257
KEEP = "keep"
"""The value of a study's ``alpha`` that makes opacity a channel."""


class ImageFiles:
    """Image files, all brought to one size and one kind of numbers.

    Images are turned upright as their EXIF data says, transparent pixels lie over white, and of an animation the first image counts. They
    are 8-bit, unless one of them has 16 bits: then all are float32 in 0 to 65535. They are resized with bilinear interpolation and
    antialiasing, without keeping their proportions. Channels are 3 unless the study says 1; ``alpha = "keep"`` makes opacity a fourth
    one, which weighs the colours as they are resized. TIFF files whose channels are neither grey nor colours keep them all.

    Args:
        data: the recipe's data fields, which say the size, and what becomes of transparency.
        files: all of them; their headers are read.

    Attributes:
        shape: height, width and channels of what is read.
        rows: how many are read at once.

    Raises:
        InputError: a file is broken, sizes or numbers of channels differ, or images are larger than anybody trains on by intention.
    """

    def __init__(self, data: Data, files: Sequence[Path]) -> None:
        self.data, self.size = data, data.size or ()
        self.headers = {file: tiff.header(file) or header(file) for file in files}
        self.alpha, self.colours = data.alpha == KEEP, self.size[2] if len(self.size) > 2 else COLOUR
        self.channels = self._one_number_of_bands() or self.colours + self.alpha
        self.bits = max(known.bits for known in self.headers.values())
        self._demand_one_size()
        self._demand_one_kind()
        self._demand_memory()
        first = next(iter(self.headers.values()))
        self.shape = (*(self.size[:2] or (first.height, first.width)), self.channels)
        self.rows = min(ROWS, max(1, CHUNK_BYTES // (4 * math.prod(self.shape))))

    @property
    def size_bytes(self) -> int:
        """Of all images, once decoded."""
        return len(self.headers) * math.prod(self.shape) * (1 if self.bits == 8 else 4)

    @property
    def changed(self) -> bool:
        """Whether version 0.1.0 read one of them otherwise."""
        return any(known.turned or known.transparent or known.bits > 8 or known.mode == "CMYK" for known in self.headers.values())

    def read(self, files: Sequence[Path]) -> np.ndarray:
        """Read some of the images, [n, height, width, channels]: uint8, or float32 where one of all has more than 8 bits.

        Raises:
            InputError: one cannot be decoded.
        """
        return np.stack([self._image(file) for file in files])

    def notes(self) -> Iterator[str]:
        """Yield what is converted, as far as the headers tell it."""
        known = list(self.headers.values())
        sizes = sorted({(one.height, one.width) for one in known})
        if self.size and sizes != [tuple(self.size[:2])]:
            (low, high), wanted = (sizes[0], sizes[-1]), "x".join(map(str, self.size[:2]))
            yield f"images of {_px(low)}{f' to {_px(high)}' if low != high else ''} pixels (height x width) are brought to {wanted}"
        for count, what in (
            (sum(one.turned for one in known), "turned upright, as EXIF data says: {}"),
            (sum(one.transparent for one in known), "with transparent pixels, " + (
                "whose opacity is the fourth channel: {}" if self.alpha else "which lie over white: {}")),
            (sum(one.mode == "CMYK" for one in known), "converted from CMYK: {}"),
            (sum(one.frames for one in known), "animations, or files of several pages, of which the first counts: {}"),
        ):
            if count:
                yield what.format(plural(count, "image"))
        if self.alpha and not any(one.transparent for one in known):
            yield "no image has transparent pixels: the fourth channel is the same everywhere"
        if known[0].bands:
            yield f"each of the {self.channels} channels of the files is kept"
        if self.bits == 16:
            eight = sum(one.bits == 8 for one in known)
            yield (f"{plural(sum(one.bits == 16 for one in known), 'image')} of 16 bits: all bits are kept"
                   + (f"; {plural(eight, 'image')} of 8 bits: values are multiplied by {TO_16_BITS}" if eight else ""))

    def _one_number_of_bands(self) -> int:
        """Return the number of channels of files that are neither grey nor coloured; 0 where all are that."""
        bands, where = {known.bands: file for file, known in self.headers.items()}, f"dataset '{self.data.source}'"
        if len(bands) > 1:
            (one, first), (two, second) = list(bands.items())[:2]
            told = (f"{file} has {count} channels" if count else f"{file} is grey or coloured" for count, file in
                    ((one, first), (two, second)))
            raise InputError(f"{where}: {' and '.join(told)}; accepted: images of one number of channels")
        (count, file), = bands.items()
        if count and (self.alpha or len(self.size) > 2):
            key = "alpha" if self.alpha else f"size = {list(self.size)}"
            raise InputError(f"{where}: {key}: {file} has {count} channels, which are neither grey nor colours; accepted: all of them, by "
                             f"`size = [height, width]` without `alpha`")
        return count

    def _demand_one_size(self) -> None:
        sizes = {(known.height, known.width): file for file, known in self.headers.items()}
        if self.size:
            return
        height, width = max(sizes, key=np.prod)
        proposed = f"`size = {_proposal(height, width)}` in the study"
        if len(sizes) > 1:
            (one, first), (two, second) = list(sizes.items())[:2]
            raise InputError(f"dataset '{self.data.source}': {second} is {_px(two)} pixels, {first} is {_px(one)} (height x width; "
                             f"{len(sizes)} sizes in all); {proposed} makes them one size")
        if height * width > LARGEST_PX:
            mebibytes = len(self.headers) * height * width * self.channels / 2**20
            raise InputError(f"dataset '{self.data.source}': {plural(len(self.headers), 'image')} of {_px((height, width))} pixels (height "
                             f"x width), {mebibytes:,.0f} MiB once decoded; {proposed} makes them smaller, and "
                             f"`size = [{height}, {width}]` takes them as they are")

    def _demand_memory(self) -> None:
        """Refuse sizes of which one image, as it is resized, finds no room in memory."""
        sizes = [(known.height, known.width) for known in self.headers.values()]
        height, width = max([*sizes, (self.size[0], self.size[1])] if self.size else sizes, key=math.prod)
        wanted, there = RESIZING * height * width * self.channels, psutil.virtual_memory().total
        if wanted > there:
            raise InputError(f"dataset '{self.data.source}': an image of {_px((height, width))} pixels takes {wanted / 2**30:,.1f} GiB of "
                             f"memory while it is read, and this machine has {there / 2**30:,.1f} GiB; accepted: smaller images")

    def _demand_one_kind(self) -> None:
        if self.bits == 32 and (others := [file for file, known in self.headers.items() if known.bits < 32]):
            first = next(file for file, known in self.headers.items() if known.bits == 32)
            raise InputError(f"dataset '{self.data.source}': {first} has 32-bit values, {others[0]} "
                             f"{self.headers[others[0]].bits}-bit ones; accepted: images of 8 and 16 bits, or all of 32")

        if self.bits == 32 and self.alpha:
            raise InputError(f"dataset '{self.data.source}': alpha: {next(iter(self.headers))} has 32-bit values, of which nothing is "
                             "opaque or not; accepted: images of 8 and 16 bits")

    def _image(self, file: Path) -> np.ndarray:
        image = _image(file, self.headers[file], self.colours, self.alpha)
        if self.bits == 16 and image.dtype == np.uint8:
            image = image.astype(np.float32) * TO_16_BITS
        if not self.size or image.shape[:2] == tuple(self.size[:2]):
            return image
        full = OPAQUE_16_BITS if self.bits == 16 else OPAQUE
        return (resized_by_opacity(image, self.size, full) if self.alpha else resized(image, self.size)).numpy()


def _image(file: Path, known: Header, channels: int, alpha: bool) -> np.ndarray:
    """Decode one image in the size that it has, with 1 or 3 channels of colour and maybe one of opacity, or all that it has.

    Raises:
        InputError: it cannot be decoded.
    """
    if known.tiff:
        values = _upright(tiff.pixels(file), known)
        return _many_bits(values, known, channels, alpha) if not known.bands else values if known.bits == 8 else values.astype(np.float32)
    by_tensorflow = known.plain and not (channels == 1 and file.suffix.lower() not in (".jpg", ".jpeg", ".png"))
    sixteen = known.bits == 16 and known.mode in ("RGB", "RGBA", "LA", "L")
    if not by_tensorflow and not sixteen:
        return decode(file, known, channels, alpha)
    try:
        if by_tensorflow:
            image = tf.io.decode_image(file.read_bytes(), channels, expand_animations=False)
            return with_alpha((image[0] if image.shape.rank == 4 else image).numpy(), OPAQUE if alpha else None)
        values = tf.io.decode_png(file.read_bytes(), dtype=tf.uint16).numpy()
    except (OSError, tf.errors.OpError) as error:
        raise InputError(f"{file} is broken, or no image that TensorFlow decodes (JPEG, PNG, GIF, BMP, WebP): {_reason(error)}") from None
    return _many_bits(_upright(values, known), known, channels, alpha)


def _upright(values: np.ndarray, known: Header) -> np.ndarray:
    return UPRIGHT[known.orientation](values) if known.turned else values


def _many_bits(values: np.ndarray, known: Header, channels: int, alpha: bool) -> np.ndarray:
    """Bring values of 16 or 32 bits, [height, width, 1 to 4], to channels of colour and maybe one of opacity, float32."""
    if not alpha:
        return deep(composited(values) if known.transparent else values.astype(np.float32), channels)
    values = values.astype(np.float32)
    return with_alpha(deep(values[..., :-1] if known.transparent else values, channels),
                      values[..., -1:] if known.transparent else OPAQUE_16_BITS)


def _proposal(height: int, width: int) -> list[int]:
    scale = min(1.0, SUGGESTED_PX / max(height, width))
    return [max(round(height * scale), 1), max(round(width * scale), 1)]


def _px(size: tuple[int, int]) -> str:
    return "x".join(map(str, size))


def resized(image: tf.Tensor, size: tuple[int, ...] | None) -> tf.Tensor:
    """Resize an image without keeping its proportions: bilinear, antialiased, rounded.

    Args:
        image: [height, width, channels] uint8, or float32 of more bits, which is not rounded.
        size: height, width (and channels, which are not looked at); None leaves the image as it is.

    Returns:
        [height, width, channels] of the same type.

    Example:
        >>> resized(tf.fill([4, 6, 3], tf.constant(7, tf.uint8)), (2, 2)).numpy()[0, 0].tolist()
        [7, 7, 7]
    """
    if size is None:
        return image
    return _of_type(tf.image.resize(image, size[:2], "bilinear", antialias=True), image.dtype)


def resized_by_opacity(image: np.ndarray, size: tuple[int, ...], full: float) -> tf.Tensor:
    """Resize an image whose last channel is its opacity as :func:`resized` does, each colour weighed by its opacity.

    Colours are multiplied by the opacity, resized with it, and divided by what it has become (straight alpha). Where nothing is left of the
    opacity, the colours are 0. An opaque image is resized as any other.

    Args:
        image: [height, width, channels] uint8, or float32 of 16 bits.
        size: height, width (and channels, which are not looked at).
        full: the opacity of an opaque pixel.

    Returns:
        [height, width, channels] of the same type.

    Example:
        >>> red_beside_green = np.uint8([[[255, 0, 0, 0], [0, 255, 0, 255]]])
        >>> resized_by_opacity(red_beside_green, (1, 1), 255).numpy().ravel().tolist()
        [0, 255, 0, 128]

    Source: T. Porter, T. Duff, "Compositing digital images", 1984, https://doi.org/10.1145/800031.808606.
    """
    values = image.astype(np.float32)
    opacity = values[..., -1:] / full
    if (opacity == 1).all():
        return resized(image, size)
    weighed = tf.image.resize(np.concatenate([values[..., :-1] * opacity, opacity], axis=-1), size[:2], "bilinear", antialias=True)
    colours = tf.clip_by_value(tf.math.divide_no_nan(weighed[..., :-1], weighed[..., -1:]), 0, full)
    return _of_type(tf.concat([colours, weighed[..., -1:] * full], axis=-1), tf.as_dtype(image.dtype))


def _of_type(values: tf.Tensor, kind: tf.DType) -> tf.Tensor:
    """Return values as they are, or rounded to bytes."""
    return tf.cast(tf.clip_by_value(tf.round(values), 0, 255), tf.uint8) if kind == tf.uint8 else values


def _reason(error: Exception) -> str:
    text = getattr(error, "message", None) or str(error)
    return re.sub(r"^\{\{.*?\}\} ?", "", text).partition(" [Op:")[0]
