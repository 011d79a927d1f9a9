"""What a finished study suggests to keep: which of its changes are made together, to be confirmed on other seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis.analysis import Analysis
from dlbench.analysis.factors import Factors
from dlbench.stats.method import METHOD
from dlbench.values.arms import WITHOUT
from dlbench.values.controls import BROKEN
from dlbench.values.errors import InputError
from dlbench.values.text import listed, missing
from dlbench.values.verdict import Verdict

ALONE, LEFT_OUT = "one_at_a_time", "leave_one_out"
DEAR = 1.05
"""Of two alternatives that differ by less than the margin, the cheaper one is kept where the other takes this many times its time."""
WITH: dict[str, str] = {
    Verdict.HURTS: "it hurts", Verdict.EQUIVALENT: "it makes no meaningful difference", Verdict.INCONCLUSIVE: "open",
    Verdict.NONE: "it has no verdict"}
LEAVING_IT_OUT = WITH | {Verdict.HELPS: "the others do better without it"}
"""Verdict on an arm, or on the others without it -> why it is not kept."""
MOST = 16
"""Changes among which a best combination is sought: every combination of them is looked at."""


@dataclass(frozen=True)
class Part:
    """A change that is worth keeping: its gain in the metric's stored unit, and its training time, a ratio to its reference's.

    The time is that of a training step where it was measured, the multiply-accumulates where not, NaN where neither is known.
    ``fields`` are those of the recipe that it sets.
    """

    arm: str
    gain: float
    cost: float
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Choice:
    """The changes to keep, the one of the largest gain first; why each other was left out; the product of the costs."""

    parts: tuple[str, ...]
    left: dict[str, str]
    cost: float


class NothingHelps(InputError):
    """A study has nothing that is worth keeping."""


Gain = Callable[[Sequence[Part]], float]
"""Parts that are made together -> what they are predicted to gain."""


def choose(analysis: Analysis, most_cost: float | None = None) -> Choice:
    """Choose which changes of a finished study to make together.

    Arms that help are kept; of a study that leaves one out, what cannot be left out; of a factorial or fractional one, the setting
    for which the effects that are shown predict the best score. Of arms that set the same field only one is kept: the best, or the
    cheapest of those within a margin of it. What is chosen on some seeds looks better on them than it is, so it is to be judged on
    others.

    Args:
        analysis: of a complete study.
        most_cost: of training, as a ratio to the baseline's; the combination of the largest gain within it is taken.

    Raises:
        NothingHelps: nothing is shown to help, or nothing that helps is within the cost.
        InputError: a limit is asked for and the costs are not known, too many changes matter, or an arm of a factorial study is no
            controlled comparison.
    """
    left: dict[str, str] = {}
    if analysis.factors is not None:
        parts, gain = _predicted(analysis, analysis.factors, left)
    else:
        parts = _alternatives(_shown(analysis, left), analysis.margin, left)
        gain = _sum
    chosen = _within(parts, most_cost, gain, left) if parts else ()
    if not chosen:
        raise NothingHelps(f"nothing is shown to help{'; ' if left else ''}{'; '.join(f'{arm}: {why}' for arm, why in left.items())}")
    by_gain = sorted(chosen, key=lambda part: -part.gain)
    return Choice(tuple(part.arm for part in by_gain), left, math.prod(part.cost for part in by_gain))


def _sum(parts: Sequence[Part]) -> float:
    return sum(part.gain for part in parts)


def _shown(analysis: Analysis, left: dict[str, str]) -> list[Part]:
    """The arms that help, or without which the others do worse; why the others are left out is entered into ``left``."""
    alone = ALONE in str(analysis.results.study.get("design", ALONE))
    found: list[Part] = []
    for arm, rows in _by_arm(analysis).items():
        name, wanted = (arm, Verdict.HELPS) if alone else (arm.removeprefix(WITHOUT), Verdict.HURTS)
        if not alone and not arm.startswith(WITHOUT):
            continue
        why = next((why for row in rows if (why := _against(row, wanted, alone))), "")
        if why:
            left[name] = why
        else:
            found.append(_part(name, rows, analysis, alone))
    return found


def _by_arm(analysis: Analysis) -> dict[str, list[Any]]:
    """Arm -> its verdicts on every dataset, at the chosen settings where they were tuned."""
    rows: dict[str, list[Any]] = {}
    for part in analysis.parts:
        for row in (part.tuned or part).verdicts.itertuples():
            rows.setdefault(str(row.arm), []).append(row)
    return rows


def _against(row: Any, wanted: Verdict, alone: bool) -> str:
    """Why a verdict speaks against keeping an arm; nothing where it speaks for it."""
    if alone and row.against:
        return f"it is compared with {row.against}, not with the baseline"
    if row.control in BROKEN:
        return f"{row.control}, so its verdict is none on this change alone"
    if row.verdict != wanted:
        return (WITH if alone else LEAVING_IT_OUT)[row.verdict]
    return ""


def _part(name: str, rows: Sequence[Any], analysis: Analysis, alone: bool) -> Part:
    sign = (1 if analysis.metric.higher_is_better else -1) * (1 if alone else -1)
    costs = [cost if alone else 1 / cost for row in rows if not math.isnan(cost := _cost(row))]
    changes: dict[str, Any] = dict(zip(analysis.results.arms["arm"], analysis.results.arms["changes"]))
    fields = frozenset(changes.get(name if alone else f"{WITHOUT}{name}") or ())
    return Part(name, sign * sum(row.difference for row in rows) / len(rows), sum(costs) / len(costs) if costs else math.nan, fields)


def _cost(row: Any) -> float:
    known = [float(ratio) for ratio in (row.step_ratio, row.macs_ratio) if not missing(ratio)]
    return known[0] if known else math.nan


def _alternatives(parts: list[Part], margin: float, left: dict[str, str]) -> list[Part]:
    """Of parts that set the same field of the recipe, the best one, or a cheaper one that is as good."""
    kept: list[Part] = []
    for part in sorted(parts, key=lambda part: -part.gain):
        rival = next((other for other in kept if other.fields & part.fields), None)
        if rival is None:
            kept.append(part)
        elif rival.gain - part.gain < margin and rival.cost > DEAR * part.cost:
            kept[kept.index(rival)] = part
            left[rival.arm] = f"{part.arm} sets {_both(rival, part)} too, and is as good within the margin at less cost"
        else:
            left[part.arm] = f"{rival.arm} sets {_both(rival, part)} too, and does better"
    return kept


def _both(one: Part, other: Part) -> str:
    return ", ".join(sorted(one.fields & other.fields))


def _within(parts: Sequence[Part], most_cost: float | None, gain: Gain, left: dict[str, str]) -> tuple[Part, ...]:
    """The combination of the largest gain whose cost is not too large; of equal ones, the smaller."""
    if most_cost is not None and any(math.isnan(part.cost) for part in parts):
        raise InputError("--max-cost: neither training times nor multiply-accumulates of these arms are known; accepted: without it")
    if len(parts) > MOST:
        raise InputError(f"{len(parts)} changes are shown to matter; accepted: up to {MOST}, or --keep for each that is to be kept")
    affordable = (chosen for chosen in _subsets(parts) if most_cost is None or math.prod(part.cost for part in chosen) <= most_cost)
    best = max(affordable, key=lambda chosen: (gain(chosen), -len(chosen)), default=())
    for part in parts:
        if part not in best:
            dear = f"{part.cost:.2f} times the cost, more than --max-cost leaves"
            left[part.arm] = dear if most_cost else "the others do as well without it"
    return best


def _subsets(parts: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    return (chosen for size in range(len(parts) + 1) for chosen in combinations(parts, size))


def _predicted(analysis: Analysis, found: Factors, left: dict[str, str]) -> tuple[list[Part], Gain]:
    """The factors that are shown to matter, alone or in a pair, and the gain that a setting of them is predicted to have.

    With levels x of -1 and +1, a term's effect e adds e/2 times the product of its factors' levels.
    """
    _demand_controlled(analysis)
    shown = found.effects[found.effects["p_adjusted"] < METHOD.alpha] if len(found.effects) else found.effects
    sign = 1 if analysis.metric.higher_is_better else -1
    terms = [(_columns(row.term), sign * (-1 if row.term.startswith("-") else 1) * row.effect / 2) for row in shown.itertuples()]
    mattering = {place for places, _ in terms for place in places}

    def score(on: frozenset[int]) -> float:
        return sum(half * math.prod(1 if place in on else -1 for place in places) for places, half in terms)

    off = score(frozenset())
    costs = _factor_costs(analysis, found)
    parts = {place: Part(found.factors[place], score(frozenset({place})) - off, costs[place]) for place in sorted(mattering)}
    left |= {name: "no effect of it is shown" for place, name in enumerate(found.factors) if place not in mattering}
    places = {part.arm: place for place, part in parts.items()}

    def gain(chosen: Sequence[Part]) -> float:
        return score(frozenset(places[part.arm] for part in chosen)) - off

    return list(parts.values()), gain


def _demand_controlled(analysis: Analysis) -> None:
    """Refuse to predict from arms that differ in more than they declare: every one of them counts in every effect."""
    if broken := [f"{row.arm!r} is {row.control}" for row in analysis.verdicts.itertuples() if row.control in BROKEN]:
        raise InputError(f"{listed(broken, most=4)}, and the effects of factors are those of all arms; accepted: --keep for each change "
                         "that is to be kept")


def _columns(term: str) -> tuple[int, ...]:
    return tuple(int(name.removeprefix("f")) for name in term.removeprefix("-").split(":"))


def _factor_costs(analysis: Analysis, found: Factors) -> list[float]:
    """The geometric mean of the cost of the arms with a factor over that of the arms without it."""
    by_arm = {analysis.results.arms["arm"].iloc[0]: 1.0, **{str(row.arm): _cost(row) for row in analysis.verdicts.itertuples()}}
    arms: pd.DataFrame = found.runs.drop_duplicates("arm")
    logs = np.log([by_arm.get(str(arm), math.nan) for arm in arms["arm"]])
    on = [arms[f"f{place}"].to_numpy(float) > 0 for place in range(len(found.factors))]
    return [float(np.exp(logs[with_it].mean() - logs[~with_it].mean())) for with_it in on]
