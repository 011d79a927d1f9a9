"""What an arm changes in network, data and updates, and whether that is anything at all, from recipes that planning has tried."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any

from dlbench.study.plan import Arm
from dlbench.techniques.schedules import factors
from dlbench.values.augmentation import is_mixing
from dlbench.values.recipe import Augmentation, Data, EarlyStopping, Imbalance, Model, Recipe, Regularization, Schedule, flatten, within
from dlbench.values.rehearsal import Rehearsal
from dlbench.values.text import plural

RATES = ("model.dropout", "model.spatial_dropout", "model.stochastic_depth", "model.mask_time", "model.mask_frequency",
         "model.masks", "model.precision")
"""Fields of the model that act beside the layers that they insert."""
ON_KERNELS = ("regularization.l1", "regularization.l2", "regularization.weight_decay", "regularization.max_norm")
"""Penalties and what belongs to them: they act where there are kernels; other fields of the loss act by their value."""
DECIDED = ("training.schedule.", "training.early_stopping.")
"""Fields that act by what they decide in the steps of a run."""
BY_FREQUENCY = ("imbalance.class_weights", "imbalance.sampling", "imbalance.thresholds")
"""Fields that act where classes differ in their number of training examples."""
BY_ITSELF = ("article", "application")
"""Scalings that are no map of each channel."""


def idle_reason(arm: Arm, reference: Recipe, ours: Rehearsal, theirs: Rehearsal) -> str:
    """Say why an arm does the same as its reference; empty where it does not.

    Args:
        arm: compared with a reference.
        reference: the recipe of that.
        ours, theirs: both, tried.
    """
    if _acting(arm.recipe, ours) != _acting(reference, theirs):
        return ""
    return " and ".join(dict.fromkeys(_why(path, arm.recipe, ours) for path in arm.changes if path != "code"))


def depends_on_data(arm: Arm) -> bool:
    """Whether an arm changes anything but the network, so that it may act on other data or in a longer training."""
    return any(not within(path, Model, Regularization) and path not in ("compression.sparsity", "redrawn") for path in arm.changes)


def effect_words(arm: Arm, reference: Recipe, ours: Rehearsal, theirs: Rehearsal) -> str:
    """Count what an arm changes: layers, kernels, training examples, images, steps; empty where nothing of these is meant.

    Example:
        >>> from dlbench.values.recipe import edit
        >>> base, recipe = Recipe(), edit(Recipe(), model__activation="gelu")
        >>> arm = Arm("gelu", "baseline", (), recipe, {"model.activation": (None, "gelu")})
        >>> effect_words(arm, base, Rehearsal(layers={"a": "1", "b": "2"}), Rehearsal(layers={"a": "1", "b": "3"}))
        '1 of 2 layers'
    """
    return ", ".join(_counts(arm, reference, ours, theirs))


def _counts(arm: Arm, reference: Recipe, ours: Rehearsal, theirs: Rehearsal) -> Iterator[str]:
    paths = arm.changes.keys()
    if any(within(path, Model) or path.startswith(("hooks.model", "transfer.")) for path in paths):
        every = ours.layers.keys() | theirs.layers.keys()
        yield f"{sum(ours.layers.get(name) != theirs.layers.get(name) for name in every)} of {plural(len(every), 'layer')}"
    if arm.recipe.transfer.mode == "frozen":
        once = f"features of {ours.features / 2**20:,.1f} MiB computed once"
        yield once if ours.features else "the frozen base computed in every step"
    if any(path.startswith((*ON_KERNELS, "compression.sparsity")) for path in paths):
        scope = "conv" if "conv" in (arm.recipe.regularization.l1_scope, arm.recipe.regularization.l2_scope) else "all"
        yield plural(ours.kernels.get(scope, 0), "kernel")
    if any(within(path, Augmentation) for path in paths) and ours.moved[1]:
        yield f"{ours.moved[0]} of {ours.moved[1]} training examples looked at"
    if any(within(path, Imbalance) for path in paths) and (counts := _counts_of_classes(ours)):
        yield f"classes of {min(counts):,} to {max(counts):,} training examples"
    if ours.examples[0] != theirs.examples[0]:
        yield f"{ours.examples[0]:,} training examples instead of {theirs.examples[0]:,}"
    steps = [_steps(recipe, tried.examples[0]) for recipe, tried in ((arm.recipe, ours), (reference, theirs))]
    if None not in steps and steps[0] != steps[1]:
        yield f"{steps[0]:,} steps instead of {steps[1]:,}"


def _why(path: str, recipe: Recipe, tried: Rehearsal) -> str:
    """Why the change of one field does nothing."""
    reasons = {
        "model.": f"0 of {plural(len(tried.layers), 'layer')} change", "augmentation.": f"0 of {tried.moved[1]} training examples change",
        "regularization.": "the network has no kernel that it acts on", "compression.": "the network has no kernel that it acts on",
        "redrawn": "nothing is drawn from that stream", "data.": "the examples are the same, and scaled alike",
        **dict.fromkeys(BY_FREQUENCY, "all classes have the same number of training examples"),
        "training.batch_size": f"a batch holds all {tried.examples[0]:,} training examples already",
        "training.early_stopping.": f"it cannot stop a training of {recipe.budget.amount:g} {recipe.budget.unit}",
        "training.": "the learning rate is the same in every step",
    }
    return next((reason for prefix, reason in reasons.items() if path.startswith(prefix)), f"{path} acts on nothing here")


def _acting(recipe: Recipe, tried: Rehearsal) -> dict[str, Any]:
    """What of a recipe acts: its fields without those that find nothing to act on, and what others make of network and data."""
    fields = flatten(recipe)
    acts = {path: value for path, value in fields.items()
            if path in RATES or not (within(path, Model, Data, Augmentation) or path.startswith((*DECIDED, *ON_KERNELS)))}
    return acts | _penalties(recipe, tried) | _course(recipe, tried.examples[0]) | {
        "layers": dict(tried.layers), "data": tried.data,
        "normalization": recipe.data.normalization if recipe.data.normalization in BY_ITSELF else None,
        "augmentation": recipe.augmentation if tried.moved[0] or is_mixing(recipe.augmentation) else None,
        "redrawn": _drawn(recipe, tried), "stopping": _stopping(recipe, tried.examples[0]),
        "compression.sparsity": recipe.compression.sparsity if tried.kernels.get("all") else 0.0,
        **({} if len(set(_counts_of_classes(tried))) > 1 else dict.fromkeys(BY_FREQUENCY, 0.0))}


def _counts_of_classes(tried: Rehearsal) -> list[int]:
    """Training examples of each class that has any."""
    return [count for count in tried.classes[0] if count]


def _penalties(recipe: Recipe, tried: Rehearsal) -> dict[str, Any]:
    terms, every = recipe.regularization, tried.kernels.get("all", 0)
    l1, l2 = (tried.kernels.get(scope, 0) for scope in (terms.l1_scope, terms.l2_scope))
    return {"l1": (terms.l1, terms.l1_form, l1) if terms.l1 and l1 else None, "l2": (terms.l2, l2) if terms.l2 and l2 else None,
            "weight_decay": terms.weight_decay if every else 0.0, "max_norm": terms.max_norm if every else 0.0}


def _drawn(recipe: Recipe, tried: Rehearsal) -> tuple[str, ...]:
    """The redrawn streams that anything is drawn from."""
    unused = {"dropout": not (tried.dropouts or recipe.training.gradient_noise),
              "augment": not (tried.moved[0] or is_mixing(recipe.augmentation))}
    return tuple(stream for stream in recipe.redrawn if not unused.get(stream))


def _steps(recipe: Recipe, examples: int) -> int | None:
    """Steps of a run's budget; None for one in seconds, or without examples."""
    per_epoch, budget = math.ceil(examples / recipe.training.batch_size), recipe.budget
    if budget.unit == "epochs":
        return int(budget.amount) * per_epoch
    if budget.unit == "examples":
        return int(budget.amount) // examples * per_epoch + math.ceil(int(budget.amount) % examples / recipe.training.batch_size) \
            if examples else None
    return int(budget.amount) if budget.unit == "steps" else None


