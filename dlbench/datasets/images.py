"""Image files: what their headers say, and how those are decoded that are not plain 8-bit grey or RGB."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from dlbench.values.errors import InputError

ENDINGS = frozenset((
    ".apng", ".bmp", ".dib", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm",
    ".tga", ".tif", ".tiff", ".webp"))
FORMATS = ("BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TGA", "TIFF", "WEBP")
"""Formats of files with these endings. Of Pillow's others, some call programs (PostScript), and none is meant."""
PLAIN = {"JPEG", "MPO", "PNG", "BMP", "WEBP"}
"""Formats that TensorFlow decodes as well, where they are plain."""
UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, UnidentifiedImageError, Image.DecompressionBombError)
OPAQUE = 255
OPAQUE_16_BITS = 65535
UPRIGHT: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: np.fliplr, 3: lambda x: np.rot90(x, 2), 4: np.flipud, 5: lambda x: x.swapaxes(0, 1), 6: lambda x: np.rot90(x, -1),
    7: lambda x: np.rot90(x, 2).swapaxes(0, 1), 8: np.rot90}
"""Orientation of an image, as EXIF numbers it -> what turns it upright."""


def is_image(path: Path) -> bool:
    """Return whether a file is an image by its ending; one without an ending, by its first bytes.

    Example:
        >>> is_image(Path("a.JPG")), is_image(Path("a.xml")), is_image(Path("a.jpg:Zone.Identifier"))
        (True, False, False)
    """
    return path.suffix.lower() in ENDINGS if path.suffix else _begins_as_one(path)


def _begins_as_one(path: Path) -> bool:
    try:
        with _open(path):
            return True
    except UNREADABLE:
        return False


def _open(path: Path) -> Image.Image:
    Image.init()  # what it does not know yet, it would not find
    return Image.open(path, formats=FORMATS)


@dataclass(frozen=True)
class Header:
    """What the header of an image file says.

    Attributes:
        height, width: of the upright image.
        bits: of a value: 8, 16, or 32 for other numbers.
        plain: whether it is 8-bit grey or RGB, upright and opaque, and of a format that TensorFlow decodes.
        orientation: in which it is stored, as EXIF numbers it: 1 is upright.
        transparent: whether it has transparent pixels.
        mode: Pillow's name of the kind of its pixels.
        frames: whether it is an animation or has several pages.
        bands: its channels, where they are neither grey nor colours; else 0.
        tiff: whether it is read by :mod:`dlbench.datasets.tiff`.
    """

    height: int
    width: int
    bits: int
    plain: bool
    orientation: int
    transparent: bool
    mode: str
    frames: bool
    bands: int = 0
    tiff: bool = False

    @property
    def turned(self) -> bool:
        """Whether it is stored in another orientation than upright."""
        return self.orientation in UPRIGHT


def header(path: Path) -> Header:
    """Read the header of an image file.

    Raises:
        InputError: it is broken, or no image.
    """
    with _opened(path) as image:
        tag = image.getexif().get(ExifTags.Base.Orientation, 1) if "exif" in image.info or image.format in ("TIFF", "MPO") else 1
        width, height = image.size[::-1] if tag in range(5, 9) else image.size
        tiles = getattr(image, "tile", ())  # what Pillow knows of the stored values, of files only
        raw = str(tiles[0].args) if tiles else ""
        bits = 16 if ";16" in image.mode or ";16" in raw else 32 if image.mode in ("I", "F") else 8
        alpha = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
        transparent = alpha and bool(np.asarray(image.convert("RGBA"))[..., 3].min(initial=OPAQUE) < OPAQUE)
        frames = bool(getattr(image, "is_animated", False))
        plain = image.format in PLAIN and image.mode in ("RGB", "L") and bits == 8 and tag not in UPRIGHT and not transparent
        plain = plain and not (frames and image.format == "WEBP")
        return Header(height, width, bits, plain, tag, transparent, image.mode, frames)


def decode(path: Path, known: Header, channels: int, alpha: bool = False) -> np.ndarray:
    """Decode an image that is not plain: upright, its first frame, its transparent pixels over white.

    Args:
        path: of the file.
        known: its header.
        channels: 1 or 3.
        alpha: whether transparency is one more channel instead.

    Returns:
        [height, width, channels], uint8 for 8 bits, float32 otherwise.

    Raises:
        InputError: it is broken.
    """
    with _opened(path) as opened:
        image = ImageOps.exif_transpose(opened) if known.turned else opened
        if known.bits > 8:
            return with_alpha(deep(np.asarray(image, np.float32), channels), OPAQUE_16_BITS if alpha else None)
        if alpha:
            return np.asarray(image.convert("RGBA" if known.transparent else "RGB").convert("RGBA"))
        if known.transparent:
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        return np.asarray(image.convert("L" if channels == 1 else "RGB")).reshape(image.height, image.width, channels)


def with_alpha(values: np.ndarray, opacity: int | np.ndarray | None) -> np.ndarray:
    """Put a channel behind others, [height, width, channels], that says how opaque pixels are; None leaves it out.

    Example:
        >>> with_alpha(np.zeros((1, 1, 3)), 255).tolist()
        [[[0.0, 0.0, 0.0, 255.0]]]
    """
    if opacity is None:
        return values
    return np.concatenate([values, np.broadcast_to(np.asarray(opacity, values.dtype), (*values.shape[:2], 1))], axis=-1)


def composited(values: np.ndarray) -> np.ndarray:
    """Lay 16-bit images [height, width, 2 or 4] with transparency over white; float32 without that channel."""
    share = values[..., -1:].astype(np.float32) / OPAQUE_16_BITS
    return values[..., :-1] * share + OPAQUE_16_BITS * (1 - share)


def deep(values: np.ndarray, channels: int) -> np.ndarray:
    """Bring images of more than 8 bits, [height, width] or [height, width, 1 or 3], to 1 or 3 channels."""
    values = values[..., None] if values.ndim == 2 else values
    if channels == 1 and values.shape[-1] == 3:
        return values @ np.array([[0.299], [0.587], [0.114]], np.float32)
    return np.repeat(values, channels, -1) if values.shape[-1] < channels else values


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large images, and of damaged EXIF data
            with _open(path) as image:
                yield image
    except UNREADABLE as error:
        reason = str(error).replace(str(path), path.name)
        raise InputError(f"{path} is broken, or no image that Pillow and TensorFlow decode: {reason}") from None
