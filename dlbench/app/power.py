"""Which differences a study can detect with its seeds, before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlbench.execution.interim import folds_of, references
from dlbench.execution.provenance import claimed_scope
from dlbench.report.plain import aligned
from dlbench.report.wording import NOTHING, Unit, count, number, unit_of
from dlbench.stats.crossed import THIS_TEST_SET, ExamplePart, example_parts
from dlbench.stats.method import METHOD
from dlbench.stats.power import Reach, Spread, study_reach, upper_sd
from dlbench.store.answers import values
from dlbench.store.database import Store, stored
from dlbench.study import Arm, Plan
from dlbench.values.errors import InputError
from dlbench.values.metric import Metric
from dlbench.values.scope import Scope
from dlbench.values.text import wrapped

LEGEND = ("Detects: the difference that is found with 80 % power. Finds: the power to find a difference of the margin. Excludes: "
          "the power to show that there is none where there is none. Seeds: how many give each 80 %.")
UNREACHED = dict.fromkeys(Reach._fields) | {
    "warning": "no spread is known: fewer than two of its seeds are completed beside its reference's"}
"""The numbers of an arm that has no spread."""


def power(plan: Plan, folder: Path, sd: float | None) -> dict[str, Any]:
    """Compute what the seeds of a plan can detect, arm by arm.

    The spread of an arm is the upper 80 % confidence limit of the sd of its paired differences, over the seeds of the plan
    that arm and reference have both completed in the folder; a stated spread takes its place in every arm. Of a claim about new data,
    what the test examples contribute is the pilot's.

    Args:
        plan: its compared arms, at each of its budgets, are the family that alpha is shared by; the numbers are about the longest.
        folder: where a pilot's records may lie.
        sd: standard deviation of the paired difference, in the unit in which the margin is stated; None: from the pilot.

    Returns:
        ``alpha, k, seeds, margin, sd, scope`` and ``arms``: one table an arm with ``arm, reference, pilot_seeds, pilot_sd, sd,
        example_error`` (standard error over test examples; None where it is not counted) and the numbers of
        :class:`dlbench.stats.power.Reach`; None where an arm has no spread.

    Raises:
        InputError: fewer than two seeds, no arm to compare, or no spread at all.
    """
    compared, n = [arm for arm in plan.arms if arm.reference is not None], len(plan.study.seeds)
    if not compared:
        raise InputError(f"{plan.study.name}: --power: there is no arm that is compared with another")
    if n < 2:
        raise InputError(f"{plan.study.name}: --power: seeds = {n}; accepted: two seeds or more")
    known, scope, parts = stored(folder, lambda store: _pilot(plan, store), ({}, plan.study.scope or Scope.NEW_DATA, {}))
    rows = [{"arm": arm.name, "reference": arm.reference, **_spread(arm, plan, known, sd),
             "example_error": math.sqrt(parts[arm.name].variance) if arm.name in parts else None} for arm in compared]
    if all(row["sd"] is None for row in rows):
        raise InputError(f"{folder}: --power: no arm has two seeds completed beside its reference, so no spread is known; run a "
                         "pilot (`dlbench run STUDY --seeds 4`), or state it: --sd X, the standard deviation of the difference "
                         "over seeds, in the unit of margin")
    family = len(compared) * len(plan.lengths)
    reach = cache(lambda spread: study_reach(n, spread, plan.study.margin, family, plan.study.measure.unit))
    spreads = [Spread(row["sd"], parts.get(row["arm"], THIS_TEST_SET)) for row in rows]
    return {"alpha": METHOD.alpha, "k": family, "seeds": n, "margin": plan.study.margin, "sd": sd, "scope": scope,
            "arms": [row | (UNREACHED if row["sd"] is None else reach(spread)._asdict()) for row, spread in zip(rows, spreads)]}


def _pilot(plan: Plan, store: Store) -> tuple[dict[str, float], Scope, dict[str, ExamplePart]]:
    """The scores of a pilot, what its verdicts are claims about, and what its test examples contribute to each arm's difference."""
    known, scope = store.scores(plan.study.metric), claimed_scope(plan, store)
    if scope != Scope.NEW_DATA:
        return known, scope, {}
    runs = pd.DataFrame([(*cell, run_id) for cell, run_id in plan.cells.items() if run_id in known], columns=["arm", "seed", "run_id"])
    return known, scope, example_parts(runs, references(plan), partial(values, store, plan.study.metric), folds_of(plan))


