"""What tests of loaders share."""

from __future__ import annotations

from dlbench.datasets import Arrays, Places
from dlbench.datasets.disk import keep, mapped
from dlbench.values.recipe import Data


def kept(load, folder, source, /, **fields) -> Arrays:
    """What a loader gives, written to ``folder/cache`` and mapped."""
    examples = load(Data(**{"source": source, **fields}), Places(str(folder)))
    return mapped(keep(source, examples, folder / "cache"))
