"""Examples: test examples that an arm fixes and breaks, classes that it confuses, training images before and after augmentation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.examples import confusions, previews, turns
from dlbench.analysis.interim import seeds_judged
from dlbench.analysis.scores import folds_of
from dlbench.report import frames
from dlbench.report.document import Block, Heading, Panels, Section
from dlbench.report.figures.confusion import confusion
from dlbench.report.figures.pictures import augmentation, examples
from dlbench.report.sections.curves import against
from dlbench.values.text import listed, plural


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield one panel an arm of each kind; nothing where neither answers nor images were kept."""
    of, folds = len(frames.compared(analysis)), folds_of(analysis.results)
    turn, run, each = ("round", "round", f" of {folds} seeds, which test every example once together") if folds else ("seed", "run", "")
    most = plural(len(seeds_judged(analysis.results)) // (folds or 1), turn) + each
    for panels in (
        Panels("turned", "Fixed and broken",
               f"Above: test examples that more {turn}s have right with the arm than with its reference; below: those that fewer have; "
               f"the surest first. Below each image: true class, and what reference and arm take it for. Where one {turn} makes the "
               f"difference, chance does the same (n up to {most}).",
               examples, lambda most: islice(turned_examples(analysis), most), _turned, of, (4.5, 1.95), 2, wide=True),
        Panels("confusion", "Confusion differences",
               f"Change in the count of test examples of a true class (row) that are taken for a predicted class (column), mean a {run}. "
               "Area: the size of the change, on one scale for all arms; filled: more, hollow: fewer; blue: better, orange: worse. The "
               f"diagonal holds the right answers. n up to {most}.",
               confusion, lambda most: islice(confusions(analysis.answered), most), against, of, (2.75, 2.75)),
        Panels("augmentation", "Augmentation preview",
               "The same training images as they are and as the first seed's run sees them in its first epochs, made by the code that "
               "trains: a transform that is wrong for the data is seen here.",
               augmentation, lambda most: islice(previews(analysis.results), most), _augmented, of, (4.5, 3.1), 2, wide=True),
    ):
        if panels.each:
            yield Heading(panels.title)
            yield panels


def turned_examples(analysis: Analysis) -> Iterator[pd.DataFrame]:
    """Yield the tables of :func:`dlbench.analysis.examples.turns`, each row with ``told``: all of it in words."""
    for table in turns(analysis.results, analysis.answered):
        told = [f"test example {row.row}, true class {row.label}: {table.attrs['reference']} is right on {row.right_theirs:g} of "
                f"{table.attrs['n']}, {table.attrs['arm']} on {row.right_ours:g} (mostly {row.theirs} → {row.ours})"
                for row in table.itertuples()]
        yield table.assign(told=told)


def _turned(table: pd.DataFrame) -> str:
    return f". {listed([f'{row.kind}: {row.told}' for row in table.itertuples()], most=6)}."


def _augmented(table: pd.DataFrame) -> str:
    return f": {table['example'].nunique()} training images, first as they are, then after {table['draw'].max()} draws."


SECTION = Section("examples", "Examples", build)
