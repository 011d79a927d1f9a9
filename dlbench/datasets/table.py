"""Datasets from ``.csv`` files: each row is a label with a text or with numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dlbench.datasets import categories, tags
from dlbench.datasets.beside import USUAL_PARTS, beside_notes, named
from dlbench.datasets.classes import demand_classes, label_notes, order
from dlbench.datasets.columns import Survey
from dlbench.datasets.declaration import Examples
from dlbench.datasets.dialect import dialect
from dlbench.datasets.places import Places
from dlbench.datasets.tablefile import Scan, TableFile, columns
from dlbench.tasks import task
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import listed, plural


def load(data: Data, places: Places) -> Examples:
    """The rows of ``csv:PATH``, a file with a header, or a folder with train.csv and, maybe, test.csv.

    Labels are taken as words: the classes are the different ones, in the order of their numbers where they are whole numbers, in
    alphabetical order otherwise. Cells "true" and "false" are 1 and 0. A column that has no name or counts the rows is left out,
    unless ``features`` names it. What was found, converted or left out is noted.

    Args:
        data: ``label`` names the column of the labels, or several of 0 and 1, and ``label_separator`` what stands between tags; ``text``
            names the column of the texts, or ``features`` those of the numbers (all others where neither is named).
            ``separator``, ``decimal`` and ``thousands`` say how the file is written.
        places: where the path is looked for.

    Raises:
        InputError: naming the file and row, or the column, that cannot be used.
    """
    tables = opened(data, places)
    scans = [table.scan() for table in tables]
    classes, notes = targets(places, tables, scans)
    if data.text:
        if empty := sum(scan.empty for scan in scans):
            notes.append(f"{plural(empty, 'text')} {'has' if empty == 1 else 'have'} no word")
        width = max(scan.width for scan in scans)
        return Examples(*(table.texts(scan, classes, width) for table, scan in zip(tables, scans)), names=classes, notes=notes,
                        task=data.task)
    surveys = [table.survey(scan) for table, scan in zip(tables, scans)]
    if faults := [fault for table, survey in zip(tables, surveys) for fault in survey.faults(table.path, data)]:
        raise InputError("; ".join(faults))
    known = _categories(tables, categories.of_words(surveys))
    taken = _taken(tables[0], surveys[0], known)
    notes += [*_column_notes(tables[0], surveys, taken), *_gap_notes(data, surveys, known), *categories.notes(known, data.categories)]
    every = len(tables[0].dialect.header) - len(tables[0].labels) - len([*named(data)])
    left_out = len(taken) + len(known) < every and not data.features
    columns = (*taken, *categories.features(known, data.categories)) if known else ()
    return Examples(*(table.numbers(scan, classes, taken, known) for table, scan in zip(tables, scans)), names=classes, notes=notes,
                    features=(*taken, *known) if left_out else (), columns=columns,
                    cardinalities=categories.cardinalities(known, data.categories), missing=bool(data.missing), task=data.task)


def opened(data: Data, places: Places) -> list[TableFile]:
    """Return the file of a dataset, or the training file and the test file of a folder, without their rows.

    Raises:
        InputError: one is not there or cannot be read, or lacks a column that the study names.
    """
    tables = [TableFile(dialect(file, columns(data)[0], data.separator), data) for file in _files(data, places)]
    for table in tables:
        table.demand_columns(tables[0])
    return tables


def targets(places: Places, tables: list[TableFile], scans: list[Scan]) -> tuple[tuple[str, ...] | None, list[str]]:
    """Return the names of the classes or labels, None where targets are numbers, and what is said of files, targets and splits.

    Raises:
        InputError: labels are no classes.
    """
    data, (classes, of_targets) = tables[0].data, _classes(tables[0], scans)
    return classes, [*(note for table in tables for note in table.dialect.notes()), *_unread(data, places, tables), *of_targets,
                     *beside_notes(data, scans[0].beside)]


def _categories(tables: list[TableFile], names: list[str]) -> categories.Categories:
    """Return the words of the columns that hold any, in all files."""
    if not names:
        return {}
    found = (frame for table in tables for frame in table.frames(names, words=True))
    return categories.categories(names, found, tables[0].path.name, str(tables[0].data.categories))


def _gap_notes(data: Data, surveys: list[Survey], known: categories.Categories) -> Iterator[str]:
    """Yield how missing cells are read."""
    gaps = {name: sum(int(survey.missing[place]) for survey in surveys) for place, name in enumerate(surveys[0].names)}
    if numbers := [f"'{name}' ({count:,})" for name, count in gaps.items() if count and name not in known]:
        yield f"missing numbers are the medians of the training part, in {listed(numbers, most=8)}"
    if words := [f"'{name}' ({count:,})" for name, count in gaps.items() if count and name in known]:
        embedded = data.categories == categories.EMBEDDING
        what = f"the code {categories.UNKNOWN} of unknown words" if embedded else "0 in all of its columns"
        yield f"rows without a word have {what}, in {listed(words, most=8)}"


def _classes(table: TableFile, scans: list[Scan]) -> tuple[tuple[str, ...] | None, list[str]]:
    """Return the names of the classes or labels, and what is odd about them; None where targets are numbers."""
    labels = sum((scan.labels for scan in scans), Counter[str]())
    if tags.several(table.data):
        names = tags.names(table.path, table.labels, table.data, scans[0].labels)
        return names, list(tags.notes(labels, names, table.data))
    if not task(table.data.task).classes:
        return None, []
    demand_classes(f"{table.path}: column '{table.labels[0]}'", labels)
    return tuple(sorted(labels, key=order)), list(label_notes(labels))


def _unread(data: Data, places: Places, tables: list[TableFile]) -> Iterator[str]:
    """Yield what a folder or a test file has and is not read."""
    path = places.find(data.source)
    if path.is_dir() and (others := sorted(file.name for file in path.glob("*.csv") if file not in [table.path for table in tables])):
        yield f"beside train.csv lies what is not read: {listed(others)}"
    first, *others = (table.dialect.header for table in tables)
    if more := [name for header in others for name in header if name and name not in first]:
        yield f"test.csv has columns that train.csv has not and that are not read: {listed(more)}"


def _column_notes(table: TableFile, surveys: list[Survey], taken: dict[str, float]) -> Iterator[str]:
    """Yield what was converted or left out of a table of numbers."""
    if not table.data.features:
        unnamed = sum(not name for name in table.dialect.header)
        counting = [f"'{name}'" for name in surveys[0].names if name not in taken]
        if unnamed:
            yield f"{plural(unnamed, 'column')} without a name {'is' if unnamed == 1 else 'are'} left out"
        if counting:
            yield f"{listed(counting)} {'is' if len(counting) == 1 else 'are'} left out: it counts or names the rows; `features` takes it"
        if parts := [f"'{name}'" for name in taken if name.lower() in USUAL_PARTS]:
            yield (f"{listed(parts)} {'is' if len(parts) == 1 else 'are'} read as a feature, though called as what numbers the parts of a "
                   "split; `features = [...]` leaves it out, and `group` or `part` makes it no feature")
    for place, pair in enumerate(("true and false", "yes and no")):
        truths = [f"'{name}'" for name, found in zip(surveys[0].names, surveys[0].booleans) if found[place] and name in taken]
        if truths:
            yield f"{pair} are read as 1 and 0, in {listed(truths)}"
    if again := [f"'{name}'" for name in surveys[0].repeated.columns() if name in taken]:
        yield f"{listed(again)}: each value stands beside one label alone, so the column tells the label; `features` leaves it out"
    if rounded := [f"'{name}'" for name in surveys[0].rounded() if name in taken]:
        yield f"numbers of more than 15 digits are rounded, in {listed(rounded)}"
    if shifted := [f"{offset:,.0f} off '{name}'" for name, offset in taken.items() if offset]:
        yield f"so that single precision tells values apart, reading takes {listed(shifted)}"


def _files(data: Data, places: Places) -> list[Path]:
    """The file, or the folder's train.csv and test.csv."""
    path = places.find(data.source)
    if not path.is_dir():
        return [path]
    if not (path / "train.csv").is_file():
        there = sorted(file.name for file in path.glob("*.csv"))
        instead = f"; it has {listed(there)}: name one of them, dataset = \"{data.source.rstrip('/')}/{there[0]}\"" if there else ""
        raise InputError(f"dataset '{data.source}': {path} has no train.csv{instead}")
    return [file for file in (path / "train.csv", path / "test.csv") if file.is_file()]


def _taken(table: TableFile, survey: Survey, known: categories.Categories) -> dict[str, float]:
    """The features of numbers, and what is taken off each: those that the study names, or all columns but those that count the rows."""
    counting = [] if table.data.features else survey.counting()
    taken = {name: offset for name, offset in zip(survey.names, survey.offsets())
             if name not in counting and name not in known}
    if not taken and not known:
        raise InputError(f"{table.path} has no column beside its label but {listed(counting)}, which counts the rows; `features = [...]` "
                         "takes a column that only looks like it")
    return taken
