"""The record of a run, and the values that it consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self, cast


class Status(StrEnum):
    """How an attempt at a run ended. Each member is its own text.

    Example:
        >>> f"{Status.DONE}", Status.DIVERGED == "diverged"
        ('done', True)
    """

    DONE = "done"
    DIVERGED = "diverged"
    ERROR = "error"
    KILLED = "killed"
    TIMEOUT = "timeout"


VALUES = "values/"
"""Begins the names of arrays that have, for a metric, the value of each test example whose mean is the score."""
TARGET, ERROR = "target", "error"
"""What runs that predict numbers keep of each test example beside the values of metrics: its number, and what the mean prediction over the
evaluations is too high."""
KNOWN_LABELS, LOG_ODDS = "labels/known", "labels/log_odds"
"""Names of what runs with several labels an example keep of each test example: which labels it has, uint8 [n, bytes] packed, and the log
odds of each label in the mean prediction over the evaluations, float16 [n, labels]."""
FINAL = (Status.DONE, Status.DIVERGED)
"""Statuses that the same run would end with again; the others are tried again by the next ``dlbench run``."""


PLAIN = frozenset({str, int, float, bool, type(None)})
"""Types whose values are ready for JSON as they are; numpy's numbers are of types of their own."""


def json_ready(value: Any) -> Any:
    """Return a value whose numbers are Python's: an engine may hand over numpy's, which JSON does not have.

    Example:
        >>> import numpy as np
        >>> json_ready({"acted": np.bool_(True), "orders": (np.int64(1), [np.float32(0.5)])})
        {'acted': True, 'orders': (1, [0.5])}
    """
    if type(value) in PLAIN:
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict | Mapping):
        return {name: json_ready(item) for name, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return list(map(json_ready, cast("list[Any]", value)))
    return tuple(map(json_ready, cast("tuple[Any, ...]", value))) if isinstance(value, tuple) else value


class Stored:
    """A frozen value that the store keeps as a JSON object without the fields that are None."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are not None, JSON-ready."""
        return {name: json_ready(value) for name, value in vars(self).items() if value is not None}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; names that no field has are left out."""
        names = {item.name for item in fields(cls)}  # type: ignore[arg-type]
        return cls(**{name: value for name, value in stored.items() if name in names})


@dataclass(frozen=True)
class Cost(Stored):
    """What a run cost; None where the engine does not measure it.

    Attributes:
        parameters, macs: weights of the network, and multiply-accumulates of the answer for one example.
        model_bytes, nonzero_parameters: size of the model as it would be shipped, and its weights that are not zero.
        epochs, steps, planned_steps, examples: what training used, and the steps that its budget allowed.
        shared_steps: those of the steps that were trained for another run, which has the same bits until then; None: none.
        train_macs: multiply-accumulates of the forward passes over these examples, as large as they were trained on, as if nothing were
            computed once for several epochs.
        train_scored: how many training examples training accuracy was measured on.
        load_s, trace_s, train_s, evaluate_s, wall_s: seconds of each part, and of the whole.
        peak_memory_bytes: largest resident memory of the process so far.

    Example:
        >>> Cost.from_dict({"wall_s": 1.5}).to_dict()
        {'wall_s': 1.5}
    """

    parameters: int | None = None
    macs: int | None = None
    model_bytes: int | None = None
    nonzero_parameters: int | None = None
    epochs: int | None = None
    steps: int | None = None
    planned_steps: int | None = None
    shared_steps: int | None = None
    examples: int | None = None
    train_macs: int | None = None
    train_scored: int | None = None
    load_s: float | None = None
    trace_s: float | None = None
    train_s: float | None = None
    evaluate_s: float | None = None
    wall_s: float | None = None
    peak_memory_bytes: int | None = None


@dataclass(frozen=True)
class Unproven:
    """Stands in the place of a control that an engine cannot prove.

    Attributes:
        reason: why not, in a few words.
    """

    reason: str


NOT_RECORDED = Unproven("nothing was recorded")
FIT_NOT_WATCHED = Unproven("what Keras' own fit draws is not watched")


@dataclass(frozen=True)
class Controls(Stored):
    """Hashes of what a run consumed and made. What an engine cannot prove is :class:`Unproven`, with the reason.

    Attributes:
        data, split, evaluation: what it was trained and tested on, which examples were which, and what it was scored on.
        init: initial weights, by layer.
        touched: layers that the recipe's techniques changed, so that their initial weights may differ.
        near_duplicates: test examples that have a near-duplicate in training, and how many were looked at.
        content: the whole dataset.
        order: of the training examples, one hash an epoch.
        weights: the trained weights.
        global_draws: operations of the training step that draw from a generator which no seed of the run controls.
        acted: conditional techniques, and whether their condition came.
        files: files behind datasets that are known by name alone.
        texts: what it was scored on where that are texts, before the words of the training part numbered them.

    Example:
        >>> Controls(data="0f", order=Unproven("the script shuffles")).to_dict()
        {'data': '0f', 'unproven': {'order': 'the script shuffles'}}
    """

    data: str | Unproven = NOT_RECORDED
    split: str | Unproven = NOT_RECORDED
    evaluation: str | Unproven = NOT_RECORDED
    init: Mapping[str, str] | Unproven = NOT_RECORDED
    touched: tuple[str, ...] | None = None
    near_duplicates: tuple[int, int] | None = None
    content: str | None = None
    order: tuple[str, ...] | Unproven = NOT_RECORDED
    weights: str | Unproven = NOT_RECORDED
    global_draws: tuple[str, ...] | Unproven = NOT_RECORDED
    acted: Mapping[str, bool] | None = None
    files: Mapping[str, str] | None = None
    texts: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what the store keeps; a part that is not proven is missing, and ``unproven`` gives the reason."""
        parts = super().to_dict()
        reasons = {name: part.reason for name, part in parts.items() if isinstance(part, Unproven) and part != NOT_RECORDED}
        known = {name: part for name, part in parts.items() if not isinstance(part, Unproven)}
        return known | ({"unproven": reasons} if reasons else {})

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], recipe: Mapping[str, Any] | None = None) -> Self:
        """The inverse of :meth:`to_dict`.

        Args:
            stored: of a record.
            recipe: its canonical form. Earlier versions stored an empty list of draws for runs of the plain Keras loop, which
                nobody had watched.
        """
        reasons = {name: Unproven(reason) for name, reason in stored.get("unproven", {}).items()}
        lists = {name: tuple(stored[name]) for name in ("touched", "near_duplicates", "order", "global_draws") if name in stored}
        if (recipe or {}).get("training.loop") == "keras" and not stored.get("global_draws", True):
            reasons["global_draws"] = FIT_NOT_WATCHED
        return super().from_dict({**stored, **lists, **reasons})