def _spread(arm: Arm, plan: Plan, known: dict[str, float], stated: float | None) -> dict[str, Any]:
    """The pilot's paired seeds and sd, and the sd to plan with."""
    scores = ([known.get(plan.cells[name, seed]) for seed in plan.study.seeds] for name in (arm.name, arm.reference or ""))
    d = [ours - theirs for ours, theirs in zip(*scores) if ours is not None and theirs is not None]
    pilot = float(np.std(d, ddof=1)) if len(d) > 1 else None
    limit = upper_sd(pilot, len(d)) if pilot is not None else None
    return {"pilot_seeds": len(d), "pilot_sd": pilot, "sd": limit if stated is None else stated}


def power_text(found: dict[str, Any], measure: Metric) -> tuple[str, str, tuple[str, ...]]:
    """What can be detected, in words: a heading, a table with one row an arm and a legend, and warnings of margins out of reach.

    Args:
        found: from :func:`power`.
        measure: what the scores mean.
    """
    unit = unit_of(measure)
    margin = f"±{found['margin'] * unit.scale:g} {unit.short}".rstrip()
    headers = ("Arm", f"sd, {unit.short}", "Detects", "Finds", "Excludes", "Seeds: find", "exclude")
    origin = "as stated" if found["sd"] is not None else "of the arm's difference over seeds: upper 80 % limit of the pilot's"
    return (
        f"what {found['seeds']} seeds can show, each arm at {found['alpha']:g}/{found['k']}; margin {margin}",
        aligned(headers, _body(found, unit), left=1) + "\n\n" + wrapped(f"sd {origin}. {_claim(found)} {LEGEND}"), tuple(_warnings(found)))


def _claim(found: dict[str, Any]) -> str:
    """Say whether the test examples count."""
    if found["scope"] == Scope.THIS_TEST_SET:
        return "For claims about this test set."
    if all(row["example_error"] is not None for row in found["arms"]):
        return "For claims about new data: the test examples count as the pilot's tell."
    return "For this test set: what the test examples add for new data is not known, for no pilot has told the value of each."


def _body(found: dict[str, Any], unit: Unit) -> list[tuple[str, ...]]:
    """One row an arm; a single one where all share a stated spread."""
    shared = found["sd"] is not None and all(row["example_error"] is None for row in found["arms"])
    rows = [found["arms"][0] | {"arm": "every arm"}] if shared else found["arms"]
    return [(row["arm"], _size(row["sd"], unit), _size(row["detectable"], unit, "±"), _share(row["power"]),
             _share(row["equivalence_power"]), _seeds(row, "seeds"), _seeds(row, "equivalence_seeds")) for row in rows]


def _warnings(found: dict[str, Any]) -> Iterator[str]:
    by_text: dict[str, list[str]] = {}
    for row in found["arms"]:
        if row["warning"]:
            by_text.setdefault(row["warning"], []).append(row["arm"])
    for text, arms in by_text.items():
        who = "every arm" if len(arms) == len(found["arms"]) > 1 else "arm " + ", ".join(f"'{arm}'" for arm in arms)
        yield f"{who}: {text}"


def _size(value: float | None, unit: Unit, sign: str = "") -> str:
    return NOTHING if value is None else sign + number(value * unit.scale, unit.decimals)


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{100 * value:.0f} %"


def _seeds(row: dict[str, Any], name: str) -> str:
    return NOTHING if row["sd"] is None else "> 1,000,000" if row[name] is None else count(row[name])
