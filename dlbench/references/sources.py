"""The files behind the code that a study names, found without importing it, and their digests.

What a reference names may import more of the user's own: every file from the study's folder up to its repository's root that an import
statement reaches counts, also where it stands in a function. Libraries are known by their versions.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path

from dlbench.references.finder import FINDER, LIBRARIES, beside
from dlbench.references.variables import MARK, variable_digest

_LIBRARIES = (os.path.dirname(os.__file__) + os.sep, str(Path(__file__).parents[1]) + os.sep)
"""The standard library and dlbench, whose files are nobody's own."""


def source_files(reference: str) -> tuple[Path, ...]:
    """List, in ascending order, the Python files behind a reference: its module; in a package, all modules in the module's folder.

    Nothing is imported, and what these files import is not followed. A module that does not exist, has no Python source, or belongs to
    dlbench gives no file.

    Example:
        >>> [path.name for path in source_files("json.decoder:JSONDecoder")][:2]
        ['__init__.py', 'decoder.py']
        >>> source_files("dlbench.values.text:plural"), source_files("nowhere.at_all:function")
        ((), ())
    """
    name = reference.partition(":")[0]
    file = beside(name) or _installed(name)
    if file is None:
        return ()
    return tuple(sorted(file.parent.glob("*.py"))) if "." in name or file.name == "__init__.py" else (file,)


def _installed(name: str) -> Path | None:
    first, *rest = name.split(".")
    spec = None if first == "dlbench" else _spec_of(first)
    for part in rest:
        spec = PathFinder.find_spec(part, spec.submodule_search_locations) if spec and spec.submodule_search_locations else None
    return Path(spec.origin) if spec is not None and spec.origin and spec.origin.endswith(".py") else None


def _spec_of(name: str) -> ModuleSpec | None:
    loaded = sys.modules.get(name)
    return loaded.__spec__ if loaded is not None else find_spec(name)


def source_digest(reference: str) -> str | None:
    """Hash the names and contents of :func:`source_files`: 16 hexadecimal digits of the SHA-256; None where there are none.

    Example:
        >>> len(source_digest("json.decoder:JSONDecoder"))
        16
    """
    files = source_files(reference)
    return _digest(tuple(map(_state, files))) if files else None


@cache
def _digest(files: tuple[tuple[str, int, int, int], ...]) -> str:
    state = hashlib.sha256()
    for path, *_ in files:
        content = Path(path).read_bytes()
        state.update(f"{Path(path).name} {len(content)} ".encode() + content)
    return state.hexdigest()[:16]


def _state(file: Path) -> tuple[str, int, int, int]:
    status = file.stat()
    return str(file), status.st_mtime_ns, status.st_ctime_ns, status.st_size


def file_digest(file: Path) -> str | None:
    """Hash the name and content of one file, as :func:`source_digest` does; None where it cannot be read."""
    try:
        return _digest((_state(file),))
    except OSError:
        return None


def digest_of(name: str, folder: Path) -> str | None:
    """Hash what code has read: a file, by its path relative to a folder, or a variable of the environment, after ``$``."""
    return variable_digest(name.removeprefix(MARK)) if name.startswith(MARK) else file_digest(folder / name)


def file_name(path: str | Path, folder: Path) -> str:
    """Return the name of a file as seen from a folder; it never begins as that of a variable of the environment does.

    Example:
        >>> file_name("/a/b/c.txt", Path("/a/d")), file_name("/a/$UNITS", Path("/a"))
        ('../b/c.txt', './$UNITS')
    """
    name = Path(os.path.relpath(path, folder)).as_posix()
    return f"./{name}" if name.startswith(MARK) else name


