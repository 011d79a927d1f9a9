"""Catalogues of what a study can name. Entries ship with dlbench, with an installed package, or in a study's own file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, Protocol, TypeVar, cast

from dlbench.values.errors import InputError, unknown


class Named(Protocol):
    """An entry; a study uses its name."""

    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=Named)


class Catalogue(Generic[Entry]):
    """The entries of one kind, each under its own name.

    Iterating gives the shipped entries, then those of installed packages, then those of the study's own files. Installed packages
    offer theirs through the entry-point group ``dlbench.<kind>s``: an entry, or a tuple of entries.

    Args:
        kind: what an entry is, such as ``technique``.
        of: its class.
        shipped: what comes with dlbench.

    Example:
        >>> from dlbench.values.metric import METRICS
        >>> METRICS.find("test_loss").unit
        'nats'
        >>> METRICS.find("test_los")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        dlbench.values.errors.InputError: unknown metric 'test_los'; did you mean 'test_loss'? Accepted: ...
    """

    def __init__(self, kind: str, of: type[Entry], shipped: Iterable[Entry]) -> None:
        self.kind, self.of = kind, of
        self.shipped: tuple[Entry, ...] = tuple(shipped)
        self._own: dict[str, tuple[Entry, ...]] = {}

    def __iter__(self) -> Iterator[Entry]:
        yield from self.shipped
        for entries in (*self.installed.values(), *self._own.values()):
            yield from entries

    def __contains__(self, entry: object) -> bool:
        return any(known == entry for known in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @cached_property
    def installed(self) -> dict[str, tuple[Entry, ...]]:
        """The entries of installed packages, by their origin; collected once.

        Raises:
            InputError: an entry point cannot be loaded, is of another class, or takes a name that is taken.
        """
        found: dict[str, tuple[Entry, ...]] = {}
        for point in sorted(entry_points(group=f"dlbench.{self.kind}s"), key=lambda point: (point.name, point.value)):
            origin = f"package {point.dist.name if point.dist else point.module}"
            found[origin] = (*found.get(origin, ()), *self._checked(origin, _loaded(point, self.kind)))
        self._distinct({"dlbench": self.shipped, **found})
        return found

    def use(self, own: dict[str, Iterable[Entry]]) -> None:
        """Replace the entries of the previous study's files by those of ``own``: file -> its entries.

        Raises:
            InputError: an entry is of another class, or takes a name that is taken; then nothing is changed.
        """
        checked = {origin: self._checked(origin, entries) for origin, entries in own.items()}
        self._distinct({"dlbench": self.shipped, **self.installed, **checked})
        self._own = checked

    def find(self, name: str) -> Entry:
        """Look an entry up; an unknown name is an InputError whose message has the nearest one."""
        for entry in self:
            if entry.name == name:
                return entry
        raise InputError(unknown(self.kind, name, [entry.name for entry in self]))

    def _checked(self, origin: str, entries: Any) -> tuple[Entry, ...]:
        given = tuple(cast("Iterable[Any]", entries)) if isinstance(entries, Iterable) else (entries,)
        for entry in given:
            if not isinstance(entry, self.of):
                raise InputError(f"{origin}: {self.kind}s: wanted {self.of.__name__}, got {type(entry).__name__} {entry!r:.60}")
        return given

    def _distinct(self, groups: dict[str, tuple[Entry, ...]]) -> None:
        seen: dict[str, str] = {}
        for origin, entries in groups.items():
            for entry in entries:
                if entry.name in seen:
                    raise InputError(f"{origin}: {self.kind} '{entry.name}': the name is taken by one of {seen[entry.name]}; "
                                     "choose another name")
                seen[entry.name] = origin


def _loaded(point: EntryPoint, kind: str) -> object:
    try:
        return point.load()
    except Exception as error:  # whatever a package's code raises is the package's to mend
        origin = point.dist.name if point.dist else point.module
        raise InputError(f"package {origin}: {kind}s '{point.value}': {type(error).__name__}: {error}; mend or uninstall it") from error