@dataclass(frozen=True)
class Outcome:
    """What an engine returns of a run that has ended.

    Attributes:
        status: :attr:`Status.DONE` or :attr:`Status.DIVERGED`; of a script also how it failed. Other failures are exceptions, or the end of
            the worker.
        reason: why it is not ``done``, one line; empty for ``done``.
        scores: metric name -> value; accuracies as fractions, losses in nats; ``target_epoch`` and ``target_s`` are
            None where the target was never reached (censored).
        curves: one list per quantity, one entry per epoch (``epoch`` from 1, ``learning_rate`` at the epoch's end).
        cost: what it took.
        controls: what it proves.
        arrays: ``test_bits`` (right or wrong, packed); or, where scores are means over several evaluations, ``test_rights`` (how many
            had each example right, uint8) and ``test_evaluations`` (their number); ``test_predictions`` of the last one, ``test_labels``,
            ``values/METRIC`` (the value of each test example whose mean is the score, of numbers that are predicted; with
            ``values/target`` and ``values/error``), :data:`KNOWN_LABELS` and :data:`LOG_ODDS`, and ``weights/NAME`` of a pretraining run.
        others: the outcomes of runs that were trained together with this one.
    """

    status: str
    reason: str = ""
    scores: Mapping[str, float | None] = field(default_factory=dict[str, float | None])
    curves: Mapping[str, list[float]] = field(default_factory=dict[str, list[float]])
    cost: Cost = Cost()
    controls: Controls = Controls()
    arrays: Mapping[str, Any] = field(default_factory=dict[str, Any])
    others: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Record:
    """One attempt at one run. A failure is a record with a status and a reason, never a number.

    Attributes:
        run_id: identity of the run, from :func:`dlbench.values.recipe.run_id`.
        recipe: canonical form of the recipe.
        seed: the run's seed.
        status: one of :class:`Status`.
        reason: why it failed, one line; empty for ``done``.
        scores, curves, cost, controls: as of :class:`Outcome`; empty where the run did not come to its end.
        environment: hash of the environment it ran in.
        started: UTC, ISO 8601.
    """

    run_id: str
    recipe: dict[str, Any]
    seed: int
    status: str
    reason: str = ""
    scores: Mapping[str, float | None] = field(default_factory=dict[str, float | None])
    curves: Mapping[str, list[float]] = field(default_factory=dict[str, list[float]])
    cost: Cost = Cost()
    controls: Controls = Controls()
    environment: str = ""
    started: str = ""

    @classmethod
    def of(cls, outcome: Outcome, run_id: str, recipe: dict[str, Any], seed: int, **provenance: str) -> Self:
        """The record of a run that came to its end; ``provenance`` is its environment and when it started."""
        return cls(run_id, recipe, seed, outcome.status, outcome.reason, outcome.scores, outcome.curves, outcome.cost, outcome.controls,
                   **provenance)

    def to_dict(self) -> dict[str, Any]:
        """Return what the store keeps, ready for JSON."""
        return {**json_ready(vars(self)), "cost": self.cost.to_dict(), "controls": self.controls.to_dict()}
