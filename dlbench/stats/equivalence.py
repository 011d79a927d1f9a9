"""No meaningful effect: two one-sided tests against a margin."""

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.weightstats import DescrStatsW

from dlbench.stats.paired import all_equal, checked


def tost(d: ArrayLike, margin: float) -> float:
    """P-value of equivalence: the larger of the one-sided p against ``mean <= -margin`` and ``mean >= margin``.

    ``p < alpha`` exactly when the ``1 - 2 alpha`` t interval of ``mean(d)`` lies inside ``(-margin, margin)``. Assumes
    independent seeds and a mean of ``d`` that is close to normal. Where all differences are equal: p is 0 if they are
    all 0; else the one-sided sign-flip p ``1 / 2**n`` inside the margin and 1 at or beyond it.

    Args:
        d: paired differences, shape (n,), n >= 2.
        margin: the smallest difference that matters, > 0, in the units of ``d``.

    Returns:
        p in [0, 1]. Adjust it with `holm` in a family of its own: unadjusted, ten arms at the margin give
        26 % false equivalence.

    Raises:
        ValueError: fewer than two pairs, a value that is not finite, or a margin that is not positive.

    >>> round(tost([0.001, -0.002, 0.0, 0.001], margin=0.005), 4)
    0.0029

    Source: D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach",
    J. Pharmacokinet. Biopharm. 15, 1987, https://doi.org/10.1007/BF01068419
    """
    d = checked(d, 2)
    if not 0 < margin < np.inf:
        raise ValueError(f"margin must be positive and finite, not {margin}")
    if all_equal(d):
        return 0.0 if d[0] == 0 else 2.0**-d.size if abs(d[0]) < margin else 1.0
    return float(DescrStatsW(d).ttost_mean(-margin, margin)[0])
