"""The recipe: one frozen value that holds everything which decides a training result.

A field at its default is left out of the canonical form, so that a technique added later leaves older runs their identity.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from dlbench.values.augmentation import Augmentation
from dlbench.values.errors import InputError, unknown
from dlbench.values.hooks import Hooks

SCHEMA = 1


@dataclass(frozen=True)
class Data:
    """Which examples are trained and scored on, and how they are read and scaled; ``content`` is a hash of the user's own data."""

    source: str = "digits"
    content: str | None = None
    size: tuple[int, ...] | None = None
    text: str | None = None
    label: str | None = None
    features: tuple[str, ...] | None = None
    split_seed: int = 0
    validation: float = 0.1
    test: float = 0.25
    examples: int | None = None
    classes: tuple[int, ...] | None = None
    labels_per_class: int | None = None
    normalization: str = "scale"
    clean: str = "off"
    vocabulary: int = 10_000
    words: int = 50


@dataclass(frozen=True)
class Model:
    """The network, and what techniques change in it."""

    name: str = "small_cnn"
    options: tuple[tuple[str, Any], ...] = ()
    separable: str | None = None
    depth_multiplier: int = 1
    normalization: str | None = None
    normalization_place: str = "conv"
    pooling: str | None = None
    activation: str | None = None
    init: str | None = None
    dropout: float = 0.0
    dropout_place: str = "head"
    spatial_dropout: float = 0.0
    stochastic_depth: float = 0.0
    width: float = 1.0
    depth: int = 0
    precision: str = "float32"


@dataclass(frozen=True)
class Regularization:
    """Penalties and targets of the loss."""

    l1: float = 0.0
    l1_form: str = "subgradient"
    l1_scope: str = "all"
    l2: float = 0.0
    l2_scope: str = "all"
    weight_decay: float = 0.0
    label_smoothing: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """How the learning rate goes over the run's steps."""

    kind: str = "constant"
    warmup: float = 0.0
    factor: float = 0.1
    every_epochs: int = 10
    patience_epochs: int = 5
    min_delta: float = 1e-4
    floor: float = 0.0


@dataclass(frozen=True)
class EarlyStopping:
    """When a run ends before its budget; off where patience is None."""

    patience_epochs: int | None = None
    min_delta: float = 0.0
    restore_best: bool = True


@dataclass(frozen=True)
class Training:
    """The optimisation; ``devices`` is how many a batch is shared out over."""

    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    clip_norm: float | None = None
    averaging: float = 0.0
    xla: bool = False
    schedule: Schedule = field(default_factory=Schedule)
    early_stopping: EarlyStopping = field(default_factory=EarlyStopping)
    loop: str = "compiled"
    devices: int = 1


@dataclass(frozen=True)
class Transfer:
    """Where initial weights come from: a run on other classes or another dataset, whose images ``fits`` this one's, or a file."""

    mode: str = "none"
    source_classes: tuple[int, ...] | None = None
    base_learning_rate: float | None = None
    dataset: str | None = None
    weights: str | None = None
    fits: str | None = None


@dataclass(frozen=True)
class Distillation:
    """A teacher whose softened answers are part of the target; off where temperature is 0."""

    teacher: str | None = None
    teacher_width: float = 2.0
    temperature: float = 0.0
    weight: float = 0.5


@dataclass(frozen=True)
class Compression:
    """What is taken off the network: the share of weights set to zero in training, and the bits that it is stored in after."""

    sparsity: float = 0.0
    bits: int | None = None


