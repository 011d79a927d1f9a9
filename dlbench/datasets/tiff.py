"""TIFF files that Pillow does not read whole: of several channels that have more than 8 bits, of many channels, of double precision."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from dlbench.datasets.images import OPAQUE_16_BITS, Header
from dlbench.values.errors import InputError
from dlbench.values.text import one_line

BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
LONG = BEGINNINGS[2:]
"""Of files with addresses of 64 bits, whose header is twice as long."""
BITS, PHOTOMETRIC, ORIENTATION, SAMPLES, EXTRA, FORMAT = 258, 262, 274, 277, 338, 339
"""Numbers of tags."""
FLOATS = 3
COLOURS = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3}
"""Photometric interpretation -> its number of channels: grey, RGB, palette, CMYK, YCbCr, Lab."""
ASSOCIATED, UNASSOCIATED = 1, 2
"""Kinds of alpha: colours are multiplied by it, or are not."""
KINDS = {"u1": 8, "u2": 16}
"""Type of values -> their bits; all others are numbers of 32."""
MODES = {1: ("L", "LA"), 3: ("RGB", "RGBA")}
"""Channels of colour -> what Pillow calls them, without and with alpha."""


def header(path: Path) -> Header | None:
    """Read the header of a TIFF file that Pillow does not read whole; None for any other file, which Pillow reads or refuses.

    Raises:
        InputError: it is broken or of a kind that is not read, or tifffile is not installed.

    Source: Adobe, "TIFF revision 6.0", 1992, https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf.
    """
    tags = _tags(path)
    if tags is None or _is_for_pillow(tags):
        return None
    with _page(path) as page:
        _demand_readable(path, page)
        colours, alpha = COLOURS.get(int(page.photometric), 0), _has_alpha(page)
        mode = MODES[colours][alpha] if colours in MODES and page.samplesperpixel == colours + alpha else ""
        stored = page.tags.valueof(ORIENTATION, 1)
        height, width = (page.imagelength, page.imagewidth) if stored not in range(5, 9) else (page.imagewidth, page.imagelength)
        known = Header(height, width, KINDS.get(page.dtype.str[1:], 32), plain=False,
                       orientation=stored, transparent=False, mode=mode, frames=len(page.parent.pages) > 1,
                       bands=0 if mode else page.samplesperpixel, tiff=True)
        transparent = alpha and bool(mode) and bool((_values(page)[..., -1] < OPAQUE_16_BITS).any())
        return replace(known, transparent=transparent)


def pixels(path: Path) -> NDArray[Any]:
    """Read the first page of such a file, as it is stored; colours that were multiplied by their alpha are divided by it.

    Returns:
        [height, width, channels] in the type of the file.

    Raises:
        InputError: it is broken.
    """
    with _page(path) as page:
        _demand_readable(path, page)
        values = _values(page)
        if _has_alpha(page) and int(page.extrasamples[0]) == ASSOCIATED:
            share = values[..., -1:] / OPAQUE_16_BITS
            colours = np.divide(values[..., :-1], share, out=np.zeros(values[..., :-1].shape), where=share > 0)
            values = np.concatenate([np.minimum(colours, OPAQUE_16_BITS), values[..., -1:]], axis=-1).astype(values.dtype)
        return values


def _tags(path: Path) -> dict[int, tuple[int, ...]] | None:
    """Return the tags of the first page that say how pixels are stored; None where it is no TIFF file, or has none that can be read."""
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged tags: what is wrong with a file is one message
            if (begin := file.read(8))[:4] not in BEGINNINGS:
                return None
            directory: Any = ImageFileDirectory_v2(begin + (file.read(8) if begin[:4] in LONG else b""))
            file.seek(directory.next)
            directory.load(file)
            found = {tag: np.atleast_1d(directory[tag]) for tag in (BITS, PHOTOMETRIC, SAMPLES, EXTRA, FORMAT) if tag in directory}
            return {tag: tuple(values.tolist()) for tag, values in found.items() if values.dtype.kind in "iu" and values.size}
    except Exception:  # Pillow raises many kinds; it is asked to read the file then, and says what is wrong
        return None


def _is_for_pillow(tags: dict[int, tuple[int, ...]]) -> bool:
    """Return whether Pillow reads all bits of all channels.

    Example:
        >>> _is_for_pillow({BITS: (8, 8, 8), PHOTOMETRIC: (2,), SAMPLES: (3,)}), _is_for_pillow({BITS: (16,) * 3, SAMPLES: (3,)})
        (True, False)
    """
    samples, bits = tags.get(SAMPLES, (1,))[0], max(tags.get(BITS, (1,)))
    if samples == 1:
        return bits not in (16, 64) if FLOATS in tags.get(FORMAT, ()) else bits != 64
    colours, extra = COLOURS.get(tags.get(PHOTOMETRIC, (0,))[0], samples), tags.get(EXTRA, ())
    return bits == 8 and samples == colours + (extra in ((ASSOCIATED,), (UNASSOCIATED,)))


def _has_alpha(page: Any) -> bool:
    """Return whether the last channel of a page of 16 bits is its alpha."""
    return page.dtype.str[1:] == "u2" and [int(kind) for kind in page.extrasamples] in ([ASSOCIATED], [UNASSOCIATED])


def _demand_readable(path: Path, page: Any) -> None:
    """Refuse pages that are no images of numbers, or claim more pixels than Pillow accepts."""
    most = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    if page.dtype is None or page.dtype.kind not in "iuf" or page.axes not in ("YX", "YXS", "SYX"):
        raise InputError(f"{path}: its first page holds {page.dtype} on the axes {page.axes}; accepted: whole numbers or floating-point "
                         "numbers, by height, width and channels")
    if not 0 < page.imagelength * page.imagewidth * page.samplesperpixel <= most:
        raise InputError(f"{path} has {page.imagelength:,}x{page.imagewidth:,} pixels of {page.samplesperpixel:,} channels; accepted: 1 to "
                         f"{most:,} values in all")


def _values(page: Any) -> NDArray[Any]:
    """Return the values of a page, [height, width, channels]."""
    values = page.asarray()
    return np.moveaxis(values, 0, -1) if page.axes == "SYX" else values[..., None] if page.axes == "YX" else values


@contextmanager
def _page(path: Path) -> Iterator[Any]:
    """Open the first page of a file."""
    tifffile = _tifffile(path)
    try:
        with tifffile.TiffFile(path) as file:
            yield file.pages[0]
    except InputError:
        raise
    except Exception as error:  # tifffile raises dozens of kinds
        raise InputError(f"{path} is broken, or no image that tifffile reads: {one_line(error, 200)}") from None


def _tifffile(path: Path) -> ModuleType:
    try:
        found = importlib.import_module("tifffile")
    except ImportError:
        raise InputError(f"{path} has several channels of more than 8 bits, or of no colours, which Pillow does not read whole; tifffile "
                         "does: pip install 'dlbench[tiff]'") from None
    logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)  # what is wrong with a file is one message
    return found
