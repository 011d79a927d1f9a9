"""How an example is answered: by one pass of one network, or by the mean over views of it, passes with dropout, or several networks."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import NamedTuple

from dlbench.values.field import Purpose, Traced, declared


@dataclass(frozen=True)
class Scoring:
    """What predictions are averaged over: an image's mirror image, and crops of it from within a reflected border; and ``passes`` of each
    view in which dropout is kept on, 0 for one pass without dropout; and ``members``, networks of other seeds."""

    flip: bool = declared(False, purpose=(Purpose.SPEED, Purpose.VIEWS))
    crop_px: int = declared(0, purpose=(Purpose.SPEED, Purpose.VIEWS))
    passes: int = declared(0, purpose=(Purpose.SPEED, Purpose.VIEWS))
    members: int = declared(1, traced=Traced.OUTSIDE, purpose=(Purpose.SPEED, Purpose.VIEWS))


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


def of_one(scoring: Scoring) -> Scoring:
    """Return how one member answers.

    Example:
        >>> of_one(Scoring(passes=20, members=5)) == Scoring(passes=20)
        True
    """
    return replace(scoring, members=1)


def forward_passes(scoring: Scoring) -> int:
    """Return how often a network is run for its answer: once for each view and pass.

    Example:
        >>> forward_passes(Scoring()), forward_passes(Scoring(passes=20)), forward_passes(Scoring(flip=True, passes=20))
        (1, 20, 40)
    """
    return len(views(scoring)) * max(scoring.passes, 1)
