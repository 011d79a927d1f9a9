"""A comparison of two results folders as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from dlbench.analysis import analyse
from dlbench.analysis.comparison import Comparison, Side
from dlbench.analysis.controls import DOUBTFUL
from dlbench.analysis.judge import foremost
from dlbench.report import answers, figures, frames, html
from dlbench.report import document as doc
from dlbench.report.arms import ComparedArm, axis, compared_arms, difference_cell, groups, number_cell, strip, verdict_cell
from dlbench.report.figures.axis import reach
from dlbench.report.plain import one_line_of
from dlbench.report.sections.effects import size_in
from dlbench.report.sections.verdicts import choices
from dlbench.report.wording import NOTHING, Unit, level, milliseconds, number, probability, ratio, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, plural

PHRASES = {
    "helps": ("is better in B", "are better in B"),
    "hurts": ("is worse in B", "are worse in B"),
    "no meaningful effect": ("is the same within the margin", "are the same within the margin"),
    "inconclusive": ("remains open", "remain open"),
    "no verdict": ("has no verdict", "have no verdict"),
}
WORDS = {"helps": "better", "hurts": "worse", "no meaningful effect": "the same", "inconclusive": "open"}
"""Verdict -> what it says of B."""


def render(found: Comparison, a: Side, b: Side, command: str) -> str:
    """The page.

    Args:
        found: from :func:`dlbench.analysis.comparison.compare_results`.
        a, b: what it was made of.
        command: what makes this page again.

    Returns:
        A whole HTML document.
    """
    return html.render(comparison_document(found, a, b, command))


def comparison_document(found: Comparison, a: Side, b: Side, command: str) -> doc.Document:
    """The comparison as a document."""
    shown, own = table(found), [_own(side) for side in (a, b)]
    told = list(_told(found, shown))
    parts = (doc.Part(id_, title, tuple(blocks)) for id_, title, blocks in (
        ("answer", "Answer", _answer(found, shown, told)), ("arms", "Arms", _arms(found, shown, told, own)),
        ("effects", "Effects in both", _effects(found, shown, own)), ("differs", "What else differs", _differs(found)),
        ("times", "Times", _times(found)), ("reproduce", "Reproduce", (doc.Code(command, "Command", command=True),))))
    return doc.Document("comparison", f"{found.b} against {found.a}", "dlbench · comparison", "What changed from A to B?",
                        {"A": found.a, "B": found.b, **_facts(found, unit_of(found.metric))}, tuple(part for part in parts if part.blocks))


def _told(found: Comparison, shown: pd.DataFrame) -> Iterator[tuple[str, doc.Answer]]:
    """Verdict and answer of each arm, in the order of the table."""
    unit, limit = unit_of(found.metric), reach(shown, shown.attrs["margin"])
    stored = found.verdicts.set_index("arm", drop=False)
    for scaled in shown.itertuples():
        row = stored.loc[scaled.arm]
        cell = difference_cell(row, unit)
        tip = f"{row.arm}: {cell.text} {unit.short} {cell.small or f'[{NOTHING}]'}, n {int(row.n)}"
        text = answers.sentence(row.reason[:1].upper() + row.reason[1:])
        yield row.verdict, doc.Answer(row.arm, text, cell.text, strip(scaled, limit, tip))


def _answer(found: Comparison, shown: pd.DataFrame, told: Sequence[tuple[str, doc.Answer]]) -> Iterator[doc.Block]:
    by_verdict = groups(told, WORDS)
    yield doc.Text(answer(found), "lead")
    if by_verdict:
        yield doc.Tally(by_verdict)
        yield doc.Answers(by_verdict, axis(shown))


def _arms(found: Comparison, shown: pd.DataFrame, told: Sequence[tuple[str, doc.Answer]],
          own: Sequence[dict[str, ComparedArm]]) -> Iterator[doc.Block]:
    if not told:
        return
    unit, scale = unit_of(found.metric), axis(shown)
    short = f"Difference, {unit.short}"
    heads = (doc.Column("Arm"), doc.Column("B against A"), doc.Column("", "plot"), doc.Column(short, "number", short, descending=True),
             doc.Column("p", "number", "p adjusted"), *(doc.Column(name, "number", name) for name in ("Seeds", "A", "B")),
             *(doc.Column(name, label=name) for name in ("In A", "In B", "Controlled")))
    caption = (f"Each arm of B against the arm of A that has its name and recipe: difference in {shown.attrs['metric']} in "
               f"{unit.difference}, paired by seed. p: {METHOD.test.short}, {METHOD.adjusted} over the {len(told)} arms. In A, in B: the "
               "verdicts that each study gave the arm against its own reference.")
    usage = (f"The plot shows the {METHOD.confidence} interval, from −{scale.limit} to +{scale.limit}; shaded is the margin. "
             f"{'Right' if found.metric.higher_is_better else 'Left'}: B is better.")
    stored = found.verdicts.set_index("arm", drop=False)
    body = tuple(_line(stored.loc[one.arm], place, one.strip, unit, [side.get(one.arm) for side in own])
                 for place, (_, one) in enumerate(told, 1))
    yield doc.Table("verdict-table", "Arms", caption, heads, body, usage, "cards", "arms", choices(groups(told, WORDS)), scale)
    yield from _figure(shown)


def _line(row: pd.Series, place: int, drawn: doc.Strip, unit: Unit, own: Sequence[ComparedArm | None]) -> doc.Row:
    return doc.Row((
        doc.Cell(row.arm, sort=row.arm, arm=drawn.arm), verdict_cell(row.verdict, WORDS.get(row.verdict, ""), place), doc.Cell(strip=drawn),
        difference_cell(row, unit), number_cell(probability(row.p_adjusted), row.p_adjusted), number_cell(f"{int(row.n)}", row.n),
        *(number_cell(level(value, unit), value) for value in (row.reference_mean, row["mean"])),
        *(doc.Cell("reference") if arm is None else verdict_cell(arm.verdict) for arm in own),
        doc.Cell(row.control, row.control_text if row.control in DOUBTFUL else "", state=row.control)), drawn.arm, row.verdict)


def _effects(found: Comparison, shown: pd.DataFrame, own: Sequence[dict[str, ComparedArm]]) -> Iterator[doc.Block]:
    both = [(own[0][arm], own[1][arm]) for arm in own[0] if arm in own[1]]
    if both:
        caption = (f"What each study says of the arms whose names are in both, each against its own reference: difference in "
                   f"{shown.attrs['metric']} in {unit_of(found.metric).difference} with its {METHOD.confidence} interval. The two are "
                   "two families of verdicts; that one is conclusive and the other is not says nothing of a difference between them.")
        body = tuple(doc.Row((one.arm, *(cell for arm in (one, two)
                                              for cell in (one_line_of(arm.difference), verdict_cell(arm.verdict)))))
                     for one, two in both)
        yield doc.Table("effects-table", "Effects in both", caption,
                    doc.columns("Arm", "Effect in A", "Verdict in A", "Effect in B", "Verdict in B"), body)


def _differs(found: Comparison) -> Iterator[doc.Block]:
    if found.differs:
        yield doc.Items(found.differs)
    else:
        yield doc.Text("Nothing that was recorded: both have the same arms, seeds, margin and environment.")


def table(found: Comparison) -> pd.DataFrame:
    """The verdict table in the unit shown, the largest gain first, with ``id``; attrs for figures."""
    unit, name = unit_of(found.metric), found.metric.name.replace("_", " ")
    sign = 1 if found.metric.higher_is_better else -1
    order = (-sign * found.verdicts["difference"].astype(float)).argsort(kind="stable")
    attrs = {"metric": name, "unit": unit.short, "margin": found.margin * unit.scale, "decimals": unit.decimals,
             "higher_is_better": found.metric.higher_is_better, "title": "B against A", "axis": f"B minus A in {name}"}
    numbered = found.verdicts.assign(id=range(len(found.verdicts)), reference="A").iloc[order].reset_index(drop=True)
    return frames.scaled(numbered, unit.scale, attrs)


def answer(found: Comparison) -> str:
    """The comparison in a sentence or two."""
    if found.empty:
        return "There is nothing to compare: no arm has the same name, the same recipe and a seed that both completed."
    told = answers.study(found.verdicts, unit_of(found.metric), PHRASES, ("arm that both have", "arms that both have"))
    ends = found.verdicts[["difference", "low", "high"]].astype(float).dropna()
    same = len(ends) and not ends.abs().to_numpy().any()
    return told + (" Every score that both have is the same to the bit." if same else "")


def _facts(found: Comparison, unit: Unit) -> dict[str, str]:
    better = "higher" if found.metric.higher_is_better else "lower"
    margin = f"±{number(found.margin * unit.scale, unit.decimals)} {unit.difference}"
    return {"metric": f"{found.metric.name.replace('_', ' ')} ({better} is better)", "margin": margin,
            "compared on": plural(len(found.seeds), "seed")}


def _own(side: Side) -> dict[str, ComparedArm]:
    """Arm -> what its own study says of it."""
    return {arm.arm: arm for arm in compared_arms(analyse(side.results))}


def _figure(shown: pd.DataFrame) -> Iterator[doc.Block]:
    known = foremost(shown, frames.MOST_ROWS)
    if known["difference"].notna().any():
        told = [f"{row.arm} {number(row.difference, 2, sign=True)}, {row.verdict}" for row in known.itertuples()]
        caption = (f"Mean of the paired differences, B minus A on the same seed. Thick line: {METHOD.interval}; thin line: the interval "
                   f"that holds for all {len(shown)} arms at once ({METHOD.simultaneous}); shaded: the margin.")
        caption += doc.left_out(len(known), len(shown))
        alt = f"Forest plot of B minus A in {shown.attrs['metric']}. {listed(told, most=12)}."
        yield doc.Figure("comparison", "B against A", caption, alt, figures.forest, (known,), size_in(len(known)))


def _times(found: Comparison) -> Iterator[doc.Block]:
    if not len(found.times):
        yield doc.Text(found.times_note)
        return
    body = tuple(doc.Row((
        row.arm, milliseconds(row.step_ms_a), milliseconds(row.step_ms_b), ratio(row.step_ms_ratio), milliseconds(row.inference_ms_a),
        milliseconds(row.inference_ms_b), ratio(row.inference_ms_ratio))) for row in found.times.itertuples())
    heads = doc.columns("Arm", "Step in A", "Step in B", "B / A", "Inference in A", "Inference in B", "B / A, inference",
                        numbers=range(1, 7))
    yield doc.Table("times-table", "Times", found.times_note, heads, body)
