"""A comparison of two results folders as plain text, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dlbench.analysis.comparison import Comparison
from dlbench.analysis.controls import DOUBTFUL
from dlbench.report.wording import bare, interval, milliseconds, probability, ratio, shortened, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import plural, wrapped

WIDTH = 80
LEAST = 12


def text(found: Comparison) -> str:
    """The comparison: what was compared, the verdict table, why, what differs, and times.

    Args:
        found: from :func:`dlbench.analysis.comparison.compare_results`.

    Returns:
        Lines of at most 80 columns (a word that is longer, such as a path, stays whole).
    """
    parts = [_head(found), *_verdicts(found), *_differs(found), *_times(found)]
    return "\n\n".join(parts)


def _head(found: Comparison) -> str:
    unit, name = unit_of(found.metric), found.metric.name.replace("_", " ")
    better = "higher" if found.metric.higher_is_better else "lower"
    margin = f"{found.margin * unit.scale:g} {unit.difference}".rstrip()
    return "\n".join([
        wrapped(f"A: {found.a}", "   "), wrapped(f"B: {found.b}", "   "),
        wrapped(f"{name} ({better} is better), margin ±{margin}; B against A on {plural(len(found.seeds), 'seed')}"),
    ])


def _verdicts(found: Comparison) -> Iterator[str]:
    if not len(found.verdicts):
        yield "Nothing to compare: no arm has the same name and recipe in both."
        return
    unit, rows = unit_of(found.metric), list(found.verdicts.itertuples())
    body = [(row.arm, row.verdict, bare(row.difference, unit), interval(row.low, row.high, unit), probability(row.p_adjusted))
            for row in rows]
    yield aligned(("Arm", "Verdict", f"B − A, {unit.short}", f"{METHOD.confidence} interval", "p"), body, left=2)
    yield "\n".join(wrapped(f"{row.arm}: {row.reason}{_uncontrolled(row)}", "  ") for row in rows)


def _uncontrolled(row: Any) -> str:
    return f"; {row.control}: {row.control_text}" if row.control in DOUBTFUL else ""


def _differs(found: Comparison) -> Iterator[str]:
    if found.differs:
        yield "\n".join(["What differs between A and B:", *(wrapped(f"  {line}", "    ") for line in found.differs)])


def _times(found: Comparison) -> Iterator[str]:
    if len(found.times):
        body = [(row.arm, milliseconds(row.step_ms_a), milliseconds(row.step_ms_b), ratio(row.step_ms_ratio),
                 ratio(row.inference_ms_ratio)) for row in found.times.itertuples()]
        yield aligned(("Time", "Step in A", "Step in B", "B / A", "Inference B / A"), body, left=1)
    yield wrapped(found.times_note)


def aligned(headers: Sequence[str], body: Sequence[Sequence[str]], left: int) -> str:
    """A table whose first column is cut where the whole would be wider than 80 columns.

    Args:
        headers: one a column.
        body: rows of text.
        left: how many columns are aligned left; the others are numbers.

    Example:
        >>> print(aligned(("Arm", "p"), [("dropout", "0.03"), ("l2", "–")], left=1))
        Arm         p
        dropout  0.03
        l2          –
    """
    widths = [max(len(row[place]) for row in (headers, *body)) for place in range(len(headers))]
    widths[0] = min(widths[0], max(LEAST, WIDTH - sum(widths[1:]) - 2 * (len(widths) - 1)))
    return "\n".join(_line((shortened(row[0], widths[0]), *row[1:]), widths, left) for row in (headers, *body))


def _line(row: Sequence[str], widths: Sequence[int], left: int) -> str:
    cells = [cell.ljust(width) if place < left else cell.rjust(width) for place, (cell, width) in enumerate(zip(row, widths))]
    return "  ".join(cells).rstrip()
