"""Two-level fractional factorial designs, with what they cannot tell apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from pyDOE3 import fracfact

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class FractionalDesign:
    """A fraction of the full two-level factorial.

    Args:
        factors: names, in the order of the columns.
        matrix: -1 (off) and +1 (on), shape (runs, factors).
        generators: one word per factor in the letters of the base factors, such as ("a", "b", "-ab").
        resolution: length of the shortest word of the defining relation; 3: main effects are aliased with two-factor
            interactions; 4: those with one another; 5: neither; factors + 1 for the full factorial.
        aliases: sets of main effects and two-factor interactions that the design cannot separate.
    """

    factors: tuple[str, ...]
    matrix: NDArray[np.float64]
    generators: tuple[str, ...]
    resolution: int
    aliases: tuple[str, ...]


def fractional_design(factors: Sequence[str], resolution: int = 4) -> FractionalDesign:
    """Fewest runs found that reach a resolution, and the highest resolution found with so many runs.

    Each factor is a column over GF(2); words are taken greedily in numeric order so that no column is a sum of
    ``resolution - 2`` earlier ones (a lexicode: the minimal number of runs at resolutions 3 and 4). pyDOE3 expands
    the words; its own ``fracfact_by_res(7, 3)`` takes 16 runs where 8 are enough. Words of even length are negated, so that the
    run with every factor off, a study's baseline, is in the fraction.

    Args:
        factors: two or more distinct names.
        resolution: 3 or more; at or above the number of factors it may need the full factorial.

    Returns:
        FractionalDesign; the full factorial where no fraction reaches the resolution.

    Raises:
        ValueError: fewer than two factors, a name that occurs twice, or a resolution below 3.

    >>> design = fractional_design(["aug", "drop", "l2", "ema"], resolution=4)
    >>> design.matrix.shape, design.resolution, design.generators
    ((8, 4), 4, ('a', 'b', 'c', 'abc'))
    >>> design.aliases
    ('aug × drop = l2 × ema', 'aug × l2 = drop × ema', 'aug × ema = drop × l2')
    >>> fractional_design(["x", "y", "z"], resolution=3).matrix.astype(int).tolist()
    [[-1, -1, -1], [-1, 1, 1], [1, -1, 1], [1, 1, -1]]

    Source: G. E. P. Box and J. S. Hunter, "The 2^(k-p) fractional factorial designs", Technometrics 3, 1961,
    https://doi.org/10.1080/00401706.1961.10489951
    """
    names = tuple(factors)
    if len(names) < 2 or len(set(names)) < len(names) or resolution < 3:
        raise ValueError(f"need two or more distinct factors and a resolution of at least 3, not {names}, {resolution}")
    base = next(p for p in range(math.ceil(math.log2(len(names) + 1)), len(names) + 1) if _columns(len(names), p, resolution))
    best = next(r for r in range(base + 1, 2, -1) if _columns(len(names), base, r))
    columns = _columns(len(names), base, best)
    words = tuple(_word(column, base) for column in columns)
    reached = best if base < len(names) else len(names) + 1
    return FractionalDesign(names, fracfact(" ".join(words)), words, reached, aliasing(names, columns))


def aliasing(factors: Sequence[str], columns: Sequence[int]) -> tuple[str, ...]:
    """Sets of main effects and two-factor interactions with the same contrast, in the fraction that has the run of all off.

    There a main effect equals minus the interactions that share its contrast, and these equal one another.

    Args:
        factors: names, shape (k,).
        columns: one word per factor as a bit mask over the base factors; an interaction is their exclusive or.

    Returns:
        Such as ("x = −y × z",), main effects first; empty where all can be told apart.

    >>> aliasing(["x", "y", "z"], [1, 2, 3])
    ('x = −y × z', 'y = −x × z', 'z = −x × y')
    """
    groups: dict[int, list[str]] = {}
    for name, column in zip(factors, columns, strict=True):
        groups.setdefault(column, []).append(name)
    for i, j in combinations(range(len(factors)), 2):
        shared = columns[i] ^ columns[j]
        groups.setdefault(shared, []).append(("−" if shared in columns else "") + f"{factors[i]} × {factors[j]}")
    return tuple(" = ".join(terms) for terms in groups.values() if len(terms) > 1)


def _word(column: int, base: int) -> str:
    """A column in pyDOE3's letters, with the sign that makes it off where all base factors are off."""
    letters = "".join(LETTERS[i] for i in range(base) if column >> i & 1)
    return letters if len(letters) % 2 else f"-{letters}"


def _columns(factors: int, base: int, resolution: int) -> tuple[int, ...]:
    """Words of a design of ``2**base`` runs with at least this resolution; empty where the greedy search finds none."""
    chosen = [1 << i for i in range(base)]
    sums = [{0}]
    for column in chosen:
        sums = _extend(sums, column, resolution - 2)
    for column in range(1 << base):
        if len(chosen) >= factors:
            break
        if not any(column in level for level in sums):
            chosen.append(column)
            sums = _extend(sums, column, resolution - 2)
    return tuple(chosen) if len(chosen) == factors else ()


def _extend(sums: list[set[int]], column: int, most: int) -> list[set[int]]:
    """Sums of 0..most distinct columns, after one more column."""
    grown = sums + [set()] * (len(sums) <= most)
    return [level | ({value ^ column for value in sums[size - 1]} if size else set()) for size, level in enumerate(grown)]
