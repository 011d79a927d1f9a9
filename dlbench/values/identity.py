"""Hashes of a recipe: the identity of its runs, and the key of the traced program that it shares with others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from dlbench.values.augmentation import parts
from dlbench.values.field import Traced
from dlbench.values.recipe import TRAITS, Recipe, flatten, plain, to_dict

SCHEMA = 1
NUMBERS, OUTSIDE = (frozenset(path for path, known in TRAITS.items() if known.traced is how) for how in (Traced.NUMBER, Traced.OUTSIDE))
"""Fields that a traced program takes as inputs, and fields that it does not depend on; see :class:`dlbench.values.field.Traced`."""


def run_ids(recipe: Recipe, seeds: Iterable[int]) -> list[str]:
    """Return the identity of a recipe's run for each seed: 16 hexadecimal digits of the SHA-256 of its content.

    Example:
        >>> run_ids(Recipe(), (0, 1)) == [run_ids(Recipe(), [0])[0], run_ids(Recipe(), [1])[0]]
        True
    """
    content = json.dumps({"schema": SCHEMA, "recipe": to_dict(recipe)}, sort_keys=True)
    return [hashlib.sha256(f"{content} {int(seed)}".encode()).hexdigest()[:16] for seed in seeds]


def structure(recipe: Recipe) -> str:
    """Hash what two runs that share a traced program agree in: every field, with numbers reduced to on or off.

    Example:
        >>> from dlbench.values.recipe import edit
        >>> one, two = (edit(Recipe(), regularization__l2=value) for value in (1e-3, 1e-4))
        >>> structure(one) == structure(two), structure(one) == structure(Recipe())
        (True, False)
    """
    fields = {path: value for path, value in flatten(recipe).items() if path not in OUTSIDE}
    shape = {path: bool(value) if path in NUMBERS else plain(value) for path, value in fields.items()} | parts(recipe.augmentation)
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]
