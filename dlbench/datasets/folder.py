"""The files behind ``folder:PATH``: for each class a folder of images, of sounds or of texts, or a text file."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dlbench.datasets.classes import alike_notes
from dlbench.datasets.images import is_image
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import listed, plural

LITTER = {"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin", "lost+found"}
"""Names, in small letters, of what systems and archives leave among files."""
PARTS = {"train": {"train", "training"}, "test": {"test", "testing"}}
TEXT = ".txt"
SOUNDS = (".wav", ".wave")
BY_FOLDER = "folder"
"""The group of a file is the folder that it lies in."""
ABOUT = {"about", "authors", "changelog", "citation", "classes", "copying", "info", "labels", "licence", "license", "notes", "readme",
         "requirements", "vocab", "vocabulary"}
"""Names of text files, in small letters and without their ending, that describe data and are no class of it."""
LAYOUT = ("CLASS folders of images (or of .wav files, or of .txt files, each a text), or CLASS.txt files, in it or in its folders train "
          "and test")


@dataclass(frozen=True)
class Listing:
    """The files of each class.

    Attributes:
        train, test: class name -> image files, sounds or text files; ``test`` is None where there is no such part.
        text: whether the files are texts.
        documents: whether a file is one text; else a line is.
        notes: sentences on what was left out.
        nested: whether images lie deeper than in their class folder.
        sound: whether the files are sounds.
    """

    train: dict[str, list[Path]]
    test: dict[str, list[Path]] | None
    text: bool
    documents: bool = False
    notes: tuple[str, ...] = ()
    nested: bool = False
    sound: bool = False


def listing(dataset: str, root: Path) -> Listing:
    """List the classes of a folder and their files, sorted by name, with what is left out.

    A class folder holds its files at any depth. Where there are images, sounds and texts are left out, and texts where there are
    sounds. Names of classes are compared in Unicode's composed form (NFC).

    Raises:
        InputError: a class is empty or in one part only, or there are no classes; the message names the folder.
    """
    if not root.is_dir():
        raise InputError(f"dataset '{dataset}': {root} is a file; accepted: a folder with {LAYOUT}")
    survey = Survey(dataset, root)
    top = survey.innermost(root)
    parts = survey.parts(top)
    files = [survey.classes(part) for part in parts]
    if not any(files):
        files = [{file.stem: [file] for file in survey.texts(part)} for part in parts]
        _demand_classes(dataset, parts, files)
        notes = *survey.notes, *alike_notes(files[0])
        return Listing(files[0], files[1] if len(files) == 2 else None, True, notes=notes)
    every = [file for part in files for some in part.values() for file in some]
    kind = next((kind for kind in KINDS if any(map(KINDS[kind], every))), "image")
    documents = kind == "text"
    taken = [survey.taken(part, some, kind) for part, some in zip(parts, files)]
    _demand_classes(dataset, parts, taken)
    each = [f"each of the {len(every):,} files is one text"] if documents else []
    notes = [*survey.notes, *alike_notes(taken[0]), *each, *survey.counts()]
    nested = sum(len(file.relative_to(part).parts) > 2 for part, some in zip(parts, taken) for paths in some.values() for file in paths)
    if nested:
        notes.append(f"taken from folders within class folders: {plural(nested, 'file')}")
    return Listing(taken[0], taken[1] if len(taken) == 2 else None, documents, documents, tuple(notes), nested > 0, kind == "sound")


@dataclass
class Survey:
    """What is met while a folder is listed.

    Attributes:
        dataset: its name, for messages.
        root: the folder that the study names.
        notes: sentences on what was chosen or left out.
        others: ending -> files of class folders that are neither images nor texts.
        dangling: links that lead nowhere.
        upward: links to a folder that they lie in.
        hidden: images whose names, or whose folders' names, begin with a dot.
        loose: images beside class folders.
    """

    dataset: str
    root: Path
    notes: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    dangling: int = 0
    upward: int = 0
    hidden: int = 0
    loose: int = 0

    def innermost(self, root: Path) -> Path:
        """Go down while a folder holds nothing but one folder, which holds folders itself."""
        top = root
        while len(inner := list(self._entries(top))) == 1 and not _part_name(inner[0]) and self._holds_folders_only(inner[0]):
            top = inner[0]
        if top != root:
            self.notes.append(f"classes are taken from {top.relative_to(root)}")
        return top

    def parts(self, top: Path) -> list[Path]:
        """List the folders of the training part and, where there is one, of the test part; the folder itself where it has no parts."""
        named = {name: entry for entry in self._entries(top) if (name := _part_name(entry)) and self._holds_classes(entry)}
        if "train" not in named:
            return [top]
        chosen = [named[name] for name in PARTS if name in named]
        if others := [entry.name for entry in self._entries(top) if entry.is_dir() and entry not in chosen]:
            raise InputError(f"dataset '{self.dataset}': {top / others[0]} lies beside {chosen[0].name}; accepted: train and test only "
                             "(the validation split is drawn from train: `validation = 0.1`; images to test on belong into test)")
        return chosen

    def classes(self, part: Path) -> dict[str, list[Path]]:
        """Map the name of each folder of a part to all files below it."""
        found: dict[str, list[Path]] = {}
        entries = list(self._entries(part, count=True))
        links_first = sorted((entry for entry in entries if entry.is_dir()), key=Path.is_symlink, reverse=True)
        folders = {os.path.realpath(entry): entry for entry in links_first}
        for entry in entries:
            if entry.is_dir():
                self._demand_one_class(entry, entry, folders)
                found.setdefault(self._name_of(entry), []).extend(self._below(entry, entry, {os.path.realpath(part)}, folders))
        if found:
            self.loose += sum(entry.is_file() and is_image(entry) for entry in entries)
        return found

    def _name_of(self, folder: Path) -> str:
        """Return the name of a class, composed; what is not UTF-8 in a name stands in it as lone surrogates."""
        try:
            folder.name.encode()
        except UnicodeEncodeError:
            raise InputError(f"dataset '{self.dataset}': the name of the class folder {folder.name!a} is not UTF-8; rename it") from None
        return unicodedata.normalize("NFC", folder.name)

    def _demand_one_class(self, entry: Path, folder: Path, folders: dict[str, Path]) -> None:
        """Refuse what lies in the folder of one class and, by a link, in that of another."""
        real = Path(os.path.realpath(entry))
        other = next((folders[str(up)] for up in (real, *real.parents) if str(up) in folders), folder)
        if other != folder:
            raise InputError(f"dataset '{self.dataset}': {entry} is a link into class '{other.name}', and in class '{folder.name}' too; "
                             "accepted: each file in one class")

    def taken(self, part: Path, found: dict[str, list[Path]], kind: str) -> dict[str, list[Path]]:
        """Choose the files of each class that are of a kind, and count the others."""
        wanted = KINDS[kind]
        for name, files in found.items():
            others = Counter(file.suffix.lower() or "without an ending" for file in files if not wanted(file))
            self.others += others
            if len(files) == others.total():
                held = f"holds no {kind}, but {_counted(others)}" if files else "is empty"
                raise InputError(f"dataset '{self.dataset}': {part / name} {held}; accepted: at least one {kind} a class, such as "
                                 f"{SUCH[kind]}")
        return {name: [file for file in files if wanted(file)] for name, files in found.items()}

    def texts(self, part: Path) -> list[Path]:
        """List the text files of a part, but those that describe the data beside at least two that hold it."""
        files = [entry for entry in self._entries(part) if entry.is_file() and entry.suffix.lower() == TEXT]
        about = [file for file in files if file.stem.lower() in ABOUT]
        if len(files) - len(about) < 2:
            return files
        self.notes += [f"{file.relative_to(self.root)} describes the data and is left out" for file in about]
        return [file for file in files if file not in about]

    def counts(self) -> Iterator[str]:
        """Yield sentences on what was left out, with counts."""
        if self.others:
            yield f"left out: {plural(self.others.total(), 'file')} of other kinds ({_counted(self.others)})"
        for count, noun, where in ((self.dangling, "link", " to what is not there"), (self.upward, "link", " to a folder that it lies in"),
                                   (self.hidden, "hidden image", ""),
                                   (self.loose, "image", " in no class folder")):
            if count:
                yield f"left out: {plural(count, noun)}{where}"

    def _below(self, folder: Path, top: Path, seen: set[str], folders: dict[str, Path]) -> Iterator[Path]:
        """Yield the files of a class folder ``top`` at any depth; a link to a folder that was seen already is not followed."""
        if (real := os.path.realpath(folder)) in seen:
            return
        seen.add(real)
        for entry in self._entries(folder, count=True):
            if entry.is_symlink():
                self._demand_one_class(entry, top, folders)
            if entry.is_dir():
                yield from self._below(entry, top, seen, folders)
            elif entry.is_file():
                yield entry
            else:
                self.others["pipe or device"] += 1

    def _entries(self, folder: Path, count: bool = False) -> Iterator[Path]:
        for entry in sorted(folder.iterdir()):
            if entry.is_symlink() and not entry.exists():
                self.dangling += count
            elif entry.is_symlink() and Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(entry)):
                self.upward += count
            elif entry.name.startswith("."):
                self.hidden += count and sum(map(_is_visible_image, [entry, *entry.rglob("*")]))
            elif entry.name.lower() not in LITTER:
                yield entry

    def _holds_folders_only(self, folder: Path) -> bool:
        inner = list(self._entries(folder)) if folder.is_dir() else []
        return bool(inner) and all(entry.is_dir() for entry in inner)

    def _holds_classes(self, folder: Path) -> bool:
        return any(entry.is_dir() or entry.suffix.lower() == TEXT for entry in self._entries(folder))


def is_sound(path: Path) -> bool:
    """Return whether a file is a sound by its ending.

    Example:
        >>> is_sound(Path("a.WAV")), is_sound(Path("a.mp3"))
        (True, False)
    """
    return path.suffix.lower() in SOUNDS


def _is_text(path: Path) -> bool:
    return path.suffix.lower() == TEXT


KINDS: dict[str, Callable[[Path], bool]] = {"image": is_image, "sound": is_sound, "text": _is_text}
"""What class folders may hold -> whether a file is that; the first that is there is taken."""
SUCH = {"image": ".jpg, .png, .bmp, .gif, .webp or .tif", "sound": ".wav", "text": TEXT}


def pattern_of(data: Data) -> re.Pattern[str]:
    """Return the pattern that finds the group of a file in its path.

    Raises:
        InputError: the study's ``group`` is no regular expression.
    """
    try:
        return re.compile(data.group or "")
    except re.error as error:
        raise InputError(f"dataset '{data.source}': group = '{data.group}': no regular expression: {error}") from None


def group_of(data: Data, pattern: re.Pattern[str], path: str) -> str:
    """Return the group of a file: the folder that it lies in, or what the study's pattern finds in its path within the dataset.

    Raises:
        InputError: it finds nothing.

    Example:
        >>> group_of(Data(group="folder"), re.compile(""), "cats/one/1.png"), group_of(Data(), re.compile("take([0-9]+)"), "a/take7.wav")
        ('cats/one', '7')
    """
    if data.group == BY_FOLDER:
        return path.rpartition("/")[0]
    if (match := pattern.search(path)) is None:
        raise InputError(f"dataset '{data.source}': group = '{data.group}' finds nothing in {path}; accepted: "
                         f"'{BY_FOLDER}', or a regular expression that finds the group in each path, such as 'scene(\\d+)'")
    return match[1] if pattern.groups else match[0]


def _is_visible_image(path: Path) -> bool:
    return is_image(path) and not path.name.startswith("._")


def _part_name(entry: Path) -> str | None:
    return next((name for name, names in PARTS.items() if entry.is_dir() and entry.name.lower() in names), None)


def _counted(kinds: Counter[str]) -> str:
    return listed([f"{count:,} {kind}" for kind, count in kinds.most_common()])


def _demand_classes(dataset: str, parts: list[Path], found: list[dict[str, list[Path]]]) -> None:
    """Refuse parts with fewer than two classes, or with different ones."""
    for part, classes in zip(parts, found):
        if len(classes) < 2:
            raise InputError(f"dataset '{dataset}': {part} has {len(classes) or 'no'} class; accepted: two or "
                             f"more, as {LAYOUT}")
    if len(found) == 2 and (lost := sorted(found[0].keys() ^ found[1].keys())):
        here, there = parts if lost[0] in found[0] else parts[::-1]
        other = found[1] if here == parts[0] else found[0]
        alike = next((name for name in other if name.casefold() == lost[0].casefold()), None)
        hint = f", which has '{alike}'" if alike else ""
        raise InputError(f"dataset '{dataset}': class '{lost[0]}' is in {here} and not in {there}{hint}")
