"""The reason of a verdict in one plain sentence.

Effects and margins are in the unit of the metric; accuracies and other fractions are written in percentage points.
"""

import math
from typing import NamedTuple

from dlbench.stats.equivalence import LEAST_SEEDS, unseen_rate
from dlbench.stats.method import METHOD, Rule
from dlbench.values.verdict import Verdict

PERCENTAGE_UNITS = frozenset({"accuracy", "fraction"})
MOST_DECIMALS = 12


class Finding(NamedTuple):
    """What a study found of one arm; differences in the units of the metric.

    Attributes:
        arm, reference: what was compared.
        n, planned: seeds that completed in both arms, and those that were planned.
        difference, low, high: mean of arm - reference, with its interval.
        p_adjusted, p_tost_adjusted: of a difference, and of equivalence.
        better, worse: seeds on which the arm was better, and worse, than its reference.
        verdict: the conclusion.
        seeds_needed: seeds that would decide an inconclusive arm; None: more than a million.
        examples_needed: test examples that an inconclusive arm lacks at least, where seeds would not decide it.
        goes_on: whether the arm goes on to that many seeds, at the next interim analysis.
        objection: why a small equivalence p does not count, from :func:`dlbench.stats.equivalence.objection`; empty where it does.
    """

    arm: str
    reference: str
    n: int
    planned: int
    difference: float = 0.0
    low: float = 0.0
    high: float = 0.0
    p_adjusted: float = 1.0
    p_tost_adjusted: float = 1.0
    better: int = 0
    worse: int = 0
    verdict: Verdict = Verdict.NONE
    seeds_needed: int | None = None
    goes_on: bool = False
    examples_needed: int | None = None
    objection: str = ""


def format_effect(difference: float, low: float, high: float, unit: str = "") -> str:
    """Write a difference with its interval, as precisely as the interval allows.

    >>> format_effect(0.008, 0.003, 0.013, "accuracy")
    '+0.8 points [0.3, 1.3]'
    >>> format_effect(-0.0151, -0.0301, 0.0002, "s")
    '-0.015 s [-0.030, 0.000]'
    >>> format_effect(5.55e-17, -0.028, 0.028, "accuracy")
    '0.0 points [-2.8, 2.8]'
    """
    factor, name = _scale(unit)
    decimals = _decimals((high - low) * factor / 2, abs(difference) * factor)
    number, lower, upper = (_number(value * factor, decimals) for value in (difference, low, high))
    sign = "" if number.startswith("-") or not number.strip("0.") else "+"
    return f"{sign}{number}{name} [{lower}, {upper}]"


def format_margin(margin: float, unit: str = "") -> str:
    """Write a margin as a symmetric range.

    >>> format_margin(0.005, "accuracy")
    '±0.5 points'
    """
    factor, name = _scale(unit)
    return f"±{margin * factor:.6g}{name}"


def format_p(p: float, alpha: float = METHOD.alpha) -> str:
    """Write a p-value with so many digits that rounding never moves it across alpha.

    >>> format_p(0.00412), format_p(0.0000412), format_p(0.04997)
    ('p 0.004', 'p < 0.001', 'p 0.04997')
    """
    if p < 0.001:
        return "p < 0.001"
    for digits in range(3, 16):
        rounded = round(p, digits)
        if (rounded < alpha) == (p < alpha):
            return f"p {rounded:.2g}" if rounded >= 0.1 and digits == 3 else f"p {rounded:g}"
    return f"p {p!r}"


