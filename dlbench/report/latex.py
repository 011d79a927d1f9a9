"""The verdict table as LaTeX."""

from __future__ import annotations

from dlbench.analysis import Analysis
from dlbench.report import rows
from dlbench.report.escape import latex
from dlbench.report.wording import NOTHING, unit_of


def tex(analysis: Analysis) -> str:
    """The verdict table as LaTeX (``booktabs``), ready for ``\\input``."""
    unit = latex(unit_of(analysis.metric).difference)
    lines = [
        r"% requires \usepackage{booktabs}",
        r"\begin{tabular}{llrrrl}",
        r"\toprule",
        f"Arm & Verdict & Difference ({unit}) & 95\\,\\% interval & $p$ & Seeds \\\\",
        r"\midrule",
    ]
    lines += [_line(row) for row in rows.rows(analysis)]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _line(row: rows.Row) -> str:
    cells = row.cells
    interval = "" if cells["interval"] == NOTHING else f"[{cells['interval']}]"
    guard = "{}" if row.arm.lstrip()[:1] in ("[", "*") else ""  # else the end of the line before would take it for its argument
    texts = (row.arm, row.verdict, cells["difference"], interval, cells["p"], cells["n"])
    return guard + " & ".join(map(latex, texts)) + r" \\"
