"""The report's figures: what each one shows, how to read it, and its drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from dlbench.analysis import Analysis
from dlbench.report import captions, datasets, examples, figures, frames, labels
from dlbench.report import interactions as factorial
from dlbench.report.figures.canvas import PANEL, canvas, drawing, svg
from dlbench.report.wording import number, unit_of
from dlbench.values.text import listed, one_line

Plot = Callable[[pd.DataFrame, Axes], Axes]
WIDTH = 8.4
ROW = 0.27
MOST_IN_GRID = 12
MOST_DOTS = 700


@dataclass(frozen=True)
class Family:
    """Figures of which there is one an arm.

    Attributes:
        name: of the part of the report that they belong to.
        title: what they are.
        plot, tables: what draws one, and the tables of a study's arms, at most so many.
        size_in: width and height of one.
        columns: how many stand side by side in a file.
    """

    name: str
    title: str
    plot: Plot
    tables: Callable[[Analysis, int], Iterable[pd.DataFrame]]
    size_in: tuple[float, float] = PANEL
    columns: int = 3


def _foremost(made: Callable[[Analysis, pd.DataFrame], Iterable[pd.DataFrame]]) -> Callable[[Analysis, int], Iterable[pd.DataFrame]]:
    return lambda analysis, most: made(analysis, frames.foremost(frames.compared(analysis), most))


def _first(made: Callable[[Analysis], Iterable[pd.DataFrame]]) -> Callable[[Analysis, int], Iterable[pd.DataFrame]]:
    return lambda analysis, most: islice(made(analysis), most)


FAMILIES = (
    Family("curves", "Learning curves", figures.curves, _foremost(frames.curves)),
    Family("target", "Time to target", figures.target, _foremost(frames.targets)),
    Family("turned", "Test examples that an arm fixes and breaks", figures.examples, _first(examples.turns), (4.5, 1.95), 2),
    Family("confusion", "Confusion differences", figures.confusion, _first(examples.confusions), (2.75, 2.75)),
    Family("augmentation", "Augmentation preview", figures.augmentation, _first(examples.previews), (4.5, 3.1), 2),
)


@dataclass(frozen=True)
class Plate:
    """A figure that is drawn.

    Attributes:
        name: file name without suffix, unique in a report.
        section: the part of the report it belongs to, such as effects or curves.
        title, caption: what it is; how to read it, with what n means and what was left out.
        alt: what it shows, for those who cannot see it.
        svg: the drawing, a stand-alone file.
        arm: the arm it is about, or the arms, with blanks between, by their positions in the study; None where it shows all.
    """

    name: str
    section: str
    title: str
    caption: str
    alt: str
    svg: str
    arm: int | str | None = None


def draw(plot: Plot, table: pd.DataFrame, name: str, size: tuple[float, float]) -> str:
    """Draw a table with a figure function, as a stand-alone SVG."""
    with drawing(name):
        figure, ax = canvas(*size)
        plot(table, ax)
        return svg(figure)


def grid(plot: Plot, tables: list[pd.DataFrame], name: str, size_in: tuple[float, float] = PANEL, columns: int = 3) -> str:
    """Draw several tables with one figure function, side by side in one SVG."""
    columns = min(columns, len(tables))
    height = -(-len(tables) // columns)
    with drawing(name):
        figure = Figure(figsize=(size_in[0] * columns, size_in[1] * height), layout="constrained")
        FigureCanvasSVG(figure)
        places = figure.subplots(height, columns, squeeze=False).ravel()
        for table, ax in zip(tables, places):
            plot(table, ax)
        for ax in places[len(tables) :]:
            ax.set_axis_off()
        return svg(figure)


def effects(analysis: Analysis) -> Iterator[Plate]:
    """The forest plot, and every seed behind it."""
    everything = frames.verdicts(analysis)
    if not len(everything):
        return
    table = frames.foremost(everything, frames.MOST_ROWS)
    caption = captions.forest(analysis) + captions.left_out(len(table), len(everything))
    drawn = draw(figures.forest, table, "forest", (WIDTH, 1.05 + ROW * len(table)))
    yield Plate("forest", "effects", "Effect of each change", caption, captions.forest_alt(analysis), drawn)
    table = frames.foremost(table, max(MOST_DOTS // max(len(analysis.results.study["seeds"]), 1), 10))
    dots = frames.pairs(analysis, table)
    caption = captions.seeds(len(dots)) + captions.left_out(len(table), len(everything))
    drawn = draw(figures.seeds, dots, "seeds", (WIDTH, 1.05 + ROW * len(table)))
    yield Plate("seeds", "effects", "Every seed", caption, captions.seeds_alt(analysis), drawn)


def cost(analysis: Analysis) -> Iterator[Plate]:
    """Effect against each cost that differs between the arms."""
    for quantity, words in frames.COSTS.items():
        table = frames.costs(analysis, quantity)
        if not frames.varies(table):
            continue
        front = list(table.loc[table["front"], "arm"])
        caption = captions.on_front(front) + captions.left_out(len(table) - 1, len(analysis.verdicts))
        name = "cost-" + quantity.removesuffix("_ratio")
        drawn = draw(figures.cost, table, name, (4.8, 3.3))
        yield Plate(name, "cost", f"Effect against {words}", caption, captions.cost_alt(analysis, words, front), drawn)


def panels(analysis: Analysis) -> Iterator[Plate]:
    """The figures of which there is one an arm, one by one."""
    for family in FAMILIES:
        for table in family.tables(analysis, frames.MOST_PANELS):
            first = str(table.attrs["id"]).partition(" ")[0]
            name, title = f"{family.name}-{first}", f"{family.title}: {one_line(table.attrs['arm'], 60)}"
            drawn = draw(family.plot, table, name, family.size_in)
            yield Plate(name, family.name, title, "", captions.panel_alt(title, table), drawn, table.attrs["id"])


def interactions(analysis: Analysis) -> Iterator[Plate]:
    """For factorial studies: the effect of every factor and pair of factors, and the strongest pairs one by one."""
    found = factorial.interactions(analysis)
    if found is None or not len(found.effects):
        return
    table = factorial.terms(found, analysis)
    table.attrs = frames.attrs(analysis) | {
        "title": "Factors and their interactions",
        "axis": f"effect on {analysis.metric.name.replace('_', ' ')}",
    }
    told = [f"{one_line(row.arm, 60)} {number(row.difference, 2, sign=True)}" for row in table.itertuples()]
    alt = f"Forest plot of the effects in {unit_of(analysis.metric).difference}. {listed(told, most=12)}."
    drawn = draw(figures.forest, table, "terms", (WIDTH, 1.05 + ROW * len(table)))
    yield Plate("terms", "interactions", "Factors and interactions", captions.families(analysis)["terms"], alt, drawn)
    pairs = factorial.pairs(found, analysis)
    if pairs:
        names = [" × ".join(one_line(name, 40) for name in pair.attrs["names"]) for pair in pairs]
        alt, drawn = f"Interaction plots of {listed(names, most=12)}.", grid(figures.interaction, pairs, "interaction")
        yield Plate("interaction", "interactions", "Pairs", captions.families(analysis)["interaction"], alt, drawn)


def profiles(analysis: Analysis) -> Iterator[Plate]:
    """For studies on several datasets: each arm's performance profile beside its reference's."""
    tables = datasets.profiles(analysis)
    if tables:
        names = [one_line(table.attrs["arm"], 40) for table in tables]
        alt, drawn = f"Performance profiles of {listed(names, most=12)}.", grid(figures.profile, tables, "profiles")
        caption = captions.families(analysis)["profiles"] + captions.left_out(len(tables), len(analysis.verdicts))
        yield Plate("profiles", "datasets", "Performance profiles", caption, alt, drawn)


def labelled(analysis: Analysis) -> Iterator[Plate]:
    """For transfer over several numbers of labels: the score of each way of training over them."""
    table = labels.curves(analysis)
    if len(table):
        names = [one_line(name, 40) for name in table["name"].unique()]
        alt = f"Line plot of {analysis.metric.name.replace('_', ' ')} over the labels of each class: {listed(names, most=12)}."
        drawn = draw(figures.labelled, table, "labels", (WIDTH, 3.6))
        yield Plate("labels", "labels-per-class", "Labels per class", captions.FIXED["labels"], alt, drawn)


def grids(analysis: Analysis) -> Iterator[Plate]:
    """The same, all arms in one figure: for formats that link to files."""
    for family in FAMILIES:
        tables = list(family.tables(analysis, MOST_IN_GRID))
        if tables:
            of = len(frames.compared(analysis)) if len(tables) == MOST_IN_GRID else len(tables)
            caption = captions.families(analysis)[family.name] + captions.left_out(len(tables), of)
            drawn = grid(family.plot, tables, family.name, family.size_in, family.columns)
            yield Plate(family.name, family.name, family.title, caption, f"{family.title}, one panel an arm.", drawn)


@lru_cache(maxsize=1)
def overview(analysis: Analysis) -> tuple[Plate, ...]:
    """The figures that every format shows; drawn once for all of them."""
    return (*profiles(analysis), *effects(analysis), *cost(analysis), *labelled(analysis), *interactions(analysis))


def files(analysis: Analysis) -> Iterator[Plate]:
    """The figures that formats without a page link to."""
    yield from overview(analysis)
    yield from grids(analysis)
