"""The page of a gate's history: the trend of each case over the commits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from dlbench.gate.trend import Drift, Trend, steps_of
from dlbench.gate.units import percent
from dlbench.report import document as doc
from dlbench.report import html
from dlbench.report.figures.trend import trend as plot
from dlbench.report.wording import NOTHING
from dlbench.stats.method import METHOD
from dlbench.values.text import plural

SHOWN = 9
"""Digits of a commit's name."""


@dataclass(frozen=True)
class View:
    """What the sections of the page share.

    Attributes:
        trends: of the cases, those that changed most first.
        min_effect: the smallest change that matters, a share.
        file: of the history.
    """

    trends: Sequence[Trend]
    min_effect: float
    file: str

    @property
    def margin(self) -> str:
        """The smallest change that matters, as text."""
        return f"{100 * self.min_effect:g} %"


def render(trends: Sequence[Trend], min_effect: float, file: str) -> str:
    """Return the page as a whole HTML document.

    Args:
        trends: from :func:`dlbench.gate.trend.trends`.
        min_effect: the smallest change that matters, a share.
        file: of the history.
    """
    view = View(trends, min_effect, file)
    commits = max((len(trend.levels) for trend in trends), default=0)
    facts = {"cases": str(len(trends)), "commits": str(commits), "history": file, "smallest change that matters": view.margin}
    return html.render(doc.Document("history", "Performance over the commits", "dlbench · gate", "Did it become slower over many commits?",
                                    facts, doc.assemble(SECTIONS, view)))


def _answer(view: View) -> Iterator[doc.Block]:
    notable = [text for trend in view.trends for text in trend.notable]
    if not any(trend.total for trend in view.trends):
        yield doc.Text("The history has no commit of the main line yet.", "lead")
        return
    beyond, within = sum(trend.beyond for trend in view.trends), sum(trend.within for trend in view.trends)
    open_ = len(view.trends) - beyond - within
    counts = [f"{plural(beyond, 'case')} of {len(view.trends)} changed by more than {view.margin} in total" if beyond else
              f"No case of {len(view.trends)} is known to have changed by more than {view.margin} in total"]
    counts += [f"{count} {verb} {words}" for count, words in ((within, "within it"), (open_, "open"))
               if count and (verb := "is" if count == 1 else "are")]
    yield doc.Text("; ".join(counts) + ".", "lead")
    if notable:
        yield doc.Items(tuple(notable))
    if broken := [trend for trend in view.trends if trend.chains > 1]:
        yield doc.Text(f"The history of {plural(len(broken), 'case')} has gaps, commits whose base was not measured. Changes are counted "
                       "from the last gap on.", "note")


def _cases(view: View) -> Iterator[doc.Block]:
    if not view.trends:
        return
    heads = (doc.Column("Case"), doc.Column("In total"), doc.Column("Change, %", "number", descending=True),
             doc.Column("Interval, %", "short"), doc.Column("Commits", "number"), doc.Column("Told at", "wide"))
    caption = ("Time a call at the last commit against that at the first commit of the history. Ratios of the gates in between are "
               f"multiplied; their errors add up in squares. The interval is one of {METHOD.confidence} for all cases together: each case "
               "has its share of the error. Told at: commits at which a gate itself told a change.")
    yield doc.Table("cases-table", "Cases", caption, heads, tuple(_row(trend) for trend in view.trends), layout="cards")


def _row(trend: Trend) -> doc.Row:
    total, told = trend.total, ", ".join(f"{level.commit[:SHOWN]} {percent(level.step)} %" for level in steps_of(trend))
    if total is None:
        return doc.Row((trend.name, NOTHING, NOTHING, NOTHING, doc.Cell(str(len(trend.levels))), NOTHING))
    return doc.Row((trend.name, doc.Cell(WORDS[verdict_of(trend)], verdict=verdict_of(trend)),
                    doc.Cell(percent(total.change), sort=total.change), f"{percent(total.low)} to {percent(total.high)}",
                    doc.Cell(str(total.commits), sort=total.commits), told or NOTHING))


WORDS = {"hurts": "slower", "helps": "faster", "no meaningful effect": "within the limit", "inconclusive": "open"}


def verdict_of(trend: Trend) -> str:
    """The verdict whose look a trend has."""
    if trend.beyond and trend.total:
        return "hurts" if trend.total.change > 0 else "helps"
    return "no meaningful effect" if trend.within else "inconclusive"


def _curves(view: View) -> Iterator[doc.Block]:
    shown = [trend for trend in view.trends if trend.total]
    if shown:
        caption = ("Time a call against the first commit of the history, in per cent, with a band of two standard errors. The band becomes "
                   f"wider, for each commit is measured against the one before. Shaded: ±{view.margin}. Triangles: commits at which a gate "
                   "told a change.")
        yield doc.Panels("trend", "Time over the commits", caption, plot, lambda most: _tables(shown[:most], view), _described, len(shown))


def _tables(shown: Iterable[Trend], view: View) -> Iterator[pd.DataFrame]:
    for place, trend in enumerate(shown):
        rows = [(level.commit[:SHOWN], *(100 * math.expm1(level.change + sign * level.error) for sign in (0, -2, 2)), level.verdict)
                for level in trend.levels]
        table = pd.DataFrame(rows, columns=["commit", "change", "low", "high", "verdict"])
        table.attrs = {"id": place, "arm": trend.name, "verdict": verdict_of(trend), "margin": 100 * view.min_effect}
        yield table


def _described(table: pd.DataFrame) -> str:
    return f", {table['change'].iloc[-1]:+.1f} % after {len(table) - 1} commits"


def _drifts(view: View) -> Iterator[doc.Block]:
    found = [(trend, drift) for trend in view.trends for drift in trend.drifts]
    if found:
        caption = ("Stretches between change points (E-divisive, Matteson and James 2014, on the change of each commit) in which a case "
                   f"changed by more than {view.margin}.")
        heads = (doc.Column("Case"), doc.Column("Commits", "number"), doc.Column("Change, %", "number"), doc.Column("Interval, %", "short"),
                 doc.Column("After"), doc.Column("Until"))
        yield doc.Table("drifts-table", "Drifts", caption, heads, tuple(_drift(trend, drift) for trend, drift in found),
                        layout="cards")


def _drift(trend: Trend, drift: Drift) -> doc.Row:
    return doc.Row((trend.name, doc.Cell(str(drift.commits), sort=drift.commits), doc.Cell(percent(drift.change), sort=drift.change),
                    f"{percent(drift.low)} to {percent(drift.high)}", drift.since[:SHOWN], drift.until[:SHOWN]))


SECTIONS = (doc.Section("answer", "Answer", _answer), doc.Section("trends", "Trends", _curves), doc.Section("drifts", "Drifts", _drifts),
            doc.Section("cases", "Cases", _cases))
"""The page's sections, in order; each is built of a :class:`View`."""
