"""Hashes of the files that runs know by name, so that other content behind the same name is noticed or makes another run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dlbench.datasets import Places, source
from dlbench.datasets.fingerprint import fingerprint
from dlbench.datasets.listed import content
from dlbench.study.plan import Plan
from dlbench.study.study import Entry, Study
from dlbench.techniques import Technique
from dlbench.techniques.transfer_learning import IMAGENET, MARK
from dlbench.values.recipe import Data, Recipe, edit


def with_file_hashes(whole: Plan, places: Places, cache_dir: str) -> Plan:
    """Return the plan with a hash of the files behind each dataset that its runs know by name alone; ``cache_dir`` keeps hashes.

    Raises:
        InputError: a file that data for a transfer is read from is not there.
    """
    names = dict.fromkeys(name for part in whole.parts for arm in part.arms for name in datasets_by_name(arm.recipe))
    data = whole.study.baseline.data
    hashes = {name: known for name in names if (known := _file_hash(replace(data, source=name), places, cache_dir)) is not None}
    return replace(whole, study=replace(whole.study, files=hashes))


def datasets_by_name(recipe: Recipe) -> list[str]:
    """List the datasets that decide a run and whose content is not part of its identity.

    Example:
        >>> datasets_by_name(edit(Recipe(), data__source="csv:a.csv", data__content="0f", transfer__dataset="tfds:mnist"))
        ['tfds:mnist']
    """
    trained_on = recipe.data.source if recipe.data.content is None else None
    return [name for name in (trained_on, recipe.transfer.dataset) if name is not None]


def file_hashes_of(recipe: Recipe, hashes: Mapping[str, str]) -> dict[str, str]:
    """Return the subset of the study's file hashes that one run depends on.

    Example:
        >>> file_hashes_of(Recipe(), {"digits": "0f", "tfds:mnist": "a1"})
        {'digits': '0f'}
    """
    return {name: hashes[name] for name in datasets_by_name(recipe) if name in hashes}


def _file_hash(data: Data, places: Places, cache_dir: str) -> str | None:
    if source(data.source).identity == "files":
        return content(data, places, cache_dir)
    path = places.prepared(data.source)
    return fingerprint(path, cache_dir) if path is not None else None


def with_weight_hashes(study: Study, places: Places, cache_dir: str, imagenet: str | None = None) -> Study:
    """Return the study with the hash of the content beside the name of each file of weights; ``cache_dir`` keeps hashes.

    ``imagenet`` is a file in the place of the download of ImageNet weights, which alone are known by their name.

    Raises:
        InputError: there is no such file.
    """
    def hashed(weights: str | None) -> str | None:
        if weights is None or (weights == IMAGENET and imagenet is None):
            return weights
        path = Path(imagenet) if imagenet and weights == IMAGENET else places.named(weights, f"weights = '{weights}'")
        return f"{weights}{MARK}{fingerprint(path, cache_dir)}"

    def steps(entry: Entry) -> tuple[tuple[Technique, dict[str, Any]], ...]:
        return tuple((step, given | {key: hashed(given[key]) for key in ("weights",) if key in given}) for step, given in entry.steps)

    entries = tuple(replace(entry, steps=steps(entry)) for entry in study.entries)
    return replace(study, entries=entries, baseline=edit(study.baseline, transfer__weights=hashed(study.baseline.transfer.weights)))
