"""A stream of proposals without an end: each is tested against the incumbent, with few seeds, at the level that the error control allows.

A *gain* is a difference of scores on the same seed, proposal minus incumbent, with its sign turned where lower scores are better. The
hypothesis of a proposal is that its mean gain is not above 0; a proposal that is *kept* rejects it and becomes the incumbent.

Within one proposal, looks are declared. Its p-value is the smallest of those of its looks, each over the look's share of the level
(Bonferroni), so that it holds at any level, however small, and whenever the proposal is given up. Over the stream, the level of the next
proposal follows from the p-values before it: by SAFFRON, which holds the false discovery rate (the expected share of false ones among
those kept), or by spending alpha, which holds the chance that any of all kept ones is false.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from online_fdr.p_values import Saffron
from scipy import special, stats

from dlbench.stats.method import METHOD
from dlbench.stats.paired import RELATIVE_NOISE, all_equal

LOOKS = (3, 6, 12, 24, 48)
"""Seeds at the declared looks at one proposal."""
CANDIDATE = 0.1
"""SAFFRON's lambda: p-values above it pay for the levels that they were tested at."""
DECAY = 1.6
"""The level of the i-th proposal falls as i to the power of minus this, where alpha is spent."""
HOPE = 0.5
"""Standard errors above the mean gain, at which a proposal must have a prospect of being kept in order to go on."""
SURE = 0.8
"""Confidence with which a gain is below the margin where that ends a proposal."""

KEEP, DISCARD, UNDECIDED, OPEN = "keep", "discard", "undecided", "open"
Control = Literal["fdr", "fwer"]


class ErrorControl:
    """The levels of a stream's proposals, one after the other.

    Args:
        control: ``fdr`` for the false discovery rate (SAFFRON), ``fwer`` for the family-wise error rate (alpha-spending).
        alpha: the rate that holds over the whole stream.
        past: p-values of the proposals so far, in their order.

    >>> control = ErrorControl("fwer", 0.05)
    >>> round(control.level, 4), control.add(0.03), round(control.level, 4)
    (0.0219, False, 0.0072)

    Sources: A. Ramdas, T. Zrnic, M. J. Wainwright and M. I. Jordan, "SAFFRON: an adaptive algorithm for online control of the false
    discovery rate", ICML 2018, https://proceedings.mlr.press/v80/ramdas18a.html; D. P. Foster and R. A. Stine, "Alpha-investing: a
    procedure for sequential control of expected false discoveries", J. R. Stat. Soc. B 70, 2008,
    https://doi.org/10.1111/j.1467-9868.2007.00643.x (alpha-spending beside alpha-investing)
    """

    def __init__(self, control: Control, alpha: float = METHOD.alpha, past: Iterable[float] = ()) -> None:
        if control not in ("fdr", "fwer") or not 0 < alpha < 0.5:
            raise ValueError(f"control 'fdr' or 'fwer' and alpha in (0, 0.5), not {control!r} and {alpha}")
        self.control, self.alpha = control, alpha
        self._saffron = Saffron(alpha, alpha / 2, CANDIDATE) if control == "fdr" else None
        self._tested, self._kept, self._paid = 0, 0, 0.0
        for p in past:
            self.add(p)

    @property
    def level(self) -> float:
        """The level of the next proposal: it is kept where its p-value is at most this."""
        if self._saffron is None:
            return self.alpha * (self._tested + 1) ** -DECAY / float(special.zeta(DECAY))
        ahead = copy.deepcopy(self._saffron)
        ahead.test_one(1.0)
        return float(ahead.last_test_level or 0.0)

    @property
    def wealth(self) -> float:
        """The error that may still be spent: what the kept proposals have earned, less what the tested ones have paid."""
        return self.alpha * (max(self._kept, 1) if self._saffron else 1) - self._paid

    def add(self, p: float) -> bool:
        """Test the next proposal by its p-value, and return whether it is kept."""
        if self._saffron is None:
            level = self.level
            kept, price = p <= level, level
        else:
            kept = self._saffron.test_one(p)
            price = float(self._saffron.last_test_level or 0.0) / (1 - CANDIDATE) * (p > CANDIDATE)
        self._paid += price
        self._tested, self._kept = self._tested + 1, self._kept + kept
        return kept


@dataclass(frozen=True)
class Look:
    """What is known of a proposal at a look.

    Attributes:
        verdict: ``keep``, ``discard``, ``undecided`` after the last look, or ``open``: the proposal goes on.
        p: that the gain is not above 0, of all looks so far.
        gain: the mean.
        low, high: its interval of 95 %, at this look alone; infinite where the spread is not known.
        why: the verdict's reason, in a sentence.
    """

    verdict: str
    p: float
    gain: float
    low: float
    high: float
    why: str


