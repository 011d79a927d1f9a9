"""Verdicts on arms whose runs are not pairs: Welch's t-test, with the same family-wise control, equivalence and words as paired ones.

That two runs have one seed makes them a pair only where the seed draws the same numbers in both programs; who cannot say so compares
means. Arms may have different numbers of runs.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from dlbench.stats.crossed import THIS_TEST_SET, ExamplePart, half_width, quantile, tail
from dlbench.stats.equivalence import LEAST_SEEDS, in_two_groups, skewed_quantile
from dlbench.stats.method import METHOD, Rule
from dlbench.stats.paired import checked
from dlbench.stats.power import Spread, seeds_needed, upper_sd
from dlbench.stats.verdict import COLUMNS, adjusted
from dlbench.stats.wording import format_effect, format_margin, format_p
from dlbench.values.verdict import Verdict

Values = NDArray[np.float64]
MOST_PAIRS = 1_000_000
"""Up to so many differences are formed at once."""


class Groups(NamedTuple):
    """Scores of an arm's runs and of its reference's, and what the test examples contribute to the difference of their means."""

    ours: Values
    theirs: Values
    part: ExamplePart


def compare_unpaired(scores: pd.DataFrame, references: Mapping[str, str], rule: Rule) -> pd.DataFrame:
    """Judge every arm against its reference by the difference of their means, all arms as one family.

    helps / hurts: Holm-adjusted p of Welch's t-test below alpha. no meaningful effect: Holm-adjusted p of Welch's two one-sided tests below
    alpha, with five runs or more in both arms, none of which fall into two groups, and a limit that holds for skewed scores too.

    Args:
        scores: columns arm, seed, score; one row a run. Other arms are ignored.
        references: arm -> the arm that it is compared with; the family.
        rule: margin, direction, level, unit, and what the test examples contribute where the claim is about new data.

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
    groups = {arm: Groups(by_arm.get(arm, nothing), by_arm.get(reference, nothing), rule.parts.get(arm, THIS_TEST_SET))
              for arm, reference in references.items()}
    rows = [{"arm": arm, "reference": reference, **_estimate(groups[arm], len(references), rule)} for arm, reference in references.items()]
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    table["p_adjusted"] = adjusted(table["p"], rule.method.correction)
    table["p_tost_adjusted"] = adjusted(table["p_tost"], rule.method.correction)
    judged = [_judge(row, groups[str(row.arm)], len(references), rule) for row in table.itertuples()]
    for name, values in zip(("verdict", "reason", "seeds_needed"), zip(*judged) if judged else ((), (), ())):
        table[name] = pd.Series(values, table.index, dtype=object)
    return table.astype(COLUMNS)


def _estimate(groups: Groups, k: int, rule: Rule) -> dict[str, Any]:
    a, b, part = groups
    n = min(len(a), len(b))
    row: dict[str, Any] = {"n": n, "planned": n}
    if n:
        row |= {"mean": a.mean(), "reference_mean": b.mean(), "difference": a.mean() - b.mean(), "hodges_lehmann": middle_difference(a, b),
                "probability_better": _probability_better(a, b) if rule.higher_is_better else _probability_better(b, a)}
    if n < 2 or not (np.ptp(a) or np.ptp(b)):
        return row
    test, alpha = stats.ttest_ind(a, b, equal_var=False), rule.method.alpha
    spread = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    row |= {"p": test.pvalue, "p_tost": ttost_ind(a, b, -rule.margin, rule.margin, usevar="unequal")[0],
            "effect_size": row["difference"] / spread, "example_error": math.sqrt(part.variance) if part.examples else None}
    if part.variance:
        row |= _on_new_data(groups, row["difference"], rule.margin)
    limits = {"": alpha, "simultaneous_": alpha / k}
    for name, level in limits.items():
        half = _half_width(level, groups)
        row |= {f"{name}low": row["difference"] - half, f"{name}high": row["difference"] + half}
    return row | {"welch_low": row["low"], "welch_high": row["high"]}


def _error(a: Values, b: Values) -> tuple[float, float]:
    """Standard error of the difference of two means, and Welch's degrees of freedom."""
    return _welch((float(a.var(ddof=1)) / len(a), len(a)), (float(b.var(ddof=1)) / len(b), len(b)))


def _welch(*means: tuple[float, int]) -> tuple[float, float]:
    """Standard error of the difference of means, each with its variance and number of runs, and Welch's degrees of freedom."""
    total = sum(variance for variance, _ in means)
    return math.sqrt(total), total**2 / sum(variance**2 / (n - 1) for variance, n in means)


def _half_width(level: float, groups: Groups) -> float:
    error, df = _error(groups.ours, groups.theirs)
    return half_width(level / 2, error, df + 1, groups.part)


def _on_new_data(groups: Groups, difference: float, margin: float) -> dict[str, float]:
    """P-values over runs and test examples, as :func:`dlbench.stats.crossed.crossed_t` has them, at Welch's degrees of freedom."""
    part, (error, df) = groups.part, _error(groups.ours, groups.theirs)
    of_examples, distance = math.sqrt(part.variance), margin - abs(difference)
    p, beyond = (float(tail(abs(far), error, df + 1, of_examples, part.examples)) for far in (difference, distance))
    return {"p": min(1.0, 2 * p), "p_tost": beyond if distance > 0 else 1 - beyond}


