"""What is trained: a study of dlbench, and the same arms as plain settings that any peer can read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench.study import load, plan
from dlbench.values.errors import InputError, unknown
from dlbench.values.recipe import Recipe, flatten, to_dict
from dlbench.values.window import evaluations

FOLDER = Path(__file__).parent
OWN_MODEL = FOLDER / "own_model.py"
"""What lies beside a study that names a user's own model."""

SETTINGS = {
    "training.batch_size": "batch_size",
    "training.learning_rate": "learning_rate",
    "training.schedule.kind": "schedule",
    "regularization.l1": "l1",
    "regularization.l2": "l2",
    "model.dropout": "dropout",
    "model.separable": "separable",
    "model.normalization": "normalization",
    "augmentation.flip_horizontal": "flip_horizontal",
    "augmentation.rotate_degrees": "rotate_degrees",
    "augmentation.shift_px": "shift_px",
}
"""Recipe field -> the setting of an arm that every peer applies."""

ACCEPTED = {"schedule": ("constant", "cosine"), "separable": (None, "all_but_first"), "normalization": (None, "batch"),
            "flip_horizontal": (0.0, 0.5)}
OF_LAYERS = ("l1", "l2", "dropout", "separable", "normalization")
"""Settings that change layers or their kernels; the peers apply them to the networks of :data:`CHANGED` alone."""

CHANGED = ("small_cnn", "guide_cnn")
SHARED = ("data.source", "data.size", "data.examples", "data.validation", "data.test", "model.name", "model.options", "code",
          "budget.amount", "score_over", "transfer.mode", "transfer.weights")
"""Recipe fields that all arms of a case share: a peer reads them from the case, or its arrays are made by them."""


@dataclass(frozen=True)
class Limits:
    """What is left out of a case for a quick try; None and an empty tuple leave nothing out."""

    seeds: int | None = None
    epochs: int | None = None
    arms: tuple[str, ...] = ()
    examples: int | None = None


@dataclass(frozen=True)
class Case:
    """A case of the benchmark.

    Attributes:
        name: on the command line.
        title: in the report.
        baseline_only: whether the study's other arms are left out.
        sampled: whether the peers evaluate the training examples that dlbench measures training accuracy on, as it does.
    """

    name: str
    title: str
    baseline_only: bool = False
    sampled: bool = True

    @property
    def study(self) -> Path:
        """The study file."""
        return FOLDER / f"{self.name}.toml"


CASES = (
    Case("digits", "8x8 handwritten digits, small_cnn", sampled=False),
    Case("mnist", "MNIST, the handwritten-digit guide's CNN", baseline_only=True, sampled=False),
    Case("mnist_sweep", "A sweep on a part of MNIST, validated after every epoch"),
    Case("photos_resnet20", "Small photographs, resnet20", baseline_only=True),
    Case("photos_functional", "Small photographs, with and without mirroring, a user's own Functional model"),
    Case("transfer", "A few photographs, the head of a frozen VGG16", baseline_only=True),
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
        ``name``, ``dataset``, ``model``, ``epochs``, ``seeds``, ``arms`` (settings of each, the baseline first), ``examples`` (how many are
        trained on; None: all), ``validation`` (its share of the training part), ``sampled``, ``base`` (file of a frozen base's weights,
        or None) and ``limited`` (whether something was left out).

    Raises:
        InputError: an arm is unknown, or changes something that the peers do not do, or is scored otherwise than once at its end.
    """
    planned = plan(load(str(case.study)))
    recipe = planned.arms[0].recipe
    whole = [arm.name for arm in planned.arms][: 1 if case.baseline_only else None]
    if strange := [name for name in limits.arms if name not in whole]:
        raise InputError(f"--arms: case '{case.name}': {unknown('arm', strange[0], whole)}")
    kept = [name for name in whole if not limits.arms or name == whole[0] or name in limits.arms]
    seeds = list(planned.study.seeds)[: limits.seeds]
    epochs, examples = limits.epochs or int(recipe.budget.amount), limits.examples or recipe.data.examples
    if (times := evaluations(recipe.score_over, epochs)) != 1:
        raise InputError(f"case '{case.name}': the test part would be scored {times} times; the peers score it once")
    of_study = len(whole), len(planned.study.seeds), int(recipe.budget.amount), recipe.data.examples
    return {
        "name": case.name, "dataset": recipe.data.source, "model": recipe.model.name, "epochs": epochs, "seeds": seeds,
        "arms": [{"name": arm.name, **_settings_beside(recipe, arm.recipe)} for arm in planned.arms if arm.name in kept],
        "examples": examples, "validation": recipe.data.validation, "sampled": case.sampled, "base": recipe.transfer.weights,
        "limited": (len(kept), len(seeds), epochs, examples) != of_study,
    }


def _settings_beside(baseline: Recipe, recipe: Recipe) -> dict[str, Any]:
    """An arm's settings; it must share with the baseline what the peers read from the case."""
    ours, its = flatten(baseline), flatten(recipe)
    if apart := [path for path in SHARED if ours[path] != its[path]]:
        raise InputError(f"the peers train all arms of a case with one value of {', '.join(apart)}")
    return settings(recipe)


def overrides(described: dict[str, Any]) -> tuple[str, ...]:
    """What is set in the study so that it trains what was described, seeds and arms aside, as ``KEY=VALUE``.

    Example:
        >>> overrides({"epochs": 2, "examples": None})
        ('budget.epochs=2',)
    """
    examples = described["examples"]
    return (f"budget.epochs={described['epochs']}", *([f"examples={examples}"] if examples else ()))


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
    if recipe.model.name not in CHANGED and (set_ := [name for name in OF_LAYERS if found[name]]):
        raise InputError(f"the peers do not apply {', '.join(set_)} to {recipe.model.name}; accepted: {', '.join(CHANGED)}")
    return found
