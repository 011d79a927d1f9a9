"""Factorial studies: what each factor does averaged over the others, and which pairs do more, or less, than their sum."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from dlbench.analysis.interim import is_adaptive, levels
from dlbench.analysis.scores import counted
from dlbench.stats.boundaries import shared_levels
from dlbench.stats.factorial import factorial_effects
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.study.schema import CROSSED

JOIN = " + "


@dataclass(frozen=True)
class Factors:
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
    """Return the factors that an arm of a factorial study sets.

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


def factor_effects(results: Results) -> Factors | None:
    """Estimate the effects of a two-level study, full factorial or fractional; None for any other."""
    sets = _settings(results)
    names_set = tuple(dict.fromkeys(name for names in sets.values() for name in names))
    factors = tuple(results.study.get("factor_names", names_set))
    if len(names_set) < 2:
        return None
    coded = {arm: {f"f{i}": 1.0 if name in names else -1.0 for i, name in enumerate(factors)} for arm, names in sets.items()}
    known = counted(results, results.metric.name)
    known = known[known["arm"].isin(list(coded))]
    if is_adaptive(results):
        known = known[known["seed"].isin(results.interim[-1].seeds if results.interim else ())]
    runs = pd.concat([known, pd.DataFrame([coded[arm] for arm in known["arm"]], index=known.index)], axis=1)
    return _fitted(factors, runs, results)


def _settings(results: Results) -> dict[str, tuple[str, ...]]:
    """Map each arm to the factors that it sets: as the study states them, or by arms' names in older results of a full factorial."""
    study, (baseline, *others) = results.study, results.arms["arm"]
    if study.get("design") not in CROSSED or not others:
        return {}
    stated = {arm: tuple(names) for arm, names in study.get("factors", {}).items()}
    sets = stated or {baseline: (), **{arm: parts(arm, frozenset(others)) for arm in others}}
    factors = tuple(dict.fromkeys(name for names in sets.values() for name in names))
    full = len(sets) == 2 ** len(factors) and {frozenset(names) for names in sets.values()} == _subsets(factors)
    return sets if full or study["design"] == "fractional" else {}


def _subsets(factors: tuple[str, ...]) -> set[frozenset[str]]:
    return {frozenset(chosen) for size in range(len(factors) + 1) for chosen in combinations(factors, size)}


def _fitted(factors: tuple[str, ...], runs: pd.DataFrame, results: Results) -> Factors:
    columns = [f"f{i}" for i in range(len(factors))]
    if not len(runs):
        return Factors(factors, pd.DataFrame(), runs, "no interim analysis has been made yet" if is_adaptive(results) else
                       "no run has finished yet")
    try:
        effects = _effects(runs, columns, results)
    except ValueError as error:
        return Factors(factors, pd.DataFrame(), runs, str(error))
    return Factors(factors, effects, runs)


def _effects(runs: pd.DataFrame, columns: list[str], results: Results) -> pd.DataFrame:
    """Estimate the terms; those of an adaptive study at the levels of the analysis at which it stopped."""
    if not is_adaptive(results):
        return factorial_effects(runs, columns, METHOD.alpha)
    one, look = levels(results, 1), len(results.interim[-1].seeds)
    effects = factorial_effects(runs, columns, one.effect[one.looks.index(look)])
    (adjusted,) = shared_levels([effects["p"].tolist()], levels(results, len(effects)), look, "effect")
    return effects.assign(p_adjusted=adjusted)


def strongest(found: Factors, most: int) -> list[tuple[str, str]]:
    """List the pairs of factors that interact most, as columns of ``runs``, the strongest first."""
    if not len(found.effects):
        return []
    between = found.effects[found.effects["term"].str.contains(":")]
    kept = between.assign(size=between["effect"].abs()).nlargest(most, "size")
    return [(one, two) for one, _, two in (term.partition(":") for term in kept["term"])]


def pair_means(found: Factors, pair: tuple[str, str]) -> pd.DataFrame:
    """Compute the mean scores of the four settings of a pair of factors.

    Returns:
        One row a setting: ``first, second`` (whether each factor is on), ``mean, sd, n`` and ``arms`` (those behind it).
    """
    settings = [(found.runs[factor] > 0).rename(name) for factor, name in zip(pair, ("first", "second"))]
    grouped = found.runs.groupby(settings)
    return grouped["score"].agg(mean="mean", sd="std", n="count").assign(arms=grouped["arm"].unique()).reset_index()


def arms_with(found: Factors, term: str) -> list[str]:
    """List the arms that set all factors of a term."""
    return list(found.runs.loc[(found.runs[term.removeprefix("-").split(":")] > 0).all(axis=1), "arm"].unique())
