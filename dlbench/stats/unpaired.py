"""Verdicts on arms whose runs are not pairs: Welch's t-test, with the same family-wise control, equivalence and words as paired ones.

That two runs have one seed makes them a pair only where the seed draws the same numbers in both programs; who cannot say so compares
means. Arms may have different numbers of runs.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from dlbench.stats.equivalence import LEAST_SEEDS, in_two_groups, skewed_quantile
from dlbench.stats.method import METHOD, Rule
from dlbench.stats.noise import satterthwaite
from dlbench.stats.paired import checked
from dlbench.stats.power import Spread, seeds_needed, upper_sd
from dlbench.stats.verdict import COLUMNS, adjusted
from dlbench.stats.wording import format_effect, format_margin, format_p
from dlbench.values.verdict import Verdict

Values = NDArray[np.float64]


def compare_unpaired(scores: pd.DataFrame, references: Mapping[str, str], rule: Rule) -> pd.DataFrame:
    """Judge every arm against its reference by the difference of their means, all arms as one family.

    helps / hurts: Holm-adjusted p of Welch's t-test below alpha. no meaningful effect: Holm-adjusted p of Welch's two one-sided tests below
    alpha, with five runs or more in both arms, none of which fall into two groups, and a limit that holds for skewed scores too.

    Args:
        scores: columns arm, seed, score; one row a run. Other arms are ignored.
        references: arm -> the arm that it is compared with; the family.
        rule: margin, direction, level, unit.

    Returns:
        One row an arm with `dlbench.stats.verdict.COLUMNS`: n is the number of runs of the smaller of the two arms, p that of Welch's test,
        low and high its interval, effect_size the difference over the root of the mean variance, hodges_lehmann the median of all
        differences between a run of the arm and one of its reference, seeds_needed runs in each arm. What only pairs have is NA.

    >>> runs = pd.DataFrame({"arm": ["a"] * 3 + ["b"] * 3, "seed": [0, 1, 2] * 2, "score": [0.9, 0.91, 0.92, 0.5, 0.51, 0.52]})
    >>> compare_unpaired(runs, {"a": "b"}, Rule(0.01))["verdict"][0]
    'helps'

    Source: B. L. Welch, "The generalization of Student's problem when several different population variances are involved",
    Biometrika 34, 1947, https://doi.org/10.1093/biomet/34.1-2.28; D. J. Schuirmann, "A comparison of the two one-sided tests procedure
    and the power approach", J. Pharmacokinet. Biopharm. 15, 1987, https://doi.org/10.1007/BF01068419
    """
    by_arm = {str(arm): checked(part["score"].to_numpy(float), 0) for arm, part in scores.groupby("arm")}
    nothing = np.zeros(0)
    pairs = {arm: (by_arm.get(arm, nothing), by_arm.get(reference, nothing)) for arm, reference in references.items()}
    rows = [{"arm": arm, "reference": reference, **_estimate(*pairs[arm], len(references), rule)} for arm, reference in references.items()]
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    table["p_adjusted"] = adjusted(table["p"], rule.method.correction)
    table["p_tost_adjusted"] = adjusted(table["p_tost"], rule.method.correction)
    judged = [_judge(row, *pairs[str(row.arm)], len(references), rule) for row in table.itertuples()]
    for name, values in zip(("verdict", "reason", "seeds_needed"), zip(*judged) if judged else ((), (), ())):
        table[name] = pd.Series(values, table.index, dtype=object)
    return table.astype(COLUMNS)


def _estimate(a: Values, b: Values, k: int, rule: Rule) -> dict[str, Any]:
    n = min(len(a), len(b))
    row: dict[str, Any] = {"n": n, "planned": n}
    if n:
        between = a[:, None] - b
        sign = 1 if rule.higher_is_better else -1
        row |= {"mean": a.mean(), "reference_mean": b.mean(), "difference": a.mean() - b.mean(), "hodges_lehmann": np.median(between),
                "probability_better": float((np.sign(sign * between) + 1).mean() / 2)}
    if n < 2 or not (np.ptp(a) or np.ptp(b)):
        return row
    test, alpha = stats.ttest_ind(a, b, equal_var=False), rule.method.alpha
    (low, high), (first, last) = (test.confidence_interval(level) for level in (1 - alpha, 1 - alpha / k))
    spread = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    return row | {"low": low, "high": high, "welch_low": low, "welch_high": high, "simultaneous_low": first, "simultaneous_high": last,
                  "p": test.pvalue, "p_tost": ttost_ind(a, b, -rule.margin, rule.margin, usevar="unequal")[0],
                  "effect_size": row["difference"] / spread}


def _judge(row: Any, a: Values, b: Values, k: int, rule: Rule) -> tuple[str, str, int | None]:
    """Verdict, reason, and the runs in each arm that would decide an open one."""
    if row.n < 2:
        return Verdict.NONE.value, (f"{len(a)} of {row.arm!r} and {len(b)} of {row.reference!r}: a verdict needs at least 2 runs of both, "
                                    "for one number says nothing of how far another run would lie from it"), None
    if pd.isna(row.p):
        equal = f"all runs of {row.arm!r} are equal, and so are those of {row.reference!r}"
        return Verdict.INCONCLUSIVE.value, f"{equal}: they show no spread", None
    alpha, said = rule.method.alpha, _said(row, a, b, rule)
    doubt = _objection(a, b, rule)
    if row.p_tost_adjusted < alpha and not doubt:
        shown = f"{format_effect(row.difference, row.low, row.high, rule.unit)}, shown to be within {format_margin(rule.margin, rule.unit)}"
        return Verdict.EQUIVALENT.value, f"{shown}, adjusted equivalence {format_p(row.p_tost_adjusted, alpha)}", None
    if row.p_adjusted < alpha:
        return (Verdict.HELPS if (row.difference > 0) == rule.higher_is_better else Verdict.HURTS).value, said, None
    if row.p_tost_adjusted < alpha:
        return Verdict.INCONCLUSIVE.value, f"{said}: no difference is shown, and neither is its absence: {doubt}", None
    needed = _runs_needed(row, a, b, k, rule)
    runs = "more than a million runs" if needed is None else f"about {needed} runs"
    return Verdict.INCONCLUSIVE.value, (f"{said}: neither a difference nor its absence is shown for a margin of "
                                  f"{format_margin(rule.margin, rule.unit)}; {runs} of both would decide"), needed


def _said(row: Any, a: Values, b: Values, rule: Rule) -> str:
    effect = format_effect(row.difference, row.low, row.high, rule.unit)
    return f"{effect}, {len(a)} runs against {len(b)}, adjusted {format_p(row.p_adjusted, rule.method.alpha)}"


def _objection(a: Values, b: Values, rule: Rule) -> str:
    """Why these runs cannot show equivalence, however small the p-value; empty where they can."""
    if min(len(a), len(b)) < LEAST_SEEDS:
        return f"equivalence takes at least {LEAST_SEEDS} runs of both"
    if in_two_groups(a, rule.margin) or in_two_groups(b, rule.margin):
        return "the runs of an arm fall into two groups, so its mean describes no run"
    width = math.hypot(*(skewed_quantile(rule.method.alpha, len(x)) * x.std(ddof=1) / math.sqrt(len(x)) for x in (a, b)))
    if abs(a.mean() - b.mean()) + width >= rule.margin:
        return "the runs are too few to exclude that rare large differences, none of them seen, reach the margin"
    return ""


def _runs_needed(row: Any, a: Values, b: Values, k: int, rule: Rule) -> int | None:
    """Runs in each arm that would detect the margin, or what is left between the difference and 0 or the margin where it is larger."""
    spread = Spread(upper_sd(math.sqrt(a.var(ddof=1) + b.var(ddof=1)), row.n))
    needed, size = seeds_needed(rule.margin, spread, k, rule.method.alpha), abs(row.difference)
    if needed is not None and needed <= row.n:
        needed = seeds_needed(max(size, rule.margin - size), spread, k, rule.method.alpha)
    return needed if needed is None else max(needed, row.n + 1)


def to_published(ours: ArrayLike, mean: float, sd: float | None, n: int | None, alpha: float = METHOD.alpha) -> tuple[float, float]:
    """Interval of the mean of our runs minus a published mean: Welch's where its sd and n are known, else as if it were exact.

    Args:
        ours: scores of two runs or more.
        mean, sd, n: as published; sd over its n runs.
        alpha: 1 minus the interval's level.

    >>> [round(limit, 2) for limit in to_published([0.5, 0.6, 0.7], 0.6, 0.1, 3)]
    [-0.23, 0.23]
    """
    ours = checked(ours, 2)
    error, df = float(ours.var(ddof=1)) / len(ours), len(ours) - 1.0
    if sd and n and n > 1:
        theirs = sd**2 / n
        df = satterthwaite(error + theirs, ((error, len(ours) - 1), (theirs, n - 1)))
        error += theirs
    half = float(stats.t.ppf(1 - alpha / 2, df)) * math.sqrt(error)
    middle = float(ours.mean()) - mean
    return middle - half, middle + half
