"""A comparison of two results folders: a self-contained page, and plain text of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dlbench.analysis import analyse
from dlbench.analysis.comparison import Comparison, Side
from dlbench.analysis.controls import DOUBTFUL
from dlbench.analysis.judge import foremost
from dlbench.report import answers, frames, html
from dlbench.report import document as doc
from dlbench.report.arms import ComparedArm, axis, compared_arms, difference_cell, groups, number_cell, strip, verdict_cell
from dlbench.report.document import Section
from dlbench.report.figures.axis import reach
from dlbench.report.figures.effects import forest
from dlbench.report.plain import aligned, one_line_of
from dlbench.report.sections.effects import size_in
from dlbench.report.sections.verdicts import choices
from dlbench.report.wording import NOTHING, bare, interval, level, milliseconds, number, probability, ratio, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, plural, wrapped

PHRASES = {
    "helps": ("is better in B", "are better in B"),
    "hurts": ("is worse in B", "are worse in B"),
    "no meaningful effect": ("is the same within the margin", "are the same within the margin"),
    "inconclusive": ("remains open", "remain open"),
    "no verdict": ("has no verdict", "have no verdict"),
}
WORDS = {"helps": "better", "hurts": "worse", "no meaningful effect": "the same", "inconclusive": "open"}
"""Verdict -> what it says of B."""


@dataclass(frozen=True, eq=False)
class View:
    """A comparison, and what its sections share.

    Attributes:
        found: the comparison.
        own: arm -> what its own study says of it, for A and for B.
        shown: the verdict table in the unit shown, the largest gain first.
        rows: the same table as it is stored, each row with its answer.
        command: what makes the page again.
    """

    found: Comparison
    own: tuple[dict[str, ComparedArm], dict[str, ComparedArm]]
    shown: pd.DataFrame
    rows: tuple[tuple[Any, doc.Answer], ...]
    command: str

    @property
    def groups(self) -> tuple[doc.Group, ...]:
        """The answers by verdict."""
        return groups(((row.verdict, told) for row, told in self.rows), WORDS)


def render(found: Comparison, a: Side, b: Side, command: str) -> str:
    """Return the comparison as a whole HTML document.

    Args:
        found: from :func:`dlbench.analysis.comparison.compare_results`.
        a, b: what it was made of.
        command: what makes this page again.
    """
    ordered, shown = table(found)
    rows = tuple(_answered(found, *pair, reach(shown, shown.attrs["margin"])) for pair in zip(ordered.itertuples(), shown.itertuples()))
    one, two = ({arm.arm: arm for arm in compared_arms(analyse(side.results))} for side in (a, b))
    margin, seeds = number(found.margin * unit_of(found.metric).scale, unit_of(found.metric).decimals), plural(len(found.seeds), "seed")
    facts = {"A": found.a, "B": found.b, "metric": _metric(found), "margin": f"±{margin} {unit_of(found.metric).difference}",
             "compared on": seeds}
    return html.render(doc.Document(
        "comparison", f"{found.b} against {found.a}", "dlbench · comparison", "What changed from A to B?", facts,
        doc.assemble(SECTIONS, View(found, (one, two), shown, rows, command))))


def _answered(found: Comparison, row: Any, scaled: Any, limit: float) -> tuple[Any, doc.Answer]:
    cell = difference_cell(row, unit_of(found.metric))
    tip = f"{row.arm}: {cell.text} {unit_of(found.metric).short} {cell.small or f'[{NOTHING}]'}, n {int(row.n)}"
    text = answers.sentence(row.reason[:1].upper() + row.reason[1:])
    return row, doc.Answer(row.arm, text, cell.text, strip(scaled, limit, tip))


def _metric(found: Comparison) -> str:
    return f"{found.metric.name.replace('_', ' ')} ({'higher' if found.metric.higher_is_better else 'lower'} is better)"


def _answer(view: View) -> Iterator[doc.Block]:
    yield doc.Text(answer(view.found), "lead")
    if view.rows:
        yield doc.Tally(view.groups)
        yield doc.Answers(view.groups, axis(view.shown))


def _arms(view: View) -> Iterator[doc.Block]:
    if not view.rows:
        return
    unit, scale = unit_of(view.found.metric), axis(view.shown)
    short = f"Difference, {unit.short}"
    heads = (doc.Column("Arm"), doc.Column("B against A"), doc.Column("", "plot"), doc.Column(short, "number", short, descending=True),
             doc.Column("p", "number", "p adjusted"), *(doc.Column(name, "number", name) for name in ("Seeds", "A", "B")),
             *(doc.Column(name, label=name) for name in ("In A", "In B", "Controlled")))
    caption = (f"Each arm of B against the arm of A that has its name and recipe: difference in {view.shown.attrs['metric']} in "
               f"{unit.difference}, paired by seed. p: {METHOD.test.short}, {METHOD.adjusted} over the {len(view.rows)} arms. In A, in B: "
               "the verdicts that each study gave the arm against its own reference.")
    usage = (f"The plot shows the {METHOD.confidence} interval, from −{scale.limit} to +{scale.limit}; shaded is the margin. "
             f"{'Right' if view.found.metric.higher_is_better else 'Left'}: B is better.")
    body = tuple(_row(view, place, row, told.strip) for place, (row, told) in enumerate(view.rows, 1))
    yield doc.Table("verdict-table", "Arms", caption, heads, body, usage, "cards", "arms", choices(view.groups), scale)
    yield from _figure(view.shown)


def _row(view: View, place: int, row: Any, drawn: doc.Strip) -> doc.Row:
    unit, own = unit_of(view.found.metric), [side.get(row.arm) for side in view.own]
    return doc.Row((
        doc.Cell(row.arm, sort=row.arm, arm=drawn.arm), verdict_cell(row.verdict, WORDS.get(row.verdict, ""), place), doc.Cell(strip=drawn),
        difference_cell(row, unit), number_cell(probability(row.p_adjusted), row.p_adjusted), number_cell(f"{int(row.n)}", row.n),
        *(number_cell(level(value, unit), value) for value in (row.reference_mean, row.mean)),
        *(doc.Cell("reference") if arm is None else verdict_cell(arm.verdict) for arm in own),
        doc.Cell(row.control, row.control_text if row.control in DOUBTFUL else "", state=row.control)), drawn.arm, row.verdict)


def _figure(shown: pd.DataFrame) -> Iterator[doc.Block]:
    known = foremost(shown, frames.MOST_ROWS)
    if known["difference"].notna().any():
        told = [f"{row.arm} {number(row.difference, 2, sign=True)}, {row.verdict}" for row in known.itertuples()]
        caption = (f"Mean of the paired differences, B minus A on the same seed. Thick line: {METHOD.interval}; thin line: the interval "
                   f"that holds for all {len(shown)} arms at once ({METHOD.simultaneous}); shaded: the margin.")
        caption += doc.left_out(len(known), len(shown))
        alt = f"Forest plot of B minus A in {shown.attrs['metric']}. {listed(told, most=12)}."
        yield doc.Figure("comparison", "B against A", caption, alt, forest, (known,), size_in(len(known)))


def _effects(view: View) -> Iterator[doc.Block]:
    both = [(view.own[0][arm], view.own[1][arm]) for arm in view.own[0] if arm in view.own[1]]
    if both:
        caption = ("What each study says of the arms whose names are in both, each against its own reference: difference in "
                   f"{view.shown.attrs['metric']} in {unit_of(view.found.metric).difference} with its {METHOD.confidence} interval. "
                   "The two are two families of verdicts; that one is conclusive and the other is not says nothing of a difference "
                   "between them.")
        body = tuple(doc.Row((one.arm, *(cell for arm in (one, two) for cell in (one_line_of(arm.difference), verdict_cell(arm.verdict)))))
                     for one, two in both)
        yield doc.Table("effects-table", "Effects in both", caption,
                        doc.columns("Arm", "Effect in A", "Verdict in A", "Effect in B", "Verdict in B"), body)


def _differs(view: View) -> Iterator[doc.Block]:
    same = doc.Text("Nothing that was recorded: both have the same arms, seeds, margin and environment.")
    yield doc.Items(view.found.differs) if view.found.differs else same


def _times(view: View) -> Iterator[doc.Block]:
    if not len(view.found.times):
        yield doc.Text(view.found.times_note)
        return
    body = tuple(doc.Row((
        row.arm, milliseconds(row.step_ms_a), milliseconds(row.step_ms_b), ratio(row.step_ms_ratio), milliseconds(row.inference_ms_a),
        milliseconds(row.inference_ms_b), ratio(row.inference_ms_ratio))) for row in view.found.times.itertuples())
    heads = doc.columns("Arm", "Step in A", "Step in B", "B / A", "Inference in A", "Inference in B", "B / A, inference",
                        numbers=range(1, 7))
    yield doc.Table("times-table", "Times", view.found.times_note, heads, body)


SECTIONS = (
    Section("answer", "Answer", _answer),
    Section("arms", "Arms", _arms),
    Section("effects", "Effects in both", _effects),
    Section("differs", "What else differs", _differs),
    Section("times", "Times", _times),
    Section("reproduce", "Reproduce", lambda view: (doc.Code(view.command, "Command", command=True),)),
)
"""The page's sections, in order; each is built of a :class:`View`."""


