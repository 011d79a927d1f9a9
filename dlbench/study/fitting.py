"""Which techniques fit a model, its data and each other, and why not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dlbench.datasets import source
from dlbench.datasets.categories import EMBEDDING
from dlbench.models import architecture
from dlbench.models.applications import base_of
from dlbench.models.fit import misfit
from dlbench.study.resources import undivided
from dlbench.tasks import task
from dlbench.techniques import CATALOGUE, Parameter, Technique
from dlbench.values.augmentation import is_mixing
from dlbench.values.errors import InputError, unknown
from dlbench.values.hooks import COMPILED
from dlbench.values.inspection import Inspection
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.packed import SEVERAL
from dlbench.values.recipe import FINAL, Model, Recipe, edit, within
from dlbench.values.scoring import Scoring
from dlbench.values.window import scored_once, window_words


def check(technique: Technique, baseline: Recipe, inspection: Inspection | None = None) -> None:
    """Refuse a technique that needs what the baseline's model or data does not have.

    ``inspection`` is what planning learned of model and data, where they are the user's own.

    Raises:
        InputError: saying what is missing, and which techniques can be applied.
    """
    if (need := missing_need(technique, baseline, inspection)) is not None:
        raise InputError(f"{technique.name} needs {need}" + (_applicable_names(baseline, inspection) if inspection else ""))


def by_number(technique: Technique, parameters: Mapping[str, Any], inspection: Inspection | None) -> dict[str, Any]:
    """Put the numbers of classes in the place of their names.

    Raises:
        InputError: the data has no class of that name, or names of its classes are not known.
    """
    numbered = dict(parameters)
    for item in (item for item in technique.parameters if item.classes):
        stated: list[int | str] = parameters.get(item.name) or []
        if any(isinstance(label, str) for label in stated):
            other = parameters.get("dataset") if item.name == "source" else None
            numbered[item.name] = [_class_number(f"{technique.name}: {item.name}", label, inspection, other) for label in stated]
    return numbered


def _class_number(where: str, label: int | str, inspection: Inspection | None, other: str | None) -> int:
    if isinstance(label, int):
        return label
    names = inspection.names if inspection is not None and other is None else ()
    if not names:
        of = f" of '{other}'" if other else ""
        raise InputError(f"{where}: '{label}': names of classes{of} are not known; accepted: their numbers, from 0")
    if label not in names:
        raise InputError(f"{where}: {unknown('class', label, names)}")
    return names.index(label)


def missing_need(technique: Technique, baseline: Recipe, inspection: Inspection | None) -> str | None:
    """Name what a technique needs of the model or data and does not find; None where it finds everything."""
    model, data = baseline.model.name, baseline.data.source
    has, shape = architecture(model).has, source(data).shape
    if inspection is not None:
        has = {need for need, count in _COUNTS.items() if getattr(inspection.build, count)}
        shape = inspection.acted[1] if inspection.acted[0] == "image" else None
    kind = inspection.acted[0] if inspection else "image" if shape else None
    holds = {"image": "images", "sequence": "sequences", "row": "rows of numbers", "text": "sentences", None: "?",
             SEVERAL: "several inputs, not exactly one of which has images or sequences"}[kind]
    missing = {need: has is not None and need not in has for need in _COUNTS} | {
        "text": kind not in (None, "text"), "images": kind not in (None, "image"),
        "one_input": inspection is not None and bool(inspection.inputs),
        "sequences": kind not in (None, "sequence"), "signals": kind not in (None, "image", "sequence"),
        "colour": kind is not None and (shape is None or shape[-1] != 3), "validation": baseline.data.validation == 0,
        "categories": baseline.data.categories != EMBEDDING, **dict.fromkeys(task(baseline.data.task).lacks, True)}
    needs = {"conv": f"a convolution, and model '{model}' has none", "flatten": f"a pooling head, and model '{model}' has none",
             "residual": f"residual connections, and model '{model}' has none", "text": f"sentences, and '{data}' has {holds}",
             "images": f"images, and '{data}' has {holds}", "sequences": f"sequences, and '{data}' has {holds}",
             "one_input": f"examples of one input, and '{data}' has {len(inspection.inputs) if inspection else 0} of them",
             "signals": f"images or sequences, and '{data}' has {holds}",
             "categories": f"words that are embedded; `categories = \"{EMBEDDING}\"` embeds those of a CSV file",
             "spectrogram": f"a mel spectrogram, and model '{model}' has none",
             "colour": f"images of 3 channels, and '{data}' has {shape[-1] if shape else holds}",
             "validation": "a validation split; set validation above 0",
             "classes": f"classes, and '{data}' has {task(baseline.data.task).values} to predict",
             "several": f"several labels an example, and '{data}' has {task(baseline.data.task).values}",
             "labels": f"classes or labels, and '{data}' has {task(baseline.data.task).values} to predict"}
    return next((needs[need] for need in technique.requires if missing.get(need)), None)


BY_FREQUENCY = {"class_weights": "class_weights", "balanced_sampling": "sampling", "threshold_moving": "thresholds"}
"""Technique -> field of the power with which it makes up for the frequency of classes."""
ROUNDING = 1e-9
_COUNTS = {"conv": "convs", "flatten": "pool", "residual": "residual", "spectrogram": "spectrograms"}
"""Need -> the part of an inspected model that meets it."""


def check_layers(recipe: Recipe, inspection: Inspection) -> None:
    """Refuse changes that a model of the user's own cannot take.

    Raises:
        InputError: saying why, and which techniques can be applied.
    """
    if (why := misfit(recipe.model, inspection.build)) is not None:
        raise InputError(why + _applicable_names(recipe, inspection))


def check_size(recipe: Recipe, shape: tuple[int, ...] | None) -> None:
    """Refuse transforms that can leave nothing of images of this shape, and views that reach further beyond their border than that.

    Raises:
        InputError: naming the parameter, and what is accepted.

    Example:
        >>> check_size(edit(Recipe(), augmentation__shift_px=8), (8, 8, 1))
        Traceback (most recent call last):
        dlbench.values.errors.InputError: pixels = 8 of shift: the images have 8 px; accepted: below 8
    """
    if shape is None or len(shape) != 3:
        return
    side, augmentation = min(shape[:2]), recipe.augmentation
    padded = augmentation.crop_px if isinstance(augmentation.crop_px, int) else 0
    limits = (("pad", "crop", padded, side), ("pixels", "shift", augmentation.shift_px, side),
              ("pixels", "cutout", augmentation.cutout_px, 2 * side), ("pad", "test_time_augmentation", recipe.scoring.crop_px, side))
    for parameter, technique, value, limit in limits:
        if value >= limit:
            raise InputError(f"{parameter} = {value:g} of {technique}: the images have {side} px; accepted: below {limit}")


def _applicable_names(baseline: Recipe, inspection: Inspection) -> str:
    return f". Techniques that can be applied here: {', '.join(applicable(baseline, inspection))}"


def applicable(baseline: Recipe, inspection: Inspection) -> list[str]:
    """List the techniques that the baseline's model and data can take, with some value of their parameters."""
    plain = edit(baseline, model=Model(baseline.model.name, baseline.model.options))
    return [item.name for item in CATALOGUE if missing_need(item, plain, inspection) is None and _fits_layers(item, plain, inspection)]


