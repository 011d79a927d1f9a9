"""What the seeds say about each arm: helps, hurts, no meaningful effect, inconclusive, or no verdict."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dlbench.stats.crossed import THIS_TEST_SET
from dlbench.stats.equivalence import LEAST_SEEDS, objection, skewed_width
from dlbench.stats.family import max_t_signflip
from dlbench.stats.method import Correction, Rule
from dlbench.stats.paired import LARGEST, correlation, differences, effect_size, hodges_lehmann, probability_better, welch_interval
from dlbench.stats.power import Spread, examples_needed, fewest, seeds_needed, upper_sd
from dlbench.stats.wording import Finding, reason
from dlbench.values.verdict import Verdict

COLUMNS = {
    "arm": "object", "reference": "object", "n": "Int64", "planned": "Int64", "mean": "Float64",
    "reference_mean": "Float64", "difference": "Float64", "low": "Float64", "high": "Float64", "p": "Float64",
    "p_adjusted": "Float64", "p_signflip": "Float64", "simultaneous_low": "Float64", "simultaneous_high": "Float64",
    "p_tost": "Float64", "p_tost_adjusted": "Float64", "effect_size": "Float64", "hodges_lehmann": "Float64",
    "probability_better": "Float64", "correlation": "Float64", "welch_low": "Float64", "welch_high": "Float64",
    "verdict": "object", "reason": "object", "seeds_needed": "Int64", "examples_needed": "Int64", "example_error": "Float64",
}
"""The columns of a table of verdicts and their types.

- n: seeds that completed in both arms; planned: how many were to; mean and reference_mean: over those n.
- difference: mean of arm - reference; low and high: its 1 - alpha t interval, p and p_adjusted (Holm) its test.
- p_signflip: max-T, exact up to 16 seeds, else over 10,000 patterns of a fixed seed.
- simultaneous_low and simultaneous_high: Bonferroni's interval.
- p_tost and p_tost_adjusted: of equivalence, Holm in a family of its own.
- effect_size: d_z; probability_better: in the good direction; correlation: of the scores of both arms over the seeds.
- welch_low and welch_high: the interval without pairs.
- seeds_needed: in all, not on top, with a power of 80 %; of inconclusive arms only.
- examples_needed: test examples that are missing at least, where seeds would not help.
- example_error: standard error over test examples; NA where the claim is not about new data.

