"""The identity of a run: a hash of its recipe and seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from dlbench.values.recipe import Recipe, to_dict

SCHEMA = 1


def run_ids(recipe: Recipe, seeds: Iterable[int]) -> list[str]:
    """Return the identity of a recipe's run for each seed: 16 hexadecimal digits of the SHA-256 of its content.

    Example:
        >>> run_ids(Recipe(), (0, 1)) == [run_ids(Recipe(), [0])[0], run_ids(Recipe(), [1])[0]]
        True
    """
    content = json.dumps({"schema": SCHEMA, "recipe": to_dict(recipe)}, sort_keys=True)
    return [hashlib.sha256(f"{content} {int(seed)}".encode()).hexdigest()[:16] for seed in seeds]
