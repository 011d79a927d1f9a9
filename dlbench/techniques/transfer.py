"""Knowledge transfer between parts of the classes: pretrain on some, train on the others.

Every mode changes the task, so its arms are compared with ``scratch`` on the same target classes.
"""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, Transfer, edit

YOSINSKI = Paper("J. Yosinski, J. Clune, Y. Bengio, H. Lipson", "How transferable are features in deep neural networks?",
                 2014, "https://arxiv.org/abs/1411.1792")
MODES = ("scratch", "frozen", "finetune", "article")


def transfer(recipe: Recipe, mode: str, **task: object) -> Recipe:
    """Train on the target classes: from scratch, or from weights pretrained on the source classes."""
    recipe = edit(recipe, data__classes=tuple(task["target"]), data__labels_per_class=task["labels_per_class"])
    if mode == "scratch":
        return recipe
    rate = task["base_learning_rate"] if mode == "finetune" else None
    return edit(recipe, transfer=Transfer(mode, tuple(task["source"]), rate))


def pretraining(recipe: Recipe) -> Recipe | None:
    """The run whose weights this recipe starts from, or None.

    Example:
        >>> pretraining(Recipe()) is None
        True
    """
    if recipe.transfer.source_classes is None:
        return None
    recipe = edit(recipe, data__classes=recipe.transfer.source_classes, data__labels_per_class=None)
    return edit(recipe, transfer=Transfer(mode="pretrain"))


TECHNIQUES = (
    Technique(
        "transfer", "transfer", transfer.__doc__.rstrip("."), YOSINSKI,
        ("data.classes", "data.labels_per_class", "transfer.mode", "transfer.source_classes", "transfer.base_learning_rate"),
        transfer,
        (
            Parameter("mode", str, "scratch; base frozen; fine-tuned; the article's: nothing frozen, inputs not scaled",
                      choices=MODES),
            Parameter("source", list, "classes to pretrain on", (0, 1, 2, 3, 4), low=0),
            Parameter("target", list, "classes to train and test on", (5, 6, 7, 8, 9), low=0),
            Parameter("labels_per_class", int, "training examples of each target class; all where unset", None, low=1,
                      unit="examples"),
            Parameter("base_learning_rate", float, "of the pretrained layers (finetune)", 1e-5, low=0, open_low=True),
        ),
    ),
)
