"""Which techniques fit a model, its data and each other, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dlbench.datasets import source
from dlbench.models import architecture
from dlbench.models.applications import base_of
from dlbench.techniques import Technique
from dlbench.values.augmentation import is_mixing
from dlbench.values.errors import InputError
from dlbench.values.hooks import COMPILED
from dlbench.values.recipe import Recipe

if TYPE_CHECKING:
    from dlbench.study.plan import Arm


def check(technique: Technique, baseline: Recipe) -> None:
    """Refuse a technique that needs what the baseline's model or data does not have.

    Raises:
        InputError: saying what is missing.
    """
    has = architecture(baseline.model.name).has
    shape = source(baseline.data.source).shape
    lacks = {
        "conv": has is not None and "conv" not in has, "flatten": has is not None and "flatten" not in has,
        "residual": has is not None and "residual" not in has, "text": shape is not None,
        "colour": shape is not None and shape[-1] != 3, "validation": baseline.data.validation == 0, "images": False,
    }
    words = {"conv": f"a convolution, and model '{baseline.model.name}' has none",
             "flatten": f"a pooling head, and model '{baseline.model.name}' has none",
             "residual": f"residual connections, and model '{baseline.model.name}' has none",
             "text": f"sentences, and '{baseline.data.source}' has images",
             "colour": f"images of 3 channels, and '{baseline.data.source}' has {shape[-1] if shape else '?'}",
             "validation": "a validation split; set validation above 0"}
    for need in technique.requires:
        if lacks[need]:
            raise InputError(f"{technique.name} needs {words[need]}")


def clashes(recipe: Recipe) -> Iterator[tuple[str, bool]]:
    """What does not go together, in words, and whether the recipe has it.

    Raises:
        InputError: a dataset, model or base that it names is unknown.
    """
    training, transfer, kind = recipe.training, recipe.transfer, recipe.training.schedule.kind
    source(transfer.dataset or recipe.data.source)
    architecture(recipe.distillation.teacher or recipe.model.name)
    base = base_of(recipe.model)
    starts = transfer.mode not in ("none", "scratch")
    yield (f"schedule '{kind}' needs a budget whose steps are known beforehand: epochs, steps or examples",
           recipe.budget.unit == "seconds" and kind not in ("constant", "step", "plateau"))
    yield "distillation and transfer both start from another run; accepted: one of them", bool(recipe.distillation.temperature) and starts
    yield ("quantization converts float32 networks; without mixed_precision it can",
           recipe.compression.bits is not None and recipe.model.precision != "float32")
    yield ("normalize(kind = 'application') is for a model with a base of keras.applications: 'application' or 'vgg16_transfer'",
           recipe.data.normalization == "application" and base is None)
    yield "a loss of its own and label_smoothing both decide the loss", bool(recipe.hooks.loss and recipe.regularization.label_smoothing)
    yield "a loss of its own is for labels that are not mixed; without mixup, cutmix and distillation it can", bool(recipe.hooks.loss) and (
        is_mixing(recipe.augmentation) or bool(recipe.distillation.temperature))
    if training.loop == "keras":
        yield from _without_reference(recipe)


def _without_reference(recipe: Recipe) -> Iterator[tuple[str, bool]]:
    """What the plain Keras loop does not have."""
    used = {
        "fine-tuning (two learning rates)": recipe.transfer.mode == "finetune",
        "distillation": bool(recipe.distillation.temperature), "averaging": bool(recipe.training.averaging),
        "pruning": bool(recipe.compression.sparsity), "gradient_norms": bool(recipe.measure),
        "loss scaling of float16": recipe.model.precision == "mixed_float16",
        **{f"place for hooks.{point}": bool(getattr(recipe.hooks, point)) for point in COMPILED},
    }
    for what, clash in used.items():
        yield f"loop = 'keras' is the plain reference and has no {what}; it needs loop = 'compiled'", clash


def warnings(arms: Iterable[Arm]) -> Iterator[str]:
    """What will run but probably not do what was meant."""
    for arm in arms:
        schedule, stopping = arm.recipe.training.schedule, arm.recipe.training.early_stopping
        if schedule.kind == "plateau" and stopping.patience_epochs and stopping.patience_epochs <= 2 * schedule.patience_epochs:
            yield (f"arm '{arm.name}': on a flat loss, early stopping after {stopping.patience_epochs} epochs ends the run before "
                   f"the second cut of a plateau schedule with patience {schedule.patience_epochs} has any use")
        if arm.recipe.budget.unit == "epochs" and stopping.patience_epochs and stopping.patience_epochs >= arm.recipe.budget.amount:
            yield (f"arm '{arm.name}': early stopping with patience {stopping.patience_epochs} cannot act within "
                   f"{arm.recipe.budget.amount:g} epochs")
        if arm.recipe.budget.unit == "seconds":
            yield f"arm '{arm.name}': a budget in seconds depends on the machine's speed; its runs are not bit-reproducible"
