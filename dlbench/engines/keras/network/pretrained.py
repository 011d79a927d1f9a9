"""Pretrained weights: Keras files, ImageNet weights of ``keras.applications``, and the inputs that they expect."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from dlbench.datasets import Arrays, Places
from dlbench.datasets.fingerprint import content
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.network.anatomy import anatomy, functional
from dlbench.engines.keras.network.originals import original
from dlbench.models.applications import PREPROCESSING, base_of
from dlbench.techniques.transfer_learning import IMAGENET, MARK
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe

KINDS = (".keras", ".weights.h5", ".h5")


def input_kind(recipe: Recipe) -> str:
    """Name the scaling of a recipe's inputs; ``application`` becomes that which the model's base was trained with.

    Raises:
        InputError: the model has no base whose preprocessing could be used.
    """
    if recipe.transfer.mode == "article":
        return "none"
    if recipe.data.normalization != "application":
        return recipe.data.normalization
    base = base_of(recipe.model)
    if base is None:
        raise InputError(f"normalization 'application' is for models with a base of keras.applications; '{recipe.model.name}' has none")
    return PREPROCESSING[base]


def read(recipe: Recipe, data: Resident, places: Places, imagenet: str | None) -> dict[str, np.ndarray]:
    """Read the weights that a recipe's transfer names, by ``layer/weight`` in canonical names.

    Args:
        recipe: whose ``transfer.weights`` is the name of a file, or ``imagenet``.
        data: of the task; the file may be of other classes.
        places: where files are looked for.
        imagenet: file that stands for the download of ImageNet weights, or None.

    Raises:
        InputError: the file cannot be read, is no Keras file, or holds what only unsafe loading could build; or the download failed.
    """
    model, (wanted, _, known) = functional(original(recipe, data.shape, data.classes)), str(recipe.transfer.weights).partition(MARK)
    if wanted != IMAGENET:
        return _from_file(model, wanted, str(places.named(wanted, f"weights = '{wanted}'")), known)
    base = base_of(recipe.model)
    if base is None:
        raise InputError(f"weights = '{IMAGENET}': model '{recipe.model.name}' has no base of keras.applications; "
                         "accepted: model = 'application' or 'vgg16_transfer', or a .keras or .weights.h5 file")
    if data.shape[-1] != 3:
        raise InputError(f"weights = '{IMAGENET}': they are for images of 3 channels; these have {data.shape[-1]}")
    if known and not imagenet:
        raise InputError(f"weights = '{IMAGENET}': this study was planned with a file of them; --weights FILE names it")
    return _from_file(model, imagenet, imagenet, known) if imagenet else _downloaded(base, data.shape)


def _from_file(model: keras.Model, name: str, path: str, known: str = "") -> dict[str, np.ndarray]:
    if not path.endswith(KINDS) or not Path(path).is_file():
        raise InputError(f"weights = '{name}': accepted: a file that ends in {', '.join(KINDS)}, or '{IMAGENET}'")
    if known and content(Path(path)) != known:
        raise InputError(f"weights = '{name}': the file is another one than when this study was planned")
    try:
        if path.endswith(".keras"):
            return _named(functional(keras.saving.load_model(path, compile=False, safe_mode=True)))
        return _loaded(model, path)
    except (ValueError, TypeError, OSError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"weights = '{name}': cannot be loaded: {' '.join(str(error).split())[:300]}") from None


def _loaded(model: keras.Model, path: str) -> dict[str, np.ndarray]:
    """Read the weights of a file into this architecture, and return those that the file has in the same shape."""
    for weight in model.weights:
        weight.assign(tf.cast(tf.fill(weight.shape, np.nan), weight.dtype))
    legacy = not path.endswith(".weights.h5")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of layers that do not fit: whoever needs one of them says so
        model.load_weights(path, skip_mismatch=True, **({"by_name": True} if legacy else {}))
    return {name: value for name, value in _named(model).items() if np.isfinite(value).all()}


def _downloaded(base: str, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    build = getattr(keras.applications, base)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that they were trained on images of another size
            return _named(functional(build(include_top=False, weights="imagenet", input_shape=shape)))
    except ValueError as error:
        raise InputError(f"model '{base}': {' '.join(str(error).split())[:200]}") from None
    except Exception as error:  # whatever a network can do
        raise InputError(f"weights = '{IMAGENET}': the ImageNet weights of {base} cannot be downloaded "
                         f"({' '.join(str(error).split())[:120]}); --weights FILE names a file that has them") from None


def _named(model: keras.Model) -> dict[str, np.ndarray]:
    paths = anatomy(model).paths
    every = model._flatten_layers(include_self=False, recursive=True)
    return {f"{paths.get(layer.name, layer.name)}/{weight.name}": weight.numpy() for layer in every for weight in layer.weights}


def fitted(arrays: Arrays, shape: tuple[int, int, int]) -> Arrays:
    """Bring a dataset's images to another height, width and number of channels: averaged down, or to grey or back."""
    height, width, channels = shape
    parts = []
    for first in range(0, len(arrays.x), 1000):
        images = tf.cast(arrays.x[first : first + 1000], tf.float32)
        if channels == 1 and images.shape[-1] == 3:
            images = tf.image.rgb_to_grayscale(images)
        if channels == 3 and images.shape[-1] == 1:
            images = tf.image.grayscale_to_rgb(images)
        parts.append(tf.image.resize(images, (height, width), "area").numpy())
    x = np.concatenate(parts)
    if x.shape[1:] != tuple(shape):
        raise InputError(f"images of {arrays.x.shape[-1]} channels cannot be brought to {channels}")
    return Arrays(x, arrays.y, arrays.train, arrays.classes, arrays.full_range, arrays.low)
