"""Several metrics of the same arms: the first decides, the others follow by gatekeeping, all in one family."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dlbench.stats.method import Rule
from dlbench.stats.verdict import conclude, estimates


def gatekept(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values of arms on several metrics, so that the family-wise error over all arms and metrics holds.

    Each of k arms starts with alpha / k for its first metric. A rejected hypothesis hands its share on: to the arm's next metric and, after
    its last one, in equal parts to the arms that still have hypotheses left. With one metric this is Holm's procedure.

    Args:
        p: shape (metrics, arms), the metrics in their order.

    Returns:
        Adjusted p-values of the same shape: no smaller for a metric than for the one before.

    Raises:
        ValueError: a p-value is NaN or outside [0, 1].

    >>> gatekept([[0.01, 0.04], [0.03, 0.001]]).round(3).tolist()
    [[0.02, 0.06], [0.06, 0.06]]
    >>> gatekept([[0.01, 0.04, 0.03]]).round(3).tolist()
    [[0.03, 0.06, 0.06]]

    Source: F. Bretz, W. Maurer, W. Brannath and M. Posch, "A graphical approach to sequentially rejective multiple test procedures",
    Stat. Med. 28, 2009, https://doi.org/10.1002/sim.3495 (algorithm 2)
    """
    p = np.atleast_2d(np.asarray(p, float))
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p-values must lie in [0, 1]")
    metrics, arms = p.shape
    adjusted, share, place = np.empty_like(p), np.full(arms, 1 / max(arms, 1)), np.zeros(arms, int)
    most = 0.0
    for _ in range(p.size):
        left = np.flatnonzero(place < metrics)
        ratios = p[place[left], left] / share[left]
        arm = left[ratios.argmin()]
        most = adjusted[place[arm], arm] = min(1.0, max(most, float(ratios.min())))
        place[arm] += 1
        if place[arm] == metrics and left.size > 1:
            share[left[left != arm]] += share[arm] / (left.size - 1)
    return adjusted


def compare_metrics(scores: Sequence[pd.DataFrame], references: Mapping[str, str], rules: Sequence[Rule]) -> list[pd.DataFrame]:
    """Judge every arm on several metrics, as :func:`dlbench.stats.verdict.compare` does on one, with gatekeeping in place of Holm.

    A difference on a metric counts only where the metrics before it show one too, and so does equivalence; each of both claims has a
    family of its own. Simultaneous intervals hold over all arms and metrics.

    Args:
        scores: of each metric, as for ``compare``; the first metric decides.
        references: arm -> its reference.
        rules: of each metric.

    >>> runs = pd.DataFrame([("a", 0, 0.5), ("a", 1, 0.7), ("b", 0, 0.4), ("b", 1, 0.4)], columns=["arm", "seed", "score"])
    >>> [table["p_adjusted"].round(2).tolist() for table in compare_metrics([runs, runs], {"a": "b"}, [Rule(0.1), Rule(0.2)])]
    [[0.3], [0.3]]
    """
    family = len(references) * len(rules)
    tables = [estimates(known, references, rule, family) for known, rule in zip(scores, rules, strict=True)]
    for name in ("p", "p_tost"):
        values = [table[name].astype(float) for table in tables]
        adjusted = gatekept(np.array([one.fillna(1.0).to_numpy() for one in values]))
        for table, of_metric, one in zip(tables, adjusted.tolist(), values):
            table[f"{name}_adjusted"] = [value if known else None for value, known in zip(of_metric, one.notna(), strict=True)]
    return [conclude(table, rule, family) for table, rule in zip(tables, rules)]
