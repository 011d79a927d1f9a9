"""All networks of ``keras.applications`` with random weights, each under its own name as a function."""

from __future__ import annotations

from collections.abc import Callable

import keras

SIZES_PX = {"InceptionResNetV2": 75, "InceptionV3": 75, "Xception": 71}
NAMES = tuple(name for name in dir(keras.applications) if name[0].isupper())


def size_px(name: str) -> int:
    """Return the smallest usual input of a network."""
    return SIZES_PX.get(name, 32)


def __getattr__(name: str) -> Callable[..., keras.Model]:
    if name not in NAMES:
        raise AttributeError(name)
    build = getattr(keras.applications, name)
    return lambda input_shape, classes: build(weights=None, input_shape=input_shape, classes=classes)
