"""Data that runs know by name alone: what lies behind a name, so that runs that were made with other data are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dlbench.datasets import Places, source
from dlbench.datasets.fingerprint import fingerprint
from dlbench.study.plan import Plan
from dlbench.values.recipe import Recipe


def looked_behind(whole: Plan, places: Places, cache_dir: str) -> Plan:
    """The plan whose study knows the hash of the files behind each dataset that its runs know by name alone.

    Args:
        whole: a plan.
        places: where files are looked for.
        cache_dir: where hashes are kept.

    Raises:
        InputError: a file that data for a transfer is read from is not there.
    """
    names = dict.fromkeys(name for part in whole.parts for arm in part.arms for name in named(arm.recipe))
    found = {name: known for name in names if (known := _behind(name, places, cache_dir)) is not None}
    return replace(whole, study=replace(whole.study, files=found))


def named(recipe: Recipe) -> list[str]:
    """The datasets that decide a run and whose content is not part of its identity.

    Example:
        >>> from dlbench.values.recipe import edit
        >>> named(edit(Recipe(), data__source="csv:a.csv", data__content="0f", transfer__dataset="tfds:mnist"))
        ['tfds:mnist']
    """
    own = [recipe.data.source] if recipe.data.content is None else []
    return own + ([recipe.transfer.dataset] if recipe.transfer.dataset is not None else [])


def behind(recipe: Recipe, files: Mapping[str, str]) -> dict[str, str]:
    """Of the hashes that a study knows, those that a run depends on.

    Example:
        >>> behind(Recipe(), {"digits": "0f", "tfds:mnist": "a1"})
        {'digits': '0f'}
    """
    return {name: files[name] for name in named(recipe) if name in files}


def _behind(name: str, places: Places, cache_dir: str) -> str | None:
    """The hash of a dataset's files; None where it has none that are known. A function's code is part of a run's identity."""
    path = places.find(name) if source(name).identity == "files" else places.prepared(name)
    return fingerprint(path, cache_dir) if path is not None else None
