"""Factorial studies: what each factor does averaged over the others, and which pairs do more, or less, than their sum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.factors import Factors
from dlbench.report.wording import MINUS, bare, difference, interval, probability, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed

MOST_PAIRS = 6


def named(term: str, factors: tuple[str, ...]) -> str:
    """A term in the study's words.

    Example:
        >>> named("f0:f1", ("dropout", "l2")), named("-f0:f1", ("dropout", "l2"))
        ('dropout × l2', '−dropout × l2')
    """
    sign = MINUS if term.startswith("-") else ""
    return sign + " × ".join(factors[int(name.removeprefix("f"))] for name in term.removeprefix("-").split(":"))


def terms(found: Factors, analysis: Analysis) -> pd.DataFrame:
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


def _with(found: Factors, analysis: Analysis, factors: list[str]) -> str:
    """The arms that set all of these factors, by their positions in the study."""
    arms = found.runs.loc[(found.runs[factors] > 0).all(axis=1), "arm"].unique()
    return " ".join(str(analysis.ids[arm]) for arm in arms)


def pairs(found: Factors, analysis: Analysis) -> list[pd.DataFrame]:
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
    found = analysis.factors
    if found is None:
        return None
    unit = unit_of(analysis.metric)
    rows = [{"term": named(row.term, found.factors), "effect": bare(row.effect, unit), "interval": interval(row.low, row.high, unit),
             "p": probability(row.p_adjusted), "aliases": _aliases(row.aliases, found.factors)} for row in found.effects.itertuples()]
    return {"answer": _answer(found, analysis), "rows": rows, "aliased": any(row["aliases"] for row in rows), "note": found.note,
            "fraction": _fraction(analysis, found)}


def _answer(found: Factors, analysis: Analysis) -> str:
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


def _fraction(analysis: Analysis, found: Factors) -> str:
    study = analysis.results.study
    if study["design"] != "fractional":
        return ""
    told = (f"A fraction of resolution {study['resolution']}: {len(study['factors'])} of {2 ** len(found.factors)} combinations of "
            f"{len(found.factors)} factors.")
    if not study["aliases"]:
        return f"{told} All factors and pairs of factors can be told apart."
    return f"{told} It cannot tell apart: {'; '.join(study['aliases'])}. An effect below is that of its whole set."
