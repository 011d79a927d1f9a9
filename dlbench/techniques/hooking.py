"""How a technique of a plug-in puts a function of its own into building and training a network."""

from __future__ import annotations

from typing import Any

from dlbench.values.errors import InputError, unknown
from dlbench.values.hooks import POINTS, added
from dlbench.values.recipe import Recipe, edit


def hooked(recipe: Recipe, point: str, function: str, **options: Any) -> Recipe:
    """The recipe with a function called at a point; see :class:`dlbench.values.hooks.Hooks` for what each point hands over.

    Args:
        recipe: what the technique was given.
        point: ``model``, ``images``, ``loss``, ``gradients`` or ``optimizer``.
        function: reference ``package.module:function``; its module's code becomes part of the run's identity.
        **options: keyword arguments of the function: numbers, words, or tuples of them.

    Raises:
        InputError: there is no such point.

    Example:
        >>> hooked(Recipe(), "loss", "mine:focal", gamma=2.0).hooks.loss
        (('mine:focal', (('gamma', 2.0),)),)
    """
    if point not in POINTS:
        raise InputError(unknown("hook", point, POINTS))
    return edit(recipe, **{f"hooks__{point}": added(getattr(recipe.hooks, point), point, function, options)})
