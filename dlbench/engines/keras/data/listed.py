"""Loads ``.csv`` files: tables of numbers or texts, images that their rows name, or both as inputs of one model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dlbench.datasets import listed, several, table
from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.places import Places
from dlbench.datasets.tablefile import Scan, TableFile
from dlbench.engines.keras.data.imagefiles import ImageFiles
from dlbench.values.recipe import Data


def load(data: Data, places: Places) -> Examples:
    """Load the rows of ``csv:PATH``: of numbers or texts, see :func:`dlbench.datasets.table.load`, of images, or of several inputs.

    Args:
        data: ``image`` names the column of the names of the images' files, seen from the folder of the table; ``label`` and what stands
            beside the images are read as of any table, and the images as :class:`dlbench.engines.keras.data.imagefiles.ImageFiles` does.
        places: where the path is looked for.

    Raises:
        InputError: naming the file and row, or the column, that cannot be used.
    """
    if data.inputs and not (data.image or data.features):
        alone = several.alone(data)
        return several.joined({name: load(one, places) for name, one in alone.items()},
                              {name: one.features for name, one in alone.items() if one.features})
    if not listed.reads_images(data):
        return table.load(data, places)
    tables = table.opened(data, places)
    scans = [one.scan() for one in tables]
    classes, notes = table.targets(places, tables, scans)
    found = [listed.files(one, scan) for one, scan in zip(tables, scans)]
    folder = tables[0].path.parent
    images = ImageFiles(data, [folder / name for name in dict.fromkeys(name for names in found for name in names)])
    notes += [*listed.notes(tables, [name for names in found for name in names]), *images.notes()]
    return Examples(*(_chunks(images, one, scan, names, classes) for one, scan, names in zip(tables, scans, found)), names=classes,
                    notes=notes, size_bytes=images.size_bytes * sum(map(len, found)) // len(images.headers), task=data.task)


def _chunks(images: ImageFiles, one: TableFile, scan: Scan, names: list[str], classes: tuple[str, ...] | None) -> Iterator[Chunk]:
    """Yield the images of the rows of a table, and their targets."""
    y = scan.y(one, classes)
    for first in range(0, len(names), images.rows):
        files: list[Path] = [one.path.parent / name for name in names[first : first + images.rows]]
        where = one.where(scan, first.__add__)
        yield Chunk(images.read(files), np.asarray(y[first : first + len(files)]),
                    lambda row, where=where, files=files: f"{where(row)} ({files[row]})", **scan.some(first, len(files)))
