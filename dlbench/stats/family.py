"""P-values of a family of arms that share a claim."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT_SEEDS = 16
FLIPS = 10_000
TIE = 1 - 1e-9


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down adjustment: ``max over j <= i of (k - j + 1) * p_(j)``, at most 1.

    Holds the family-wise error at alpha under any dependence of the tests. Takes and gives the p-values of one family, shape (k,).

    Raises:
        ValueError: a p-value is NaN or outside [0, 1].

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6, 1979,
    https://www.jstor.org/stable/4615733
    """
    p = np.asarray(p, float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p-values must lie in [0, 1]")
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)), 1)
    return adjusted


def max_t_signflip(d: ArrayLike, seed: int = 0) -> NDArray[np.float64]:
    """Family-wise sign-flip p-values: one sign per seed, the same for all arms, and the largest ``|t|``.

    Under the null hypothesis that each seed's vector of differences is symmetric about 0, all sign patterns are
    equally likely. ``p_a`` is the share of patterns whose largest ``|t|`` over the arms reaches the observed
    ``|t_a|``. All ``2**n`` patterns are used up to 16 seeds (so p is at least ``2 / 2**n``); beyond, the observed one
    and 10,000 that are drawn from ``seed``.

    Where arms have different seeds, a sign still belongs to a seed, but t with different degrees of freedom cannot be
    compared: each ``|t|`` is then first replaced with its rank in the arm's own flips (Westfall and Young's
    min-P). An arm of few seeds cannot reach a small p then, nor mask the others.

    Args:
        d: differences, shape (arms, seeds), NaN where an arm has no pair for a seed.
        seed: of the drawn patterns.

    Returns:
        p of shape (arms,), already adjusted for the family; NaN for an arm without any pair, 1 for one with a single pair.

    >>> max_t_signflip([[1.0, 2.0, 1.5, 1.2, 1.8, 1.4], [0.1, -0.2, 0.3, -0.1, 0.2, -0.3]]).round(4).tolist()
    [0.0312, 1.0]

    Source: P. H. Westfall and S. S. Young, "Resampling-based multiple testing", Wiley, 1993; A. M. Winkler et al.,
    "Permutation inference for the general linear model", NeuroImage 92, 2014, https://doi.org/10.1016/j.neuroimage.2014.01.060
    """
    d = np.asarray(d, float)
    present = ~np.isnan(d)
    used, columns = present.any(axis=1), present.any(axis=0)
    p = np.full(len(d), np.nan)
    if not used.any():
        return p
    signs = _sign_patterns(int(columns.sum()), seed)
    observed, largest = _observed_and_largest(d[used][:, columns], signs)
    p[used] = (len(signs) - np.searchsorted(np.sort(largest), observed * TIE)) / len(signs)
    return p


def _observed_and_largest(d: NDArray[np.float64], signs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ``|t|`` of each arm under the first pattern, and the largest over the arms under each; ranks where arms lack other seeds."""
    present = ~np.isnan(d)
    ranked = not (present == present[0]).all()
    observed, largest = np.empty(len(d)), np.zeros(len(signs))
    for arm, (differences, there) in enumerate(zip(d, present, strict=True)):
        t = _flipped_t(np.nan_to_num(differences), int(there.sum()), signs)
        t = _own_rank(t) if ranked else t
        observed[arm] = t[0]
        np.maximum(largest, t, out=largest)
    return observed, largest


def _sign_patterns(seeds: int, seed: int) -> NDArray[np.float64]:
    """Sign patterns, shape (patterns, seeds); the observed one is the first."""
    if seeds <= EXACT_SEEDS:
        flipped = np.bitwise_and.outer(np.arange(1 << seeds - 1), 2 ** np.arange(seeds))
    else:
        flipped = np.random.default_rng(seed).integers(0, 2, (FLIPS + 1, seeds))
        flipped[0] = 0
    return np.where(flipped, -1.0, 1.0)


def _flipped_t(d: NDArray[np.float64], n: int, signs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``|t|`` of one arm under each pattern, 0 for a single pair; missing pairs are 0 in ``d`` and not counted in ``n``."""
    scale = np.abs(d).max()
    if scale == 0 or n == 1:
        return np.zeros(len(signs))
    mean = np.abs(signs @ (d / scale)) / n
    variance = np.maximum((d / scale) @ (d / scale) / n - mean**2, 0)
    return np.where(variance > 1e-15 * mean**2, mean / np.sqrt(np.maximum(variance, 1e-300)), np.inf) * np.sqrt(n - 1)


def _own_rank(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one over the share of an arm's own patterns whose ``|t|`` is at least as large."""
    ordered = np.sort(t)
    return len(t) / (len(t) - np.searchsorted(ordered, t * TIE))
