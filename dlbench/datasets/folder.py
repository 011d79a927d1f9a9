"""The files behind ``folder:PATH``: for each class a folder of images, or a text file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dlbench.values.errors import InputError

LITTER = {"Thumbs.db", "desktop.ini"}
LAYOUT = "CLASS folders of images or CLASS.txt files, in it or in its folders train and test"


@dataclass(frozen=True)
class Listing:
    """The files of each class.

    Attributes:
        train, test: class name -> image files, or one text file; ``test`` is None where there is no such part.
        text: whether the files are texts.
    """

    train: dict[str, list[Path]]
    test: dict[str, list[Path]] | None
    text: bool


def listing(dataset: str, root: Path) -> Listing:
    """The classes of a folder and their files, sorted by name; hidden files are left out.

    Raises:
        InputError: a class is empty or in one part only, or there are no classes; the message names the folder.
    """
    if not root.is_dir():
        raise InputError(f"dataset '{dataset}': {root} is a file; accepted: a folder with {LAYOUT}")
    parts = [root / part for part in ("train", "test") if _holds_classes(root / part)]
    if parts and parts[0].name == "train":
        if others := [entry.name for entry in _entries(root) if entry.is_dir() and entry not in parts]:
            raise InputError(f"dataset '{dataset}': {root / others[0]} lies beside train; accepted: train and test only (the validation "
                             "split is drawn from train: `validation = 0.1`)")
    else:
        parts = [root]
    found = [_classes(dataset, part) for part in parts]
    _demand_same_classes(dataset, parts, found)
    text = next(iter(found[0].values()))[0].parent == parts[0]
    return Listing(found[0], found[1] if len(found) == 2 else None, text)


def _entries(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.name not in LITTER)


def _holds_classes(folder: Path) -> bool:
    return folder.is_dir() and any(entry.is_dir() or entry.suffix == ".txt" for entry in _entries(folder))


def _classes(dataset: str, part: Path) -> dict[str, list[Path]]:
    entries = _entries(part)
    found = {entry.name: [file for file in _entries(entry) if file.is_file()] for entry in entries if entry.is_dir()}
    found = found or {entry.stem: [entry] for entry in entries if entry.suffix == ".txt"}
    for name, files in found.items():
        if not files:
            raise InputError(f"dataset '{dataset}': {part / name} is empty; accepted: at least one image a class")
    if len(found) < 2:
        raise InputError(f"dataset '{dataset}': {part} has {len(found)} classes; accepted: two or more, as {LAYOUT}")
    return found


def _demand_same_classes(dataset: str, parts: list[Path], found: list[dict[str, list[Path]]]) -> None:
    if len(found) == 2 and (lost := sorted(found[0].keys() ^ found[1].keys())):
        here, there = parts if lost[0] in found[0] else parts[::-1]
        raise InputError(f"dataset '{dataset}': class '{lost[0]}' is in {here} and not in {there}")