def _course(recipe: Recipe, examples: int) -> dict[str, Any]:
    """Batches and learning rates of a run: a batch is at most all examples, and schedules that agree in every step are the same."""
    training, steps = recipe.training, _steps(recipe, examples)
    batch = min(training.batch_size, examples) if examples else training.batch_size
    if steps is None or training.schedule.kind == "plateau":
        return {"training.batch_size": batch, "schedule": training.schedule}
    per_epoch = math.ceil(examples / training.batch_size)
    rates = training.learning_rate * factors(training.schedule if steps else Schedule(), steps, max(per_epoch, 1))
    return {"training.batch_size": batch, "training.learning_rate": 0.0, "schedule": hashlib.sha256(rates.tobytes()).hexdigest()}


def _stopping(recipe: Recipe, examples: int) -> EarlyStopping | None:
    """Early stopping; None where it can neither end a run before its budget nor restore an earlier epoch."""
    stopping, steps = recipe.training.early_stopping, _steps(recipe, examples)
    if steps is None or stopping.patience_epochs is None:
        return stopping if stopping.patience_epochs else None
    epochs = steps / max(math.ceil(examples / recipe.training.batch_size), 1)
    return stopping if epochs > stopping.patience_epochs + 1 or (stopping.restore_best and epochs > 1) else None
