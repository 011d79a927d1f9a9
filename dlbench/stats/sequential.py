"""Studies that are judged more than once: by declared interim analyses, or on their new seeds alone.

A *look* is an interim analysis: the verdicts after a declared number of seeds.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dlbench.stats.boundaries import Boundaries, shared_levels
from dlbench.stats.method import Rule
from dlbench.stats.verdict import compare, conclude, estimates
from dlbench.values.verdict import Verdict


def judge_interim(scores: pd.DataFrame, references: Mapping[str, str], rule: Rule, plan: Boundaries, look: int) -> pd.DataFrame:
    """Judge the arms that are still undecided at one declared interim analysis.

    An arm is decided when its p is below the level that `shared_levels` has for it. p_adjusted and p_tost_adjusted are
    ``p * alpha / level``, so that "below alpha" decides as in `compare`. simultaneous_low and simultaneous_high are
    at the levels of ``plan``: they hold for all arms and analyses together (low and high do not). An arm with failed seeds is
    judged with its own degrees of freedom at the same levels. On new data, analyses share the luck of their test examples, so that the
    levels hold all the more. Estimates of arms that stop early are biased away from 0.

    Args:
        scores: as for `compare`, with no other seeds than those of the interim analysis.
        references: the undecided arms -> their references (a reference runs on as long as one of its arms does).
        rule: margin, direction, level and unit; planned is taken from ``look``.
        plan: from `boundaries`, for the whole family that the study began with, with what earlier analyses have decided.
        look: number of seeds, one of ``plan.looks``.

    Returns:
        As `compare`; inconclusive before the last analysis means that the arm goes on, and seeds_needed is the size of the next.

    Raises:
        ValueError: as `compare`; a look that was not declared, more seeds or arms than declared, or another alpha.

    >>> from dlbench.stats.boundaries import boundaries
    >>> runs = pd.DataFrame([(arm, s, 0.9 + 0.001 * s + (arm == "a") * (0.02 + 0.001 * (s % 2))) for arm in ("a", "base")
    ...                      for s in range(5)], columns=["arm", "seed", "score"])
    >>> judge_interim(runs, {"a": "base"}, Rule(0.005), boundaries((5, 8), 1, paths=10_000), look=5)["verdict"].tolist()
    ['helps']

    Source: C. Jennison and B. W. Turnbull, "Group sequential methods with applications to clinical trials", 1999,
    https://doi.org/10.1201/9780367805326
    """
    return judge_metrics_interim([scores], references, [rule], plan, look)[0]


def judge_metrics_interim(scores: Sequence[pd.DataFrame], references: Mapping[str, str], rules: Sequence[Rule], plan: Boundaries,
                          look: int) -> list[pd.DataFrame]:
    """Judge the arms that are still undecided at one declared interim analysis, on several metrics of which the first decides.

    As :func:`judge_interim` for each metric. A difference on a metric counts only where the metrics before it show one at the same
    analysis, and so does equivalence; an arm whose first metric is decided stops, and its other metrics are not tested again.

    Args:
        scores, rules: of each metric, in their order.
        references, plan, look: as for :func:`judge_interim`.

    Raises:
        ValueError: as :func:`judge_interim`.

    >>> from dlbench.stats.boundaries import boundaries
    >>> runs = pd.DataFrame([(arm, s, 0.9 + 0.001 * s + (arm == "a") * (0.02 + 0.001 * (s % 2))) for arm in ("a", "base")
    ...                      for s in range(5)], columns=["arm", "seed", "score"])
    >>> plan = boundaries((5, 8), 1, paths=10_000)
    >>> [table["verdict"].item() for table in judge_metrics_interim([runs, runs], {"a": "base"}, [Rule(0.005), Rule(0.005)], plan, 5)]
    ['helps', 'helps']

    Source: E. Glimm, W. Maurer and F. Bretz, "Hierarchical testing of multiple endpoints in group-sequential trials", Stat. Med. 29, 2010,
    https://doi.org/10.1002/sim.3748
    """
    alpha = rules[0].method.alpha
    if look not in plan.looks or len(references) > plan.arms or alpha != plan.alpha:
        raise ValueError(f"look {look} with {len(references)} arms at alpha {alpha} was not declared: {plan}")
    family = plan.arms * len(rules)
    tables = [estimates(known, references, replace(rule, planned=look), family) for known, rule in zip(scores, rules, strict=True)]
    if most := max((table["n"].max() for table in tables if (table["n"] > look).any()), default=None):
        raise ValueError(f"{most} seeds at the look of {look}")
    for name, kind in (("p", "effect"), ("p_tost", "equivalence")):
        adjusted = shared_levels([table[name].tolist() for table in tables], plan, look, kind)
        for table, of_metric in zip(tables, adjusted, strict=True):
            table[f"{name}_adjusted"] = of_metric
    return [_concluded(table, replace(rule, planned=look), plan, look, family) for table, rule in zip(tables, rules, strict=True)]


def _concluded(table: pd.DataFrame, rule: Rule, plan: Boundaries, look: int, family: int) -> pd.DataFrame:
    """Return a table with its simultaneous intervals, over so many arms and metrics, and its verdicts."""
    position = plan.looks.index(look)
    effect = plan.shared_by(family).effect[position]
    pairs = [d[~np.isnan(d)] for d in table["d"]]
    limits = [rule.method.test.estimate(d, effect, part) if d.size > 1 else None for d, part in zip(pairs, table["part"])]
    table["skew_level"] = min(rule.method.alpha, plan.shared_by(1).equivalence[position])
    table["simultaneous_low"] = [limit and limit.low for limit in limits]
    table["simultaneous_high"] = [limit and limit.high for limit in limits]
    if position + 1 < len(plan.looks):
        table["next_look"] = plan.looks[position + 1]
    return conclude(table, rule, family)


def say_when_decided(table: pd.DataFrame, plan: Boundaries, look: int) -> pd.DataFrame:
    """Say in each reason at which interim analysis the arm was decided, or that it is not.

    >>> from dlbench.stats.boundaries import boundaries
    >>> table = pd.DataFrame({"verdict": ["helps", "inconclusive"], "reason": ["+1.0", "+0.1"]})
    >>> say_when_decided(table, boundaries((5, 8), 1, paths=10_000), 5)["reason"].tolist()
    ['+1.0; decided at interim analysis 1 of 2, 5 seeds', '+0.1; undecided at interim analysis 1 of 2, 5 seeds']
    """
    of = f" of {len(plan.looks)}" if plan.shares[-1] == 1 else ""
    when = f"at interim analysis {plan.looks.index(look) + 1}{of}, {look} seeds"
    undecided = table["verdict"].isin([Verdict.INCONCLUSIVE, Verdict.NONE])
    return table.assign(reason=table["reason"] + undecided.map({True: f"; undecided {when}", False: f"; decided {when}"}))


def judge_extension(scores: pd.DataFrame, references: Mapping[str, str], rule: Rule, pilot: Collection[Hashable]) -> pd.DataFrame:
    """Judge a study that was extended without declared interim analyses: on its new seeds alone, the old ones are its pilot.

    Testing old and new seeds together, after the old ones were judged, gives 12.6 % false positives after judging at 5, 8, 12 and
    16 seeds.

    Args:
        scores: as for `compare`, old and new seeds.
        references: as for `compare`.
        rule: as for `compare`, with the *new* seeds as planned.
        pilot: seeds that were judged before.

    Returns:
        As `compare`, for the new seeds; the reason says how many earlier seeds were left out.

    >>> runs = pd.DataFrame([(arm, s, 0.9 + 0.001 * s + (arm == "a") * (0.02 + 0.001 * (s % 2))) for arm in ("a", "base")
    ...                      for s in range(9)], columns=["arm", "seed", "score"])
    >>> judge_extension(runs, {"a": "base"}, Rule(0.005), pilot=range(5))["n"].tolist()
    [4]
    """
    old = scores["seed"].isin(list(pilot))
    return said_of_extension(compare(scores[~old], references, rule), scores, pilot)


def said_of_extension(table: pd.DataFrame, scores: pd.DataFrame, pilot: Collection[Hashable]) -> pd.DataFrame:
    """Say in each reason how many earlier seeds were left out; arguments as of `judge_extension`, ``table`` what it concludes.

    >>> table = pd.DataFrame({"arm": ["a"], "n": [4], "reason": ["+1.0"]})
    >>> said_of_extension(table, pd.DataFrame({"arm": ["a"] * 5, "seed": range(5)}), pilot=[0])["reason"].tolist()
    ['+1.0; judged on the 4 new seeds; 1 earlier ones were its pilot']
    """
    used = scores[scores["seed"].isin(list(pilot))].groupby("arm")["seed"].nunique()
    return table.assign(reason=[f"{row.reason}; judged on the {row.n} new seeds; {used[row.arm]} earlier ones were its pilot"
                                if row.arm in used else row.reason for row in table.itertuples()])
