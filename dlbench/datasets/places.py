"""The folders in which a study's relative paths are searched."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from dlbench.values.errors import InputError
from dlbench.values.field import Purpose, fields_for
from dlbench.values.recipe import Data, Recipe


@dataclass(frozen=True)
class Places:
    """The folders that are searched, in this order.

    Attributes:
        beside: the study file's folder.
        data_dir: the data directory (``--data-dir``).
    """

    beside: str | None = None
    data_dir: str | None = None

    def find(self, dataset: str) -> Path:
        """The file or folder that ``KIND:PATH`` names.

        Raises:
            InputError: there is none; the message says where it was looked for, and has the nearest name there.
        """
        kind, _, name = dataset.partition(":")
        return self.named(name, f"dataset '{dataset}'", f"{kind}:")

    @property
    def tfds(self) -> str | None:
        """Where tensorflow-datasets lie prepared: in the data directory's ``tfds`` folder, or in it; None without a data directory."""
        if self.data_dir is None:
            return None
        inner = Path(self.data_dir) / "tfds"
        return str(inner if inner.is_dir() else self.data_dir)

    def prepared(self, dataset: str) -> Path | None:
        """The folder of ``tfds:NAME``; None where it is not there, and of any other dataset."""
        family, _, name = dataset.partition(":")
        folder = Path(self.tfds) / name if family == "tfds" and self.tfds else None
        return folder if folder is not None and folder.is_dir() else None

    def named(self, name: str, what: str, prefix: str = "") -> Path:
        """Find the file or folder of a name, or raise an InputError that begins with ``what`` and offers names with ``prefix``."""
        folders = [Path(folder) for folder in (self.beside, self.data_dir) if folder]
        for folder in folders or [Path()]:
            found = folder / Path(name).expanduser()
            if found.is_file() or found.is_dir():
                return found
            if found.exists():
                raise InputError(f"{what}: {found} is a device, a pipe or a socket; accepted: a file or a folder")
        near = difflib.get_close_matches(name, [entry for folder in folders for entry in _entries(folder)], n=1, cutoff=0.5)
        hint = f"; did you mean '{prefix}{near[0]}'?" if near else ""
        looked = " or ".join(str(folder) for folder in folders) or str(Path.cwd())
        raise InputError(f"{what}: there is no '{name}' in {looked} (beside the study, or in --data-dir){hint}")


def _entries(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []


read_as = attrgetter(*fields_for(Data, Purpose.READ))
"""``read_as(data)``: the values that decide the arrays that a recipe reads: source and content, then how files are read."""
EMBEDDED = {"digits"}
"""Datasets that come with dlbench."""


def travelling(recipes: Iterable[Recipe]) -> tuple[Data, ...]:
    """List the datasets that other machines must be given, each once however it is split.

    Example:
        >>> mnist = [Recipe(data=Data(source="tfds:mnist", examples=count)) for count in (100, 200)]
        >>> [data.source for data in travelling([Recipe(), *mnist])]
        ['tfds:mnist']
    """
    return tuple({read_as(recipe.data): recipe.data for recipe in recipes if recipe.data.source not in EMBEDDED}.values())
