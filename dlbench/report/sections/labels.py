"""Labels per class: of transfer over several numbers of labels, the score of each way of training."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report import figures, labels
from dlbench.report.document import Block, Figure, Section
from dlbench.report.textual import blocks
from dlbench.values.text import listed, one_line

CAPTION = (
    "Mean over the finished runs with one standard deviation. Dotted: where an arm's lead over the arm that it is compared with, on "
    "the same examples, changes sign, interpolated over the logarithm of the labels."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Where each way of training stops paying, the scores, and a figure of them."""
    return blocks(labels.section(analysis), _figure(analysis))


def _figure(analysis: Analysis) -> Iterator[Figure]:
    table = labels.curves(analysis)
    if len(table):
        names = [one_line(name, 40) for name in table["name"].unique()]
        alt = f"Line plot of {table.attrs['metric']} over the labels of each class: {listed(names, most=12)}."
        yield Figure("labels", "Labels per class", CAPTION, alt, figures.labelled, (table,), (8.4, 3.6))


SECTION = Section("labels-per-class", "Labels per class", build)
