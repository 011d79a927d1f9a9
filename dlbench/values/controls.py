"""Whether an arm was controlled: what it did not declare to touch must be identical to its reference, by the hashes."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Any

from dlbench.values.recipe import TRAITS
from dlbench.values.record import Record


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


def allowed(changed: dict[str, tuple[Any, Any]]) -> set[str]:
    """The parts of the controls that an arm may move, by the recipe fields that it changes.

    Layers that a change of the model touched are exempt by name. A redrawn stream moves the part of its name.

    Example:
        >>> allowed({"redrawn": ((), ("order",))})
        {'order'}
    """
    streams = {"order", "init"} & set(changed.get("redrawn", ((), ()))[1])
    return streams.union(*(TRAITS[path].moves for path in changed if path in TRAITS))


def digests(controls: dict[str, Any]) -> dict[str, str]:
    """What a run's controls come to: one hash a part, the same where the part is the same to the bit.

    Args:
        controls: of a record; empty where a run left none.

    Returns:
        ``hash_content`` (the whole dataset), ``hash_data`` (what a run uses of it), ``hash_split, hash_order, hash_init,
        hash_weights``, 16 signs each, and ``near_duplicates``, such as ``3 of 500``, of the parts that are there.

    Example:
        >>> digests({"data": "0123456789abcdef", "order": ["0123456789abcdef"]})
        {'hash_data': '0123456789abcdef', 'hash_order': '59e377a0c5572b34'}
    """
    found = {name: controls.get(name) for name in ("content", "data", "split", "order", "init", "weights")}
    near = {"near_duplicates": "{} of {}".format(*controls["near_duplicates"])} if "near_duplicates" in controls else {}
    return {f"hash_{name}": part if isinstance(part, str) else _digest(part) for name, part in found.items() if part} | near


def _digest(part: Any) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]


def faults(record: Record, reference: Record, changed: dict[str, tuple[Any, Any]]) -> list[str]:
    """What the arm's run shares with the reference's run of the same seed, and should not differ in, but does.

    Args:
        record: the arm's run.
        reference: the run of the arm it is compared with, same seed.
        changed: the recipe fields that differ, from :func:`dlbench.values.recipe.changes`.

    Returns:
        One plain sentence a fault; an empty list means controlled.
    """
    ours, theirs, free = record.controls, reference.controls, allowed(changed)
    found = [f"{name} differs" for name in ("data", "split", "evaluation") if name not in free and ours[name] != theirs[name]]
    if "order" not in free and ours["order"] != theirs["order"] and any(a != b for a, b in zip(ours["order"], theirs["order"])):
        found.append("example order differs")
    if "init" not in free:
        found += [f"initial weights of {layer} differ" for layer in _moved(ours, theirs)]
    found += [f"draws from a global generator: {draw}" for draw in ours["global_draws"]]
    return found


def _moved(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    exempt = set(ours["touched"]) | set(theirs["touched"])
    layers = (set(ours["init"]) | set(theirs["init"])) - exempt
    return sorted(layer for layer in layers if ours["init"].get(layer) != theirs["init"].get(layer))


def effect_of(record: Record, reference: Record) -> str:
    """Whether the arm acted at all: ``"acted"``, ``"inert"`` (a condition never came) or ``"fault"`` (no change).

    An arm whose final weights equal its reference's to the bit changed nothing. Where a conditional technique says that it
    never acted, that is a finding; everywhere else it is a fault of the arm.
    """
    if record.controls["weights"] != reference.controls["weights"]:
        return "acted"
    return "inert" if False in record.controls["acted"].values() else "fault"
