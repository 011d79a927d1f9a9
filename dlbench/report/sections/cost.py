"""Cost: what a gain is paid with."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report import frames
from dlbench.report.document import Beside, Block, Figure, Section, Text, left_out, named
from dlbench.report.figures.cost import cost
from dlbench.stats.method import METHOD


def build(analysis: Analysis) -> Iterator[Block]:
    """Effect against each cost that differs between the arms."""
    drawn = tuple(_figures(analysis))
    if drawn:
        yield Text(
            "Effect and cost, both relative to the arm's reference, which stands at (1, 0). Ringed and joined by dashes: the Pareto "
            f"front of the point estimates, the arms that no other beats on both axes. Lines: {METHOD.confidence} intervals, over the n "
            "seeds of the "
            f"verdict table (n up to {len(analysis.results.study['seeds'])}). Arms with a reference of their own stay out of the front. "
            "Names stand where there is room.", "hint")
        yield Beside(drawn)


def _figures(analysis: Analysis) -> Iterator[Figure]:
    for quantity, words in frames.COSTS.items():
        table = frames.costs(analysis, quantity)
        if frames.varies(table):
            front = f"On the front: {named(table.loc[table['front'], 'arm'])}."
            yield Figure(
                f"cost-{quantity.removesuffix('_ratio')}", f"Effect against {words}",
                front + left_out(len(table) - 1, len(analysis.verdicts)),
                f"Scatter plot of the difference in {table.attrs['metric']} against {words}. {front}", cost, (table,), (4.8, 3.3))


SECTION = Section("cost", "Cost", build)
