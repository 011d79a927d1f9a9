"""The recipe: one frozen value that holds everything which decides a training result.

A field at its default is left out of the canonical form, so that a technique added later leaves older runs their identity.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, cast

from dlbench.values.augmentation import Augmentation
from dlbench.values.command import Command, by_name
from dlbench.values.course import EarlyStopping, Resizing, Schedule
from dlbench.values.data import Data
from dlbench.values.errors import InputError, unknown
from dlbench.values.field import COUNT, POSITIVE, SHARE, STRENGTH, Purpose, Traced, Traits, declared, traits
from dlbench.values.hooks import Hooks
from dlbench.values.own_compile import BY_TASK
from dlbench.values.scoring import Scoring

FINAL = "final"
"""Scores are those of the trained network, and no means over epochs."""
L1_PURPOSE = (Purpose.REGULARISE, Purpose.SHRINK, Purpose.SPARSIFY)


@dataclass(frozen=True)
class Model:
    """The network, and what techniques change in it."""

    name: str = declared("small_cnn", purpose=Purpose.CHOOSE_MODEL, stated=True)
    options: tuple[tuple[str, Any], ...] = declared((), purpose=Purpose.CHOOSE_MODEL)
    separable: str | None = declared(None, purpose=Purpose.SPEED)
    depth_multiplier: int = declared(1)
    normalization: str | None = declared(None, purpose=Purpose.SPEED)
    normalization_place: str = declared("conv", purpose=Purpose.SPEED)
    pooling: str | None = declared(None, purpose=Purpose.SPEED)
    activation: str | None = declared(None)
    init: str | None = declared(None)
    dropout: float = declared(0.0, traced=Traced.NUMBER, purpose=Purpose.REGULARISE)
    dropout_place: str = declared("head", purpose=Purpose.REGULARISE)
    spatial_dropout: float = declared(0.0, traced=Traced.NUMBER, purpose=Purpose.REGULARISE)
    stochastic_depth: float = declared(0.0, traced=Traced.NUMBER, purpose=Purpose.REGULARISE)
    mask_time: float = declared(0.0, traced=Traced.NUMBER, purpose=Purpose.REGULARISE)
    mask_frequency: float = declared(0.0, traced=Traced.NUMBER, purpose=Purpose.REGULARISE)
    masks: int = declared(2, purpose=Purpose.REGULARISE)
    width: float = declared(1.0, purpose=(Purpose.SHRINK, Purpose.SPEED))
    depth: int = declared(0)
    embedding_width: int | None = declared(None, moves=("init",), purpose=Purpose.CHOOSE_MODEL)
    precision: str = declared("float32", purpose=Purpose.SHRINK)


@dataclass(frozen=True)
class Regularization:
    """Penalties and targets of the loss."""

    l1: float = declared(0.0, traced=Traced.NUMBER, tunable=STRENGTH, purpose=L1_PURPOSE)
    l1_form: str = declared("subgradient", purpose=L1_PURPOSE)
    l1_scope: str = declared("all", purpose=L1_PURPOSE)
    l2: float = declared(0.0, traced=Traced.NUMBER, tunable=STRENGTH, purpose=Purpose.REGULARISE)
    l2_scope: str = declared("all", purpose=Purpose.REGULARISE)
    weight_decay: float = declared(0.0, traced=Traced.NUMBER, tunable=STRENGTH, purpose=Purpose.REGULARISE)
    max_norm: float = declared(0.0, traced=Traced.NUMBER, purpose=Purpose.REGULARISE)
    label_smoothing: float = declared(0.0, traced=Traced.NUMBER, tunable=SHARE, purpose=Purpose.REGULARISE)


@dataclass(frozen=True)
class Imbalance:
    """What is done for rare classes; zero is off. It is the power of a class' inverse frequency, or of the odds against a label."""

    class_weights: float = declared(0.0, traced=Traced.NUMBER)
    focal_gamma: float = declared(0.0, traced=Traced.NUMBER)
    sampling: float = declared(0.0, traced=Traced.OUTSIDE, moves=("order",), purpose=Purpose.SHARES)
    thresholds: float = declared(0.0, traced=Traced.OUTSIDE, purpose=Purpose.SHARES)
    positive_weights: float = declared(0.0, traced=Traced.NUMBER)


