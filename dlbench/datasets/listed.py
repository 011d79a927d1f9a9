"""Images that the rows of a ``.csv`` file name: which files they are, and the hash of all that is read."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from dlbench.datasets.fingerprint import fingerprint
from dlbench.datasets.images import ENDINGS
from dlbench.datasets.places import Places
from dlbench.datasets.several import alone
from dlbench.datasets.table import opened
from dlbench.datasets.tablefile import Scan, TableFile
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import listed, one_line, plural

MOST_SHOWN = 3
LONGEST = 200
"""Characters of a path that a message shows."""
MOST_LOOKED_THROUGH = 20_000
"""Files of a folder that are looked through for one whose name is like that of a missing one."""


def content(data: Data, places: Places, cache_dir: str) -> str:
    """Return the hash of the files of a dataset: of the file or folder that it names; where a column names images, of those and the tables.

    Args:
        data: names the dataset, and maybe the column.
        places: where it is looked for.
        cache_dir: keeps hashes, see :func:`dlbench.datasets.fingerprint.fingerprint`.

    Raises:
        InputError: it is not there, or images that it names are not.
    """
    read = [one for one in (alone(data).values() or [data]) if reads_images(one)] if data.source.startswith("csv:") else []
    if not read:
        return fingerprint(places.find(data.source), cache_dir)
    names = {name for one in read for table in opened(one, places) for name in files(table, table.scan())}
    tables = opened(read[0], places)
    return fingerprint(tables[0].path.parent, cache_dir, [*(table.path.name for table in tables), *sorted(names)])


def reads_images(data: Data) -> bool:
    """Return whether a dataset is a table whose rows name images.

    Example:
        >>> reads_images(Data(source="csv:a.csv", image="file")), reads_images(Data(source="folder:a", image="file"))
        (True, False)
    """
    return data.image is not None and data.source.startswith("csv:")


def files(table: TableFile, scan: Scan) -> list[str]:
    """Return the path of the file that each row of a table names, seen from its folder, without ``.`` and ``..``.

    Args:
        table: names the column of the files.
        scan: its rows.

    Raises:
        InputError: there is no row; or a row names no file, one outside of the folder, or one that is not there; the message counts these.
    """
    if not scan.files:
        raise InputError(f"{table.path} has no row; accepted: a row for each image")
    for name, line in zip(scan.files, scan.lines):
        where = f"row {line} of {table.path}: {table.said}: column '{table.names[0]}'"
        if not name:
            raise InputError(f"{where} has no name of a file; leave such rows out")
        if os.path.isabs(name) or os.path.normpath(name).split(os.sep)[0] == os.pardir:
            raise InputError(f"{where} names {name[:LONGEST]!r}, which is not below {table.path.parent}; accepted: paths of files, "
                             "seen from the folder of the table")
    found = [os.path.normpath(name) for name in scan.files]
    rows = dict(zip(reversed(found), reversed(scan.lines)))
    if missing := [name for name in dict.fromkeys(found) if not os.path.isfile(table.path.parent / name)]:
        shown = [f"{one_line(name, LONGEST)} (row {rows[name]})" for name in missing]
        raise InputError(f"dataset '{table.data.source}': {len(missing):,} of the {plural(len(rows), 'file')} that column "
                         f"'{table.names[0]}' of {table.path} names {'is' if len(missing) == 1 else 'are'} not there: "
                         f"{listed(shown, MOST_SHOWN)}; names are seen from {table.path.parent}{_hint(table.path.parent, missing[0])}")
    return found


def _hint(folder: Path, missing: str) -> str:
    """Offer the file whose name is like that of a missing one."""
    there = list(islice(_below(folder), MOST_LOOKED_THROUGH))
    name = missing.replace("\\", "/").rpartition("/")[2]
    same = [path for path in there if path.rpartition("/")[2] == name or Path(path).stem == name]
    near = same[:1] or difflib.get_close_matches(missing, there, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""


def _below(folder: Path) -> Iterator[str]:
    """Yield the images of a folder at any depth, seen from it."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (os.path.relpath(os.path.join(place, name), folder) for name in sorted(names) if Path(name).suffix.lower() in ENDINGS)


def notes(tables: Sequence[TableFile], found: Sequence[str]) -> Iterator[str]:
    """Yield what is odd about the files that tables name: links out of the folder, several rows for one, and columns that are not read.

    Args:
        tables: the training file, and maybe the test file.
        found: the files of all rows, of :func:`files`.
    """
    folder, counted = os.path.realpath(tables[0].path.parent), Counter(found)
    if outside := sum(not Path(os.path.realpath(os.path.join(folder, name))).is_relative_to(folder) for name in counted):
        yield f"links lead out of the folder of the table and are followed: {plural(outside, 'image')}"
    if twice := sum(count > 1 for count in counted.values()):
        yield f"named by several rows: {plural(twice, 'image')}"
    first = tables[0]
    inputs = [name for _, stated in first.data.inputs or () for name in ((stated,) if isinstance(stated, str) else stated)]
    read = (*first.names, *first.labels, *first.beside.values(), *inputs)
    if unread := [f"'{name}'" for name in first.dialect.header if name not in ("", *read)]:
        yield f"columns that are not read: {listed(unread, most=8)}"
