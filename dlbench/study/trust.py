"""What of other people's code a study may run. A study file is data; the code that it names is run with the user's rights.

Files of the study's folder and of its repository, modules on the user's own path, and packages that offer something to dlbench are run;
any other module of a library, and plug-ins from elsewhere, only where the user allows it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from pathlib import Path

from dlbench import references
from dlbench.datasets import FAMILIES, OWN, functions_of
from dlbench.references.sources import Sources, is_users_own, root_of
from dlbench.study.schema import StudyKeys
from dlbench.values.errors import InputError

FUNCTION = FAMILIES[OWN]


def silent(_: Path, __: tuple[str, ...]) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Trust:
    """What the user has said of the code that a study names.

    Attributes:
        allowed: modules of libraries and names of plug-ins that may be run; None: all, for the study is the user's own program.
        announce: told of the study's folder and of the files that the study runs, seen from there, before any of them runs.
    """

    allowed: tuple[str, ...] | None = ()
    announce: Callable[[Path, tuple[str, ...]], None] = silent


NOBODY = Trust()
"""Nothing was allowed, and nobody is told."""


def own_code(keys: StudyKeys, folder: Path) -> tuple[str, ...]:
    """List the files that a study runs: its plug-ins, those that its references name, and what they import; nothing is run.

    Args:
        keys: of the study file.
        folder: that it lies in.
    """
    plugins = [plugin_path(name, folder) for name in keys.plugins]
    references.use([folder, *(path.parent for path in plugins)])
    functions = [*([keys.model] if re.fullmatch(FUNCTION, keys.model) else []), *functions_of(keys.datasets or [keys.dataset])]
    sources = Sources(folder.resolve())
    beside = [path.stem for path in plugins if references.beside(path.stem) == path]
    others = {os.path.relpath(path, folder) for path in plugins if path.stem not in beside}
    code = sources.code([*functions, *(f"{name}:" for name in beside)])
    return tuple(sorted({*sources.watched(name for name, _ in code), *others}))


def plugin_path(name: str, folder: Path) -> Path:
    """The file of a plug-in, which a study names relative to its folder."""
    return (folder / Path(name).expanduser()).resolve()


def demand_trusted(where: str, keys: StudyKeys, folder: Path, allowed: tuple[str, ...] | None) -> None:
    """Refuse what a study file names of other people's code, unless it is allowed: modules of libraries, and plug-ins from elsewhere.

    Raises:
        InputError: there is such a name.
    """
    demand_no_library(where, (keys.model, *functions_of(keys.datasets or [keys.dataset])), allowed)
    for name in keys.plugins if allowed is not None else ():
        path = plugin_path(name, folder)
        absolute = Path(name).expanduser().is_absolute()
        if absolute and not is_users_own(path, root_of(folder.resolve())) and path.stem not in (allowed or ()):
            raise InputError(f"{where}: plugins: {name} lies outside of the study's folder, and would be run; accepted: files that are "
                             f"named relative to it, or `--allow {path.stem}`, after you have read it")


def demand_no_library(where: str, named: Iterable[str], allowed: tuple[str, ...] | None) -> None:
    """Refuse references to modules of libraries that are not allowed.

    Raises:
        InputError: there is such a reference.

    Example:
        >>> demand_no_library("mail.toml", ["os:system"], ())  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        dlbench.values.errors.InputError: mail.toml: 'os:system' would run a function of Python's library; accepted: ...
    """
    for name in named if allowed is not None else ():
        module = name.partition(":")[0]
        library = _library(module) if re.fullmatch(FUNCTION, name) and not references.beside(module) else None
        if library and not any(f"{module}.".startswith(f"{known}.") for known in allowed or ()):
            first = module.partition(".")[0]
            raise InputError(f"{where}: '{name}' would run a function of {library}; accepted: functions in files beside the study, of your "
                             f"own modules, and of packages that offer something to dlbench; or `--allow {first}`")


def _library(module: str) -> str | None:
    """Describe the library that a module belongs to; None for dlbench, for what is no library, and for packages with entry points."""
    first = module.partition(".")[0]
    if first == "dlbench":
        return None
    if first in sys.stdlib_module_names:
        return "Python's library"
    spec = PathFinder.find_spec(first)
    folders = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec else []
    if not any({"site-packages", "dist-packages"} & set(folder.split(os.sep)) for folder in folders):
        return None
    offered = (point.value for group in entry_points().groups if group.startswith("dlbench.") for point in entry_points(group=group))
    return None if any(re.split(r"[.:]", value)[0] == first for value in offered) else f"the installed library '{first}'"
