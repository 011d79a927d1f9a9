"""A study's results as plain tables, those of all its datasets together."""

from __future__ import annotations

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.budgets import budget_effects
from dlbench.analysis.costs import timings
from dlbench.analysis.tables import verdicts

SINGLE = ("verdicts", "arms", "runs", "curves", "timings")
TUNED = ("verdicts", "arms", "runs")


def tables(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """Return tables by name: ``verdicts``, ``arms``, ``runs``, ``curves``, ``timings`` and ``environments``.

    Args:
        analysis: of a study; of one on several datasets, every table but the environments has a first column ``dataset``. Where
            nuisance fields were tuned, the tuned comparison is there as ``tuned_verdicts``, ``tuned_arms`` and ``tuned_runs``; where
            metric or margin were chosen when results had been seen, ``declared_verdicts`` are by those that were declared before. Where a
            study is judged by several metrics, ``further_verdicts`` are by those that follow the first, and ``tuned_further_verdicts``.
            Where it has several budgets, ``budgets`` has the effect of each arm at each of them. Where an example has several labels,
            ``labels`` has the scores of each, see :class:`dlbench.analysis.label_effects.LabelEffects`.
    """
    several = len(analysis.parts) > 1
    tuned = [part.tuned for part in analysis.parts if part.tuned is not None]
    by_name = {name: _together([_table(part, name, several) for part in analysis.parts]) for name in SINGLE}
    by_name |= {f"tuned_{name}": _together([_table(part, name, several) for part in tuned]) for name in TUNED if tuned}
    declared = [part.declared for part in analysis.parts if part.declared is not None]
    by_name |= {f"declared_{name}": _together([_table(part, name, several) for part in declared]) for name in ("verdicts",) if declared}
    for prefix, judged in (("", analysis.parts), ("tuned_", tuned)):
        further = [other for part in judged for other in part.further]
        by_name |= {f"{prefix}further_verdicts": _together([_of_metric(other, several) for other in further])} if further else {}
    by_name |= {"budgets": budget_effects(analysis)} if analysis.lengths else {}
    labelled = [part for part in analysis.parts if part.label_effects]
    by_name |= {"labels": _together([_of_labels(part, several) for part in labelled])} if labelled else {}
    environments = [{"environment": digest, **facts} for digest, facts in analysis.results.environments.items()]
    return by_name | {"environments": pd.DataFrame(environments)}


def _table(part: Analysis, name: str, several: bool) -> pd.DataFrame:
    computed = {"verdicts": lambda: verdicts(part), "timings": lambda: timings(part.results)}
    table = computed[name]() if name in computed else getattr(part.results, name).copy()
    return _named(table, part, several)


def _of_labels(part: Analysis, several: bool) -> pd.DataFrame:
    return _named(pd.concat([found.table for found in part.label_effects], ignore_index=True), part, several)


def _named(table: pd.DataFrame, part: Analysis, several: bool) -> pd.DataFrame:
    """Put the name of the dataset before a table, where there are several."""
    if several:
        table.insert(0, "dataset", part.results.study["dataset"])
    return table


def _of_metric(part: Analysis, several: bool) -> pd.DataFrame:
    table = _table(part, "verdicts", several)
    table.insert(0, "metric", part.metric.name)
    return table


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if len(filled) > 1 else (filled or parts)[0]