@dataclass(frozen=True)
class Training:
    """The optimisation; ``devices`` is how many a batch is shared out over, ``targets`` what a model's own loss is given of classes."""

    optimizer: str = declared("adam", stated=True)
    batch_size: int = declared(32, traced=Traced.OUTSIDE, tunable=COUNT, purpose=Purpose.SPEED, stated=True)
    learning_rate: float = declared(1e-3, traced=Traced.NUMBER, tunable=POSITIVE, stated=True)
    layer_factor: float = declared(0.0, traced=Traced.NUMBER)
    clip_norm: float | None = declared(None, traced=Traced.NUMBER)
    gradient_noise: float = declared(0.0, traced=Traced.NUMBER)
    gradient_noise_decay: float = declared(0.55, traced=Traced.NUMBER)
    averaging: float = declared(0.0, traced=Traced.NUMBER)
    xla: bool = declared(False, purpose=Purpose.SHRINK)
    schedule: Schedule = field(default=Schedule())
    early_stopping: EarlyStopping = field(default=EarlyStopping())
    resizing: Resizing = field(default=Resizing())
    loop: str = declared("compiled")
    loss: str = declared(BY_TASK)
    targets: str | None = declared(None)
    devices: int = declared(1)


@dataclass(frozen=True)
class Transfer:
    """Where initial weights come from: a run on other classes or another dataset, whose images ``fits`` this one's, or a file."""

    mode: str = declared("none", moves=("init",))
    source_classes: tuple[int, ...] | None = declared(None, moves=("init",))
    base_learning_rate: float | None = declared(None, traced=Traced.NUMBER)
    dataset: str | None = declared(None, moves=("init",))
    weights: str | None = declared(None, moves=("init",))
    fits: str | None = declared(None)


@dataclass(frozen=True)
class Distillation:
    """A teacher whose softened answers are part of the target; off where temperature is 0."""

    teacher: str | None = declared(None, purpose=Purpose.SHRINK)
    teacher_width: float = declared(2.0, purpose=Purpose.SHRINK)
    temperature: float = declared(0.0, traced=Traced.NUMBER, purpose=Purpose.SHRINK)
    weight: float = declared(0.5, traced=Traced.NUMBER, purpose=Purpose.SHRINK)


@dataclass(frozen=True)
class Compression:
    """What is taken off the network: the share of weights set to zero in training, and the bits that it is stored in after."""

    sparsity: float = declared(0.0, traced=Traced.NUMBER, purpose=(Purpose.SHRINK, Purpose.SPARSIFY))
    bits: int | None = declared(None, traced=Traced.OUTSIDE, purpose=Purpose.SHRINK)


