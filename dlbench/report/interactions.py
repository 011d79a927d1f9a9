"""Factorial studies: what each factor does averaged over the others, and which pairs do more, or less, than their sum."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from dlbench.report.analysis import ALPHA, Analysis, scores
from dlbench.stats.factorial import factorial_effects

JOIN = " + "
MOST_PAIRS = 6


@dataclass(frozen=True)
class Interactions:
    """The effects of a factorial study's factors.

    Attributes:
        factors: names, in the study's order.
        effects: one row a term, from :func:`dlbench.stats.factorial.factorial_effects`; empty where ``note`` says why.
        runs: one row a finished run: ``seed, score`` and one column a factor with -1 or +1.
        note: why there are no effects; empty where there are.
    """

    factors: tuple[str, ...]
    effects: pd.DataFrame
    runs: pd.DataFrame
    note: str = ""


def parts(arm: str, arms: frozenset[str]) -> tuple[str, ...]:
    """The factors that an arm of a factorial study sets.

    Example:
        >>> parts("a + b", frozenset({"a", "b", "a + b"}))
        ('a', 'b')
        >>> parts("x + y", frozenset({"x + y"}))
        ('x + y',)
    """
    pieces = arm.split(JOIN)
    for place in range(1, len(pieces)):
        left, right = JOIN.join(pieces[:place]), JOIN.join(pieces[place:])
        if left in arms and right in arms:
            return parts(left, arms) + parts(right, arms)
    return (arm,)


def interactions(analysis: Analysis) -> Interactions | None:
    """The effects of a two-level full factorial study; None for any other.

    Args:
        analysis: the study.
    """
    baseline, *others = analysis.results.arms["arm"]
    if analysis.results.study.get("design") != "factorial" or not others:
        return None
    sets = {baseline: (), **{arm: parts(arm, frozenset(others)) for arm in others}}
    factors = tuple(dict.fromkeys(name for names in sets.values() for name in names))
    if len(factors) < 2 or {frozenset(names) for names in sets.values()} != _subsets(factors):
        return None
    coded = {arm: {f"f{i}": 1.0 if name in names else -1.0 for i, name in enumerate(factors)} for arm, names in sets.items()}
    known = scores(analysis.results, analysis.metric.name)
    runs = pd.concat([known, pd.DataFrame([coded[arm] for arm in known["arm"]], index=known.index)], axis=1)
    return _fitted(factors, runs)


def _subsets(factors: tuple[str, ...]) -> set[frozenset[str]]:
    return {frozenset(chosen) for size in range(len(factors) + 1) for chosen in combinations(factors, size)}


def _fitted(factors: tuple[str, ...], runs: pd.DataFrame) -> Interactions:
    columns = [f"f{i}" for i in range(len(factors))]
    try:
        effects = factorial_effects(runs, columns, ALPHA)
    except ValueError as error:
        return Interactions(factors, pd.DataFrame(), runs, str(error))
    return Interactions(factors, effects, runs)


def named(term: str, factors: tuple[str, ...]) -> str:
    """A term in the study's words.

    Example:
        >>> named("f0:f1", ("dropout", "l2"))
        'dropout × l2'
    """
    return " × ".join(factors[int(name.removeprefix("f"))] for name in term.split(":"))


def terms(found: Interactions, analysis: Analysis) -> pd.DataFrame:
    """The effects as a table for the forest plot, in the unit shown: main effects first."""
    scale, up = analysis.unit.scale, 1 if analysis.metric.higher_is_better else -1
    rows = []
    for row in found.effects.itertuples():
        sure = "helps" if row.effect * up > 0 else "hurts"
        rows.append(
            {
                "id": f"t{row.Index}",
                "arm": named(row.term, found.factors),
                "reference": "interactions" if ":" in row.term else "factors",
                **{
                    name: getattr(row, column) * scale
                    for name, column in (("difference", "effect"), ("low", "low"), ("high", "high"))
                },
                **{"simultaneous_low": np.nan, "simultaneous_high": np.nan, "n": row.n, "planned": row.n},
                "verdict": sure if row.p_adjusted < ALPHA else "inconclusive",
                "p": row.p_adjusted,
            }
        )
    return pd.DataFrame(rows)


def pairs(found: Interactions, analysis: Analysis) -> list[pd.DataFrame]:
    """Mean scores of the four settings of each pair of factors, the strongest interactions first.

    Returns:
        Tables with ``first, second`` (whether each factor is on), ``mean, sd, n`` in the unit shown; attrs for the figure.
    """
    between = found.effects[found.effects["term"].str.contains(":")] if len(found.effects) else found.effects
    strongest = between.assign(size=between["effect"].abs()).nlargest(MOST_PAIRS, "size") if len(between) else between
    made = []
    for row in strongest.itertuples():
        one, two = row.term.split(":")
        cells = (found.runs["score"] * analysis.unit.scale).groupby([found.runs[one] > 0, found.runs[two] > 0])
        table = cells.agg(mean="mean", sd="std", n="count").rename_axis(["first", "second"]).reset_index()
        names = (named(one, found.factors), named(two, found.factors))
        table.attrs = {"names": names, "unit": analysis.unit.level, "metric": analysis.metric.name.replace("_", " ")}
        made.append(table)
    return made
