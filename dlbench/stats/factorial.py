"""Main effects and two-factor interactions of a two-level design, with seeds as blocks."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS, RegressionResultsWrapper

from dlbench.stats.method import METHOD

COLUMNS = ("term", "aliases", "effect", "low", "high", "p", "p_adjusted", "n")


def factorial_effects(runs: pd.DataFrame, factors: Sequence[str], alpha: float = METHOD.alpha) -> pd.DataFrame:
    """Ordinary least squares of the score on coded factors, their products and one block per seed.

    ``score = seed + sum_i beta_i x_i + sum_ij beta_ij x_i x_j + error`` with x in {-1, +1}. A main effect is
    ``2 beta_i``: mean score with the factor on minus off, the others averaged. An interaction is ``2 beta_ij``: half the
    difference between the effects of i with j on and off. Assumes independent errors of one variance around the
    block means. Terms with the same contrast in these runs are one row; the lower order names it.

    Args:
        runs: columns seed, score and one per factor with -1 or +1; one row per completed run.
        factors: names of the factor columns.

    Returns:
        One row per separable term: term, aliases (terms it cannot be told from, "" if none), effect, low and high in the
        units of the score, p, p_adjusted (over all rows), n (runs used).

    Raises:
        ValueError: a factor is not coded -1/+1, a score is not finite, no factor varies, failed runs leave terms
            that cannot be separated, or there are no more runs than terms.

    >>> runs = pd.DataFrame([(s, a, b, 3 * a + a * b + 0.1 * ((s + a) % 3))
    ...                      for s in range(3) for a in (-1, 1) for b in (-1, 1)],
    ...                     columns=["seed", "a", "b", "score"])
    >>> factorial_effects(runs, ["a", "b"])[["term", "effect"]].round(1).values.tolist()
    [['a', 6.0], ['b', 0.0], ['a:b', 2.0]]

    Source: G. E. P. Box, J. S. Hunter and W. G. Hunter, "Statistics for experimenters", 2nd ed., Wiley, 2005,
    https://www.wiley.com/9780471718130; S. Seabold and J. Perktold, "statsmodels", 2010, https://doi.org/10.25080/Majora-92bf1922-011
    """
    _check(runs, factors)
    x, aliases = _contrasts(runs, factors)
    fit = _least_squares(runs, x)
    low, high = 2 * fit.conf_int(alpha)[: x.shape[1]].T
    p = np.nan_to_num(fit.pvalues[: x.shape[1]], nan=1.0)
    return pd.DataFrame({"term": list(x.columns), "aliases": [" = ".join(aliases[term]) for term in x.columns],
                         "effect": 2 * fit.params[: x.shape[1]], "low": low, "high": high, "p": p,
                         "p_adjusted": METHOD.correction.adjust(p), "n": len(runs)}, columns=list(COLUMNS))


def _least_squares(runs: pd.DataFrame, x: pd.DataFrame) -> RegressionResultsWrapper:
    """Fit the score on the contrasts, whose coefficients come first, and one block per seed; refuse where that leaves no error."""
    blocks = pd.get_dummies(runs["seed"].to_numpy(), dtype=float).to_numpy()
    design = np.hstack([x.to_numpy(), blocks])
    rank = np.linalg.matrix_rank(design)
    if rank < design.shape[1] or rank == len(runs):
        raise ValueError(f"{len(runs)} runs cannot separate {x.shape[1]} terms and {blocks.shape[1]} seeds and leave an error")
    return OLS(runs["score"].to_numpy(float), design).fit()


def _check(runs: pd.DataFrame, factors: Sequence[str]) -> None:
    """Refuse what would give a NaN or an effect in other units than on minus off."""
    missing = [name for name in (*factors, "seed", "score") if name not in runs.columns]
    if missing or not factors or runs.empty:
        raise ValueError(f"need runs of at least one factor; {len(runs)} runs lack the columns {missing}, they have {list(runs.columns)}")
    if not np.isin(runs[list(factors)].to_numpy(float), (-1.0, 1.0)).all():
        raise ValueError(f"factors {list(factors)} must be coded -1 and +1")
    if not np.isfinite(runs["score"].to_numpy(float)).all():
        raise ValueError("scores must be finite; leave a failed run out")


def _contrasts(runs: pd.DataFrame, factors: Sequence[str]) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Distinct contrasts by their first term, and the later terms that share each; constants are left to the blocks."""
    columns = {name: runs[name].to_numpy(float) for name in factors}
    columns |= {f"{i}:{j}": columns[i] * columns[j] for i, j in combinations(factors, 2)}
    kept: dict[str, np.ndarray] = {}
    aliases: dict[str, list[str]] = {}
    for term, values in columns.items():
        same = next((name for name, other in kept.items() if abs(values @ other) == len(values)), None)
        if same is not None:
            aliases[same].append(term if values @ kept[same] > 0 else f"-{term}")
        elif np.ptp(values):
            kept[term], aliases[term] = values, []
    if not kept:
        raise ValueError(f"none of the factors {list(factors)} varies in these runs")
    return pd.DataFrame(kept), aliases
