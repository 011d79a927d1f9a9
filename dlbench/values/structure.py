"""What makes two recipes share one traced program."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from dlbench.values.augmentation import Augmentation, parts
from dlbench.values.recipe import Budget, EarlyStopping, Recipe, Schedule, flatten, plain


def _paths(prefix: str, value: type) -> frozenset[str]:
    return frozenset(f"{prefix}.{item.name}" for item in dataclasses.fields(value))


NUMBERS = frozenset(
    {"model.dropout", "model.spatial_dropout", "model.stochastic_depth", "training.clip_norm", "training.averaging",
     "transfer.base_learning_rate", "distillation.temperature", "distillation.weight", "compression.sparsity"}
    | {f"regularization.{name}" for name in ("l1", "l2", "weight_decay", "label_smoothing")}
)
"""Fields that a traced program takes as inputs; it is compiled for whether they are zero, not for their value."""

UNTRACED = (
    _paths("augmentation", Augmentation)
    | _paths("training.schedule", Schedule)
    | _paths("training.early_stopping", EarlyStopping)
    | _paths("budget", Budget)
    | {"training.learning_rate", "training.batch_size", "target", "redrawn", "compression.bits"}
)
"""Fields that are decided outside the traced program altogether."""


def structure(recipe: Recipe) -> str:
    """What must agree for two runs to share one traced program: every field, numbers reduced to on or off.

    Example:
        >>> from dlbench.values.recipe import edit
        >>> one, two = (edit(Recipe(), regularization__l2=value) for value in (1e-3, 1e-4))
        >>> structure(one) == structure(two), structure(one) == structure(Recipe())
        (True, False)
    """
    shape = {path: plain(value) for path, value in flatten(recipe).items() if path not in NUMBERS | UNTRACED}
    shape |= {path: bool(flatten(recipe)[path]) for path in NUMBERS}
    shape |= parts(recipe.augmentation)
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]
