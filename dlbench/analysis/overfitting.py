"""Over-fitting: how much better an arm is on the examples it was trained on than on new ones, and what narrows that gap."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dlbench.analysis.scores import counted, references
from dlbench.stats.method import METHOD
from dlbench.stats.paired import PairedT, differences, paired_t
from dlbench.store.results import Results
from dlbench.values.field import Purpose
from dlbench.values.recipe import fields_with

GAP = "accuracy_gap"
METRICS = ("train_accuracy", "test_accuracy", GAP, "test_loss")


@dataclass(frozen=True, eq=False)
class Gaps:
    """Scores in training and test.

    Attributes:
        means: arm by metric, in the metrics' stored units.
        shifts: metric -> arm -> its paired difference to its reference; None of a reference, and below two seeds of both.
    """

    means: pd.DataFrame
    shifts: dict[str, dict[str, PairedT | None]]


def gaps(results: Results) -> Gaps | None:
    """Compare training with test scores; None where no arm acts on over-fitting, or scores are missing."""
    acting = any(not fields_with(Purpose.REGULARISE).isdisjoint(changes) for changes in results.arms["changes"])
    if not acting or any(name not in results.runs for name in METRICS):
        return None
    tables = {name: counted(results, name).pivot(index="seed", columns="arm", values="score") for name in METRICS}
    arms = [arm for arm in results.arms["arm"] if arm in tables[GAP]]
    if not arms:
        return None
    against = references(results)
    shifts = {name: {arm: _shift(table, arm, against.get(arm)) for arm in arms} for name, table in tables.items()}
    return Gaps(pd.DataFrame({name: table[arms].mean() for name, table in tables.items()}), shifts)


def _shift(scores: pd.DataFrame, arm: str, reference: str | None) -> PairedT | None:
    pairs = scores.reindex(columns=[arm, reference]).dropna() if reference else ()
    return paired_t(differences(pairs[arm], pairs[reference]), METHOD.alpha) if len(pairs) > 1 else None
