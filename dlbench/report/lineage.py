"""The page of a lineage: score against proposals, and what was truly gained."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from dlbench.gate.ledger import Confirmation, Ledger, Proposal
from dlbench.report import document as doc
from dlbench.report import html
from dlbench.report.figures.lineage import LOOKS, lineage
from dlbench.report.wording import NOTHING
from dlbench.stats.method import METHOD
from dlbench.values.text import plural

CONTROLS = {"fdr": "false discovery rate, SAFFRON", "fwer": "family-wise error rate, alpha-spending"}


def render(ledger: Ledger) -> str:
    """Return the page of a ledger as a whole HTML document."""
    about = ledger.about
    facts = {"score": f"{about.score}, {'lower' if about.lower else 'higher'} is better", "command": about.train,
             "control": f"{CONTROLS[about.control]}, {100 * about.alpha:g} %", "trainings": str(len(ledger.runs)),
             "ledger": ledger.path.name}
    return html.render(doc.Document("lineage", "A lineage of proposals", "dlbench · lineage", "What was truly gained?", facts,
                                    doc.assemble(SECTIONS, ledger)))


def _answer(ledger: Ledger) -> Iterator[doc.Block]:
    kept = [one for one in ledger.proposals if one.verdict == "keep"]
    if not ledger.proposals:
        yield doc.Text("Nothing is proposed yet.", "lead")
        return
    counted = f"{len(kept)} of {plural(len(ledger.proposals), 'proposal')} {'was' if len(kept) == 1 else 'were'} kept"
    yield doc.Text(f"{counted}{_honest(ledger.confirmations)}.", "lead")
    if kept and (claim := math.fsum(one.gain or 0.0 for one in kept)):
        yield doc.Text(f"Added up, the gains that each was kept for are {claim:+.4g}: the greedy claim, from runs that chose. A gain is "
                       "above 0 where it is better.", "note")
    yield doc.Items(tuple(_promises(ledger)))


def _honest(confirmations: Sequence[Confirmation]) -> str:
    if not confirmations or confirmations[-1].gain is None:
        return ""
    last = confirmations[-1]
    between = f" ({last.low:+.4g} to {last.high:+.4g})" if last.low is not None else ""
    seeds = plural(len(last.seeds), "fresh seed")
    return f"; the incumbent gains {last.gain:+.4g}{between} over the first one, on {seeds} that chose nothing"


def _promises(ledger: Ledger) -> Iterator[str]:
    about = ledger.about
    error = f"{100 * about.alpha:g} %"
    yield (f"Of all that are ever kept, at most {error} are false on average." if about.control == "fdr" else
           f"The chance that any of all that are ever kept is false is at most {error}.")
    yield f"The error that is left to be spent: {ledger.proposals[-1].wealth:.3g}."
    yield from dict.fromkeys(remark[0].upper() + remark[1:] + "." for one in ledger.proposals for remark in one.remarks)
    yield from ledger.damage


def _curve(ledger: Ledger) -> Iterator[doc.Block]:
    if ledger.proposals:
        caption = (f"The {ledger.about.score} of each proposal: that of the first incumbent, and on top of it the gains on common seeds"
                   f". Those that were kept have the {METHOD.confidence} interval of their gain. The line: the "
                   "incumbent, as fresh seeds have it.")
        yield doc.Figure("lineage", "Score against proposals", caption, f"{ledger.about.score} of {len(ledger.proposals)} proposals.",
                         lineage, (_table(ledger),), (7.2, 3.4))


def _table(ledger: Ledger) -> pd.DataFrame:
    """A row a proposal; scores as the first incumbent's, and on top of it what was gained over it on common seeds."""
    sign, first = -1 if ledger.about.lower else 1, _first_score(ledger)
    totals = {0: 0.0} | {one.proposal: one.gain for one in ledger.confirmations if one.gain is not None}
    rows, before = [], 0
    for one in ledger.proposals:
        base = first + sign * totals.get(before, math.nan)
        gains = [math.nan if gain is None else base + sign * gain for gain in (one.gain, one.low, one.high)]
        fresh = first + sign * totals[one.number] if one.number in totals else math.nan
        rows.append((one.number, *gains, one.verdict, fresh))
        before = one.incumbent.proposal
    table = pd.DataFrame(rows, columns=["number", "score", "low", "high", "verdict", "fresh"])
    table.attrs = {"score": ledger.about.score, "first": first}
    return table


def _first_score(ledger: Ledger) -> float:
    """The first incumbent's score: of fresh seeds, or what its first rival was compared with."""
    known = [one.first_score for one in ledger.confirmations if one.first_score is not None]
    if known:
        return known[0]
    rivals = [(one.score, one.gain) for one in ledger.proposals if one.score is not None and one.gain is not None]
    return rivals[0][0] + rivals[0][1] * (1 if ledger.about.lower else -1) if rivals else math.nan


def _proposals(ledger: Ledger) -> Iterator[doc.Block]:
    if ledger.proposals:
        heads = (doc.Column("Proposal"), doc.Column("What"), doc.Column("Verdict"), doc.Column("Gain", "number"),
                 doc.Column("Interval", "short"), doc.Column("Seeds", "number"), doc.Column("Level", "number"), doc.Column("Why", "wide"))
        caption = ("Gain: over the incumbent, on the same seeds; above 0 is better. The interval is that of the last look, and flatters "
                   "what was kept. Level: at which it was tested.")
        yield doc.Table("proposals", "Proposals", caption, heads, tuple(map(_row, ledger.proposals)))


def _row(one: Proposal) -> doc.Row:
    gain = NOTHING if one.gain is None else f"{one.gain:+.4g}"
    between = NOTHING if one.low is None else f"{one.low:+.4g} to {one.high:+.4g}"
    return doc.Row((doc.Cell(str(one.number), sort=one.number), one.name,
                    doc.Cell(one.verdict, verdict=LOOKS[one.verdict]),
                    doc.Cell(gain, sort=one.gain), between, doc.Cell(str(len(one.seeds)), sort=len(one.seeds)), f"{one.level:.2g}",
                    one.why))


def _confirmed(ledger: Ledger) -> Iterator[doc.Block]:
    if ledger.confirmations:
        heads = (doc.Column("Proposal"), doc.Column("Total gain", "number"), doc.Column("Interval", "short"),
                 doc.Column("Score", "number"), doc.Column("Of the first", "number"), doc.Column("Fresh seeds", "number"))
        caption = "Each new incumbent beside the first one, on the same fresh seeds, which chose nothing."
        yield doc.Table("fresh", "On fresh seeds", caption, heads, tuple(map(_fresh_row, ledger.confirmations)))


def _fresh_row(one: Confirmation) -> doc.Row:
    between = NOTHING if one.low is None else f"{one.low:+.4g} to {one.high:+.4g}"
    values = [NOTHING if value is None else f"{value:.5g}" for value in (one.score, one.first_score)]
    return doc.Row((doc.Cell(str(one.proposal), sort=one.proposal), NOTHING if one.gain is None else f"{one.gain:+.4g}", between, *values,
                    str(len(one.seeds))))


SECTIONS = (doc.Section("answer", "Answer", _answer), doc.Section("curve", "Score", _curve),
            doc.Section("fresh", "Fresh seeds", _confirmed), doc.Section("proposals", "Proposals", _proposals))
"""The page's sections, in order; each is built of a :class:`~dlbench.gate.ledger.Ledger`."""
