"""The versions that decide a result. Results of different versions are not compared; a user's own code is part of the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlbench.values.recipe import Data, within

DECISIVE = "decisive"
"""Key of an environment: the packages whose versions decide its results, beside dlbench."""
BY_DEFAULT = ("tensorflow", "keras", "numpy")
"""The decisive packages of older environments, which name none."""

SAME_RESULTS = ("0.1.0", "0.2.0.dev0")
"""The versions of dlbench that give a run the same result to the bit. A version that changes results starts a new tuple."""


def _decisive(facts: Mapping[str, Any]) -> list[str]:
    return [name for name in ("dlbench", *facts.get(DECISIVE, BY_DEFAULT)) if name in facts]


def versions(facts: Mapping[str, Any]) -> str:
    """Name the versions that decide an environment's results; empty where it has none.

    Example:
        >>> versions({"numpy": "2.0.0", "keras": "3.15.1", "cores": 2})
        'keras 3.15.1, numpy 2.0.0'
    """
    return ", ".join(f"{name} {facts[name]}" for name in _decisive(facts))


def equivalent(facts: Mapping[str, Any]) -> str:
    """Name the versions that decide an environment's results, with one name for the versions of dlbench that give the same ones.

    Example:
        >>> equivalent({"dlbench": "0.2.0.dev0", "numpy": "2.0.0"}) == equivalent({"dlbench": "0.1.0", "numpy": "2.0.0"})
        True
    """
    return versions({**facts, **({"dlbench": SAME_RESULTS[0]} if facts.get("dlbench") in SAME_RESULTS else {})})


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """List the decisive versions in which two environments differ; a package that only one of them has does not count.

    Example:
        >>> differences({"keras": "3.15.1", "numpy": "2.0.0", "cores": 2}, {"keras": "3.11.0", "cores": 4})
        ['keras 3.15.1, not 3.11.0']
        >>> differences({"torch": "2.9", "decisive": ["torch"]}, {"torch": "2.8", "decisive": ["torch"]})
        ['torch 2.9, not 2.8']
    """
    known = [name for name in _decisive(ours) if name in _decisive(theirs)]
    differing = [name for name in known if ours[name] != theirs[name]]
    return [f"{name} {ours[name]}, not {theirs[name]}" for name in differing
            if name != "dlbench" or not {ours[name], theirs[name]} <= {*SAME_RESULTS}]


def incomparable(ours: Mapping[str, Any], theirs: Mapping[str, Any], changed: Mapping[str, Any], data: tuple[Any, Any]) -> list[str]:
    """List the reasons why a run must not be compared with its reference's.

    Args:
        ours, theirs: the environments of the two runs.
        changed: the recipe fields in which they differ.
        data: the hashes of their data; what is no hash is unknown and does not count.

    Example:
        >>> incomparable({"numpy": "2.0.0"}, {"numpy": "2.0.0"}, {"model.dropout": (0.0, 0.5)}, ("0f", "a1"))
        ['the data have changed in between']
    """
    reasons = [f"made with {difference}" for difference in differences(ours, theirs)]
    known = all(isinstance(part, str) and part for part in data)
    if known and data[0] != data[1] and not any(within(path, Data) for path in changed):
        reasons.append("the data have changed in between")
    return reasons
