"""The verdicts: every compared arm with its difference, p, seeds, costs and control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.costs import timed_whole
from dlbench.report import answers, frames, tested
from dlbench.report.arms import ComparedArm, axis, compared_arms, groups, verdict_cell
from dlbench.report.document import Block, Cell, Column, Group, Heading, Row, Section, Strong, Table, Text, columns
from dlbench.report.plain import one_line_of
from dlbench.report.wording import NOTHING, count, milliseconds, number, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.arms import WITHOUT
from dlbench.values.text import missing, plural
from dlbench.values.window import stored_window, window_words

DESIGN = "one_at_a_time + leave_one_out"
COSTS = ("Parameters", "MACs", "Training time", "Run time", "Inference")
SIDES = (
    "What each change does alone, added to the baseline, and what leaving it out of everything does, each against its own "
    "reference; both are in the one family of the verdicts. A change that helps when it is added and whose absence hurts helps in "
    "either surrounding; one that helps when it is added and whose absence does no harm is made up for by the others."
)

def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the references, the table of verdicts, and each change added and left out where the study does both."""
    for row in analysis.references.itertuples():
        yield reference(analysis, row, "Reference ", _costs(row))
    arms = compared_arms(analysis)
    if arms:
        yield table(analysis, arms)
        yield from _sides(analysis, arms)
        if all(map(missing, analysis.verdicts["step_ratio"])) and tested.control(analysis) and not analysis.results.study.get("run"):
            yield Text("Training and inference times were not measured in this study.", "muted")


def reference(analysis: Analysis, row: Any, begin: str, end: str = "") -> Text:
    """Return the score of an arm that others are compared with, in a sentence.

    Args:
        analysis: the study.
        row: one of ``analysis.references``.
        begin, end: what stands before the arm's name, and behind its score.
    """
    return Text((begin, Strong(row.arm), f": {analysis.metric.name.replace('_', ' ')} {_score(analysis, row)}{end}."))


def _score(analysis: Analysis, row: Any) -> str:
    if missing(row.mean):
        return "no finished run yet"
    unit = unit_of(analysis.metric)
    mean, sd = number(row.mean * unit.scale, unit.decimals), number(row.sd * unit.scale, unit.decimals)
    spread = "" if missing(row.sd) else f" ± {sd}"
    return f"{mean}{spread} {unit.level} (mean{' ± sd' if spread else ''} of {plural(int(row.n), 'seed')})"


def _costs(row: Any) -> str:
    every = {"{} parameters": count(row.parameters), "{} multiply-accumulates": count(row.macs),
             "a training step takes {}": milliseconds(row.step_ms), "inference takes {} an example": milliseconds(row.inference_ms)}
    known = ", ".join(text.format(value) for text, value in every.items() if value != NOTHING)
    return f"; {known}" if known else ""


def table(analysis: Analysis, arms: Sequence[ComparedArm]) -> Table:
    """Return the table of verdicts.

    Args:
        analysis: the study.
        arms: its compared arms.
    """
    unit = unit_of(analysis.metric)
    short, scale = f"Difference, {unit.short}", axis(frames.verdicts(analysis))
    whole_runs = timed_whole(analysis.results)
    time = "Run time" if whole_runs else "Training time"
    times = "of whole runs, each alone on the machine, arms in turns" if whole_runs else "per example, measured in interleaved rounds"
    heads = (
        Column("Arm", small="Changed"), Column("Verdict"), Column("", "plot"),
        Column(short, "number", short, f"{METHOD.confidence} interval", descending=True), Column("p", "number", "p adjusted"),
        Column("Seeds", "number", "Seeds", descending=True), Column("Parameters", "number", "Parameters"), Column("MACs", "number", "MACs"),
        Column(time, "number", time), Column("Inference", "number", "Inference"),
        Column("Controlled", label="Controlled"))
    better = "Right" if analysis.metric.higher_is_better else "Left"
    baseline = analysis.results.arms["arm"].iloc[0]
    whole = Table(
        "verdict-table", "Verdict table",
        f"Difference in {analysis.metric.name.replace('_', ' ')}{_window(analysis)} to the reference "
        f"in {unit.difference}, {tested.over(analysis)}, with its {METHOD.interval}; p: {tested.test(analysis)}, "
        f"{answers.adjustment(analysis)}. "
        f"{answers.claim(analysis)} Costs are ratios to the reference; times are {times}, "
        f"with {METHOD.confidence} intervals.",
        heads, tuple(_row(arm, place, baseline) for place, arm in enumerate(arms, 1)),
        f"The plot shows the interval, from −{scale.limit} to +{scale.limit}; shaded is the margin. {better} is better. Choose an arm's "
        "name to see it alone in every figure and table.",
        "cards", "verdict table", choices(groups((arm.verdict, arm.answer) for arm in arms)), scale)
    return whole if tested.control(analysis) and not analysis.results.study.get("run") else _without_unknown_costs(whole)