def middle_difference(a: Values, b: Values) -> float:
    """Return the median of all differences between a value of ``a`` and one of ``b`` (Hodges and Lehmann), in little memory.

    >>> middle_difference(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0]))
    1.5

    Source: J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Ann. Math. Stat. 34, 1963,
    https://doi.org/10.1214/aoms/1177704172
    """
    if len(a) * len(b) <= MOST_PAIRS:
        return float(np.median(a[:, None] - b))
    ordered, places = np.sort(b), ((len(a) * len(b) - 1) // 2, len(a) * len(b) // 2)
    return float(np.mean([_difference_at(place, a, ordered) for place in places]))


def _difference_at(place: int, a: Values, ordered: Values) -> float:
    """The difference at a place of all sorted differences, by halving what holds it until two floats are left."""
    low, high = float(a.min() - ordered[-1]), float(a.max() - ordered[0])
    while low < (middle := low + (high - low) / 2) < high:
        below = len(a) * len(ordered) - int(np.searchsorted(ordered, a - middle, side="left").sum())  # differences <= middle
        low, high = (low, middle) if below > place else (middle, high)
    return high


def _probability_better(a: Values, b: Values) -> float:
    """Probability that a value of a is above one of b, ties as halves."""
    ordered = np.sort(b)
    return float((np.searchsorted(ordered, a, "left") + np.searchsorted(ordered, a, "right")).sum() / (2 * len(a) * len(b)))


def _judge(row: Any, groups: Groups, k: int, rule: Rule) -> tuple[str, str, int | None]:
    """Verdict, reason, and the runs in each arm that would decide an open one."""
    a, b, part = groups
    if row.n < 2:
        return Verdict.NONE.value, (f"{len(a)} of {row.arm!r} and {len(b)} of {row.reference!r}: a verdict needs at least 2 runs of both, "
                                    "for one number says nothing of how far another run would lie from it"), None
    if pd.isna(row.p):
        equal = f"all runs of {row.arm!r} are equal, and so are those of {row.reference!r}"
        return Verdict.INCONCLUSIVE.value, f"{equal}: they show no spread", None
    alpha, said = rule.method.alpha, _said(row, a, b, rule)
    doubt = _objection(groups, rule)
    if row.p_tost_adjusted < alpha and not doubt:
        shown = f"{format_effect(row.difference, row.low, row.high, rule.unit)}, shown to be within {format_margin(rule.margin, rule.unit)}"
        return Verdict.EQUIVALENT.value, f"{shown}, adjusted equivalence {format_p(row.p_tost_adjusted, alpha)}", None
    if row.p_adjusted < alpha:
        return (Verdict.HELPS if (row.difference > 0) == rule.higher_is_better else Verdict.HURTS).value, said, None
    if row.p_tost_adjusted < alpha:
        return Verdict.INCONCLUSIVE.value, f"{said}: no difference is shown, and neither is its absence: {doubt}", None
    needed = _runs_needed(row, groups, k, rule)
    runs = (f"about {needed} runs of both would decide" if needed else "no number of runs decides on these test examples alone"
            if part.variance else "more than a million runs of both would decide")
    return Verdict.INCONCLUSIVE.value, (f"{said}: neither a difference nor its absence is shown for a margin of "
                                        f"{format_margin(rule.margin, rule.unit)}; {runs}"), needed


def _said(row: Any, a: Values, b: Values, rule: Rule) -> str:
    effect = format_effect(row.difference, row.low, row.high, rule.unit)
    return f"{effect}, {len(a)} runs against {len(b)}, adjusted {format_p(row.p_adjusted, rule.method.alpha)}"


def _objection(groups: Groups, rule: Rule) -> str:
    """Why these runs cannot show equivalence, however small the p-value; empty where they can."""
    a, b, part = groups
    if min(len(a), len(b)) < LEAST_SEEDS:
        return f"equivalence takes at least {LEAST_SEEDS} runs of both"
    if in_two_groups(a, rule.margin) or in_two_groups(b, rule.margin):
        return "the runs of an arm fall into two groups, so its mean describes no run"
    of_examples = quantile(rule.method.alpha, part.examples - 1) * math.sqrt(part.variance) if part.variance else 0.0
    width = math.hypot(of_examples, *(skewed_quantile(rule.method.alpha, len(x)) * x.std(ddof=1) / math.sqrt(len(x)) for x in (a, b)))
    if abs(a.mean() - b.mean()) + width >= rule.margin:
        return "the runs are too few to exclude that rare large differences, none of them seen, reach the margin"
    return ""


def _runs_needed(row: Any, groups: Groups, k: int, rule: Rule) -> int | None:
    """Runs in each arm that would detect the margin, or what is left between the difference and 0 or the margin where it is larger."""
    a, b, part = groups
    spread = Spread(upper_sd(math.sqrt(a.var(ddof=1) + b.var(ddof=1)), row.n), part)
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
    means = [(float(ours.var(ddof=1)) / len(ours), len(ours))]
    if sd and n and n > 1:
        means.append((sd**2 / n, n))
    error, df = _welch(*means) if any(variance for variance, _ in means) else (0.0, 1.0)
    half = float(stats.t.ppf(1 - alpha / 2, df)) * error
    middle = float(ours.mean()) - mean
    return middle - half, middle + half
