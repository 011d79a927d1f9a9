"""Ranges of values: whether both parts of a dataset are on one scale, and how much of what their type can hold occurs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dlbench.values.errors import InputError

Range = tuple[float, float]
"""Smallest and largest value."""
NONE: Range = (float("inf"), float("-inf"))
"""The range of no value."""
UNIT = 1.0
"""Images whose values lie within plus or minus it are scaled already."""
UNSCALED = 8.0
"""Images that have a larger value are not."""
SMALL = 0.1
"""Share of the possible values that must occur, or it is remarked on."""


def widened(known: Range, x: np.ndarray) -> Range:
    """Return a range that holds the values of an array too; NaN is none.

    Example:
        >>> widened(widened(NONE, np.array([3.0, 5.0])), np.array([1.0]))
        (1.0, 5.0)
    """
    return (min(known[0], float(np.fmin.reduce(x, None))), max(known[1], float(np.fmax.reduce(x, None)))) if x.size else known


def demand_one_scale(name: str, ranges: Sequence[Range]) -> None:
    """Refuse images of which one part is scaled to 1 and the other is not.

    Args:
        name: of the dataset, for messages.
        ranges: of the values of the training part and, where there is one, of the test part.

    Raises:
        InputError: naming both ranges.
    """
    scaled = [-UNIT <= low <= high <= UNIT for low, high in ranges]
    if any(scaled) and any(high > UNSCALED for _, high in ranges):
        train, test = (f"{low:g} to {high:g}" for low, high in ranges)
        raise InputError(f"dataset '{name}': values of the training part go from {train}, those of the test part from {test}; accepted: "
                         "both parts scaled alike")


def range_notes(found: Range, possible: Range) -> Iterator[str]:
    """Yield what is odd about a range: all values are equal, or they are a small part of what is possible.

    Example:
        >>> list(range_notes((7.0, 7.0), (0.0, 255.0)))
        ['every value is 7']
        >>> list(range_notes((0.0, 200.0), (0.0, 255.0)))
        []
    """
    if found[0] == found[1]:
        yield f"every value is {found[0]:g}"
    elif found[0] >= 0 and found[1] <= SMALL * possible[1]:
        yield (f"no value is above {found[1]:g}, and {possible[1]:,.0f} is possible: inputs that are divided by the full range are at most "
               f"{found[1] / possible[1]:.2g}; normalize kind = 'minmax' divides by what occurs")
