"""The verdicts: every compared arm with its difference, p, seeds, costs and control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dlbench.report import frames, pages, rows, sides
from dlbench.report.analysis import Analysis
from dlbench.report.document import Block, Cell, Column, Group, Heading, Row, Section, Strong, Table, Text, columns
from dlbench.report.wording import NOTHING, missing
from dlbench.stats.method import METHOD


def build(analysis: Analysis) -> Iterator[Block]:
    """The references, the table of verdicts, and each change added and left out where the study does both."""
    metric = analysis.metric.name.replace("_", " ")
    for row in pages.references(analysis):
        costs = f"; {row['costs']}" if row["costs"] else ""
        yield Text(("Reference ", Strong(row["arm"]), f": {metric} {row['score']}{costs}."))
    arms = rows.rows(analysis)
    if arms:
        yield table(analysis, arms)
        yield from _sides(analysis)
        if all(map(missing, analysis.verdicts["step_ratio"])):
            yield Text("Training and inference times were not measured in this study.", "muted")


def table(analysis: Analysis, arms: Sequence[rows.Row]) -> Table:
    """The table of verdicts.

    Args:
        analysis: the study.
        arms: its compared arms.
    """
    short, axis = f"Difference, {analysis.unit.short}", rows.axis(frames.verdicts(analysis))
    heads = (
        Column("Arm", small="Changed"), Column("Verdict"), Column("", "plot"),
        Column(short, "number", short, f"{METHOD.confidence} interval", descending=True), Column("p", "number", "p adjusted"),
        Column("Seeds", "number", "Seeds", descending=True), Column("Parameters", "number", "Parameters"), Column("MACs", "number", "MACs"),
        Column("Training time", "number", "Training time"), Column("Inference", "number", "Inference"),
        Column("Controlled", label="Controlled"))
    better = "Right" if analysis.metric.higher_is_better else "Left"
    baseline = analysis.results.arms["arm"].iloc[0]
    return Table(
        "verdict-table", "Verdict table",
        f"Difference in {analysis.metric.name.replace('_', ' ')} to the reference in {analysis.unit.difference}, over seeds that both "
        f"completed, with its {METHOD.interval}; p: {METHOD.test.short}, {analysis.adjustment}. Costs are ratios to the reference; "
        "times are per "
        f"example, measured in interleaved rounds, with {METHOD.confidence} intervals.",
        heads, tuple(_row(row, place, baseline) for place, row in enumerate(arms, 1)),
        f"The plot shows the interval, from −{axis.limit} to +{axis.limit}; shaded is the margin. {better} is better. Choose an arm's "
        "name to see it alone in every figure and table.",
        "cards", "verdict table", choices(rows.groups(arms)), axis)


def paper_table(analysis: Analysis) -> Table:
    """The table of verdicts with the columns that a paper shows."""
    whole = table(analysis, rows.rows(analysis))
    difference = Column(f"Difference ({analysis.unit.difference})", "number", small=f"{METHOD.confidence} interval")
    heads = (Column("Arm"), Column("Verdict"), difference, Column("p", "number"), Column("Seeds"))
    body = (Row((arm.text, verdict, difference, p, seeds.text))
            for arm, verdict, _, difference, p, seeds, *_ in (row.cells for row in whole.rows))
    return replace(whole, columns=heads, rows=tuple(body))


def choices(groups: Sequence[Group]) -> tuple[tuple[str, Cell], ...]:
    """The verdicts by which a table can be filtered, with how many arms have each."""
    return tuple((group.verdict, Cell(group.title, f"{len(group.answers)}", verdict=group.verdict)) for group in groups)


def _row(row: rows.Row, place: int, baseline: str) -> Row:
    against = f" (against {row.reference})" if row.reference != baseline else ""

    def number(name: str, small: str = "") -> Cell:
        return Cell(row.cells[name], small, _sorted(row.sort[name]))

    cells = (
        Cell(row.arm, row.changed + against, row.arm, arm=row.id), Cell(row.verdict, sort=place, verdict=row.verdict),
        Cell(strip=row.strip), number("difference", f"[{row.cells['interval']}]" if row.cells["interval"] != NOTHING else ""), number("p"),
        number("n", row.cells["lost"]), number("parameters"), number("macs"), number("step", row.cells["step_interval"]),
        number("inference", row.cells["inference_interval"]), Cell(row.cells["control"], state=row.cells["control"]))
    return Row(cells, row.id, row.verdict)


def _sorted(value: float | None) -> float | str:
    return "" if value is None else value


def _sides(analysis: Analysis) -> Iterator[Block]:
    pairs = sides.sides(analysis)
    if pairs:
        yield Heading("Side by side")
        heads = columns("Change", "Added to the baseline", "Verdict added", "Left out of everything", "Verdict left out")
        body = tuple(Row((pair["arm"], *(cell for side in (pair["added"], pair["left_out"])
                                         for cell in (side["size"], Cell(side["verdict"], verdict=side["verdict"])))), pair["id"])
                     for pair in pairs)
        yield Table("sides", "Side by side", f"{sides.CAPTION} Differences in {analysis.unit.difference}.", heads, body)


SECTION = Section("verdicts", "Verdicts", build)