def table(found: Comparison) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the verdict table with ``id``, the largest gain first, as it is stored and in the unit shown; attrs for figures."""
    unit, name = unit_of(found.metric), found.metric.name.replace("_", " ")
    sign = 1 if found.metric.higher_is_better else -1
    order = (-sign * found.verdicts["difference"].astype(float)).argsort(kind="stable")
    attrs = {"metric": name, "unit": unit.short, "margin": found.margin * unit.scale, "decimals": unit.decimals,
             "higher_is_better": found.metric.higher_is_better, "title": "B against A", "axis": f"B minus A in {name}"}
    numbered = found.verdicts.assign(id=range(len(found.verdicts)), reference="A").iloc[order].reset_index(drop=True)
    return numbered, frames.scaled(numbered, unit.scale, attrs)


def answer(found: Comparison) -> str:
    """Sum up the comparison in a sentence or two."""
    if found.empty:
        return "There is nothing to compare: no arm has the same name, the same recipe and a seed that both completed."
    claim = answers.CLAIMS[found.scope]
    nouns = f"arm that both have, judged {claim},", f"arms that both have, judged {claim}"
    told = answers.study(found.verdicts, unit_of(found.metric), PHRASES, nouns)
    ends = found.verdicts[["difference", "low", "high"]].astype(float).dropna()
    same = len(ends) and not ends.abs().to_numpy().any()
    return told + (" Every score that both have is the same to the bit." if same else "")


def text(found: Comparison) -> str:
    """Return the comparison in lines of at most 80 columns (a word that is longer, such as a path, stays whole)."""
    return "\n\n".join(_paragraphs(found))


def _paragraphs(found: Comparison) -> Iterator[str]:
    """Yield what was compared, the verdict table, why, what differs, and times."""
    unit = unit_of(found.metric)
    margin = f"{found.margin * unit.scale:g} {unit.difference}".rstrip()
    about = f"{_metric(found)}, margin ±{margin}; B against A on {plural(len(found.seeds), 'seed')}"
    yield "\n".join([wrapped(f"A: {found.a}", "   "), wrapped(f"B: {found.b}", "   "), wrapped(about)])
    rows = list(found.verdicts.itertuples())
    if rows:
        heads = ("Arm", "Verdict", f"B − A, {unit.short}", f"{METHOD.confidence} interval", "p")
        yield aligned(heads, [(row.arm, row.verdict, bare(row.difference, unit), interval(row.low, row.high, unit),
                               probability(row.p_adjusted)) for row in rows], left=2)
        doubts = [f"; {row.control}: {row.control_text}" if row.control in DOUBTFUL else "" for row in rows]
        yield "\n".join(wrapped(f"{row.arm}: {row.reason}{doubt}", "  ") for row, doubt in zip(rows, doubts))
    else:
        yield "Nothing to compare: no arm has the same name and recipe in both."
    if found.differs:
        yield "\n".join(["What differs between A and B:", *(wrapped(f"  {line}", "    ") for line in found.differs)])
    if len(found.times):
        heads = ("Time", "Step in A", "Step in B", "B / A", "Inference B / A")
        yield aligned(heads, [(row.arm, milliseconds(row.step_ms_a), milliseconds(row.step_ms_b), ratio(row.step_ms_ratio),
                               ratio(row.inference_ms_ratio)) for row in found.times.itertuples()], left=1)
    yield wrapped(found.times_note)
