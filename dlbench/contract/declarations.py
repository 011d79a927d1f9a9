"""The contract without training: what an entry declares holds. Each check yields its complaints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dlbench.datasets import Source
from dlbench.models import Architecture
from dlbench.references import resolve
from dlbench.study.validation import check, parameters_model
from dlbench.techniques import Technique
from dlbench.values.case import Case
from dlbench.values.errors import InputError
from dlbench.values.metric import Metric
from dlbench.values.recipe import DEFAULTS, Recipe, changes


def stated(technique: Technique) -> dict[str, Any]:
    """Choose a value for each parameter that a study must state: its example, or else its first choice.

    Example:
        >>> from dlbench.techniques import technique
        >>> stated(technique("batch_size"))
        {'size': 64, 'lr_rule': 'linear'}
    """
    return {item.name: item.example if item.example is not None else next(iter(item.choices), None)
            for item in technique.parameters if item.required}


def applied(technique: Technique, recipe: Recipe) -> Recipe:
    """Apply a technique with its required parameters at their examples; without a usable example, that is an InputError."""
    given = check(parameters_model(technique), stated(technique), f"technique '{technique.name}', with its examples")
    return technique.apply(recipe, **given.model_dump())


def changes_what_it_declares(item: Technique) -> Iterator[str]:
    """A technique changes something, and only what it declares."""
    changed = changes(applied(item, Recipe()), Recipe())
    if not changed:
        yield "it changes nothing in the recipe"
    if beside := sorted(set(changed) - set(item.touches)):
        yield f"it changes {', '.join(beside)}, which its touches do not name"


def touches_recipe_fields(item: Technique) -> Iterator[str]:
    """The fields that a technique touches exist."""
    if beside := sorted(set(item.touches) - set(DEFAULTS)):
        yield f"touches: {', '.join(beside)}: no such field of a recipe"


def is_pure(item: Technique) -> Iterator[str]:
    """Applied twice to the same recipe, a technique gives the same result and leaves the recipe alone."""
    before = Recipe()
    if applied(item, before) != applied(item, before) or before != Recipe():
        yield "it is not pure: applied twice to the same recipe, it gives two results"


def is_idempotent(item: Technique) -> Iterator[str]:
    """Applied to its own result, a technique changes nothing more."""
    once = applied(item, Recipe())
    if applied(item, once) != once:
        yield "it is not idempotent: applied to its own result, it changes more; set fields, do not add to them"


def says_where_it_comes_from(item: Technique) -> Iterator[str]:
    """A technique has a summary of one line, a family, and a paper with a link."""
    if not item.summary or "\n" in item.summary:
        yield "summary: wanted one line that says what it does"
    if not item.family.isidentifier():
        yield f"family: '{item.family}': wanted one word"
    if not item.paper.link.startswith("https://") or not 1900 < item.paper.year < 2100:
        yield f"paper: wanted a year and a link https://…, got {item.paper.year}, '{item.paper.link}'"


def describes_its_parameters(item: Technique) -> Iterator[str]:
    """Every parameter is described, and what its declaration excludes is refused."""
    for parameter in item.parameters:
        if not parameter.doc:
            yield f"parameter '{parameter.name}': wanted a doc of one line"
        if parameter.low is not None and parameter.kind in (int, float) and not _refused(item, parameter.name, parameter.low - 1):
            yield f"parameter '{parameter.name}': accepts {parameter.low - 1:g}, below its low"
    if item.parameters and not _refused(item, item.parameters[0].name + "x", 1):
        yield "accepts a parameter that it does not declare"


def _refused(item: Technique, name: str, value: Any) -> bool:
    try:
        check(parameters_model(item), {**stated(item), name: value}, "check")
    except InputError:
        return True
    return False


TECHNIQUE: tuple[Callable[[Technique], Iterator[str]], ...] = (
    changes_what_it_declares, touches_recipe_fields, is_pure, is_idempotent, says_where_it_comes_from, describes_its_parameters)


def technique_problems(item: Technique) -> Iterator[str]:
    """Yield everything that is wrong with a technique's declaration."""
    for kept in TECHNIQUE:
        try:
            yield from kept(item)
        except InputError as error:
            yield str(error)
            return
        except Exception as error:  # the technique's own function failed
            yield f"apply: {type(error).__name__}: {error}"
            return


def referring_problems(item: Source | Architecture | Case) -> Iterator[str]:
    """A declaration that names code by reference has a summary, and its reference is well formed."""
    reference = {Source: "load", Architecture: "build", Case: "prepare"}[type(item)]
    module, colon, function = getattr(item, reference).partition(":")
    if not colon or not function.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        yield f"{reference}: '{getattr(item, reference)}': wanted package.module:function"
    if not isinstance(item, Case) and not item.summary:
        yield "summary: wanted one line that says what it is"


def metric_problems(item: Metric) -> Iterator[str]:
    """A metric stays in its range, and right answers score no worse than wrong ones."""
    if not item.compute:
        yield "compute: wanted package.module:function"
        return
    labels = np.arange(30) % 3
    right, wrong = np.eye(3)[labels], np.eye(3)[(labels + 1) % 3]
    try:
        function = resolve(item.compute)
        best, worst = (float(function(labels, 0.9 * answers + 0.1 / 3)) for answers in (right, wrong))
    except Exception as error:  # whatever a plug-in's code raises is the plug-in's to mend
        yield f"compute: {type(error).__name__}: {error}"
        return
    for word, value in (("right", best), ("wrong", worst)):
        if not item.low <= value <= item.high:
            yield f"it gives {value:g} for {word} answers, outside of [{item.low:g}, {item.high:g}]"
    if (best < worst) if item.higher_is_better else (best > worst):
        yield f"right answers score {best:g}, wrong ones {worst:g}: its higher_is_better says the opposite"


DECLARATIONS: dict[str, Callable[[Any], Iterator[str]]] = {
    "technique": technique_problems, "dataset": referring_problems, "model": referring_problems, "metric": metric_problems,
    "kernel": referring_problems,
}
