"""What the scores of others mean: their direction and unit, the margin, the arm that is compared with, and published values."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from dlbench.app.cells import BASELINES, BETTER_HIGH, BETTER_LOW, full_name
from dlbench.app.columns import Taken
from dlbench.app.question import PublishedKeys, Question
from dlbench.study.validation import check
from dlbench.values.errors import InputError, unknown
from dlbench.values.metric import Metric
from dlbench.values.text import listed, one_line

MOST_NAME = 60
"""Characters of an arm's name that a message shows."""
SHARES = r"acc|f1|precision|recall|auc|auprc|top.?\d|exact|iou|dice|map\b"


def higher_is_better(where: str, asked: Question, score: str, said: list[str]) -> bool:
    """Return whether more of a score is better: as stated, or by its name.

    Raises:
        InputError: neither tells.
    """
    higher = asked.higher_is_better
    if higher is None:
        ways = [better for pattern, better in ((BETTER_LOW, False), (BETTER_HIGH, True)) if re.search(pattern, score, re.IGNORECASE)]
        if len(ways) != 1 and score.lower() != "score":
            raise InputError(f"{where}: whether more of '{score}' is better or worse cannot be told by its name; accepted: --higher or "
                             "--lower")
        higher = ways[0] if len(ways) == 1 else True
        better, other = ("higher", "lower") if higher else ("lower", "higher")
        said.append(f"{better} is better, by the name of '{score}' (--{other} says otherwise)")
    return higher


def metric_of(score: str, higher: bool, found: Taken, said: list[str]) -> tuple[Metric, float]:
    """Return what the scores mean, and by what they are divided."""
    least, most = float(found.table["score"].min()), float(found.table["score"].max())
    share = bool(re.search(SHARES, score, re.IGNORECASE))
    scale = 100.0 if share and not found.said["percent"][0] and least >= 0 and 1.5 < most <= 100 else 1.0
    if scale > 1:
        said.append(f"'{score}' lies between {least:g} and {most:g}: taken as percent and divided by 100; so is the margin")
    fraction = found.said["percent"][0] or (share and least >= 0 and most / scale <= 1)
    limits = (0.0, 1.0) if fraction else (-math.inf, math.inf)
    unit = "fraction" if fraction else "s" if re.search(r"seconds|_s$|latency_s|time_s", score) else ""
    return Metric(score, unit, higher, *limits, "test"), scale


def baseline_of(where: str, asked: Question, runs: pd.DataFrame, found: Taken, said: list[str]) -> str:
    """Return the arm that the others are compared with: as stated, or by its name.

    Raises:
        InputError: there is no second arm, or which one is meant cannot be told.
    """
    arms = list(dict.fromkeys(runs["arm"]))
    if len(arms) < 2:
        raise InputError(f"{where}: there is one arm only, '{arms[0] if arms else ''}'; accepted: results of two or more")
    if asked.baseline is None and found.references:
        said.append("each arm is compared with the one that column 'reference' names")
        return next(iter(set(found.references.values()) - set(found.references)), arms[0])
    if asked.baseline is None:
        called = [arm for arm in arms if arm.lower() in BASELINES]
        if len(called) == 1:
            said.append(f"baseline: '{called[0]}', the arm that is called so")
            return called[0]
        raise InputError(f"{where}: which arm the others are compared with is not stated; accepted: --baseline with one of "
                         f"{listed([repr(one_line(arm, MOST_NAME)) for arm in arms], most=12)}")
    equal = [asked.baseline] if asked.baseline in arms else [arm for arm in arms if _same(arm, asked.baseline)]
    if len(equal) == 1:
        said.append(f"baseline: '{equal[0]}'")
        return equal[0]
    wanted = {key.strip(): value for key, equals, value in (part.partition("=") for part in asked.baseline.split(",")) if equals}
    fitting = [arm for arm in arms if wanted and _has(found.settings.get(arm, {}), wanted)]
    if len(fitting) != 1:
        if fitting:
            names = listed([repr(one_line(arm, MOST_NAME)) for arm in fitting], most=6)
            raise InputError(f"{where}: --baseline {asked.baseline} fits {len(fitting)} arms: {names}; accepted: what fits one")
        raise InputError(f"{where}: --baseline: {unknown('arm', asked.baseline, arms)}")
    said.append(f"baseline: '{fitting[0]}'")
    return fitting[0]


def _has(settings: dict[str, str], wanted: dict[str, str]) -> bool:
    return all(_same(settings.get(full_name(key, settings)), value) for key, value in wanted.items())


def _same(one: str | None, other: str) -> bool:
    if one is None or one == other.strip():
        return one is not None
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def demand_spread(where: str, runs: pd.DataFrame, baseline: str) -> None:
    """Refuse results without spread.

    Raises:
        InputError: every arm has one run, or the baseline has.
    """
    counts = runs["arm"].value_counts()
    if counts.max() < 2:
        raise InputError(f"{where}: every arm has one run, and one number says nothing of how far another run would lie from it; accepted: "
                         "at least 2 runs an arm, better 5 or more")
    if counts[baseline] < 2:
        raise InputError(f"{where}: the baseline '{baseline}' has one run; accepted: at least 2, better 5 or more")


def margin_of(where: str, asked: Question, metric: Metric, scale: float) -> float:
    """Return the margin in the stored unit of the scores.

    Raises:
        InputError: it is no number, or no sensible one for these scores.
    """
    text = "" if asked.margin is None else str(asked.margin).strip()
    points = text.endswith("pp")
    try:
        value = float(text.removesuffix("pp")) / (100 if points else scale)
    except ValueError:
        raise InputError(f"{where}: margin = '{text}': the smallest difference that matters is yours to say; accepted: --margin with a "
                         "number in the unit of the score, or of points, such as 0.5pp") from None
    if points and metric.unit != "fraction":
        raise InputError(f"{where}: --margin {text}: '{metric.name}' is no share; accepted: a number in the unit of the score")
    metric.demand_margin(f"{where}: ", value)
    return value


def published_of(asked: Question, runs: pd.DataFrame, metric: Metric, scale: float) -> list[dict[str, Any]]:
    """Return the published values in the metric's stored unit, each beside an arm.

    Raises:
        InputError: a key or value cannot be used, or there is no such arm.
    """
    arms = list(dict.fromkeys(runs["arm"]))
    found: list[dict[str, Any]] = []
    for place, one in enumerate(asked.published):
        where = f"published[{place}]"
        given: PublishedKeys = check(PublishedKeys, dict(one), where)
        arm = given.arm or (given.name if given.name in arms else None)
        if arm not in arms:
            raise InputError(f"{where}: arm: {unknown('arm', str(arm), arms)}")
        by = scale if scale > 1 else 100.0 if metric.unit == "fraction" and given.mean > 1.5 else 1.0
        found.append({"name": given.name, "arm": arm, "mean": given.mean / by, "sd": given.sd / by if given.sd else None,
                      "n": given.n, "source": given.source})
    return found