def shares(looks: Sequence[int]) -> NDArray[np.float64]:
    """Return the share of a proposal's level that each look has: in proportion to its seeds.

    >>> shares((3, 6, 12)).round(3).tolist()
    [0.143, 0.286, 0.571]
    """
    return np.array(looks, float) / sum(looks)


def one_sided_p(gains: ArrayLike) -> NDArray[np.float64]:
    """Return the p-value of "the mean gain is not above 0": Student's, or 2**-n where all gains are equal and above 0.

    Args:
        gains: shape (..., n), two or more a row.

    Raises:
        ValueError: fewer gains, or one that is not finite.

    >>> one_sided_p([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]).round(3).tolist()
    [0.037, 1.0, 0.125]
    """
    d = np.asarray(gains, float)
    if d.shape[-1] < 2 or not np.isfinite(d).all():
        raise ValueError(f"{d.shape[-1]} gains; need at least two, all of them finite")
    n, mean, sd = d.shape[-1], d.mean(axis=-1), d.std(axis=-1, ddof=1)
    same = np.ptp(d, axis=-1) <= RELATIVE_NOISE * np.abs(d).max(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = stats.t.sf(mean / (sd / math.sqrt(n)), n - 1)
    return np.where(same, np.where(mean > 0, 0.5**n, 1.0), p)


def hopeless(p: ArrayLike, seeds: int, level: float | NDArray[np.float64], looks: Sequence[int] = LOOKS) -> NDArray[np.bool_]:
    """Whether the last look would not keep a proposal even if its gain were half a standard error above the mean seen.

    To give up costs no error, only power, so that the rule needs no correction.

    Args:
        p: of a look, from :func:`one_sided_p`.
        seeds: of that look.
        level: of the proposal.
        looks: all declared ones.

    >>> hopeless([0.5, 0.01], 3, 0.01).tolist()
    [True, False]
    """
    seen = stats.t.isf(np.asarray(p, float), seeds - 1)
    needed = stats.t.isf(np.maximum(np.asarray(level) * shares(looks)[-1], 1e-300), looks[-1] - 1)
    return (seen + HOPE) * math.sqrt(looks[-1] / seeds) < needed


def judge(gains: ArrayLike, level: float, margin: float = 0.0, looks: Sequence[int] = LOOKS) -> Look:
    """Judge a proposal at the latest look that its gains reach.

    Args:
        gains: by seed, in the order of training; as many as one of the looks, or more.
        level: of this proposal, from :class:`ErrorControl`.
        margin: the smallest gain that is worth its seeds, at least 0.
        looks: declared numbers of seeds.

    Raises:
        ValueError: fewer gains than the first look.

    >>> judge([1.0, 1.2, 0.9, 1.1, 1.0, 1.05], 0.01).verdict
    'keep'
    >>> judge([-1.0, 0.2, 0.1], 0.01).verdict
    'discard'
    """
    d = np.asarray(gains, float)
    taken = [look for look in looks if look <= d.size]
    if not taken:
        raise ValueError(f"{d.size} gains; the first look needs at least {looks[0]}")
    each = [float(one_sided_p(d[:look])) for look in taken]
    p = min(1.0, *(one / share for one, share in zip(each, shares(looks))), 1.0)
    seen = d[: taken[-1]]
    mean, low, high = _interval(seen, METHOD.alpha / 2)
    if p <= level:
        return Look(KEEP, p, mean, low, high, f"shown to be better: p {p:.2g} is at most the level {level:.2g}")
    verdict, why = _given_up(seen, each[-1], level, margin, looks)
    return Look(verdict, p, mean, low, high, why)


def _given_up(seen: NDArray[np.float64], p: float, level: float, margin: float, looks: Sequence[int]) -> tuple[str, str]:
    if not seen.any():
        return DISCARD, f"all {seen.size} scores are the incumbent's, to the last bit"
    if margin and _interval(seen, 1 - SURE)[2] < margin:
        return DISCARD, f"its gain is below the margin {margin:g}, with {100 * SURE:.0f} % confidence"
    if seen.mean() <= 0:
        return DISCARD, f"no gain on {seen.size} seeds"
    if seen.size == looks[-1]:
        return UNDECIDED, f"not shown to be better with {seen.size} seeds, the most that are spent on a proposal: level {level:.2g}"
    if hopeless(p, seen.size, level, looks):
        return DISCARD, (f"no prospect of being kept: {looks[-1]} seeds would not show a gain like that of {seen.size} at the level "
                         f"{level:.2g}")
    return OPEN, f"goes on after {seen.size} seeds"


def _interval(d: NDArray[np.float64], tail: float) -> tuple[float, float, float]:
    """The mean, and its limits with so much beyond each."""
    mean = float(d.mean())
    if d.size < 2 or all_equal(d):
        return mean, -math.inf, math.inf
    half = float(stats.t.isf(tail, d.size - 1)) * float(d.std(ddof=1)) / math.sqrt(d.size)
    return mean, mean - half, mean + half
