"""Factorial studies: what each factor does averaged over the others, and which pairs do more, or less, than their sum."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.scores import counted
from dlbench.report.wording import MINUS, bare, difference, interval, probability, unit_of
from dlbench.stats.factorial import factorial_effects
from dlbench.stats.method import METHOD
from dlbench.values.text import listed

JOIN = " + "
MOST_PAIRS = 6
DESIGNS = ("factorial", "fractional")


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
    """The effects of a two-level study, full factorial or fractional; None for any other.

    Args:
        analysis: the study.
    """
    sets = _settings(analysis)
    found = tuple(dict.fromkeys(name for names in sets.values() for name in names))
    factors = tuple(analysis.results.study.get("factor_names", found))
    if len(found) < 2:
        return None
    coded = {arm: {f"f{i}": 1.0 if name in names else -1.0 for i, name in enumerate(factors)} for arm, names in sets.items()}
    known = counted(analysis.results, analysis.metric.name)
    known = known[known["arm"].isin(list(coded))]
    runs = pd.concat([known, pd.DataFrame([coded[arm] for arm in known["arm"]], index=known.index)], axis=1)
    return _fitted(factors, runs)


def _settings(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Arm -> the factors that it sets: as the study states them, or by the arms' names in older results of a full factorial."""
    study, (baseline, *others) = analysis.results.study, analysis.results.arms["arm"]
    if study.get("design") not in DESIGNS or not others:
        return {}
    stated = {arm: tuple(names) for arm, names in study.get("factors", {}).items()}
    sets = stated or {baseline: (), **{arm: parts(arm, frozenset(others)) for arm in others}}
    factors = tuple(dict.fromkeys(name for names in sets.values() for name in names))
    full = len(sets) == 2 ** len(factors) and {frozenset(names) for names in sets.values()} == _subsets(factors)
    return sets if full or study["design"] == "fractional" else {}


def _subsets(factors: tuple[str, ...]) -> set[frozenset[str]]:
    return {frozenset(chosen) for size in range(len(factors) + 1) for chosen in combinations(factors, size)}


def _fitted(factors: tuple[str, ...], runs: pd.DataFrame) -> Interactions:
    columns = [f"f{i}" for i in range(len(factors))]
    if not len(runs):
        return Interactions(factors, pd.DataFrame(), runs, "no run has finished yet")
    try:
        effects = factorial_effects(runs, columns, METHOD.alpha)
    except ValueError as error:
        return Interactions(factors, pd.DataFrame(), runs, str(error))
    return Interactions(factors, effects, runs)


def named(term: str, factors: tuple[str, ...]) -> str:
    """A term in the study's words.

    Example:
        >>> named("f0:f1", ("dropout", "l2")), named("-f0:f1", ("dropout", "l2"))
        ('dropout × l2', '−dropout × l2')
    """
    sign = MINUS if term.startswith("-") else ""
    return sign + " × ".join(factors[int(name.removeprefix("f"))] for name in term.removeprefix("-").split(":"))


def terms(found: Interactions, analysis: Analysis) -> pd.DataFrame:
    """The effects as a table for the forest plot, in the unit shown: main effects first."""
    scale, up = unit_of(analysis.metric).scale, 1 if analysis.metric.higher_is_better else -1
    rows = []
    for row in found.effects.itertuples():
        sure = "helps" if row.effect * up > 0 else "hurts"
        rows.append(
            {
                "id": _with(found, analysis, row.term.removeprefix("-").split(":")),
                "arm": named(row.term, found.factors),
                "reference": "interactions" if ":" in row.term else "factors",
                **{
                    name: getattr(row, column) * scale
                    for name, column in (("difference", "effect"), ("low", "low"), ("high", "high"))
                },
                **{"simultaneous_low": np.nan, "simultaneous_high": np.nan, "n": row.n, "planned": row.n},
                "verdict": sure if row.p_adjusted < METHOD.alpha else "inconclusive",
                "p": row.p_adjusted,
            }
        )
    return pd.DataFrame(rows)


