"""Layer 5: the contract of every catalogue entry, shipped or of a plug-in: what it declares, and what it does in training.

The tests of dlbench hold its own entries to it; ``dlbench check`` and ``dlbench.check`` hold a plug-in's to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench import plugins
from dlbench.contract.declarations import DECLARATIONS
from dlbench.contract.training import Trial
from dlbench.values.errors import InputError, unknown


@dataclass(frozen=True)
class Finding:
    """The result of checking one entry.

    Attributes:
        kind: ``technique``, ``dataset``, ``model``, ``metric`` or ``kernel``.
        name: of the entry.
        problems: sentences on what it does not keep; none where it keeps the contract.
    """

    kind: str
    name: str
    problems: tuple[str, ...]


def entries(plugin: str) -> list[tuple[str, Any]]:
    """List kind and entry of everything that a plug-in offers: a file, or an installed package by its name.

    Raises:
        InputError: there is no such plug-in.

    Example:
        >>> entries("nowhere")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        dlbench.values.errors.InputError: nowhere: no such file, and unknown plug-in package 'nowhere'. Accepted: ...
    """
    if plugin.endswith(".py") or Path(plugin).is_file():
        (module,) = plugins.use([plugin])
        return [(plugins.CATALOGUES[name].kind, entry) for name, group in plugins.declared(module).items() for entry in group]
    found, packages = [], set()
    for catalogue in plugins.CATALOGUES.values():
        packages |= {origin.removeprefix("package ") for origin in catalogue.installed}
        found += [(catalogue.kind, entry) for entry in catalogue.installed.get(f"package {plugin}", ())]
    if not found:
        raise InputError(f"{plugin}: no such file, and {unknown('plug-in package', plugin, sorted(packages))}")
    return found


def check(plugin: str, quick: bool = False) -> Iterator[Finding]:
    """Hold everything that a plug-in offers to the contract.

    Args:
        plugin: a file, or the name of an installed package.
        quick: check declarations only, without TensorFlow.

    Raises:
        InputError: there is no such plug-in, or it offers nothing.
    """
    offered = entries(plugin)
    if not offered:
        raise InputError(f"{plugin}: it declares nothing to check; accepted: tuples {', '.join(plugins.CATALOGUES)}")
    files = [plugin] if plugin.endswith(".py") else []
    sound = {id(entry): tuple(DECLARATIONS[kind](entry)) for kind, entry in offered}
    if quick:
        yield from (Finding(kind, entry.name, sound[id(entry)]) for kind, entry in offered)
        return
    with Trial(files) as trial:
        for kind, entry in offered:
            yield Finding(kind, entry.name, sound[id(entry)] or tuple(trial.problems(kind, entry)))
