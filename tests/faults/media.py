"""Sound files of images and sounds, as bytes: what broken ones are made from."""

import importlib
import io
from functools import cache

import numpy as np
from PIL import Image
from scipy.io import wavfile


@cache
def images() -> list[bytes]:
    found = []
    for kind, mode in (("PNG", "RGB"), ("JPEG", "RGB"), ("GIF", "P"), ("BMP", "RGB"), ("PNG", "L"), ("WEBP", "RGB"), ("PNG", "RGBA")):
        Image.linear_gradient("L").resize((9, 7)).convert(mode).save(buffer := io.BytesIO(), kind)
        found.append(buffer.getvalue())
    return found


@cache
def bands() -> list[bytes]:
    found, tifffile = [], importlib.import_module("tifffile")
    for shape, options in (((7, 9, 5), {}), ((5, 7, 9), {"planarconfig": "separate"}), ((7, 9, 4), {"photometric": "rgb"}),
                           ((7, 9, 5), {"compression": "zlib"}), ((7, 9, 5), {"bigtiff": True, "byteorder": ">"})):
        values = (np.arange(np.prod(shape)) * 200).astype(np.uint16).reshape(shape)
        tifffile.imwrite(buffer := io.BytesIO(), values, **{"photometric": "minisblack", "planarconfig": "contig", **options})
        found.append(buffer.getvalue())
    return found


@cache
def sounds() -> list[bytes]:
    found = []
    for dtype, channels in ((np.int16, 1), (np.uint8, 2), (np.int32, 1), (np.float32, 2)):
        wavfile.write(buffer := io.BytesIO(), 4000, np.arange(40 * channels).reshape(40, channels).astype(dtype))
        found.append(buffer.getvalue())
    return found
