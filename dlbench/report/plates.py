"""The report's figures: what each one shows, how to read it, and its drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from dlbench.report import figures, frames
from dlbench.report.analysis import Analysis
from dlbench.report.figures.canvas import canvas, drawing, svg
from dlbench.report.wording import difference, listed, number, one_line

Plot = Callable[[pd.DataFrame, Axes], Axes]
WIDTH = 8.4
PANEL = (2.75, 1.95)
MOST_IN_GRID = 24


@dataclass(frozen=True)
class Plate:
    """A figure that is drawn.

    Attributes:
        name: file name without suffix, unique in a report.
        section: the part of the report it belongs to: effects, curves or cost.
        title, caption: what it is; how to read it, with what n means and what was left out.
        alt: what it shows, for those who cannot see it.
        svg: the drawing, a stand-alone file.
        arm: the one arm it is about, by its position in the study; None where it shows several.
    """

    name: str
    section: str
    title: str
    caption: str
    alt: str
    svg: str
    arm: int | None = None


def draw(plot: Plot, table: pd.DataFrame, name: str, size: tuple[float, float]) -> str:
    """Draw a table with a figure function, as a stand-alone SVG."""
    with drawing(name):
        figure, ax = canvas(*size)
        plot(table, ax)
        return svg(figure)


def grid(plot: Plot, tables: list[pd.DataFrame], name: str, columns: int = 3) -> str:
    """Draw several tables with one figure function, side by side in one SVG."""
    height = -(-len(tables) // columns)
    with drawing(name):
        figure = Figure(figsize=(PANEL[0] * columns, PANEL[1] * height), layout="constrained")
        FigureCanvasSVG(figure)
        places = figure.subplots(height, columns, squeeze=False).ravel()
        for table, ax in zip(tables, places):
            plot(table, ax)
        for ax in places[len(tables):]:
            ax.set_axis_off()
        return svg(figure)


def effects(analysis: Analysis) -> Iterator[Plate]:
    """The forest plot, and every seed behind it."""
    everything = frames.verdicts(analysis)
    table = frames.foremost(everything, frames.MOST_ROWS)
    if not len(table):
        return
    height, left_out = 1.05 + 0.27 * len(table), _left_out(len(table), len(everything))
    margin = f"±{number(analysis.margin * analysis.unit.scale, analysis.unit.decimals)} {analysis.unit.short}"
    caption = (
        "Mean of the paired differences, arm minus reference on the same seed. Thick line: 95 % t interval. Thin line: the interval that "
        f"holds for all {len(everything)} arms at once (Bonferroni). Shaded: the margin of {margin}, below which a difference does not "
        f"matter to this study. n: seeds that both completed. An arrow at the edge: beyond the axis.{left_out}"
    )
    told = [f"{one_line(row.arm, 40)} {difference(row.difference, analysis.unit)}, {row.verdict}" for row in analysis.verdicts.itertuples()]
    alt = f"Forest plot of the difference in {table.attrs['metric']} of each arm. {listed(told, most=12)}."
    yield Plate("forest", "effects", "Effect of each change", caption, alt, draw(figures.forest, table, "forest", (WIDTH, height)))
    dots = frames.pairs(analysis, table)
    caption = f"One dot a seed; the upright bar is their mean; dots of nearly equal value are drawn one above the other. {len(dots)} pairs in all.{left_out}"
    alt = f"Dot plot of the paired difference in {table.attrs['metric']} of every seed, one row an arm; the table of runs holds the numbers."
    yield Plate("seeds", "effects", "Every seed", caption, alt, draw(figures.seeds, dots, "seeds", (WIDTH, height)))


def cost(analysis: Analysis) -> Iterator[Plate]:
    """Effect against each cost that differs between the arms."""
    for quantity, words in frames.COSTS.items():
        table = frames.costs(analysis, quantity)
        if not frames.varies(table):
            continue
        front = [one_line(name, 40) for name in table.loc[table["front"], "arm"]]
        alt = f"Scatter plot of the difference in {table.attrs['metric']} against {words}. On the Pareto front: {listed(front, most=12)}."
        name = "cost-" + quantity.removesuffix("_ratio")
        yield Plate(name, "cost", f"Effect against {words}", f"On the front: {listed(front, most=12)}.", alt, draw(figures.cost, table, name, (4.8, 3.3)))


def panels(analysis: Analysis) -> Iterator[Plate]:
    """Learning curves and times to target, a small figure an arm."""
    for name, plot, tables in _families(analysis, frames.MOST_PANELS):
        for table in tables:
            arm, reference = one_line(table.attrs["arm"], 60), one_line(table.attrs["reference"], 60)
            title = f"{TITLES[name]}: {arm}"
            alt = f"{title}, against {reference}."
            yield Plate(f"{name}-{table.attrs['id']}", name, title, "", alt, draw(plot, table, f"{name}-{table.attrs['id']}", PANEL), table.attrs["id"])


def grids(analysis: Analysis) -> Iterator[Plate]:
    """Learning curves and times to target, all arms in one figure: for formats that link to files."""
    for name, plot, tables in _families(analysis, MOST_IN_GRID):
        tables = list(tables)
        if tables:
            caption = captions(analysis)[name] + _left_out(len(tables), len(analysis.verdicts))
            yield Plate(name, name, TITLES[name], caption, f"{TITLES[name]}, one panel an arm.", grid(plot, tables, name))


def files(analysis: Analysis) -> Iterator[Plate]:
    """The figures that formats without a page link to."""
    for family in (effects, cost, grids):
        yield from family(analysis)


TITLES = {"curves": "Learning curves", "target": "Time to target"}


def captions(analysis: Analysis) -> dict[str, str]:
    """How to read the families of small figures."""
    n, target = len(analysis.results.study["seeds"]), analysis.results.study.get("target")
    return {
        "curves": f"Colour: the arm; grey and dashed: its reference. Line: mean over the seeds that finished (n up to {n}); band: one standard deviation "
                  "over seeds. The panels share one vertical range, which leaves out the first climb; an arm that ends outside it has its own.",
        "cost": f"Effect and cost, both relative to the arm's reference, which stands at (1, 0). Dashed: the Pareto front of the point estimates, the "
                f"arms that no other beats on both axes. Lines: 95 % intervals, over the n seeds of the verdict table (n up to {n}). Arms with a "
                "reference of their own stay out of the front. Names stand where there is room.",
        "target": f"Share of seeds that have reached {target} on the validation split, by epoch (Kaplan and Meier). Colour: the arm; grey and "
                  f"dashed: its reference; n up to {n}. An upright tick: a run that ended without reaching it, counted as censored.",
    }


def _families(analysis: Analysis, most: int) -> Iterator[tuple[str, Plot, Iterable[pd.DataFrame]]]:
    arms = frames.foremost(analysis.verdicts, most)
    yield "curves", figures.curves, frames.curves(analysis, arms)
    yield "target", figures.target, frames.targets(analysis, arms)


def _left_out(shown: int, of: int) -> str:
    return f" Shown: the {shown} of {of} arms that differ most; the verdict table has all." if shown < of else ""
