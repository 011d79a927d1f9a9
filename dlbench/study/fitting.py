"""Which techniques fit a model, its data and each other, and why not."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dlbench.datasets import source
from dlbench.models import architecture
from dlbench.models.applications import base_of
from dlbench.models.fit import misfit
from dlbench.study.resources import undivided
from dlbench.techniques import CATALOGUE, Parameter, Technique
from dlbench.values.augmentation import is_mixing
from dlbench.values.errors import InputError
from dlbench.values.hooks import COMPILED
from dlbench.values.inspection import Inspection
from dlbench.values.recipe import Model, Recipe, edit

if TYPE_CHECKING:
    from dlbench.study.plan import Arm


def check(technique: Technique, baseline: Recipe, facts: Inspection | None = None) -> None:
    """Refuse a technique that needs what the baseline's model or data does not have.

    Args:
        technique: to be applied.
        baseline: whose model and data are meant.
        facts: what looking at them told, where they are the user's own.

    Raises:
        InputError: saying what is missing, and which techniques can be applied.
    """
    if (lacking := lack(technique, baseline, facts)) is not None:
        raise InputError(f"{technique.name} needs {lacking}" + (_others(baseline, facts) if facts else ""))


def lack(technique: Technique, baseline: Recipe, facts: Inspection | None) -> str | None:
    """What a technique needs of the model or data and does not find, in words."""
    model, data = baseline.model.name, baseline.data.source
    has = architecture(model).has
    shape = source(data).shape
    if facts is not None:
        has = {need for need in ("conv", "flatten", "residual") if getattr(facts.build, _SAYS[need])}
        shape = facts.shape if facts.kind == "image" else None
    kind = facts.kind if facts else "image" if shape else None
    lacks = {
        "conv": has is not None and "conv" not in has, "flatten": has is not None and "flatten" not in has,
        "residual": has is not None and "residual" not in has, "text": kind not in (None, "text"),
        "colour": kind is not None and (shape is None or shape[-1] != 3), "validation": baseline.data.validation == 0,
        "images": kind not in (None, "image"),
    }
    holds = {"image": "images", "row": "rows of numbers", "text": "sentences", None: "?"}[kind]
    words = {"conv": f"a convolution, and model '{model}' has none", "flatten": f"a pooling head, and model '{model}' has none",
             "residual": f"residual connections, and model '{model}' has none", "text": f"sentences, and '{data}' has {holds}",
             "images": f"images, and '{data}' has {holds}",
             "colour": f"images of 3 channels, and '{data}' has {shape[-1] if shape else holds}",
             "validation": "a validation split; set validation above 0"}
    return next((words[need] for need in technique.requires if lacks[need]), None)


_SAYS = {"conv": "convs", "flatten": "pool", "residual": "residual"}


def suits(recipe: Recipe, facts: Inspection) -> None:
    """Refuse changes that a model of the user's own cannot take.

    Raises:
        InputError: saying why, and which techniques can be applied.
    """
    if (why := misfit(recipe.model, facts.build)) is not None:
        raise InputError(why + _others(recipe, facts))


def _others(baseline: Recipe, facts: Inspection) -> str:
    names = applicable(baseline, facts)
    return f". Techniques that can be applied here: {', '.join(names)}"


def applicable(baseline: Recipe, facts: Inspection) -> list[str]:
    """The names of the techniques that the model and data can take, with some value of their parameters.

    Args:
        baseline: whose model and data are meant.
        facts: what looking at them told.
    """
    plain = edit(baseline, model=Model(baseline.model.name, baseline.model.options))
    return [item.name for item in CATALOGUE if lack(item, plain, facts) is None and _can(item, plain, facts)]


def _can(technique: Technique, baseline: Recipe, facts: Inspection) -> bool:
    """Whether the model takes what the technique changes in it; where words must be chosen, any of them will do."""
    if not any(path.startswith("model.") for path in technique.touches):
        return True
    stated = {item.name: item.choices or (_some(item),) for item in technique.parameters if item.required or item.choices}
    tried = (dict(zip(stated, values)) for values in itertools.product(*stated.values()))
    return any(misfit(technique.apply(baseline, **{**technique.defaults(), **given}).model, facts.build) is None for given in tried)


def _some(item: Parameter) -> float:
    return item.kind((item.low or 0) + 1) if item.high is None else item.kind(item.high)


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
    if training.devices > 1:
        yield from _shared_out(recipe)


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


def _shared_out(recipe: Recipe) -> Iterator[tuple[str, bool]]:
    """What a run on several devices does not have."""
    training = recipe.training
    used = {
        "the plain Keras loop (loop = 'keras')": training.loop == "keras", "a step that XLA compiles": training.xla,
        "quantization": recipe.compression.bits is not None, "the optimizer lion": training.optimizer == "lion",
        "a plug-in's optimizer": bool(recipe.hooks.optimizer),
    }
    for what, clash in used.items():
        yield f"{what} is for one device; it needs devices = 1", clash
    yield f"batch_size = {training.batch_size}: {undivided(training.devices)}", training.batch_size < training.devices


def warnings(arms: Iterable[Arm]) -> Iterator[str]:
    """What will run but probably not do what was meant."""
    for arm in arms:
        schedule, stopping = arm.recipe.training.schedule, arm.recipe.training.early_stopping
        if schedule.kind == "plateau" and stopping.patience_epochs and stopping.patience_epochs <= 2 * schedule.patience_epochs:
            yield (f"arm '{arm.name}': on a flat loss, early stopping after {stopping.patience_epochs} epochs ends the run before "
                   f"the second cut of a plateau schedule with patience {schedule.patience_epochs} has any use")
        if arm.recipe.budget.unit == "epochs" and schedule.kind == "plateau" and schedule.patience_epochs + 1 >= arm.recipe.budget.amount:
            yield (f"arm '{arm.name}': a plateau schedule with patience {schedule.patience_epochs} makes its first cut at the end of epoch "
                   f"{schedule.patience_epochs + 1} at the earliest, so it cannot act within {arm.recipe.budget.amount:g} epochs")
        if arm.recipe.budget.unit == "epochs" and stopping.patience_epochs and stopping.patience_epochs >= arm.recipe.budget.amount:
            yield (f"arm '{arm.name}': early stopping with patience {stopping.patience_epochs} cannot act within "
                   f"{arm.recipe.budget.amount:g} epochs")
        if arm.recipe.budget.unit == "seconds":
            yield f"arm '{arm.name}': a budget in seconds depends on the machine's speed; its runs are not bit-reproducible"
