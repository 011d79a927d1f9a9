"""The versions that a result was made with. Results of different versions are not compared; a run's own code is part of its recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlbench.values.recipe import Data, within

VERSIONS = ("dlbench", "tensorflow", "keras", "numpy")


def versions(facts: Mapping[str, Any]) -> str:
    """The versions that an environment tells of, in words; empty where it tells of none.

    Example:
        >>> versions({"numpy": "2.0.0", "keras": "3.15.1", "cores": 2})
        'keras 3.15.1, numpy 2.0.0'
    """
    return ", ".join(f"{name} {facts[name]}" for name in VERSIONS if name in facts)


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """In which versions two environments differ; what only one of them knows does not count.

    Args:
        ours, theirs: facts of environments, as :func:`dlbench.execution.environment.facts` gives them.

    Example:
        >>> differences({"keras": "3.15.1", "numpy": "2.0.0", "cores": 2}, {"keras": "3.11.0", "cores": 4})
        ['keras 3.15.1, not 3.11.0']
    """
    known = [name for name in VERSIONS if name in ours and name in theirs]
    return [f"{name} {ours[name]}, not {theirs[name]}" for name in known if ours[name] != theirs[name]]


def incomparable(ours: Mapping[str, Any], theirs: Mapping[str, Any], changed: Mapping[str, Any], data: tuple[str, str]) -> list[str]:
    """Why a run must not be compared with its reference's; nothing where it may.

    Args:
        ours, theirs: facts of the environments that the two were made in.
        changed: the recipe fields in which they differ.
        data: the hashes of what the two were trained and tested on.

    Example:
        >>> incomparable({"numpy": "2.0.0"}, {"numpy": "2.0.0"}, {"model.dropout": (0.0, 0.5)}, ("0f", "a1"))
        ['the data have changed in between']
    """
    told = [f"made with {difference}" for difference in differences(ours, theirs)]
    moved = data[0] != data[1] and not any(within(path, Data) for path in changed)
    return told + ["the data have changed in between"] * moved