def _window(analysis: Analysis) -> str:
    return f" ({window_words(stored_window(analysis.results.study))})" if tested.control(analysis) else ""


def _without_unknown_costs(table: Table) -> Table:
    """Leave out the columns of costs that no arm of a script has."""
    kept = [place for place, column in enumerate(table.columns)
            if column.header not in COSTS or any(row.cells[place].text != NOTHING for row in table.rows)]
    rows = tuple(replace(row, content=tuple(row.cells[place] for place in kept)) for row in table.rows)
    caption = table.caption if any(table.columns[place].header in COSTS for place in kept) else table.caption.partition(" Costs are")[0]
    return replace(table, columns=tuple(table.columns[place] for place in kept), rows=rows, caption=caption)


def paper_table(analysis: Analysis) -> Table:
    """Return the table of verdicts with the columns that a paper shows."""
    whole, unit = table(analysis, compared_arms(analysis)), unit_of(analysis.metric).difference
    heads = (Column("Arm"), Column("Verdict"), Column(f"Difference ({unit})", "number", small=f"{METHOD.confidence} interval"),
             Column("p", "number"), Column("Seeds"))
    body = (Row((arm.text, verdict, difference, p, seeds.text))
            for arm, verdict, _, difference, p, seeds, *_ in (row.cells for row in whole.rows))
    return replace(whole, columns=heads, rows=tuple(body))


def choices(by_verdict: Sequence[Group]) -> tuple[tuple[str, Cell], ...]:
    """Return the verdicts by which a table can be filtered, with how many arms have each."""
    return tuple((group.verdict, Cell(group.title, f"{len(group.answers)}", verdict=group.verdict)) for group in by_verdict)


def _row(arm: ComparedArm, place: int, baseline: str) -> Row:
    changed = arm.changed + (f" (against {arm.reference})" if arm.reference != baseline else "")
    return Row((
        Cell(arm.arm, changed, arm.arm, arm=arm.id), verdict_cell(arm.verdict, sort=place), Cell(strip=arm.answer.strip), arm.difference,
        arm.p, arm.seeds, arm.parameters, arm.macs, arm.step, arm.inference, arm.control), arm.id, arm.verdict)


def _sides(analysis: Analysis, arms: Sequence[ComparedArm]) -> Iterator[Block]:
    """Yield both answers of each change, in a study that adds it to the baseline and leaves it out of everything."""
    by_name = {arm.arm: arm for arm in arms if analysis.results.study.get("design") == DESIGN}
    pairs = [(by_name[arm], by_name[WITHOUT + arm]) for arm in analysis.ids if arm in by_name and WITHOUT + arm in by_name]
    if pairs:
        yield Heading("Side by side")
        heads = columns("Change", "Added to the baseline", "Verdict added", "Left out of everything", "Verdict left out")
        body = tuple(Row((pair[0].arm, *(cell for arm in pair for cell in (one_line_of(arm.difference), verdict_cell(arm.verdict)))),
                         pair[0].id) for pair in pairs)
        yield Table("sides", "Side by side", f"{SIDES} Differences in {unit_of(analysis.metric).difference}.", heads, body)


SECTION = Section("verdicts", "Verdicts", build)
