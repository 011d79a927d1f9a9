"""Models as their function builds them, before any technique."""

from __future__ import annotations

import inspect
import pkgutil

import keras

from dlbench.models import architecture
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe


def original(recipe: Recipe, shape: tuple[int, ...], classes: int) -> keras.Model:
    """The model of a recipe as its function builds it.

    Raises:
        InputError: it cannot be built for this data.
    """
    entry = architecture(recipe.model.name)
    if entry.smallest_px > 1 and len(shape) != 3:
        raise InputError(f"model '{entry.name}' takes images; an example of this data has the shape {list(shape)} (model 'mlp' takes any)")
    if min(shape[:2]) < entry.smallest_px:
        raise InputError(f"model '{entry.name}' needs images of at least {entry.smallest_px} px; these are {shape[0]}x{shape[1]}")
    options = dict(recipe.model.options)
    try:
        build = pkgutil.resolve_name(entry.build)
        if "vocabulary" in inspect.signature(build).parameters:
            options.setdefault("vocabulary", recipe.data.vocabulary)
        model = build(shape, classes, **options)
    except Exception as error:  # whatever the user's code raises is the user's to mend
        raise InputError(f"model '{entry.name}' with options {options}: {type(error).__name__}: {error}") from error
    if not isinstance(model, keras.Model):
        raise InputError(f"model '{entry.name}': wanted a keras.Model, got {type(model).__name__}")
    if isinstance(model, keras.Sequential) and not model.built:
        model.build((None, *shape))
    return model


def units(name: str, output: tuple, classes: int) -> int:
    """Count the numbers that a model returns for an example.

    Args:
        name: of the model.
        output: shape of its output, batch first.
        classes: of the data.

    Raises:
        InputError: they are not one a class (one alone will do for two classes).

    Example:
        >>> units("mine:net", (None, 1), 2)
        1
    """
    if len(output) != 2 or not all(isinstance(size, int) for size in output[1:]):
        raise InputError(f"model '{name}': wanted one output, a row of numbers an example; its output is {output}")
    if output[1] != classes and not (classes == 2 and output[1] == 1):
        raise InputError(f"model '{name}': its output has {output[1]} units, the data {classes} classes")
    return output[1]