def root_of(folder: Path) -> Path:
    """The root of the repository that a study's folder lies in; the folder itself where it lies in none."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)


def is_users_own(file: str | Path, root: Path) -> bool:
    """Say whether a file is the user's: it lies in the repository, and belongs to no library that is installed there; copies that Python
    compiled do not count."""
    path = os.path.realpath(file)
    inside = path.startswith(os.path.join(root, "")) and not path.startswith(_LIBRARIES)
    return inside and not {"site-packages", "dist-packages", ".git", "__pycache__"} & set(path.split(os.sep))


@dataclass(frozen=True)
class Sources:
    """The files of the user's own that references depend on.

    Attributes:
        folder: of the study.
        read: who read files while the study's code was imported and called -> those files: a reference, or the file that was imported;
            paths are relative to the folder. Variables of the environment that were asked for stand among them, after ``$``.
    """

    folder: Path
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @cached_property
    def root(self) -> Path:
        """The root of the study's repository."""
        return root_of(self.folder)

    @cached_property
    def _known(self) -> dict[tuple[str, ...], tuple[tuple[str, str], ...]]:
        return {}

    def code(self, references: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The digests of the code that references name, by module, and of each further file and variable that it depends on; sorted.

        Example:
            >>> [name for name, _ in Sources(Path("/")).code(["json.decoder:JSONDecoder", "dlbench.models:architecture"])]
            ['json.decoder']
        """
        key = tuple(references)
        if key not in self._known:
            digests = {reference.partition(":")[0]: source_digest(reference) for reference in key}
            files, variables = self._reached(key)
            digests |= {self._name(file): file_digest(file) for file in files}
            digests |= {name: digest_of(name, self.folder) for name in variables}
            self._known[key] = tuple(sorted((name, digest) for name, digest in digests.items() if digest is not None))
        return self._known[key]

    def watched(self, names: Iterable[str]) -> list[str]:
        """The files behind names of :meth:`code`, relative to the study's folder; a library's module by its name."""
        names = list(names)
        files = [[self.folder / name] if (self.folder / name).is_file() else source_files(name) for name in names]
        return sorted({self._name(Path(os.path.realpath(file))) if is_users_own(file, self.root) else name
                       for name, found in zip(names, files) for file in found} | {name for name in names if name.startswith(MARK)})

    @property
    def variables(self) -> dict[str, str | None]:
        """The variables of the environment that any code asked for, and their values now; None: not set."""
        names = {name.removeprefix(MARK) for read in self.read.values() for name in read if name.startswith(MARK)}
        return {name: os.environ.get(name) for name in sorted(names)}

    def shadows(self, references: Iterable[str]) -> list[str]:
        """Say, for each module that is there twice, beside the study and as a library, which one is taken."""
        names = list(dict.fromkeys(references))
        imported = {name.partition(":")[0].partition(".")[0]: True for name in names if beside(name.partition(":")[0])}
        for file in {*self.files(names), *(file for name in names for file in source_files(name))}:
            if is_users_own(file, self.root):
                imported |= {name.partition(".")[0]: False for level, name in _imports(_state(file)) if not level} | imported
        return [self._choice(name, named) for name, named in sorted(imported.items()) if self._is_twice(name)]

    def _is_twice(self, name: str) -> bool:
        here = any((self.folder / part).is_file() for part in (f"{name}.py", f"{name}/__init__.py"))
        elsewhere = [entry for entry in sys.path if not is_users_own(os.path.join(entry, "x"), self.root)]
        return here and (name in sys.stdlib_module_names or PathFinder.find_spec(name, elsewhere) is not None)

    @staticmethod
    def _choice(name: str, named: bool) -> str:
        if named or name not in LIBRARIES:
            return f"'{name}' beside the study is used, and not the library of that name"
        return f"'{name}' beside the study is not used: what imports it means the library of that name"

    def files(self, references: Iterable[str]) -> tuple[Path, ...]:
        """The files of the user's own that references depend on, beside those of :func:`source_files`; sorted."""
        return self._reached(references)[0]

    def _reached(self, references: Iterable[str]) -> tuple[tuple[Path, ...], set[str]]:
        """The files that references depend on, and the variables that were asked for by them or in them."""
        hashed, found, asked, left = set[Path](), set[Path](), set[str](), list[Path]()
        for name in references:
            hashed |= {Path(os.path.realpath(file)) for file in source_files(name)}
            left += [*_with_packages(name.partition(":")[0]), *self._read_by(name)]
            asked |= self._asked_by(name)
        while left:
            file = Path(os.path.realpath(left.pop()))
            if file not in found and is_users_own(file, self.root) and file.is_file():
                found.add(file)
                asked |= self._asked_by(self._name(file))
                left += self._read_by(self._name(file))
                left += self._imported(file) if file.suffix == ".py" else ()
        return tuple(sorted(file for file in found - hashed if file.name != "__init__.py" or file.stat().st_size)), asked

    def _read_by(self, name: str) -> Iterator[Path]:
        return (self.folder / path for path in self.read.get(name, ()) if not path.startswith(MARK))

    def _asked_by(self, name: str) -> set[str]:
        return {variable for variable in self.read.get(name, ()) if variable.startswith(MARK)}

    def _name(self, file: Path) -> str:
        return file_name(file, self.folder)

    def _imported(self, file: Path) -> Iterator[Path]:
        for level, name in _imports(_state(file)):
            if level:
                yield from _files_in(file.parents[level - 1], name)
            elif (first := name.partition(".")[0]) not in LIBRARIES:
                yield from next(filter(None, (tuple(_files_in(place, name)) for place in self._places if _has(place, first))), ())

    @cached_property
    def _places(self) -> tuple[Path, ...]:
        """The folders in which modules of the user's own are found."""
        paths = (entry for entry in sys.path if entry and is_users_own(os.path.join(entry, "x"), self.root))
        return tuple(dict.fromkeys(Path(os.path.realpath(place)) for place in (self.folder, *FINDER.folders, *paths)))


def _with_packages(name: str) -> Iterator[Path]:
    """The file of a module, and the first files of the packages that it is in."""
    file = beside(name) or _installed(name)
    if file is not None:
        yield file
        packages = name.count(".") + (file.name == "__init__.py")
        yield from (folder / "__init__.py" for folder in list(file.parents)[:packages])


def _has(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").is_file() or (folder / name).is_dir()


def _files_in(folder: Path, name: str) -> Iterator[Path]:
    """The files that importing ``package.module`` executes, where they are in a folder."""
    for part in filter(None, name.split(".")):
        yield from (file for file in (folder / f"{part}.py", folder / part / "__init__.py") if file.is_file())
        folder = folder / part


@cache
def _imports(state: tuple[str, int, int, int]) -> tuple[tuple[int, str], ...]:
    """The import statements of a file, wherever they stand: how many dots, and the module or what is taken from it."""
    try:
        tree = ast.parse(Path(state[0]).read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError):
        return ()
    found = dict[tuple[int, str], None]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(0, alias.name): None for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.level, ".".join(filter(None, (node.module, alias.name)))): None for alias in node.names}
    return tuple(found)
