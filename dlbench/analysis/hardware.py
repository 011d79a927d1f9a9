"""What machine each run was trained on, and whether times of several runs may be compared at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlbench.store.results import Results
from dlbench.values.text import plain

MACHINE = ("system", "cpu", "cores", "memory_gib", "threads_per_worker", "gpus")
"""Facts of an environment without which two times say nothing of each other."""


def machine(facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the facts of an environment that decide its speed, as pairs of name and text."""
    return tuple((name, plain(facts[name])) for name in MACHINE if name in facts)


def words(facts: Mapping[str, Any]) -> str:
    """Describe a machine in a few words.

    Example:
        >>> words({"cpu": "Xeon 2.2 GHz", "cores": 2, "memory_gib": 24, "gpus": ["T4", "T4"]})
        'Xeon 2.2 GHz, 2 cores, 24 GiB, 2 GPUs (T4)'
        >>> words({"cpu": "Xeon 2.2 GHz"})
        'Xeon 2.2 GHz'
    """
    gpus = [str(name) for name in facts.get("gpus", ())]
    parts = [
        plain(facts.get("cpu", "unknown machine")),
        f"{plain(facts['cores'])} cores" if "cores" in facts else "",
        f"{plain(facts['memory_gib'])} GiB" if "memory_gib" in facts else "",
        f"{len(gpus)} GPU{'s' * (len(gpus) > 1)} ({', '.join(sorted(set(gpus)))})" if gpus else "",
    ]
    return ", ".join(part for part in parts if part)


def kinds(results: Results) -> dict[str, str]:
    """Hash of an environment -> the machine that it is on, in words."""
    return {digest: words(facts) for digest, facts in results.environments.items()}


def mixed(results: Results) -> list[str]:
    """Return the machines that the runs were trained on, in words, where they are of several kinds; else nothing."""
    if not len(results.runs):
        return []
    used = [results.environments[digest] for digest in results.runs["environment"].unique() if digest in results.environments]
    found = {machine(facts): words(facts) for facts in used}
    return list(found.values()) if len(found) > 1 else []