A number that does not exist is NA (nullable Float64 and Int64), never NaN: everything but n and planned for n = 0; intervals, p-values and
spreads for n = 1; correlation below 3 seeds or for constant scores; effect_size where all differences are equal and not 0; seeds_needed
beyond a million, and where seeds do not help.
"""


def compare(scores: pd.DataFrame, references: Mapping[str, str], rule: Rule) -> pd.DataFrame:
    """Judge every arm against its reference, all arms as one family.

    By the default method: helps / hurts: Holm-adjusted paired-t p < alpha. no meaningful effect: Holm-adjusted TOST p < alpha (first:
    an effect that is significant and shown to be inside the margin has no meaningful effect), where
    :func:`dlbench.stats.equivalence.objection` has none. inconclusive: neither. no verdict: fewer than two seeds completed in both
    arms. Each of the two errors, false helps/hurts and false equivalence, is held at alpha over the family, not their union. The
    sign-flip p and the simultaneous intervals stand beside the verdict and decide nothing, unless all differences of an arm are equal
    and not 0: its p is then ``2 / 2**n``.

    Args:
        scores: columns arm, seed, score; one row per completed run. A failed run is absent. Other arms are ignored. An optional
            column examples holds the test examples that a score is the share of right answers to.
        references: arm -> the arm that it is compared with. Gives the order of the rows and the family, which counts
            an arm without runs too (as a test with p = 1).
        rule: margin, direction, level, planned seeds, unit, and whether the claim is about new data.

    Returns:
        One row per arm with `COLUMNS`, in the order of ``references``.

    Raises:
        ValueError: a column is missing, a score is NaN, infinite or beyond 1e100 (names arm and seed), a run occurs
            twice, or an arm is its own reference.

    >>> runs = [("baseline", s, 0.90 + 0.001 * s) for s in range(8)] + [
    ...     ("dropout", s, 0.91 + 0.001 * s + 0.0005 * (-1) ** s) for s in range(8)]
    >>> table = compare(pd.DataFrame(runs, columns=["arm", "seed", "score"]), {"dropout": "baseline"},
    ...                 Rule(margin=0.005, unit="accuracy"))
    >>> table.loc[0, ["verdict", "reason"]].tolist()
    ['helps', '+1.00 points [0.96, 1.04], 8 of 8 seeds better, adjusted p < 0.001']

    Sources: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6, 1979,
    https://www.jstor.org/stable/4615733; D. J. Schuirmann, "A comparison of the two one-sided tests procedure and
    the power approach", J. Pharmacokinet. Biopharm. 15, 1987, https://doi.org/10.1007/BF01068419
    """
    table = estimates(scores, references, rule, len(references))
    table["p_adjusted"] = adjusted(table["p"], rule.method.correction)
    table["p_tost_adjusted"] = adjusted(table["p_tost"], rule.method.correction)
    return conclude(table, rule, len(references))


def estimates(scores: pd.DataFrame, references: Mapping[str, str], rule: Rule, k: int) -> pd.DataFrame:
    """Everything of `compare` that needs no adjusted p-value; ``k`` arms share the simultaneous intervals.

    Returns:
        One row per arm with `COLUMNS` (p_adjusted, p_tost_adjusted, verdict, reason and what is needed still empty), and d
        (differences by seed, NaN where there is no pair), sd (of d), part (of the test examples) and examples (behind a score; NaN where
        that is not known).

    >>> runs = pd.DataFrame([("a", 0, 0.5), ("a", 1, 0.7), ("b", 0, 0.4), ("b", 1, 0.4)], columns=["arm", "seed", "score"])
    >>> estimates(runs, {"a": "b"}, Rule(0.1), k=1)["d"][0].round(2).tolist()
    [0.1, 0.3]
    """
    wide = _by_seed(scores)
    for arm, reference in references.items():
        if arm == reference:
            raise ValueError(f"arm {arm!r} is its own reference")
    planned = len(wide) if rule.planned is None else rule.planned
    rows = [_estimate(wide, arm, reference, k, rule) for arm, reference in references.items()]
    table = pd.DataFrame(rows, columns=[*COLUMNS, "d", "sd", "part"]).assign(planned=planned, examples=_examples(scores, references))
    table["p_signflip"] = _sign_flips(table, wide)
    return table


def conclude(table: pd.DataFrame, rule: Rule, k: int) -> pd.DataFrame:
    """Add verdict, reason and seeds needed, of ``k`` arms in the family, to `estimates` with both adjusted p-values filled in.

    Optional columns: next_look holds the seeds that an undecided arm goes on to, skew_level the level at which skew must be excluded.
    What is returned has `COLUMNS` alone, in their types.

    >>> runs = pd.DataFrame([("a", 0, 0.5), ("a", 1, 0.7), ("b", 0, 0.4), ("b", 1, 0.4)], columns=["arm", "seed", "score"])
    >>> table = estimates(runs, {"a": "b"}, Rule(0.1), k=1).assign(p_adjusted=0.01, p_tost_adjusted=1.0)
    >>> conclude(table, Rule(0.1), k=1)["verdict"][0]
    'helps'
    """
    findings = [_judge(row, k, rule) for row in table.itertuples()]
    table = table.assign(verdict=[finding.verdict.value for finding in findings], reason=[reason(finding, rule) for finding in findings],
                         seeds_needed=[finding.seeds_needed for finding in findings],
                         examples_needed=[finding.examples_needed for finding in findings])
    return table[list(COLUMNS)].astype(COLUMNS)


def _by_seed(scores: pd.DataFrame) -> pd.DataFrame:
    """Check the scores and lay them out as seeds x arms, NaN where a run did not complete."""
    missing = [name for name in ("arm", "seed", "score") if name not in scores.columns]
    if missing:
        raise ValueError(f"scores lack the columns {missing}; they have {list(scores.columns)}")
    values = pd.to_numeric(scores["score"]).to_numpy(float, na_value=np.nan)
    bad = np.flatnonzero(~(np.abs(values) <= LARGEST))
    if bad.size:
        run = scores.iloc[bad[0]]
        raise ValueError(f"arm {run['arm']!r}, seed {run['seed']}: score {values[bad[0]]} is not a finite number"
                         f" of at most {LARGEST:g}; leave a failed run out")
    twice = scores.duplicated(["arm", "seed"])
    if twice.any():
        run = scores[twice].iloc[0]
        raise ValueError(f"arm {run['arm']!r}, seed {run['seed']}: two scores for one run")
    return scores.assign(score=values).pivot(index="seed", columns="arm", values="score")


def _examples(scores: pd.DataFrame, references: Mapping[str, str]) -> list[float]:
    """Test examples behind the scores of each arm and its reference, the fewer of the two; NaN where they are not known."""
    known = scores.groupby("arm")["examples"].min() if "examples" in scores else pd.Series(dtype=float)
    return known.reindex([*references, *references.values()]).to_numpy(float).reshape(2, -1).min(axis=0).tolist()


def _estimate(wide: pd.DataFrame, arm: str, reference: str, k: int, rule: Rule) -> dict[str, Any]:
    """Estimates of one arm that need no other arm; what does not exist is absent."""
    a, b = (wide[name].to_numpy() if name in wide else np.full(len(wide), np.nan) for name in (arm, reference))
    both = ~(np.isnan(a) | np.isnan(b))
    d, part = np.full(len(wide), np.nan), rule.parts.get(arm, THIS_TEST_SET)
    row: dict[str, Any] = {"arm": arm, "reference": reference, "n": int(both.sum()), "d": d, "part": part}
    if not both.any():
        return row
    a, b = a[both], b[both]
    d[both] = differences(a, b)
    d = d[both]
    row |= {"mean": a.mean(), "reference_mean": b.mean(), "difference": d.mean(), "hodges_lehmann": hodges_lehmann(d),
            "probability_better": probability_better(d, rule.higher_is_better)}
    if d.size < 2:
        return row
    test, alpha = rule.method.test, rule.method.alpha
    simultaneous, welch = rule.method.simultaneous_interval(d, k, part), welch_interval(a, b, alpha)
    return row | test.estimate(d, alpha, part)._asdict() | {
        "simultaneous_low": simultaneous[0], "simultaneous_high": simultaneous[1], "welch_low": welch[0],
        "welch_high": welch[1], "p_tost": test.equivalence(d, rule.margin, part), "effect_size": effect_size(d),
        "correlation": correlation(a, b), "example_error": math.sqrt(part.variance) if part.examples else None}


def adjusted(p: pd.Series, correction: Correction) -> list[float | None]:
    """Adjust over the whole family; an arm without a test counts as p = 1 and keeps no p of its own."""
    values = p.astype(float)
    return [value if known else None for value, known in zip(correction.adjust(values.fillna(1.0)), values.notna(), strict=True)]


def _sign_flips(table: pd.DataFrame, wide: pd.DataFrame) -> list[float | None]:
    """Max-T sign-flip p of the arms with two pairs or more; the others are left out of the family."""
    tested = (table["n"] >= 2).to_numpy(bool)
    d = np.array(list(table["d"][tested]), float).reshape(int(tested.sum()), len(wide))
    p = iter(max_t_signflip(d).tolist())
    return [next(p) if test else None for test in tested]


def _judge(row: Any, k: int, rule: Rule) -> Finding:
    """Verdict, seeds needed and counts of seeds of one row of the table."""
    pairs = row.d[~np.isnan(row.d)]
    d = pairs * (1 if rule.higher_is_better else -1)
    finding = Finding(*(getattr(row, name) for name in Finding._fields[:9]), better=int((d > 0).sum()), worse=int((d < 0).sum()))
    alpha = rule.method.alpha
    if row.n < 2:
        return finding
    doubt = objection(pairs, rule, None if math.isnan(row.examples) else int(row.examples), row.part, getattr(row, "skew_level", None))
    if row.p_tost_adjusted < alpha and not doubt:
        return finding._replace(verdict=Verdict.EQUIVALENT)
    if row.p_adjusted < alpha:
        return finding._replace(verdict=Verdict.HELPS if (row.difference > 0) == rule.higher_is_better else Verdict.HURTS)
    following, doubt = getattr(row, "next_look", None), doubt if row.p_tost_adjusted < alpha or not pairs.any() else ""
    needed = _seeds_for_equivalence(row, rule) if doubt else _seeds_to_decide(row, k, rule)
    needed = needed and math.ceil(needed / (rule.folds or 1)) * (rule.folds or 1)
    lacking = row.part.variance and needed is None and not doubt
    missing = examples_needed(_distance(row, rule, None), Spread(row.sd, row.part), k, alpha) if lacking else None
    return finding._replace(verdict=Verdict.INCONCLUSIVE, goes_on=following is not None, seeds_needed=following or needed,
                            examples_needed=None if following else missing, objection=doubt)


def _seeds_for_equivalence(row: Any, rule: Rule) -> int | None:
    """Seeds in all that would show equivalence where the p-value does and something else objects; None where it is not seeds."""
    if row.n < LEAST_SEEDS:
        return LEAST_SEEDS if row.sd or row.difference else None
    size, alpha = abs(row.difference), rule.method.alpha
    if row.sd == 0 or size + skewed_width(alpha, 0.0, row.n, row.part) >= rule.margin:
        return None
    needed = fewest(lambda n: size + skewed_width(alpha, row.sd / math.sqrt(n), n, row.part) < rule.margin)
    return needed if needed is not None and needed > row.n else None


def _distance(row: Any, rule: Rule, needed: int | None) -> float:
    """What has to be resolved: the margin or, where n seeds resolve that already, the larger of the distances to 0 and to the margin."""
    size = abs(row.difference)
    return rule.margin if needed is None or needed > row.n else max(size, rule.margin - size)


def _seeds_to_decide(row: Any, k: int, rule: Rule) -> int | None:
    """Seeds in all that would decide an arm that its pairs left inconclusive; None where seeds do not help.

    Those that detect the margin at alpha / k. Where n is already as many, the effect lies between 0 and the margin
    and the larger of its two distances to them is what has to be resolved. Constant differences: the n at which
    the smallest sign-flip p passes.
    """
    alpha, n = rule.method.alpha, row.n
    if row.sd == 0 and not row.part.variance:
        return max(n + 1, math.floor(math.log2(2 * k / alpha)) + 1)
    spread = Spread(upper_sd(row.sd, n), row.part)
    needed = seeds_needed(rule.margin, spread, k, alpha)
    if needed is not None and needed <= n:
        needed = seeds_needed(_distance(row, rule, needed), spread, k, alpha)
    return needed if needed is None else max(needed, n + 1)
