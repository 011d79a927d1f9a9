"""A part of a study for one of several machines that know nothing of each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dlbench.study.plan import Plan
from dlbench.values.errors import InputError


@dataclass(frozen=True)
class Shard:
    """One of so many parts, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}-of-{self.of}"


def parse_shard(text: str) -> Shard:
    """A shard as it is written: ``I/N``.

    Raises:
        InputError: it is not two whole numbers with 1 <= I <= N.

    Example:
        >>> parse_shard("2/8")
        Shard(number=2, of=8)
    """
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip())
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise InputError(f"--shard {text}: accepted: I/N, two whole numbers with 1 <= I <= N, such as 1/8")
    return Shard(int(found[1]), int(found[2]))


def shard(whole: Plan, part: Shard) -> Plan:
    """The plan with the runs of one shard, and the pretraining that they start from; arms and cells stay as they are.

    A seed's runs stay together as far as shards of equal size allow, so that an arm and its reference on the same seed come from
    one machine and what differs between machines is in both.

    Args:
        whole: a plan.
        part: which shard.

    Example:
        >>> from dlbench.study import load, plan
        >>> whole = plan(load("quickstart"))
        >>> sorted({run.seed for run in shard(whole, Shard(1, 4)).runs})
        [0, 1]
    """
    ordered = sorted(whole.runs, key=lambda run: run.seed)
    first, last = (len(ordered) * end // part.of for end in (part.number - 1, part.number))
    wanted = {run.run_id for run in ordered[first:last]}
    for run in reversed(whole.runs):
        if run.run_id in wanted:
            wanted.add(run.needs)
    return replace(whole, runs=tuple(run for run in whole.runs if run.run_id in wanted))
