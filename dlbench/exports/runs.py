"""What a tracking program wants of each run: parameters, curves, final numbers and words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from dlbench.store.results import Results

WORDS = ("status", "reason", "environment", "control", "control_faults")


@dataclass(frozen=True)
class Tracked:
    """One arm and seed.

    Attributes:
        name: arm and seed in words.
        run_id: dlbench's own; arms that share a run have it in common.
        started: seconds since 1970, UTC.
        tags: words: study, dataset, arm, status, control.
        parameters: the recipe's fields that are not at their default, and the seed.
        curves: quantity -> one value an epoch.
        scores: final numbers.
    """

    name: str
    run_id: str
    started: float
    tags: dict[str, str]
    parameters: dict[str, str]
    curves: dict[str, list[float]]
    scores: dict[str, float]


def tracked(results: Results) -> Iterator[Tracked]:
    """Every arm and seed that has a record, on every dataset."""
    for part in results.parts:
        recipes = dict(zip(part.arms["arm"], part.arms["recipe"]))
        curves = dict(iter(part.curves.groupby(["arm", "seed"]))) if len(part.curves) else {}
        for row in part.runs.to_dict("records"):
            tags = {"study": part.study["name"], "dataset": part.study["dataset"], "arm": row["arm"], "run_id": row["run_id"],
                    **{name: str(row[name]) for name in WORDS if row[name]}}
            numbers = {name: float(value) for name, value in row.items()
                       if name not in (*tags, "seed", "started", *WORDS) and _finite(value)}
            parameters = {name: str(value) for name, value in recipes[row["arm"]].items()} | {"seed": str(row["seed"])}
            started = datetime.fromisoformat(row["started"]).timestamp() if row["started"] else 0.0
            yield Tracked(f"{row['arm']}, seed {row['seed']}", row["run_id"], started, tags, parameters,
                          _curves(curves.get((row["arm"], row["seed"]))), numbers)


def _curves(table: pd.DataFrame | None) -> dict[str, list[float]]:
    if table is None:
        return {}
    names = [name for name in table if name not in ("arm", "seed", "epoch", "dataset")]
    return {name: [float(value) for value in table[name]] for name in names if table[name].map(_finite).any()}


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
