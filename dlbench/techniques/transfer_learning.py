"""Knowledge transfer: weights of a run on other classes or other data, or of a file; and the answers of a teacher.

An arm on other classes, or on fewer labels, is compared with ``scratch`` on the same task.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.errors import InputError
from dlbench.values.recipe import FINAL, Compression, Distillation, Model, Recipe, Transfer, edit
from dlbench.values.scoring import Scoring

YOSINSKI = Paper("J. Yosinski, J. Clune, Y. Bengio, H. Lipson", "How transferable are features in deep neural networks?",
                 2014, "https://arxiv.org/abs/1411.1792")
HINTON = Paper("G. Hinton, O. Vinyals, J. Dean", "Distilling the knowledge in a neural network", 2015,
               "https://arxiv.org/abs/1503.02531")
FAMILY = "transfer"
MODES = ("scratch", "frozen", "finetune", "article")
IMAGENET = "imagenet"
MARK = "#"
"""Between the name of a file of weights and the hash of its content."""
SOURCE, TARGET = (0, 1, 2, 3, 4), (5, 6, 7, 8, 9)
"""The classes of a transfer within one dataset, where none are stated."""


def _transfer(recipe: Recipe, mode: str, **task: Any) -> Recipe:
    dataset, weights = task["dataset"], task["weights"]
    if dataset and weights:
        raise InputError(f"transfer: dataset = '{dataset}' and weights = '{weights}': accepted: one of the two")
    within = not dataset and not weights
    source, target = task["source"] or (SOURCE if within else None), task["target"] or (TARGET if within else None)
    recipe = edit(recipe, data__classes=_classes(target), data__labels_per_class=task["labels_per_class"])
    if mode == "scratch":
        return recipe
    rate = task["base_learning_rate"] if mode == "finetune" else None
    if weights and weights.partition(MARK)[0] == IMAGENET and mode != "article":
        recipe = edit(recipe, data__normalization="application")
    return edit(recipe, transfer=Transfer(mode, None if weights else _classes(source), rate, dataset, weights))


def _classes(stated: Iterable[int] | None) -> tuple[int, ...] | None:
    return tuple(stated) if stated else None


def downloaded(recipe: Recipe) -> bool:
    """Return whether a recipe starts from ImageNet weights that have no file of their own."""
    return recipe.transfer.weights == IMAGENET


def teaching(recipe: Recipe) -> Recipe | None:
    """Return the recipe that trains a recipe's teacher; None where it has none.

    Example:
        >>> teaching(Recipe()) is None
        True
    """
    distillation = recipe.distillation
    if not distillation.temperature:
        return None
    model = edit(recipe, model__width=distillation.teacher_width).model if distillation.teacher is None else Model(
        distillation.teacher, width=distillation.teacher_width)
    return edit(_as_trained(recipe), model=model, distillation=Distillation(), transfer=Transfer(mode="pretrain"))


def pretraining(recipe: Recipe) -> Recipe | None:
    """Return the recipe whose weights this one starts from, or whose answers it learns from; None where there is none.

    Example:
        >>> pretraining(Recipe()) is None
        True
    """
    transfer = recipe.transfer
    if transfer.source_classes is None and transfer.dataset is None:
        return teaching(recipe)
    fits = recipe.data.source if transfer.dataset else None
    recipe = edit(_as_trained(recipe), data__classes=transfer.source_classes, data__labels_per_class=None)
    if transfer.dataset:
        recipe = edit(recipe, data__source=transfer.dataset, data__examples=None, data__folds=0, data__content=None)
    return edit(recipe, transfer=Transfer(mode="pretrain", fits=fits))


def _as_trained(recipe: Recipe) -> Recipe:
    """Return the recipe without what is done to the network after its training, scored at its end."""
    return edit(recipe, compression=Compression(), scoring=Scoring(), imbalance__thresholds=0.0, score_over=FINAL)


TECHNIQUES = (
    Technique(
        "transfer", FAMILY,
        "Train from scratch, or from weights: of a run on other classes or on another dataset, of a file, or of ImageNet", YOSINSKI,
        ("data.classes", "data.labels_per_class", "data.normalization", "transfer.mode", "transfer.source_classes",
         "transfer.dataset", "transfer.weights", "transfer.base_learning_rate"),
        _transfer,
        (
            Parameter("mode", str, "scratch; base frozen; fine-tuned; the article's: nothing frozen, inputs not scaled",
                      choices=MODES, example="frozen"),
            Parameter("source", list, "classes to pretrain on; where unset, all of dataset, else 0 to 4", None, low=0, classes=True),
            Parameter("target", list, "classes to train and test on; where unset, all with dataset or weights, else 5 to 9",
                      None, low=0, classes=True),
            Parameter("dataset", str, "pretrain on another dataset, its images brought to the size of this one's", None),
            Parameter("weights", str, "a .keras or .weights.h5 file of the study's model, or imagenet", None),
            Parameter("labels_per_class", int, "training examples of each target class; all where unset", None, low=1,
                      unit="examples"),
            Parameter("base_learning_rate", float, "of the pretrained layers (finetune)", 1e-5, low=0, open_low=True),
        ),
        requires=("classes",),
        formula="w_base = w of the pretraining; frozen: stays; finetune: learns at base_learning_rate; scratch: w_base drawn anew"),
    Technique(
        "distillation", FAMILY,
        "Learn from a teacher's softened answers too: (1-weight)·cross-entropy + weight·T²·KL(teacher ‖ student)", HINTON,
        parameters=(
            Parameter("teacher", str, "a name from `dlbench list models`; the study's own model where unset", None,
                      sets="distillation.teacher"),
            Parameter("teacher_width", float, "factor of the widths of the teacher's hidden layers", 2.0, low=0, open_low=True,
                      sets="distillation.teacher_width"),
            Parameter("temperature", float, "of the softened answers", 4.0, low=0, open_low=True, sets="distillation.temperature"),
            Parameter("weight", float, "share of the teacher in the loss", 0.5, low=0, high=1, open_low=True, sets="distillation.weight"),
        ),
        requires=("classes",), formula="loss = (1 - weight) · L(y) + weight · T² · KL(softmax(z_teacher / T) ‖ softmax(z / T))"),
)