@dataclass(frozen=True)
class Budget:
    """How long a run trains: exactly one unit is counted."""

    unit: str = "epochs"
    amount: float = 20


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training result, except the seed; ``code`` has the digests of modules outside of dlbench that it names."""

    data: Data = field(default_factory=Data)
    augmentation: Augmentation = field(default_factory=Augmentation)
    model: Model = field(default_factory=Model)
    regularization: Regularization = field(default_factory=Regularization)
    training: Training = field(default_factory=Training)
    transfer: Transfer = field(default_factory=Transfer)
    distillation: Distillation = field(default_factory=Distillation)
    compression: Compression = field(default_factory=Compression)
    budget: Budget = field(default_factory=Budget)
    target: float | None = None
    redrawn: tuple[str, ...] = ()
    measure: tuple[str, ...] = ()
    hooks: Hooks = field(default_factory=Hooks)
    metrics: tuple[str, ...] = ()
    code: tuple[tuple[str, str], ...] = ()


def flatten(recipe: Recipe) -> dict[str, Any]:
    """Map every field's dotted path to its value.

    Example:
        >>> flatten(Recipe())["training.schedule.kind"]
        'constant'
    """
    return dict(zip(_LEAVES, _values(recipe)))


def _leaves(value: Any, prefix: str = "") -> Iterator[str]:
    for item in dataclasses.fields(value):
        child = getattr(value, item.name)
        if dataclasses.is_dataclass(child):
            yield from _leaves(child, f"{prefix}{item.name}.")
        else:
            yield prefix + item.name


_LEAVES = tuple(_leaves(Recipe()))
_values = attrgetter(*_LEAVES)
DEFAULTS = flatten(Recipe())


def edit(recipe: Recipe, **fields: Any) -> Recipe:
    """Return the recipe with fields replaced; ``__`` in a keyword stands for the dot of its path.

    Raises:
        InputError: no such field.

    Example:
        >>> edit(Recipe(), training__batch_size=64).training.batch_size
        64
    """
    for path, value in fields.items():
        recipe = _replace(recipe, path.replace("__", ".").split("."), value)
    return recipe


def _replace(value: Any, path: list[str], new: Any) -> Any:
    names = [item.name for item in dataclasses.fields(value)]
    if path[0] not in names:
        raise InputError(unknown("recipe field", path[0], names))
    if len(path) > 1:
        new = _replace(getattr(value, path[0]), path[1:], new)
    return dataclasses.replace(value, **{path[0]: new})


def to_dict(recipe: Recipe) -> dict[str, Any]:
    """The canonical form: dotted paths of the fields that differ from their default, sorted; JSON-ready.

    Example:
        >>> to_dict(edit(Recipe(), training__batch_size=64))
        {'training.batch_size': 64}
    """
    flat = flatten(recipe)
    return {path: plain(flat[path]) for path in sorted(flat) if flat[path] != DEFAULTS[path]}


def from_dict(fields: dict[str, Any]) -> Recipe:
    """The recipe of a canonical form; the inverse of :func:`to_dict`.

    Example:
        >>> from_dict(to_dict(edit(Recipe(), model__dropout=0.5))) == edit(Recipe(), model__dropout=0.5)
        True
    """
    return edit(Recipe(), **{path: _frozen(value) for path, value in fields.items()})


def plain(value: Any) -> Any:
    """A value as JSON has it: lists for tuples."""
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def run_id(recipe: Recipe, seed: int) -> str:
    """The identity of a run: 16 hexadecimal digits of the SHA-256 of its content.

    Example:
        >>> run_id(Recipe(), 0) == run_id(Recipe(), 1)
        False
    """
    return run_ids(recipe, (seed,))[0]


def run_ids(recipe: Recipe, seeds: Iterable[int]) -> list[str]:
    """The identities of a recipe's runs, one a seed; see :func:`run_id`."""
    content = json.dumps({"schema": SCHEMA, "recipe": to_dict(recipe)}, sort_keys=True)
    return [hashlib.sha256(f"{content} {int(seed)}".encode()).hexdigest()[:16] for seed in seeds]


def changes(recipe: Recipe, reference: Recipe) -> dict[str, tuple[Any, Any]]:
    """What a recipe changed, computed: path -> (value in the reference, value in the recipe).

    Example:
        >>> changes(edit(Recipe(), model__dropout=0.5), Recipe())
        {'model.dropout': (0.0, 0.5)}
    """
    ours, theirs = flatten(recipe), flatten(reference)
    return {path: (theirs[path], ours[path]) for path in ours if ours[path] != theirs[path] and path != "code"}
