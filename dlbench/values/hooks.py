"""Hooks: functions of a plug-in that take part in building and training a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from dlbench.values.field import Purpose, declared, fields_for

Call = tuple[str, tuple[tuple[str, Any], ...]]
"""The reference of a function, ``package.module:function``, and its options by name."""


def worded(calls: Iterable[tuple[str, Iterable[tuple[str, object]]]]) -> str:
    """Write the calls of a point as text.

    Example:
        >>> worded((("mine:focal", (("gamma", 2.0),)),)), worded(())
        ('mine:focal(gamma=2)', 'none')
    """
    shown = [f"{function}({', '.join(f'{name}={_short(value)}' for name, value in options)})" for function, options in calls]
    return ", ".join(shown) or "none"


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Hooks:
    """The calls at each point, sorted by reference, so that two arms with the same hooks are equal whichever they name first.

    Attributes:
        model: ``model(model, **options) -> model``: a functional Keras model before the recipe's own changes to its layers.
        images: ``images(images, draws, **options) -> images``: the training batch, float32 [b, H, W, C] as shares of the full range
            of values, after the recipe's own augmentation; ``draws`` is a :class:`dlbench.kernels.draws.Draws`.
        loss: ``loss(logits, labels, **options) -> losses``: [b, K] and int64 [b] to float32 [b]; in the place of the cross-entropy
            in training. One function only.
        gradients: ``gradients(gradients, weights, **options) -> gradients``: lists of tensors and variables, before clipping.
        optimizer: ``optimizer(**options) -> keras.optimizers.Optimizer``: in the place of the recipe's. One function only.
    """

    model: tuple[Call, ...] = declared((), words=worded)
    images: tuple[Call, ...] = declared((), words=worded, purpose=Purpose.COMPILED)
    loss: tuple[Call, ...] = declared((), words=worded, purpose=(Purpose.COMPILED, Purpose.REPLACE))
    gradients: tuple[Call, ...] = declared((), words=worded, purpose=Purpose.COMPILED)
    optimizer: tuple[Call, ...] = declared((), words=worded, purpose=(Purpose.COMPILED, Purpose.REPLACE))


POINTS = tuple(item.name for item in fields(Hooks))
ALONE = fields_for(Hooks, Purpose.REPLACE)
"""The points whose function replaces what dlbench does; each takes one function."""
COMPILED = fields_for(Hooks, Purpose.COMPILED)
"""The points of the compiled loop only."""


def added(calls: tuple[Call, ...], point: str, function: str, options: dict[str, Any]) -> tuple[Call, ...]:
    """Return the calls of a point with one more, which replaces an earlier call of the same function.

    Example:
        >>> added((("a:f", (("rate", 1),)),), "images", "a:f", {"rate": 2})
        (('a:f', (('rate', 2),)),)
    """
    kept = () if point in ALONE else tuple(call for call in calls if call[0] != function)
    return tuple(sorted((*kept, (function, tuple(sorted(options.items()))))))


def references(hooks: Hooks) -> Iterator[str]:
    """Yield the functions that the hooks name.

    Example:
        >>> list(references(Hooks(loss=(("a:f", ()),))))
        ['a:f']
    """
    for point in POINTS:
        yield from (function for function, _ in getattr(hooks, point))
