"""What is trained: a study of dlbench, and the same arms as plain settings that any peer can read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench.study import load, plan
from dlbench.values.errors import InputError, unknown
from dlbench.values.recipe import Recipe, flatten, to_dict

FOLDER = Path(__file__).parent
SETTINGS = {
    "training.batch_size": "batch_size",
    "training.learning_rate": "learning_rate",
    "training.schedule.kind": "schedule",
    "regularization.l1": "l1",
    "regularization.l2": "l2",
    "model.dropout": "dropout",
    "model.separable": "separable",
    "model.normalization": "normalization",
    "augmentation.rotate_degrees": "rotate_degrees",
    "augmentation.shift_px": "shift_px",
}
"""Recipe field -> the setting of an arm that every peer applies."""

ACCEPTED = {"schedule": ("constant", "cosine"), "separable": (None, "all_but_first"), "normalization": (None, "batch")}
SHARED = ("data.source", "data.validation", "model.name", "budget.amount")
"""Recipe fields that all arms of a case share, and that a peer reads from the case."""


@dataclass(frozen=True)
class Limits:
    """What is left out of a case for a quick try; None and an empty tuple leave nothing out."""

    seeds: int | None = None
    epochs: int | None = None
    arms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A case of the benchmark.

    Attributes:
        name: on the command line.
        title: in the report.
        baseline_only: whether the study's other arms are left out.
    """

    name: str
    title: str
    baseline_only: bool = False

    @property
    def study(self) -> Path:
        """The study file."""
        return FOLDER / f"{self.name}.toml"


CASES = (
    Case("digits", "8x8 handwritten digits, small_cnn"),
    Case("mnist", "MNIST, the handwritten-digit guide's CNN", baseline_only=True),
)


def find(name: str) -> Case:
    """Look a case up by name.

    Raises:
        InputError: there is none of that name.
    """
    for known in CASES:
        if known.name == name:
            return known
    raise InputError(unknown("case", name, [known.name for known in CASES]))


def describe(case: Case, limits: Limits = Limits()) -> dict[str, Any]:
    """What every peer trains, JSON-ready, computed from the study.

    Returns:
        ``name``, ``dataset``, ``model``, ``epochs``, ``seeds``, ``arms`` (settings of each, the baseline first) and
        ``limited`` (whether something was left out).

    Raises:
        InputError: an arm is unknown, or changes something that the peers do not do.
    """
    planned = plan(load(str(case.study)))
    recipe = planned.study.baseline
    whole = [arm.name for arm in planned.arms][: 1 if case.baseline_only else None]
    if strange := [name for name in limits.arms if name not in whole]:
        raise InputError(f"--arms: {unknown('arm', strange[0], whole)}")
    kept = [name for name in whole if not limits.arms or name == whole[0] or name in limits.arms]
    seeds = list(planned.study.seeds)[: limits.seeds]
    epochs = limits.epochs or int(recipe.budget.amount)
    return {
        "name": case.name, "dataset": recipe.data.source, "model": recipe.model.name, "epochs": epochs, "seeds": seeds,
        "arms": [{"name": arm.name, **settings(arm.recipe)} for arm in planned.arms if arm.name in kept],
        "limited": (len(kept), len(seeds), epochs) != (len(whole), len(planned.study.seeds), int(recipe.budget.amount)),
    }


def settings(recipe: Recipe) -> dict[str, Any]:
    """An arm's recipe as the settings that every peer applies.

    Raises:
        InputError: the recipe holds something that the peers do not do, so that they would train something else.

    Example:
        >>> settings(Recipe())["batch_size"]
        32
    """
    if strange := [path for path in to_dict(recipe) if path not in SETTINGS and path not in SHARED]:
        raise InputError(f"the peers do not train arms that set {', '.join(strange)}")
    flat = flatten(recipe)
    found = {name: flat[path] for path, name in SETTINGS.items()}
    for name, accepted in ACCEPTED.items():
        if found[name] not in accepted:
            raise InputError(f"the peers do not train arms with {name} = {found[name]!r}; accepted: {accepted}")
    return found
