"""How to read each figure, and what it shows in words for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.interim import declared
from dlbench.report.wording import difference, number, unit_of
from dlbench.values.text import listed, one_line

NAME = 60


def forest(analysis: Analysis) -> str:
    """How to read the forest plot."""
    unit = unit_of(analysis.metric)
    margin = f"±{number(analysis.margin * unit.scale, unit.decimals)} {unit.short}"
    return (
        "Mean of the paired differences, arm minus reference on the same seed. Thick line: 95 % t interval. "
        f"Thin line: {_simultaneous(analysis)}. "
        f"Shaded: the margin of {margin}, below which a difference does not matter to this study. "
        "n: seeds that both completed. An arrow at the edge: the arm lies beyond the axis; a line that runs to the edge "
        "goes on."
    )


def adjustment(analysis: Analysis) -> str:
    """Say what was done to the p-values that decide."""
    if declared(analysis.results):
        return "scaled so that 0.05 is the boundary of the arm's look"
    return f"Holm-adjusted over the {len(analysis.verdicts)} arms"


def _simultaneous(analysis: Analysis) -> str:
    if declared(analysis.results):
        return "the interval that holds for all arms and looks at once (at the boundary of the arm's look)"
    return f"the interval that holds for all {len(analysis.verdicts)} arms at once (Bonferroni)"


def forest_alt(analysis: Analysis) -> str:
    """The forest plot in words."""
    rows = analysis.verdicts.itertuples()
    told = [f"{one_line(row.arm, NAME)} {difference(row.difference, unit_of(analysis.metric))}, {row.verdict}" for row in rows]
    return f"Forest plot of the difference in {_metric(analysis)} of each arm. {listed(told, most=12)}."


def seeds(pairs: int) -> str:
    """How to read the plot of every seed."""
    return (
        "One dot a seed; the upright bar is their mean; dots of nearly equal value are drawn one above the other. "
        f"{pairs} pairs in all."
    )


def seeds_alt(analysis: Analysis) -> str:
    """The plot of every seed in words."""
    shown = f"Dot plot of the paired difference in {_metric(analysis)} of every seed, one row an arm"
    return f"{shown}; the table of runs holds the numbers."


def cost_alt(analysis: Analysis, words: str, front: Sequence[str]) -> str:
    """A cost figure in words."""
    return f"Scatter plot of the difference in {_metric(analysis)} against {words}. {on_front(front)}"


def on_front(front: Sequence[str]) -> str:
    """Which arms the Pareto front holds."""
    return f"On the front: {listed([one_line(name, NAME) for name in front], most=12)}."


FIXED = {
    "terms": (
        "A factor's effect: mean with it on minus off, averaged over the others. An interaction (×): half the difference "
        "between the effects of one factor with the other on and off. Line: 95 % interval from least squares with seeds "
        "as blocks; n: runs used. Coloured triangles: Holm-adjusted p below 0.05."
    ),
    "interaction": (
        "Mean over the finished runs with one standard deviation. Lines that run side by side: the two factors do not "
        "interact. The strongest come first."
    ),
    "profiles": (
        "Share of all runs on all datasets whose score is better than the one below it. Colour: the arm; grey and dashed: its "
        "reference; bands: 95 %, stratified bootstrap; n: seeds times datasets. A curve above and to the right is better; where two "
        "cross, neither arm is better throughout."
    ),
    "labels": (
        "Mean over the finished runs with one standard deviation. Dotted: where an arm's lead over the arm that it is compared with, on "
        "the same examples, changes sign, interpolated over the logarithm of the labels."
    ),
    "controls": (
        "Whether data, split, example order, evaluation data and initial weights, but for what an arm declares to change, were proven "
        "identical to its reference's run of the same seed, by hashes of what the training loop consumed."
    ),
    "augmentation": (
        "The same training images as they are and as the first seed's run sees them in its first epochs, made by the code that "
        "trains: a transform that is wrong for the data is seen here."
    ),
}
"""How to read the figures and tables that need no number of the study: part of the report -> text."""


def families(analysis: Analysis) -> dict[str, str]:
    """How to read the figures and tables of which there are several: part of the report -> text."""
    n, target = len(analysis.results.study["seeds"]), analysis.results.study.get("target")
    return FIXED | {
        "curves": (
            f"Colour: the arm; grey and dashed: its reference. Line: mean over the seeds that finished (n up to {n}); "
            "band: one standard deviation over seeds. The panels share one vertical range, which leaves out the first climb; "
            "an arm that ends outside it has its own."
        ),
        "cost": (
            "Effect and cost, both relative to the arm's reference, which stands at (1, 0). Ringed and joined by dashes: the Pareto "
            "front of the point estimates, the arms that no other beats on both axes. Lines: 95 % intervals, over the n seeds of the "
            f"verdict table (n up to {n}). Arms with a reference of their own stay out of the front. Names stand where there "
            "is room."
        ),
        "target": (
            f"Share of seeds that have reached {target} on the validation split, by epoch (Kaplan and Meier). Colour: the "
            f"arm; grey and dashed: its reference; n up to {n}. An upright tick: a run that ended without reaching it, "
            "counted as censored."
        ),
        "targets": (
            f"Epochs to the target {target} on the validation split. Median with 95 % interval (Kaplan and Meier; ? where the curve does "
            "not say); seeds on which the arm was sooner or later than its reference; p: sign test on who was first, Holm-adjusted."
        ),
        "turned": (
            "Above: test examples that more seeds have right with the arm than with its reference; below: those that fewer have right; "
            "the surest first. Below each image: true class, and what reference and arm take it for. Where one seed makes the "
            f"difference, chance does the same (n up to {n} seeds)."
        ),
        "confusion": (
            "Change in the count of test examples of a true class (row) that are taken for a predicted class (column), mean a run. "
            "Area: the size of the change, on one scale for all arms; filled: more, hollow: fewer; blue: better, orange: worse. The "
            f"diagonal holds the right answers. n up to {n} seeds."
        ),
    }


def panel_alt(title: str, table: pd.DataFrame) -> str:
    """One arm's figure in words: against what, or the examples that it shows."""
    if "told" in table:
        return f"{title}. {listed([f'{row.kind}: {row.told}' for row in table.itertuples()], most=6)}."
    if "image" in table:
        return f"{title}: {table['example'].nunique()} training images, first as they are, then after {table['draw'].max()} draws."
    return f"{title}, against {one_line(table.attrs['reference'], NAME)}."


def left_out(shown: int, of: int) -> str:
    """What a figure does not show; nothing where it shows all."""
    return f" Shown: the {shown} of {of} arms that differ most; the verdict table has all." if shown < of else ""


def _metric(analysis: Analysis) -> str:
    return analysis.metric.name.replace("_", " ")
