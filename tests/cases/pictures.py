"""Folders of pictures, and what is read of them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dlbench.datasets import Places
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.recipe import Data

RGB = np.random.default_rng(0).integers(0, 256, (16, 24, 3)).astype(np.uint8)


def folder(root, **images):
    """A folder with a class ``other`` of plain images beside the class ``cat`` of the given ones (name -> image, bytes or text)."""
    size = next((one.size for one in images.values() if isinstance(one, Image.Image)), (24, 16))
    for number in range(2):
        save(root / "other" / f"{number}.png", Image.new("RGB", size, (number, 0, 0)))
    for name, image in images.items():
        save(root / "cat" / name.replace("__", "."), image)
    return root


def save(path, image, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(image, Image.Image):
        image.save(path, **options)
    else:
        path.write_bytes(image if isinstance(image, bytes) else image.encode())


def got(root, **fields):
    return fetch(Data(source=f"folder:{root.name}", **fields), Places(str(root.parent)), str(root.parent / "cache"))


def first(root, **fields):
    return np.asarray(got(root, **fields).x[0])


def sixteen(values):
    return Image.fromarray(values.astype(np.uint16))
