"""Simulated pairs of processes from a few servers: how often intervals cover, and how often the whole procedure alarms."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from dlbench.stats.nested import clipped, nested_mean

SERVERS, ROUNDS = 3, 2
SPREADS = ((0.0, 0.01, 0.0), (0.005, 0.01, 0.0), (0.01, 0.01, 0.0), (0.02, 0.01, 0.0), (0.02, 0.002, 0.0), (0.005, 0.01, 0.1))
"""Standard deviation of a server's effect and of a pair, on the log scale, from no effect of memory layout to nothing else; and the
share of pairs that stray ten times as far."""


def log_ratios(rng: np.random.Generator, cases: int, spread: tuple[float, float, float]) -> np.ndarray:
    """Of pairs without a true change, shape (cases, base server, head server, pair of the two)."""
    of_server, of_pair, strays = spread
    base = of_server * rng.normal(size=(cases, SERVERS, 1, 1))
    head = of_server * rng.normal(size=(cases, 1, SERVERS, 1))
    shape = (cases, SERVERS, SERVERS, ROUNDS)
    return head - base + of_pair * rng.normal(size=shape) * np.where(rng.random(shape) < strays, 10, 1)


def coverage(rng: np.random.Generator, cases: int) -> pd.DataFrame:
    """Share of 95 % intervals that hold the true change: the gate's, over pairs as if they were independent, over server pairs."""
    rows = []
    for spread in SPREADS:
        d = log_ratios(rng, cases, spread)
        found = np.array([nested_mean(clipped(case)).limits() for case in d])
        centre, half = found.mean(axis=1), np.diff(found)[:, 0] / 2
        pairs = d.reshape(cases, -1)
        along = np.stack([d[:, i, i].mean(axis=-1) for i in range(SERVERS)], axis=1)
        rows.append((*spread, _covered(centre, half), _t_covered(pairs), _t_covered(along), float(np.median(half))))
    return pd.DataFrame(rows, columns=["sd of servers", "sd of pairs", "strays", "nested", "pairs as independent", "one pair a server",
                                       "half width, nested"])


def _t_covered(d: np.ndarray) -> float:
    n = d.shape[1]
    return _covered(d.mean(axis=1), stats.t.ppf(0.975, n - 1) * d.std(axis=1, ddof=1) / math.sqrt(n))


def _covered(mean: np.ndarray, half: np.ndarray) -> float:
    return float((np.abs(mean) <= half).mean())
