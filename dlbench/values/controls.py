"""Whether an arm was controlled: what it did not declare to touch must be identical to its reference, by the hashes."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dlbench.values.recipe import TRAITS
from dlbench.values.record import Controls, Record, Unproven

Changes = Mapping[str, tuple[Any, Any]]


class Control(StrEnum):
    """What is known of a comparison's control. Each member is its own text.

    Example:
        >>> f"{Control.CONTROLLED}", Control("not proven") is Control.NOT_PROVEN
        ('controlled', True)
    """

    CONTROLLED = "controlled"
    BASELINE = "baseline"
    NOT_PROVEN = "not proven"
    UNCONTROLLED = "uncontrolled"
    FAULT = "fault"
    INERT = "inert"
    INCOMPARABLE = "incomparable"
    UNKNOWN = "unknown"


BROKEN = (Control.INCOMPARABLE, Control.UNCONTROLLED, Control.FAULT)
"""States in which an arm is no controlled comparison, the worst first."""

MUST_AGREE = {"data": "data", "split": "split", "evaluation": "evaluation data", "order": "example order", "init": "initial weights"}
"""Parts of the controls that two compared runs share unless the arm is entitled to move them -> their names in sentences."""
EACH_ALONE = {"global_draws": "draws from global generators", "weights": "trained weights"}
"""Parts that each of the two runs has to prove for itself -> their names in sentences."""
INEFFECTIVE = {
    "inert": "The condition that the technique waits for never came, so it never acted",
    "fault": "it changed nothing: the weights equal the reference's",
}


def allowed(changed: Changes) -> set[str]:
    """The parts of the controls that an arm may move, by the recipe fields that it changes.

    Layers that a change of the model touched are exempt by name. A redrawn stream moves the part of its name.

    Example:
        >>> allowed({"redrawn": ((), ("order",))})
        {'order'}
    """
    streams = {"order", "init"} & set(changed.get("redrawn", ((), ()))[1])
    return streams.union(*(TRAITS[path].moves for path in changed if path in TRAITS))


def digests(controls: Controls) -> dict[str, str]:
    """Summarise a run's controls: one hash a part, the same where the part is the same to the bit.

    Returns:
        ``hash_content`` (the whole dataset), ``hash_data`` (what a run uses of it), ``hash_split, hash_order, hash_init,
        hash_weights``, 16 hexadecimal digits each, and ``near_duplicates``, such as ``3 of 500``; only the parts that were recorded.

    Example:
        >>> digests(Controls(data="0123456789abcdef", order=("0123456789abcdef",)))
        {'hash_data': '0123456789abcdef', 'hash_order': '59e377a0c5572b34'}
    """
    parts = {name: getattr(controls, name) for name in ("content", "data", "split", "order", "init", "weights")}
    near = {"near_duplicates": "{} of {}".format(*controls.near_duplicates)} if controls.near_duplicates is not None else {}
    return {f"hash_{name}": part if isinstance(part, str) else _digest(part)
            for name, part in parts.items() if part and not isinstance(part, Unproven)} | near


def _digest(part: Any) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]


def _free(ours: Controls, theirs: Controls, changed: Changes) -> set[str]:
    """Return the parts that two runs may differ in.

    The words of texts are learnt from the training part. An arm that may move that part numbers the words of the same test texts
    otherwise, so that :attr:`Controls.texts` is compared in the place of the numbers.
    """
    free = allowed(changed)
    return free | {"evaluation"} if "split" in free and ours.texts and theirs.texts else free


def control_of(record: Record, reference: Record, changed: Changes) -> tuple[Control, list[str]]:
    """Judge the control of a finished run against its reference's run of the same seed.

    Args:
        record: the arm's run.
        reference: the run of the arm it is compared with, same seed.
        changed: the recipe fields that differ, from :func:`dlbench.values.recipe.changes`.

    Returns:
        The state, and one plain sentence a reason. A run is not proven where all that is proven agrees and something is not proven.
    """
    if differing := faults(record, reference, changed):
        return Control.UNCONTROLLED, differing
    if (effect := effect_of(record, reference)) in INEFFECTIVE:
        return Control(effect), [INEFFECTIVE[effect]]
    if missing := unproven(record, reference, changed):
        return Control.NOT_PROVEN, missing
    return Control.CONTROLLED, []


def faults(record: Record, reference: Record, changed: Changes) -> list[str]:
    """List what the arm's run should share with the reference's run and provably does not; arguments as of :func:`control_of`."""
    ours, theirs = record.controls, reference.controls
    free = _free(ours, theirs, changed)
    pairs = {name: (getattr(ours, name), getattr(theirs, name)) for name in MUST_AGREE if name not in free}
    proven = {name: pair for name, pair in pairs.items() if not any(isinstance(part, Unproven) for part in pair)}
    differing = [f"{name} differs" for name in ("data", "split", "evaluation") if name in proven and operator.ne(*proven[name])]
    if ours.texts and theirs.texts and ours.texts != theirs.texts:
        differing.append("evaluation texts differ")
    if any(map(operator.ne, *proven.get("order", ((), ())))):
        differing.append("example order differs")
    differing += [f"initial weights of {layer} differ" for layer in _differing_layers(ours, theirs, *proven.get("init", ({}, {})))]
    draws = () if isinstance(ours.global_draws, Unproven) else ours.global_draws
    return differing + [f"draws from a global generator: {draw}" for draw in draws]


def _differing_layers(ours: Controls, theirs: Controls, weights: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    layers = (weights.keys() | other.keys()) - {*(ours.touched or ()), *(theirs.touched or ())}
    return sorted(layer for layer in layers if weights.get(layer) != other.get(layer))


def unproven(record: Record, reference: Record, changed: Changes) -> list[str]:
    """List what a comparison needs proven and one of its runs cannot prove; arguments as of :func:`control_of`."""
    free = _free(record.controls, reference.controls, changed)
    reasons: dict[str, dict[str, None]] = {}
    for name, words in (MUST_AGREE | EACH_ALONE).items():
        for part in (getattr(record.controls, name), getattr(reference.controls, name)):
            if isinstance(part, Unproven) and name not in free:
                reasons.setdefault(part.reason, {})[words] = None
    return [f"{', '.join(parts)}: not proven ({reason})" for reason, parts in reasons.items()]


def effect_of(record: Record, reference: Record) -> str:
    """Say whether the arm acted: ``acted``, ``inert`` (a condition never came), ``fault`` (no change) or ``unknown``.

    An arm whose final weights equal its reference's to the bit changed nothing. Where a conditional technique says that it
    never acted, that is a finding; everywhere else it is a fault of the arm.
    """
    ours, theirs = record.controls.weights, reference.controls.weights
    if isinstance(ours, Unproven) or isinstance(theirs, Unproven):
        return "unknown"
    if ours != theirs:
        return "acted"
    return "inert" if False in (record.controls.acted or {}).values() else "fault"