def _with(found: Interactions, analysis: Analysis, factors: list[str]) -> str:
    """The arms that set all of these factors, by their positions in the study."""
    arms = found.runs.loc[(found.runs[factors] > 0).all(axis=1), "arm"].unique()
    return " ".join(str(analysis.ids[arm]) for arm in arms)


def pairs(found: Interactions, analysis: Analysis) -> list[pd.DataFrame]:
    """Mean scores of the four settings of each pair of factors, the strongest interactions first.

    Returns:
        Tables with ``first, second`` (whether each factor is on), ``mean, sd, n`` in the unit shown and ``id`` (of the arms behind
        them); attrs for the figure.
    """
    between = found.effects[found.effects["term"].str.contains(":")] if len(found.effects) else found.effects
    strongest = between.assign(size=between["effect"].abs()).nlargest(MOST_PAIRS, "size") if len(between) else between
    made = []
    for row in strongest.itertuples():
        one, two = row.term.split(":")
        cells = (found.runs["score"] * unit_of(analysis.metric).scale).groupby([found.runs[one] > 0, found.runs[two] > 0])
        table = cells.agg(mean="mean", sd="std", n="count").rename_axis(["first", "second"]).reset_index()
        behind = found.runs["arm"].map(analysis.ids).astype(str).groupby([found.runs[one] > 0, found.runs[two] > 0]).unique()
        table["id"] = [" ".join(ids) for ids in behind]
        names = (named(one, found.factors), named(two, found.factors))
        table.attrs = {"names": names, "unit": unit_of(analysis.metric).level, "metric": analysis.metric.name.replace("_", " ")}
        made.append(table)
    return made


def content(analysis: Analysis) -> dict[str, Any] | None:
    """The effects for a page or a Markdown file: ``answer`` (a sentence),
    ``rows`` (``term, effect, interval, p, aliases``), ``aliased`` (whether
    any term has aliases), ``note`` (why there is none, else empty) and ``fraction`` (what was run, else empty); None for other
    designs."""
    found = interactions(analysis)
    if found is None:
        return None
    unit = unit_of(analysis.metric)
    rows = [{"term": named(row.term, found.factors), "effect": bare(row.effect, unit), "interval": interval(row.low, row.high, unit),
             "p": probability(row.p_adjusted), "aliases": _aliases(row.aliases, found.factors)} for row in found.effects.itertuples()]
    return {"answer": _answer(found, analysis), "rows": rows, "aliased": any(row["aliases"] for row in rows), "note": found.note,
            "fraction": _fraction(analysis, found)}


def _answer(found: Interactions, analysis: Analysis) -> str:
    """What the factors do averaged over each other, and whether any pair of them interacts, in a sentence."""
    if not len(found.effects):
        return ""
    unit, sure = unit_of(analysis.metric), found.effects[found.effects["p_adjusted"] < METHOD.alpha]
    sure = sure.iloc[(-sure["effect"].abs()).argsort(kind="stable")]
    told = [f"{named(row.term, found.factors)} ({difference(row.effect, unit)})" for row in sure.itertuples()]
    alone, pairs = ([text for text, term in zip(told, sure["term"]) if (":" in term) == several] for several in (False, True))
    first = f"{listed(alone)} {'matters' if len(alone) == 1 else 'matter'}" if alone else "no factor is shown to matter"
    second = f"the pair {pairs[0]} interacts" if len(pairs) == 1 else f"the pairs {listed(pairs)} interact"
    return f"Averaged over the other factors, {first}; {second if pairs else 'no pair is shown to interact'}."


def _aliases(text: str, factors: tuple[str, ...]) -> str:
    return ", ".join(named(term, factors) for term in text.split(" = ") if term)


def _fraction(analysis: Analysis, found: Interactions) -> str:
    study = analysis.results.study
    if study["design"] != "fractional":
        return ""
    told = (f"A fraction of resolution {study['resolution']}: {len(study['factors'])} of {2 ** len(found.factors)} combinations of "
            f"{len(found.factors)} factors.")
    if not study["aliases"]:
        return f"{told} All factors and pairs of factors can be told apart."
    return f"{told} It cannot tell apart: {'; '.join(study['aliases'])}. An effect below is that of its whole set."
