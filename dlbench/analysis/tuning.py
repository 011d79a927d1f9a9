"""Fair tuning: the settings that arms chose, who has none yet, choices at an end of the values tried, and the role of each field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlbench.store.results import Results, Tuning
from dlbench.values.recipe import TRAITS, flatten, from_dict

STATED = tuple(path for path, known in TRAITS.items() if known.stated)
"""Fields that a reader asks about even where a study leaves them at their defaults."""


def chosen(tuning: Tuning) -> pd.DataFrame:
    """Return the trials that were chosen, one an arm."""
    return tuning.trials[tuning.trials["chosen"].astype(bool)]


def waiting(results: Results, tuning: Tuning) -> list[str]:
    """List the arms that have not chosen a setting."""
    return [arm for arm in results.arms["arm"] if arm not in set(chosen(tuning)["arm"])]


def untuned(tuning: Tuning) -> dict[str, list[str]]:
    """Map each tuned field to the arms that change it themselves, so that it is not tuned for them."""
    trials = list(zip(tuning.trials["arm"], tuning.trials["setting"]))
    arms = {path: list(dict.fromkeys(arm for arm, setting in trials if path not in setting)) for path in tuning.nuisance}
    return {path: changing for path, changing in arms.items() if changing}


def edges(tuning: Tuning) -> dict[str, list[str]]:
    """Map fields to the arms whose chosen value is the smallest or the largest of at least three tried."""
    found: dict[str, list[str]] = {}
    for path in tuning.nuisance:
        values = tried(tuning, path)
        for row in chosen(tuning).itertuples():
            if len(values) > 2 and row.setting.get(path) in (min(values), max(values)):
                found.setdefault(path, []).append(row.arm)
    return found


def tried(tuning: Tuning, path: str) -> list[Any]:
    """List the values of a field that were tried, each once."""
    return list(dict.fromkeys(setting[path] for setting in tuning.trials["setting"] if path in setting))


def roles(results: Results, tuning: Tuning) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield each field with its role and what belongs to it.

    Yields:
        ``scientific`` with the arms that change the field, ``nuisance`` with the values that were tried, ``fixed`` with its one value.
    """
    changed: dict[str, list[str]] = {}
    for arm, changes in zip(results.arms["arm"], results.arms["changes"]):
        for path in changes:
            changed.setdefault(path, []).append(arm)
    yield from ((path, "scientific", arms) for path, arms in changed.items())
    yield from ((path, "nuisance", tried(tuning, path)) for path in tuning.nuisance)
    recipe = results.arms["recipe"].iloc[0]
    flat = flatten(from_dict(recipe))
    for path in dict.fromkeys((*STATED, *recipe)):
        if path not in changed and path not in tuning.nuisance and flat[path] is not None:
            yield path, "fixed", [flat[path]]
