"""What a user's compiled model must be for its loss and optimizer to be used in a study, and what its loss is given of classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras

from dlbench.engines.keras.network.anatomy import has_graph
from dlbench.engines.protocol import one_line
from dlbench.values.errors import InputError
from dlbench.values.own_compile import CLASS_NUMBERS, OF_MODEL, ONE_HOT, TARGET_FORMS
from dlbench.values.recipe import Recipe

STEPS = ("train_step", "compute_loss", "fit")
"""Methods by which a subclass of ``keras.Model`` trains in its own way."""
DECAY, CLIPPING = ("weight_decay",), ("clipnorm", "clipvalue", "global_clipnorm")
"""Settings of an optimizer that a technique decides too."""
BASES = ("Loss", "LossFunctionWrapper")
"""Keras' classes of losses that say nothing of targets."""


def own_steps(model: keras.Model) -> list[str]:
    """Name the methods of training that a model's class has of its own."""
    of_keras = next(kind for kind in type(model).__mro__ if kind.__module__.startswith("keras."))
    return [name for name in STEPS if getattr(type(model), name) is not getattr(of_keras, name)]


def refusal(name: str, why: str, accepted: str) -> InputError:
    """Return the error that names a model, what is wrong with it, and what is accepted."""
    return InputError(f"model '{name}': {why}; accepted: {accepted}")


def demand_compiled(recipe: Recipe, model: keras.Model, steps: Sequence[str]) -> None:
    """Refuse a model whose compile cannot be taken as the recipe asks.

    Args:
        recipe: that asks for the model's loss or optimizer.
        model: as its function returned it.
        steps: methods of training of its own, where its loss is asked for.

    Raises:
        InputError: saying why, and what is accepted.
    """
    name, training = recipe.model.name, recipe.training
    asked = "loss" if training.loss == OF_MODEL else "optimizer"
    if not model.compiled:
        raise refusal(name, f'{asked} = "model" asks for what it was compiled with, and its function returns it uncompiled',
                      "model.compile(optimizer, loss=…, metrics=[…]) before it is returned")
    if has_graph(model) and len(model.outputs) > 1:
        raise refusal(name, f'it has {len(model.outputs)} outputs ({", ".join(model.output_names)}), and {asked} = "model" is for one',
                      "a model of one output, a row of numbers an example")
    if training.loss != OF_MODEL:
        return
    if "fit" in steps:
        raise refusal(name, "its own fit decides the order of examples, which a study controls",
                      'a train_step or compute_loss of its own, with loop = "keras"')
    if steps and training.loop != "keras":
        raise refusal(name, f"it has {' and '.join(steps)} of its own, which Keras' fit alone calls",
                      'loop = "keras" beside loss = "model"')
    if steps and training.xla:
        raise refusal(name, "xla compiles the training step, and the model has its own",
                      "compile(jit_compile=True) in its function, and no technique xla")
    if not steps and model._compile_loss is None:
        raise refusal(name, "it was compiled without a loss",
                      'model.compile(optimizer, loss=…), or a train_step of its own with loop = "keras"')


def demand_optimizer(recipe: Recipe, optimizer: keras.optimizers.Optimizer | None) -> None:
    """Refuse an optimizer that cannot be made anew for each run, or that decides what a technique decides too.

    Raises:
        InputError: saying why, and what is accepted.
    """
    name, kind = recipe.model.name, type(optimizer).__name__
    if optimizer is None:
        raise refusal(name, "it keeps no optimizer as model.optimizer", "super().compile(optimizer=…) in its compile")
    config = optimizer.get_config()
    if not isinstance(config.get("learning_rate"), int | float):
        raise refusal(name, f"the learning rate of its optimizer {kind} is a schedule",
                      "a number there, and the technique lr_schedule in the study's baseline")
    if optimizer.use_ema:
        raise refusal(name, f"its optimizer {kind} averages weights (use_ema)", "the technique averaging in the study's baseline")
    if any(getattr(optimizer, kept, None) for kept in ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")):
        raise refusal(name, f"its optimizer {kind} leaves weights out of weight decay, which no copy of it keeps",
                      "the technique weight_decay in the study's baseline, which acts on kernels")
    doubled = {"weight_decay": (bool(recipe.regularization.weight_decay), DECAY),
               "gradient_clipping": (recipe.training.clip_norm is not None, CLIPPING)}
    for technique, (acts, settings) in doubled.items():
        if acts and (given := [f"{setting} = {config[setting]:g}" for setting in settings if config.get(setting)]):
            raise refusal(name, f"its optimizer {kind} has {given[0]}, and the technique {technique} does the same", "one of them")
    if recipe.training.gradient_noise and (given := [setting for setting in CLIPPING if config.get(setting)]):
        raise refusal(name, f"its optimizer {kind} has {given[0]}, which would clip the noise of the technique gradient_noise too",
                      "the technique gradient_clipping in its place")
    made: type[keras.optimizers.Optimizer] = type(optimizer)
    try:
        made.from_config(config)
    except Exception as error:  # the user's class
        raise refusal(name, f"its optimizer {kind} cannot be made anew for each run ({one_line(error)})",
                      "one whose get_config() returns all that __init__ was given") from error


def chosen_form(recipe: Recipe, what: str, own: object, classes: int, takes: Callable[[str], bool]) -> str:
    """Choose what a loss is given of classes: as the study states, as Keras' own losses say, or as it can be called.

    Args:
        recipe: of the study.
        what: the loss, as messages call it.
        own: the loss, as it was compiled.
        classes: their number.
        takes: whether the loss can be called with a form of targets.

    Raises:
        InputError: it can be called with both forms, or with none.
    """
    if stated := recipe.training.targets or form_of_keras(own):
        return stated
    fitting = [form for form in TARGET_FORMS if takes(form)]
    if not fitting:
        raise refusal(recipe.model.name, f"{what} takes neither class numbers, [n], nor a column a class, [n, {classes}], or returns no "
                      "single number", "a keras.losses.Loss or a function of (y_true, y_pred)")
    if len(fitting) > 1:
        raise refusal(recipe.model.name, f"{what} can be given class numbers as well as a column a class, and the study does not say which",
                      f'targets = "{CLASS_NUMBERS}" ([n], as sparse losses take) or targets = "{ONE_HOT}" ([n, {classes}])')
    return fitting[0]


def form_of_keras(own: object) -> str:
    """Return what one of Keras' own losses, or a subclass of it, is given of classes; empty for a loss of the user's own.

    Example:
        >>> form_of_keras("sparse_categorical_crossentropy"), form_of_keras(keras.losses.CategoricalHinge()), form_of_keras(max)
        ('numbers', 'one_hot', '')
    """
    if isinstance(own, list | tuple | dict):
        own = keras.tree.flatten(own)[0]
    if isinstance(own, str):
        return CLASS_NUMBERS if own.lower().startswith("sparse") or own.lower() in ("ce", "crossentropy") else ONE_HOT
    kinds = type(own).__mro__ if isinstance(own, keras.losses.Loss) else (own,)
    named = [getattr(kind, "__name__", "") for kind in kinds if (getattr(kind, "__module__", None) or "").startswith("keras.")]
    named = [name for name in named if name not in BASES and hasattr(keras.losses, name)]
    return "" if not named else CLASS_NUMBERS if named[0].lower().startswith("sparse") else ONE_HOT
