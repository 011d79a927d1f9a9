"""Has an engine check the data and networks of a plan before the first run."""

from __future__ import annotations

from pathlib import Path

from dlbench.engines.protocol import Capability
from dlbench.execution.backends.protocol import Backend
from dlbench.execution.options import Listener
from dlbench.study.plan import Plan
from dlbench.values.inspection import near_duplicates_text


def prepare_engine(plan: Plan, pool: Backend, listener: Listener) -> None:
    """Have the engine make all data and networks of a plan, and say which test examples have near-duplicates in training.

    Raises:
        InputError: one cannot be made; the message names the arm.
    """
    listener.phase("preparing", 1)
    recipes = list(dict.fromkeys(arm.recipe for part in plan.parts for arm in part.arms))
    outcome = pool.call(Capability.PREPARE, {"recipes": recipes})
    at_fault = "" if outcome.kind in ("done", "stopped") else _at_fault(plan, pool)
    duplicated = outcome.demanded(f"{Path(plan.study.origin).name}{at_fault}", "the data or a model cannot be made") or []
    listener.update(1, 0, 0)
    near = {recipe.data.source: duplicates for recipe, duplicates in zip(reversed(recipes), reversed(duplicated))}
    for name, duplicates in near.items():
        if duplicates[0]:
            listener.note(near_duplicates_text(duplicates, f" of '{name}'"))


def _at_fault(plan: Plan, pool: Backend) -> str:
    """Name the first arm whose data or network cannot be made; nothing where it is the one that others are compared with."""
    first = plan.arms[0].recipe
    for arm in (arm for part in plan.parts for arm in part.arms):
        if pool.call(Capability.PREPARE, {"recipes": [arm.recipe]}).kind != "done":
            return f": arm '{arm.name}'" if arm.recipe != first else ""
    return ""