def _fits_layers(technique: Technique, baseline: Recipe, inspection: Inspection) -> bool:
    """Whether the model takes what the technique changes in it; where words must be chosen, any of them will do."""
    if not any(within(path, Model) for path in technique.touches):
        return True
    stated = {item.name: item.choices or (_some_value(item),) for item in technique.parameters if item.required or item.choices}
    tried = (dict(zip(stated, values)) for values in itertools.product(*stated.values()))
    return any(misfit(technique.apply(baseline, **{**technique.defaults(), **given}).model, inspection.build) is None for given in tried)


def _some_value(item: Parameter) -> float:
    return item.kind((item.low or 0) + 1) if item.high is None else item.kind(item.high)


def clashes(recipe: Recipe) -> Iterator[tuple[str, bool]]:
    """Yield what cannot go together, and whether the recipe has it.

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
    yield ("quantization converts float32 networks; accepted: without mixed_precision, in a study with precision = 'float32'",
           recipe.compression.bits is not None and recipe.model.precision != "float32")
    yield ("normalize(kind = 'application') is for a model with a base of keras.applications: 'application' or 'vgg16_transfer'",
           recipe.data.normalization == "application" and base is None)
    for name, on in (("label_smoothing", recipe.regularization.label_smoothing), ("focal_loss", recipe.imbalance.focal_gamma),
                     ("positive_weights", recipe.imbalance.positive_weights)):
        yield f"a loss of its own and {name} both decide the loss", bool(recipe.hooks.loss and on)
        yield (f"loss = 'model' and {name} both decide the loss; accepted: loss = 'task', or without {name}",
               training.loss == OF_MODEL and bool(on))
    yield ("loss = 'model' and distillation both decide the loss; accepted: loss = 'task', or without distillation",
           training.loss == OF_MODEL and bool(recipe.distillation.temperature))
    yield "a loss of its own is for labels that are not mixed; without mixup, cutmix and distillation it can", bool(recipe.hooks.loss) and (
        is_mixing(recipe.augmentation) or bool(recipe.distillation.temperature))
    powers = {name: getattr(recipe.imbalance, field) for name, field in BY_FREQUENCY.items() if getattr(recipe.imbalance, field)}
    yield (f"{' and '.join(powers)} together make up for rare classes by a power of {sum(powers.values()):g} of their inverse frequency; "
           "accepted: powers whose sum is at most 1", len(powers) > 1 and sum(powers.values()) > 1 + ROUNDING)
    yield from _averaged(recipe)
    yield from _resized(recipe)
    if training.loop == "keras":
        yield from _without_reference(recipe)
    if training.devices > 1:
        yield from _shared_out(recipe)


def _averaged(recipe: Recipe) -> Iterator[tuple[str, bool]]:
    """What does not go together with averages of predictions."""
    averaging = {"test_time_augmentation": replace(recipe.scoring, passes=0, members=1) != Scoring(),
                 "mc_dropout": bool(recipe.scoring.passes), "ensemble": recipe.scoring.members > 1}
    for name, on in averaging.items():
        yield (f"quantization converts the network alone, and {name} averages several of its answers; accepted: one of them",
               recipe.compression.bits is not None and on)
    yield ("a target asks when a training reaches a score, and an ensemble has several trainings; accepted: a study without `target`",
           recipe.target is not None and recipe.scoring.members > 1)
    yield ("a training step of the model's own may keep what it learned from one member of an ensemble to the next; accepted: "
           "loop = 'compiled', or loss = 'task'",
           recipe.training.loop == "keras" and recipe.training.loss == OF_MODEL and recipe.scoring.members > 1)


def _resized(recipe: Recipe) -> Iterator[tuple[str, bool]]:
    """What does not go together with images that grow while training goes on."""
    smaller = bool(recipe.training.resizing.start)
    yield ("progressive_resizing needs a budget whose epochs are known beforehand: epochs, steps or examples",
           recipe.budget.unit == "seconds" and smaller)
    yield ("distillation's teacher is for images of its own size, and progressive_resizing trains on smaller ones; accepted: one of them",
           bool(recipe.distillation.temperature) and smaller)


def _without_reference(recipe: Recipe) -> Iterator[tuple[str, bool]]:
    used = {
        "fine-tuning (two learning rates)": recipe.transfer.mode == "finetune",
        "layerwise_learning_rate": bool(recipe.training.layer_factor),
        "distillation": bool(recipe.distillation.temperature), "averaging": bool(recipe.training.averaging),
        "pruning": bool(recipe.compression.sparsity), "progressive_resizing": bool(recipe.training.resizing.start),
        "gradient_norms": "gradient_norms" in recipe.measure,
        "focal_loss of mixed labels": bool(recipe.imbalance.focal_gamma) and is_mixing(recipe.augmentation),
        "positive_weights": bool(recipe.imbalance.positive_weights),
        "loss scaling of float16": recipe.model.precision == "mixed_float16",
        **{f"place for hooks.{point}": bool(getattr(recipe.hooks, point)) for point in COMPILED},
    }
    for what, clash in used.items():
        yield f"loop = 'keras' is the plain reference and has no {what}; it needs loop = 'compiled'", clash


def _shared_out(recipe: Recipe) -> Iterator[tuple[str, bool]]:
    training = recipe.training
    used = {
        "the plain Keras loop (loop = 'keras')": training.loop == "keras", "a step that XLA compiles": training.xla,
        "quantization": recipe.compression.bits is not None, "progressive_resizing": bool(training.resizing.start),
        "the optimizer lion": training.optimizer == "lion",
        "a plug-in's optimizer": bool(recipe.hooks.optimizer), "the model's own loss": training.loss == OF_MODEL,
        "the model's own optimizer": training.optimizer == OF_MODEL,
    }
    for what, clash in used.items():
        yield f"{what} is for one device; it needs devices = 1", clash
    yield f"batch_size = {training.batch_size}: {undivided(training.devices)}", training.batch_size < training.devices


def warnings(recipes: Mapping[str, Recipe]) -> Iterator[str]:
    """Warn of arms that can run but probably do not do what their author meant; ``recipes`` maps arms to recipes."""
    for name, recipe in recipes.items():
        budget, training = recipe.budget, recipe.training
        plateau = training.schedule.patience_epochs if training.schedule.kind == "plateau" else None
        patience, epochs = training.early_stopping.patience_epochs, budget.amount if budget.unit == "epochs" else math.inf
        if plateau is not None and patience and patience <= 2 * plateau:
            yield (f"arm '{name}': on a flat loss, early stopping after {patience} epochs ends the run before "
                   f"the second cut of a plateau schedule with patience {plateau} has any use")
        if plateau is not None and plateau + 1 >= epochs:
            yield (f"arm '{name}': a plateau schedule with patience {plateau} makes its first cut at the end of epoch "
                   f"{plateau + 1} at the earliest, so it cannot act within {epochs:g} epochs")
        if patience and patience >= epochs:
            yield f"arm '{name}': early stopping with patience {patience} cannot act within {epochs:g} epochs"
        if recipe.score_over != FINAL and scored_once(recipe):
            yield (f"arm '{name}': scored once, at the weights that it ends with, and not as a "
                   f"{window_words(recipe.score_over)}")
        if budget.unit == "seconds":
            yield f"arm '{name}': a budget in seconds depends on the machine's speed; its runs are not bit-reproducible"
