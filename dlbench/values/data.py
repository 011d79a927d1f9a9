"""What of a recipe says which examples it trains on and is scored on."""

from __future__ import annotations

from dataclasses import dataclass

from dlbench.values.field import Purpose, Traced, declared

HIGHEST_RATE_HZ = 1_000_000
"""The highest rate of a sound: readings of ultrasound have less."""


@dataclass(frozen=True)
class Data:
    """The examples of training and scoring, and how they are read and scaled.

    ``content`` is a hash of the user's own data. ``inputs`` are several of a model, by name: a column of files, columns, or an
    array. Of ``folds``, the run of a seed tests one, ``fold``: see :mod:`dlbench.values.folds`.
    """

    source: str = declared("digits", purpose=(Purpose.READ, Purpose.SELECT), stated=True)
    content: str | None = declared(None, purpose=Purpose.READ)
    size: tuple[int, ...] | None = declared(None, purpose=Purpose.READ)
    alpha: str | None = declared(None, purpose=Purpose.READ)
    rate: int | None = declared(None, purpose=Purpose.READ)
    seconds: float | None = declared(None, purpose=Purpose.READ)
    text: str | None = declared(None, purpose=Purpose.READ)
    image: str | None = declared(None, purpose=Purpose.READ)
    inputs: tuple[tuple[str, str | tuple[str, ...]], ...] | None = declared(None, purpose=Purpose.READ)
    kind: str | None = declared(None, purpose=Purpose.READ)
    task: str = declared("classification", purpose=Purpose.READ)
    label: str | tuple[str, ...] | None = declared(None, purpose=Purpose.READ)
    label_separator: str | None = declared(None, purpose=Purpose.READ)
    features: tuple[str, ...] | None = declared(None, purpose=Purpose.READ)
    separator: str | None = declared(None, purpose=Purpose.READ)
    decimal: str | None = declared(None, purpose=Purpose.READ)
    thousands: str | None = declared(None, purpose=Purpose.READ)
    categories: str | None = declared(None, purpose=Purpose.READ)
    cardinalities: tuple[int, ...] | None = declared(None)
    missing: str | None = declared(None, purpose=Purpose.READ)
    group: str | None = declared(None, purpose=(Purpose.READ, Purpose.SELECT))
    order_by: str | None = declared(None, purpose=(Purpose.READ, Purpose.SELECT))
    part: str | None = declared(None, purpose=(Purpose.READ, Purpose.SELECT))
    weight: str | None = declared(None, purpose=Purpose.READ)
    examples: int | None = declared(None, moves=("data", "split", "order"), purpose=(Purpose.SELECT, Purpose.REGULARISE), stated=True)
    split_seed: int = declared(0, purpose=Purpose.SELECT, stated=True)
    validation: float = declared(0.1, purpose=Purpose.SELECT, stated=True)
    test: float = declared(0.25, purpose=Purpose.SELECT)
    folds: int = declared(0, traced=Traced.OUTSIDE, purpose=Purpose.SELECT)
    fold: int | None = declared(None, traced=Traced.OUTSIDE, purpose=Purpose.SELECT)
    classes: tuple[int, ...] | None = declared(None, purpose=Purpose.SELECT)
    labels_per_class: int | None = declared(None, moves=("data", "split", "order"), purpose=Purpose.SELECT)
    normalization: str = declared("scale", stated=True)
    clean: str = declared("off", moves=("data", "evaluation"))
    vocabulary: int = declared(10_000, moves=("data", "evaluation", "init"))
    words: int = declared(50, moves=("data", "evaluation"))