@dataclass(frozen=True)
class Budget:
    """How long a run trains: exactly one unit is counted."""

    unit: str = declared("epochs", traced=Traced.OUTSIDE, stated=True)
    amount: float = declared(20, traced=Traced.OUTSIDE, stated=True)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training result, except the seed; ``code`` has the digests of modules outside of dlbench that it names."""

    data: Data = field(default=Data())
    augmentation: Augmentation = field(default=Augmentation())
    model: Model = Model()
    regularization: Regularization = Regularization()
    imbalance: Imbalance = Imbalance()
    training: Training = Training()
    transfer: Transfer = Transfer()
    distillation: Distillation = Distillation()
    compression: Compression = Compression()
    scoring: Scoring = field(default=Scoring())
    budget: Budget = Budget()
    score_over: str | int = declared(FINAL, traced=Traced.OUTSIDE)
    target: float | None = declared(None, traced=Traced.OUTSIDE)
    redrawn: tuple[str, ...] = declared((), traced=Traced.OUTSIDE)
    measure: tuple[str, ...] = declared(())
    hooks: Hooks = field(default=Hooks())
    command: Command = field(default=Command())
    metrics: tuple[str, ...] = declared(())
    code: tuple[tuple[str, str], ...] = declared(())


def is_weighted(recipe: Recipe) -> bool:
    """Return whether the losses of examples are weighted: by their class, or by a column of the data.

    Example:
        >>> is_weighted(Recipe()), is_weighted(edit(Recipe(), data__weight="cost"))
        (False, True)
    """
    return bool(recipe.imbalance.class_weights) or recipe.data.weight is not None


def flatten(recipe: Recipe) -> dict[str, Any]:
    """Map every field's dotted path to its value.

    Example:
        >>> flatten(Recipe())["training.schedule.kind"]
        'constant'
    """
    return dict(zip(TRAITS, _values(recipe)))


def _leaves(kind: type, prefix: str = "") -> Iterator[tuple[str, Traits]]:
    for item in dataclasses.fields(kind):
        if dataclasses.is_dataclass(item.default):
            yield from _leaves(type(item.default), f"{prefix}{item.name}.")
        else:
            yield prefix + item.name, traits(item)


TRAITS = dict(_leaves(Recipe))
"""Dotted path of a field -> its traits."""
_values = attrgetter(*TRAITS)
DEFAULTS = dict(zip(TRAITS, _values(Recipe())))
_PREFIXES: dict[type, str] = {type(item.default): f"{item.name}." for item in dataclasses.fields(Recipe)}


def within(path: str, *sections: type) -> bool:
    """Return whether a dotted path lies in one of these sections of the recipe.

    Example:
        >>> within("data.source", Data, Augmentation), within("target", Data)
        (True, False)
    """
    return path.startswith(tuple(_PREFIXES[section] for section in sections))


def fields_with(*purposes: Purpose) -> frozenset[str]:
    """Return the dotted paths of the fields that serve any of these purposes.

    Example:
        >>> sorted(fields_with(Purpose.SPARSIFY))
        ['compression.sparsity', 'regularization.l1', 'regularization.l1_form', 'regularization.l1_scope']
    """
    return frozenset(path for path, known in TRAITS.items() if known.purpose.intersection(purposes))


def edit(recipe: Recipe, **values: Any) -> Recipe:
    """Return the recipe with fields replaced; ``__`` in a keyword stands for the dot of its path.

    Raises:
        InputError: no such field.

    Example:
        >>> edit(Recipe(), training__batch_size=64).training.batch_size
        64
    """
    for path, value in values.items():
        recipe = _replace(recipe, path.replace("__", ".").split("."), value)
    return recipe


def _replace(value: Any, path: list[str], new: Any) -> Any:
    if path[0] not in (names := [item.name for item in dataclasses.fields(value)]):
        raise InputError(unknown("recipe field", path[0], names))
    if len(path) > 1:
        new = _replace(getattr(value, path[0]), path[1:], new)
    return dataclasses.replace(value, **{path[0]: new})


def to_dict(recipe: Recipe) -> dict[str, Any]:
    """Return the canonical form: sorted dotted paths of the fields that differ from their default, JSON-ready.

    Example:
        >>> to_dict(edit(Recipe(), training__batch_size=64))
        {'training.batch_size': 64}
    """
    return {path: plain(value) for path, value in sorted(flatten(recipe).items()) if value != DEFAULTS[path]}


def from_dict(fields: dict[str, Any]) -> Recipe:
    """Return the recipe of a canonical form; the inverse of :func:`to_dict`.

    Example:
        >>> from_dict(to_dict(edit(Recipe(), model__dropout=0.5))) == edit(Recipe(), model__dropout=0.5)
        True
    """
    return edit(Recipe(), **{path: _frozen(value) for path, value in fields.items()})


def plain(value: Any) -> Any:
    """Return a JSON-ready value: lists for tuples."""
    return [plain(item) for item in cast(tuple[Any, ...], value)] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in cast(list[Any], value)) if isinstance(value, list) else value


def changes(recipe: Recipe, reference: Recipe) -> dict[str, tuple[Any, Any]]:
    """Map each field in which a recipe differs from its reference to (value in the reference, value in the recipe).

    Example:
        >>> changes(edit(Recipe(), model__dropout=0.5), Recipe())
        {'model.dropout': (0.0, 0.5)}
    """
    pairs = zip(TRAITS, _values(reference), _values(recipe))
    return dict(by_name({path: (old, new) for path, old, new in pairs if old != new and path != "code"}))