def reason(finding: Finding, rule: Rule) -> str:
    """Say in one sentence, without NaN, infinity or a final stop, why an arm has its verdict under a rule.

    >>> reason(Finding("dropout", "baseline", 8, 8, 0.008, 0.003, 0.013, 0.004, 1.0, better=8, verdict=Verdict.HELPS),
    ...        Rule(0.005, unit="accuracy"))
    '+0.8 points [0.3, 1.3], 8 of 8 seeds better, adjusted p 0.004'
    """
    if finding.verdict is Verdict.NONE:
        count = f"only {finding.n} of {finding.planned} planned seeds" if finding.planned else "no seed"
        return f"{count} completed in both {finding.arm!r} and {finding.reference!r}; a verdict needs at least 2"
    explain = {Verdict.EQUIVALENT: _equivalent, Verdict.INCONCLUSIVE: _inconclusive}.get(finding.verdict, _significant)
    sentence = explain(finding, rule)
    if finding.low == finding.high and finding.difference != 0:
        sentence += "; all differences are equal, so the sign-flip p decides"
    if finding.n < finding.planned:
        sentence += f"; only {finding.n} of {finding.planned} planned seeds completed in both arms"
    return sentence


def _difference(finding: Finding, rule: Rule) -> str:
    effect = format_effect(finding.difference, finding.low, finding.high, rule.unit)
    count, side = max((finding.better, "better"), (finding.worse, "worse"), key=lambda pair: pair[0])
    return f"{effect}, {count} of {finding.n} seeds {side}, adjusted {format_p(finding.p_adjusted, rule.method.alpha)}"


def _significant(finding: Finding, rule: Rule) -> str:
    inside = -rule.margin < finding.low and finding.high < rule.margin
    return _difference(finding, rule) + (
        f"; the interval lies within {format_margin(rule.margin, rule.unit)}, but equivalence is not shown"
        f" (adjusted equivalence {format_p(finding.p_tost_adjusted, rule.method.alpha)})" if inside else "")


def _equivalent(finding: Finding, rule: Rule) -> str:
    margin = format_margin(rule.margin, rule.unit)
    alpha, effect = rule.method.alpha, format_effect(finding.difference, finding.low, finding.high, rule.unit)
    shown = f"{effect}, shown to be within {margin}, adjusted equivalence {format_p(finding.p_tost_adjusted, alpha)}"
    if finding.p_adjusted < alpha:
        shown += f"; significant (adjusted {format_p(finding.p_adjusted, alpha)}) but wholly inside the margin"
    failing = f"{100 * unseen_rate(finding.n, alpha):.0f} %"
    return f"{shown}; {finding.n} seeds cannot exclude an arm that fails in up to {failing} of its runs"


def _inconclusive(finding: Finding, rule: Rule) -> str:
    if finding.goes_on:
        return f"{_difference(finding, rule)}: it goes on to {finding.seeds_needed} seeds"
    if finding.objection:
        more = f"; about {finding.seeds_needed} would" if finding.seeds_needed and finding.n >= LEAST_SEEDS else ""
        return f"{_difference(finding, rule)}: no difference is shown, and neither is its absence: {finding.objection}{more}"
    needed = "more than a million seeds" if finding.seeds_needed is None else f"about {finding.seeds_needed} seeds"
    if finding.examples_needed is not None:
        needed = f"not seeds but more than {finding.examples_needed:,} test examples"
    return (f"{_difference(finding, rule)}: neither a difference nor its absence is shown"
            f" for a margin of {format_margin(rule.margin, rule.unit)}; {needed} would decide")


def _scale(unit: str) -> tuple[float, str]:
    return (100.0, " points") if unit in PERCENTAGE_UNITS else (1.0, f" {unit}" if unit else "")


def _decimals(half_width: float, size: float) -> int:
    """Decimals that show one digit of the half width, two where it starts with 1 or 2; of the size if it is 0."""
    relevant = half_width if half_width > 1e-9 * size else size / 100
    if relevant <= 0:
        return 1
    exponent = max(math.floor(math.log10(relevant)), -300)
    return min(max(-exponent + (relevant / 10.0**exponent < 2.95), 0), MOST_DECIMALS)


def _number(value: float, decimals: int) -> str:
    if abs(value) >= 1e9 or (decimals == MOST_DECIMALS and 0 < abs(value) < 10.0**-MOST_DECIMALS):
        return f"{value:.3g}"
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text

