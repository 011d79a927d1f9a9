"""What a study takes of what its model was compiled with: the loss, the optimizer, and the optimizer's learning rate."""

from __future__ import annotations

from typing import Any

from dlbench.models import architecture
from dlbench.study.schema import StudyKeys
from dlbench.tasks import task
from dlbench.values.errors import InputError
from dlbench.values.inspection import Inspection
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.recipe import Recipe, edit

SHIPPED = "dlbench."
"""How the references of shipped models begin."""


def own_compile_fields(where: str, keys: StudyKeys, optimizer: str) -> dict[str, Any]:
    """Return the fields of a recipe that say what is taken of the model's compile: with its loss its optimizer too, unless one is stated.

    Args:
        where: what messages begin with.
        keys: of the study file.
        optimizer: of its baseline.

    Raises:
        InputError: the model is dlbench's own, which is not compiled, or the form of targets is stated for a loss that has no choice.
    """
    if keys.loss == OF_MODEL and "optimizer" not in keys.baseline.model_fields_set:
        optimizer = OF_MODEL
    asked = 'loss = "model"' if keys.loss == OF_MODEL else 'optimizer = "model"' if optimizer == OF_MODEL else ""
    if asked and architecture(keys.model).build.startswith(SHIPPED):
        raise InputError(f"{where}: {asked}: model '{keys.model}' is dlbench's own and comes without a loss and an optimizer; accepted: "
                         "model = \"module:function\", whose function returns a compiled keras.Model")
    if keys.targets and keys.loss != OF_MODEL:
        raise InputError(f"{where}: targets = '{keys.targets}': the loss of the task knows its targets; accepted beside loss = \"model\"")
    if keys.targets and not task(str(keys.task)).classes:
        raise InputError(f"{where}: targets = '{keys.targets}': it says what a loss is given of classes, and the task is {keys.task}; "
                         "accepted: without it")
    return {"training__loss": keys.loss, "training__targets": keys.targets, "training__optimizer": optimizer}


def has_rate_of_model(where: str, keys: StudyKeys, baseline: Recipe) -> bool:
    """Return whether the learning rate is that of the model's optimizer: with this optimizer, where the study states none.

    Raises:
        InputError: a technique of the baseline would change a rate that is not known yet.
    """
    if baseline.training.optimizer != OF_MODEL or "learning_rate" in keys.baseline.model_fields_set:
        return False
    if baseline.training.learning_rate != keys.baseline.learning_rate:
        raise InputError(f"{where}: baseline: a technique of its changes the learning rate, which is the model's; accepted: learning_rate "
                         "stated in [baseline]")
    return True


def with_rate_of_model(baseline: Recipe, inspection: Inspection | None) -> Recipe:
    """Return the baseline with the learning rate that its model was compiled with, where planning has learned it."""
    rate = None if inspection is None else inspection.build.learning_rate
    return baseline if rate is None else edit(baseline, training__learning_rate=rate)
