"""What dlbench, deep-significance and rliable say of the same numbers, as the table of ``docs/judge.md``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

import dlbench

MARGIN, SEED = 0.1, 1234
GAMES, RUNS, REPEATS = 16, 10, 2000
"""Size of the pairs of score matrices: those of ProcGen, which rliable's documentation compares."""


def table(arms: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return scores by arm as a table with a row a run."""
    rows = [(arm, seed, score) for arm, scores in arms.items() for seed, score in enumerate(scores)]
    return pd.DataFrame(rows, columns=["arm", "seed", "score"])


def verdict(ours: np.ndarray, theirs: np.ndarray) -> pd.Series:
    """Return dlbench's verdict on two arms whose runs are no pairs."""
    return dlbench.judge(table({"baseline": theirs, "model": ours}), margin=MARGIN, baseline="baseline").verdicts.iloc[0]


def two_models() -> tuple[np.ndarray, np.ndarray]:
    """Return the scores of deep-significance's first example: a model of N(0.9, 0.8), and a baseline of N(0, 1), five runs each."""
    np.random.seed(SEED)
    return np.random.normal(loc=0.9, scale=0.8, size=5), np.random.normal(loc=0, scale=1, size=5)


def three_datasets() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the scores of deep-significance's second example: N(0.3, 0.8) against N(0, 1) on three datasets."""
    np.random.seed(SEED)
    ours = [np.random.normal(loc=0.3, scale=0.8, size=5) for _ in range(3)]
    return list(zip(ours, [np.random.normal(loc=0, scale=1, size=5) for _ in range(3)]))


def matrices() -> tuple[np.ndarray, np.ndarray]:
    """Return scores of two algorithms, shape (runs, games), in the form of rliable's documentation; they are drawn."""
    draw = np.random.default_rng(SEED)
    games = draw.normal(0.5, 0.3, GAMES)
    return tuple(games + draw.normal(mean, 0.1, (RUNS, GAMES)) for mean in (0.05, 0.0))  # type: ignore[return-value]


def of_deep_significance() -> Iterator[tuple[str, str, str]]:
    """Yield example, what deep-significance says, what dlbench says."""
    aso = importlib.import_module("deepsig").aso
    cases = {"two models, 5 runs each": (two_models(), 1), **{f"dataset {place} of 3": (pair, 3) for place, pair in
                                                              enumerate(three_datasets(), start=1)}}
    for name, (pair, comparisons) in cases.items():
        least = aso(*pair, confidence_level=0.95, num_comparisons=comparisons, seed=SEED, show_progress=False)
        row = verdict(*pair)
        yield (f"deep-significance: {name}", f"ε_min {least:.3f}: {'better' if least < 0.5 else 'not shown'}",
               f"{row['difference']:+.2f} [{row['low']:.2f}, {row['high']:.2f}], p {row['p']:.3f}: {row['verdict']}")


def of_rliable() -> Iterator[tuple[str, str, str]]:
    """Yield quantity, rliable's value, dlbench's."""
    library, metrics = (importlib.import_module(f"rliable.{name}") for name in ("library", "metrics"))
    ours, theirs = matrices()
    rows = [verdict(ours[:, game], theirs[:, game]) for game in range(GAMES)]
    points, limits = library.get_interval_estimates({"x,y": (ours, theirs)}, metrics.probability_of_improvement, reps=REPEATS,
                                                    random_state=np.random.RandomState(SEED))
    low, high = limits["x,y"].ravel()
    yield ("rliable: probability of improvement", f"{float(points['x,y']):.4f} [{low:.3f}, {high:.3f}]",
           f"{np.mean([row['probability_better'] for row in rows]):.4f}, mean of `probability_better` over the games")
    points, limits = library.get_interval_estimates({"x": ours, "y": theirs}, lambda x: np.array([metrics.aggregate_mean(x)]), reps=REPEATS,
                                                    random_state=np.random.RandomState(SEED))
    by_run = verdict(ours.mean(axis=1), theirs.mean(axis=1))
    shown = "; ".join(f"{name} {points[name][0]:.3f} [{limits[name][0][0]:.3f}, {limits[name][1][0]:.3f}]" for name in points)
    yield ("rliable: mean over games", shown, f"{by_run['mean']:.3f} and {by_run['reference_mean']:.3f}; difference "
           f"{by_run['difference']:+.3f} [{by_run['low']:.3f}, {by_run['high']:.3f}]")
    means = table({"y": theirs.mean(axis=0), "x": ours.mean(axis=0)})
    by_game = dlbench.judge(means, margin=MARGIN, baseline="y", paired=True).verdicts.iloc[0]
    yield ("the same, games as pairs", "no such thing: games are fixed, runs are resampled within each",
           f"{by_game['difference']:+.3f} [{by_game['low']:.3f}, {by_game['high']:.3f}] (`--pair-by game`)")


def main() -> None:
    """Print the table; the exit code is 2 where one of the two is missing."""
    try:
        rows = [*of_deep_significance(), *of_rliable()]
    except ImportError as error:
        sys.exit(f"{error.name} is missing: pip install rliable deepsig")
    print("| example | they say | dlbench says |\n|---|---|---|")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))


if __name__ == "__main__":
    main()
