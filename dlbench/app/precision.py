"""The second part of a study with ``precision = "auto"``: what runs in bfloat16 decided is run in float32 on other seeds, whose verdicts
count. No seed is in both parts, so that an arm which was lucky in the first one needs luck again in the second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dlbench.analysis import Analysis
from dlbench.app.confirm import fresh_seeds, seeds_used
from dlbench.app.request import Plan, Request, override, planned, results_folder
from dlbench.app.result import load
from dlbench.values.precision import AUTO, FLOAT32
from dlbench.values.text import listed, one_line
from dlbench.values.verdict import Verdict

SUFFIX = "-float32"
"""What the results folder of the second part is called, behind the name of the first."""
DECIDED = (Verdict.HELPS, Verdict.HURTS, Verdict.EQUIVALENT)


@dataclass(frozen=True)
class Recheck:
    """The second part: its request and plan, the arms that the first one decided, and those that it left open."""

    request: Request
    plan: Plan
    arms: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def screened(self) -> dict[str, list[str]]:
        """What the results keep of the first part."""
        return {"decided": list(self.arms), "open": list(self.open)}


def screens(plan: Plan) -> bool:
    """Whether the runs of a plan only say which arms are run in float32."""
    return plan.study.precision == AUTO


def recheck(first: Plan, request: Request, note: Callable[[str], None]) -> Recheck | None:
    """Plan the runs in float32 of the arms that complete runs in bfloat16 decided; None where they decided none.

    Args:
        first: the plan that screens.
        request: for it.
        note: as of :func:`dlbench.app.request.planned`.

    Raises:
        InputError: there are no results of the first part, or its seeds leave no others.
    """
    folder = results_folder(first.study, request.out)
    result = load(folder)
    verdicts = {arm.name: verdicts_of(result.analysis, arm.name) for arm in first.arms if arm.reference}
    arms = tuple(name for name, found in verdicts.items() if found.intersection(DECIDED))
    if not arms:
        return None
    used = seeds_used(result, first.study)
    seeds = override("adaptive.first_seed", max(used) + 1) if first.study.looks else override(
        "seeds", fresh_seeds(used, len(first.study.seeds)))
    asked = replace(request, overrides=(*request.overrides, override("precision", FLOAT32), seeds), seeds=None, arms=arms,
                    out=folder.with_name(folder.name + SUFFIX))
    return Recheck(asked, planned(asked, note, anew=True), arms, tuple(name for name in verdicts if name not in arms))


def verdicts_of(analysis: Analysis, arm: str) -> set[str]:
    """Return the verdicts on an arm: on each dataset, at default and tuned."""
    every = [one for part in analysis.parts for one in (part, part.tuned) if one is not None]
    return {str(row.verdict) for one in every for row in one.verdicts.itertuples() if row.arm == arm}


def describe_recheck(found: Recheck | None) -> str:
    """Return a line that says what is run in float32, and one on what stays open."""
    if found is None:
        return "nothing is run in float32: no arm is decided in bfloat16, so all remain open"
    seeds = found.plan.study.seeds
    first = f"in float32, on other seeds ({seeds[0]} to {seeds[-1]}), whose verdicts count: {listed([one_line(arm) for arm in found.arms])}"
    left = f"open, and not run in float32: {listed([one_line(arm) for arm in found.open])}" if found.open else ""
    return "\n".join(filter(None, (first, left)))
