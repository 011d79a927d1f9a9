"""How a trained network answers for an image: by one view of it, or by the mean over several."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

from dlbench.values.field import Purpose, declared


@dataclass(frozen=True)
class Scoring:
    """The views of an image that predictions are averaged over: its mirror image, and crops of it from within a reflected border."""

    flip: bool = declared(False, purpose=(Purpose.SPEED, Purpose.VIEWS))
    crop_px: int = declared(0, purpose=(Purpose.SPEED, Purpose.VIEWS))


class View(NamedTuple):
    """One view of an image: whether it is mirrored left and right, and by how many pixels it is cut lower and further to the right."""

    mirrored: bool
    down_px: int
    right_px: int


def views(scoring: Scoring) -> tuple[View, ...]:
    """Return the views, the image itself first: with crops, its centre and the four corners; then all of these mirrored.

    Example:
        >>> len(views(Scoring())), len(views(Scoring(flip=True))), len(views(Scoring(flip=True, crop_px=4)))
        (1, 2, 10)
    """
    pad = scoring.crop_px
    places = [(0, 0), *itertools.product((-pad, pad), repeat=2)] if pad else [(0, 0)]
    return tuple(View(mirrored, *place) for mirrored in (False, True)[: 1 + scoring.flip] for place in places)
