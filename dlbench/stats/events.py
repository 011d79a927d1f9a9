"""What scores do not tell: when a run reached a target, and whether it diverged.

A run that never reached the target is censored: neither dropped nor given the longest time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from dlbench.stats.method import METHOD

TIMES = {"arm": "object", "reference": "object", "n": "Int64", "reached": "Int64", "median": "Float64", "low": "Float64",
         "high": "Float64", "first": "Int64", "later": "Int64", "undecided": "Int64", "p": "Float64",
         "p_adjusted": "Float64", "reason": "object"}
DIVERGENCE = ("arm", "reference", "diverged", "n", "reference_diverged", "reference_n", "p", "p_adjusted", "reason")


class MedianTime(NamedTuple):
    """Kaplan-Meier median with its interval; None where the curve does not come below one half."""

    median: float | None
    low: float | None
    high: float | None
    reached: int
    n: int


class FirstTo(NamedTuple):
    """Seeds on which the arm, or its reference, was first to the target; the undecided; the sign-test p."""

    first: int
    later: int
    undecided: int
    p: float


def median_time(time: ArrayLike, reached: ArrayLike, alpha: float = METHOD.alpha) -> MedianTime:
    """Kaplan-Meier median time to the target, with its log-log interval, in the unit of ``time``.

    Assumes that a run's censoring (its budget) does not depend on its own time to the target.

    Args:
        time: epochs or seconds to the target, or until the run ended without it, shape (n,), >= 0.
        reached: whether the target was reached, shape (n,).

    Raises:
        ValueError: shapes differ or a time is negative, NaN or infinite.

    >>> median_time([3, 5, 9, 20, 20], [True, True, True, False, False])[:1]
    (9.0,)
    >>> median_time([20, 20, 9], [False, False, True]).median is None
    True

    Source: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", J. Am. Stat. Assoc. 53,
    1958, https://doi.org/10.1080/01621459.1958.10501452
    """
    time, reached = _checked(time, reached)
    if not reached.any():
        return MedianTime(None, None, None, 0, time.size)
    curve = SurvfuncRight(time, reached)
    with np.errstate(all="ignore"):
        low, high = curve.quantile_ci(0.5, alpha)
    median, low, high = (float(value) if np.isfinite(value) else None for value in (curve.quantile(0.5), low, high))
    return MedianTime(median, low, high, int(reached.sum()), time.size)


def first_to_target(arm: tuple[ArrayLike, ArrayLike], reference: tuple[ArrayLike, ArrayLike]) -> FirstTo:
    """Exact sign test on which of two runs of one seed reached the target first; p is 1 where no pair is decided.

    A pair is decided when one run reached the target before the other did, or before the other ended without it. Ties, pairs
    without either, and pairs whose other run ended too early to tell are undecided.

    Args:
        arm: (time, reached) by seed, each of shape (n,), as `median_time` takes them.
        reference: (time, reached) of the same seeds.

    Raises:
        ValueError: shapes differ or a time is negative, NaN or infinite.

    >>> first_to_target(([3, 4, 5, 9], [1, 1, 1, 0]), ([5, 5, 9, 9], [1, 1, 0, 0]))
    FirstTo(first=3, later=0, undecided=1, p=0.25)

    Source: W. J. Dixon and A. M. Mood, "The statistical sign test", J. Am. Stat. Assoc. 41, 1946,
    https://doi.org/10.1080/01621459.1946.10501898
    """
    (a, a_reached), (b, b_reached) = _checked(*arm), _checked(*reference)
    if a.shape != b.shape:
        raise ValueError(f"the arms have {a.size} and {b.size} seeds")
    first = int((a_reached & ((a < b) | ((a == b) & ~b_reached))).sum())
    later = int((b_reached & ((b < a) | ((a == b) & ~a_reached))).sum())
    p = float(stats.binomtest(first, first + later).pvalue) if first + later else 1.0
    return FirstTo(first, later, a.size - first - later, p)


def compare_times(runs: pd.DataFrame, references: Mapping[str, str]) -> pd.DataFrame:
    """Median time to the target of each arm, and the sign test against its reference, adjusted over the arms.

    Args:
        runs: columns arm, seed, time, reached; one row per completed run.
        references: arm -> the arm it is compared with; one family.

    Returns:
        One row per arm with `TIMES`: n (runs), reached, median with low and high (NA where the curve does not reach it),
        first / later / undecided (seeds in both arms), p, p_adjusted, reason.

    Raises:
        ValueError: a column is missing, a run occurs twice or a time is negative, NaN or infinite.

    >>> runs = pd.DataFrame([("base", s, 9 + s, True) for s in range(6)] + [("warm", s, 4 + s, True) for s in range(6)],
    ...                     columns=["arm", "seed", "time", "reached"])
    >>> compare_times(runs, {"warm": "base"}).loc[0, "reason"]
    '6 of 6 runs reached the target, median 7; first on 6 of 6 decided seeds, adjusted p 0.031'
    """
    _one_row_a_run(runs, ("arm", "seed", "time", "reached"))
    by_arm = {arm: rows.set_index("seed") for arm, rows in runs.groupby("arm")}
    nothing = runs.iloc[:0].set_index("seed")
    rows: list[dict[str, Any]] = []
    for arm, reference in references.items():
        ours, theirs = by_arm.get(arm, nothing), by_arm.get(reference, nothing)
        shared = ours.index.intersection(theirs.index)
        first = first_to_target(*((part.loc[shared, "time"], part.loc[shared, "reached"]) for part in (ours, theirs)))
        median = median_time(ours["time"], ours["reached"])
        rows.append({"arm": arm, "reference": reference} | median._asdict() | first._asdict())
    return _with_reasons(pd.DataFrame(rows, columns=list(TIMES)), _sentence_on_times).astype(TIMES)


def compare_divergence(runs: pd.DataFrame, references: Mapping[str, str]) -> pd.DataFrame:
    """Fisher's exact test, two-sided, on the counts of diverged runs of each arm and its reference.

    A diverged run has no score, so a comparison of scores cannot see it; this one does. The test takes the runs of both arms
    as independent; where they share a seed's fate it errs on the side of a larger p.

    Args:
        runs: columns arm, seed, diverged (bool); one row per run that completed or diverged. Runs that failed for
            other reasons (killed, out of memory) are left out.
        references: arm -> the arm it is compared with; one family.

    Returns:
        One row per arm with `DIVERGENCE`, in the order of ``references``. An arm or reference without runs has n = 0 and p = 1.

    Raises:
        ValueError: a column is missing or a run occurs twice.

    >>> runs = pd.DataFrame([(arm, s, arm == "hot" and s > 0) for arm in ("base", "hot") for s in range(8)],
    ...                     columns=["arm", "seed", "diverged"])
    >>> compare_divergence(runs, {"hot": "base"}).loc[0, "reason"]
    '7 of 8 runs diverged, 0 of 8 of base, adjusted p 0.0014'

    Source: R. A. Fisher, "On the interpretation of chi-squared from contingency tables, and the calculation of P",
    J. R. Stat. Soc. 85, 1922, https://doi.org/10.2307/2340521
    """
    _one_row_a_run(runs, ("arm", "seed", "diverged"))
    counts = runs.assign(diverged=runs["diverged"].astype(bool)).groupby("arm")["diverged"].agg(["sum", "count"])
    rows: list[tuple[Any, ...]] = []
    for arm, reference in references.items():
        (x, n), (y, m) = (map(int, counts.loc[name]) if name in counts.index else (0, 0) for name in (arm, reference))
        p = float(stats.fisher_exact([[x, n - x], [y, m - y]])[1]) if n and m else 1.0
        rows.append((arm, reference, x, n, y, m, min(p, 1.0), None, None))
    return _with_reasons(pd.DataFrame(rows, columns=list(DIVERGENCE)), _sentence_on_divergence)


def _checked(time: ArrayLike, reached: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    time, reached = np.asarray(time, float), np.asarray(reached).astype(bool)
    if time.ndim != 1 or time.shape != reached.shape or not ((time >= 0) & np.isfinite(time)).all():
        raise ValueError("times must be finite and >= 0, one per run, with one 'reached' each")
    return time, reached


def _one_row_a_run(runs: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in runs.columns]
    if missing:
        raise ValueError(f"runs lack the columns {missing}; they have {list(runs.columns)}")
    twice = runs.duplicated(["arm", "seed"])
    if twice.any():
        raise ValueError(f"two rows for one run: {runs[twice].iloc[0].to_dict()}")


def _with_reasons(table: pd.DataFrame, sentence: Callable[[Any], str]) -> pd.DataFrame:
    """Fill in the adjusted p-values of the family, then the sentences that quote them."""
    table["p_adjusted"] = METHOD.correction.adjust(table["p"].to_numpy(float))
    return table.assign(reason=[sentence(row) for row in table.itertuples()])


def _sentence_on_times(row: Any) -> str:
    median = f"median {row.median:g}" if pd.notna(row.median) else "no median, as no more than half did"
    return (f"{row.reached} of {row.n} runs reached the target, {median}; first on {row.first} of {row.first + row.later}"
            f" decided seeds, adjusted p {row.p_adjusted:.2g}")


def _sentence_on_divergence(row: Any) -> str:
    return (f"{row.diverged} of {row.n} runs diverged, {row.reference_diverged} of {row.reference_n} of {row.reference}, "
            f"adjusted p {row.p_adjusted:.2g}")
