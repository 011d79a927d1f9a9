"""The table of a paper: every arm's mean and interval, aligned, the best marked, and stars that the caption explains."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.best import arm_means
from dlbench.analysis.foreign import unpaired
from dlbench.report import answers, tested
from dlbench.report.latex import escape
from dlbench.report.wording import Unit, number, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import missing, one_line
from dlbench.values.verdict import Verdict

STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
SAME = r"\dagger"
"""Mark of an arm that is shown to make no meaningful difference."""
MOST_DECIMALS = 6
MOST_ROWS, MOST_NAME = 35, 32
"""Rows that one page holds, and characters of an arm's name that a line does."""
COLUMNS = r"{lr@{${}\pm{}$}lr@{}lr}"


def paper(analysis: Analysis) -> str:
    r"""Return a whole ``table`` environment, ready for ``\input``; what does not fit a page is a ``longtable``."""
    table, unit = arm_means(analysis), unit_of(analysis.metric)
    decimals = _decimals(table, unit)
    level, short = (f" ({escape(text)})" if text else "" for text in (unit.level, unit.short))
    name = escape(analysis.metric.name.replace("_", " "))
    caption = rf"\caption{{{_caption(analysis, table, unit)}}}"
    head = [r"\toprule", rf"Arm & \multicolumn{{2}}{{c}}{{{name[:1].upper()}{name[1:]}{level}}} & "
            rf"\multicolumn{{2}}{{c}}{{Difference{short}}} & $n$ \\", r"\midrule"]
    around = _over_pages if len(table) > MOST_ROWS else _on_a_page
    return "\n".join([*around(caption, head, [*_rows(table, unit, decimals)]), ""])


def _on_a_page(caption: str, head: list[str], rows: list[str]) -> list[str]:
    return [r"% requires \usepackage{booktabs}", r"\begin{table}", r"\centering", caption, rf"\begin{{tabular}}{COLUMNS}", *head, *rows,
            r"\bottomrule", r"\end{tabular}", r"\end{table}"]


def _over_pages(caption: str, head: list[str], rows: list[str]) -> list[str]:
    return [r"% requires \usepackage{booktabs,longtable}", rf"\begin{{longtable}}{COLUMNS}", rf"{caption} \\", *head, r"\endfirsthead",
            *head, r"\endhead", r"\bottomrule", r"\endfoot", *rows, r"\end{longtable}"]


def _decimals(table: pd.DataFrame, unit: Unit) -> int:
    """Digits after the point with which the middle one of the intervals has two digits of its own."""
    half = float((table["half"] * unit.scale).median()) if table["half"].notna().any() else 0.0
    return min(max(1 - math.floor(math.log10(half)), 0), MOST_DECIMALS) if half > 0 else unit.decimals


def _rows(table: pd.DataFrame, unit: Unit, decimals: int) -> Iterator[str]:
    for row in table.to_dict("records"):
        mean, half = (_bold(number(row[key] * unit.scale, decimals), row["best"]) for key in ("mean", "half"))
        sign, mark = ("", "") if missing(row["difference"]) else (
            f"${number(row['difference'] * unit.scale, decimals, sign=True)}$".replace("−", "-"), _mark(row))
        yield rf"{{}}{escape(one_line(row['arm'], MOST_NAME))} & {mean} & {half} & {sign} & {mark} & {row['n']} \\".replace("−", "$-$")


def _bold(text: str, best: bool) -> str:
    return rf"\textbf{{{text}}}" if best else text


def _mark(row: dict[str, Any]) -> str:
    if row["verdict"] == Verdict.EQUIVALENT:
        return f"$^{{{SAME}}}$"
    found = "" if missing(row["p_adjusted"]) else next((stars for level, stars in STARS if row["p_adjusted"] < level), "")
    return f"$^{{{found}}}$" if found else ""


def _caption(analysis: Analysis, table: pd.DataFrame, unit: Unit) -> str:
    pairs = math.comb(int((table["n"] > 1).sum()), 2)
    test = "Welch's t-test" if unpaired(analysis.results) else METHOD.test.name
    margin = f"{number(analysis.margin * unit.scale, unit.decimals)} {unit.difference}".strip()
    references = list(dict.fromkeys(table["reference"].dropna()))
    against = f"from {references[0]}" if len(references) == 1 else "from the arm's reference"
    better = "higher" if analysis.metric.higher_is_better else "lower"
    sentences = (
        f"Mean ± half of the {METHOD.confidence} t interval over n runs; {better} is better.",
        f"Bold: the best mean, and all that are not shown to differ from it ({test}, each of the {pairs:,} pairs of arms "
        f"at {METHOD.alpha:g} over their number).",
        f"Difference {against}: {tested.test(analysis)}, p {answers.adjustment(analysis)}")
    stars = ", ".join(rf"$^{{{marks}}}\,p<{level:g}$" for level, marks in reversed(STARS))
    return (" ".join(map(escape, sentences)) + f": {stars}; $^{{{SAME}}}$ "
            + escape(f"shown to be within ±{margin}, which makes no meaningful difference."))
