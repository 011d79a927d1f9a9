"""A kernel case: one kernel on one input, with a reference that its output is checked against before it is timed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Work:
    """The work of one call; zero where a count has no meaning for the case.

    Attributes:
        images: images or examples that go in.
        pixels: pixels of one channel plane that come out: images x height x width.
        bytes_moved: the fewest bytes that must be read and written, for the share of the copy bandwidth.
        flops: floating-point operations, a multiply-add counted as two, for the share of the SGEMM rate.
    """

    images: int = 0
    pixels: int = 0
    bytes_moved: int = 0
    flops: int = 0


@dataclass(frozen=True)
class Case:
    """One kernel on one input. It is plain data: making one, or a list of them, imports nothing heavy.

    Attributes:
        name: unique in its list: ``kernel[input]``, such as ``augment[32x32x3-uint8-b128]``.
        family: the table it belongs to, such as ``augmentation`` or ``layers``.
        prepare: reference ``package.module:function``; ``function(**options)`` gives a :class:`Prepared`.
        options: arguments of ``prepare``: numbers, words and tuples of them.
        work: what one call does.
        peer: the library whose code is timed; empty for dlbench.
        task: what is done to which input; cases of one task can be compared. The name where unset.

    Example:
        >>> case = Case("sum[4]", "losses", "package.module:prepare", {"size": 4})
        >>> case.task, dict(case.options), case == Case("sum[4]", "losses", "package.module:prepare", {"size": 4})
        ('sum[4]', {'size': 4}, True)
    """

    name: str
    family: str
    prepare: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    work: Work = Work()
    peer: str = ""
    task: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))
        object.__setattr__(self, "task", self.task or self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        return Case, (self.name, self.family, self.prepare, dict(self.options), self.work, self.peer, self.task)


@dataclass(frozen=True)
class Prepared:
    """A case, ready to be called.

    Attributes:
        call: what is timed. It returns its output and has computed it when it returns; it may be called again and again.
        reference: computes what the output must be, in plain numpy; None where there is nothing to compare with.
        tolerance: relative and absolute, as in ``numpy.allclose``; (0, 0) asks for equality.
        view: selects the part of output and reference that is compared, such as the middle of an image; None for all of it.
    """

    call: Callable[[], Any]
    reference: Callable[[], Any] | None = None
    tolerance: tuple[float, float] = (1e-5, 1e-6)
    view: Callable[[Any], Any] | None = None
