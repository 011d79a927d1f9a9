"""What has been looked at: every judgement of a study's arms, declared or not, and the seeds that it used up."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dlbench.store.database import Store

UNDECIDED = ("inconclusive", "no verdict")
Pair = tuple[str, str]
"""Identities of the recipes of an arm and of its reference, whatever the arms are called."""


@dataclass(frozen=True)
class Look:
    """One time that the arms of a study were judged.

    Attributes:
        pairs: what was compared.
        seeds: the seeds whose scores were seen, in their order.
        pilot: of an undeclared look: those of them that an earlier look had seen, which its verdicts leave out.
        declared: of a declared look: the study's ``looks``, ``metric`` and ``margin``; None of an undeclared one.
        verdicts: of a declared look: one row an arm judged, as :func:`dlbench.stats.sequential.judge_interim` returns them.
        taken: UTC, ISO 8601.
    """

    pairs: tuple[Pair, ...]
    seeds: tuple[int, ...]
    pilot: tuple[int, ...] = ()
    declared: dict[str, Any] | None = None
    verdicts: tuple[dict[str, Any], ...] = ()
    taken: str = ""

    @property
    def undecided(self) -> tuple[str, ...]:
        """The arms that go on after this look, if another one is declared."""
        return tuple(row["arm"] for row in self.verdicts if row["verdict"] in UNDECIDED)


def add_look(store: Store, look: Look) -> None:
    """Keep a look."""
    store.add_look(json.dumps(asdict(look)))


def looks_at(store: Store, pairs: Iterable[Pair]) -> list[Look]:
    """Every look at any of the pairs, in the order in which they were taken."""
    rows = store.connection.execute("SELECT look FROM looks ORDER BY number")
    wanted = set(pairs)
    return [look for look in (_look(json.loads(text)) for (text,) in rows) if wanted & set(look.pairs)]


def _look(fields: dict[str, Any]) -> Look:
    lists = {name: tuple(fields[name]) for name in ("seeds", "pilot", "verdicts")}
    return Look(**{**fields, **lists, "pairs": tuple((arm, reference) for arm, reference in fields["pairs"])})


def compared(arms: Iterable[dict[str, Any]]) -> tuple[Pair, ...]:
    """The pairs that a study compares, from its arms as the store keeps them."""
    identity = {arm["arm"]: arm["recipe_id"] for arm in arms}
    return tuple((arm["recipe_id"], identity[arm["reference"]]) for arm in arms if arm["reference"] is not None)


def own(looks: Sequence[Look], pairs: Sequence[Pair], declared: dict[str, Any], seeds: Sequence[int]) -> list[Look]:
    """The looks of a declared plan among all that were taken: same arms, looks, metric, margin and seeds."""
    ours = [look for look in looks if look.declared == declared and set(look.pairs) == set(pairs)]
    return [look for look in ours if look.seeds == tuple(seeds[: len(look.seeds)])]


def pilot(looks: Sequence[Look], seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds of an undeclared study that its verdicts must leave out, for an earlier look has seen them.

    The same seeds again are judged as they were the first time. Otherwise, what any earlier look has seen is left out; and where
    that is everything, what smaller looks have seen.

    Args:
        looks: every look at any of its arms, in order.
        seeds: of the study.

    Example:
        >>> five, eight = Look((), (0, 1, 2)), Look((), (0, 1, 2, 3, 4), pilot=(0, 1, 2))
        >>> pilot([], (0, 1, 2)), pilot([five], (0, 1, 2, 3, 4)), pilot([five, eight], (0, 1, 2, 3, 4)), pilot([five, eight], (0, 1, 2))
        ((), (0, 1, 2), (0, 1, 2), ())
    """
    ours = set(seeds)
    for look in looks:
        if look.declared is None and set(look.seeds) == ours:
            return look.pilot
    seen = {seed for look in looks for seed in look.seeds}
    if ours <= seen:
        seen = {seed for look in looks if set(look.seeds) < ours for seed in look.seeds}
    return tuple(seed for seed in seeds if seed in seen)


def scores(store: Store, metric: str) -> dict[str, float]:
    """Run id -> finite score of every run whose latest attempt ended as ``done``."""
    return {run_id: float(score) for run_id, score in store.scores(metric).items() if math.isfinite(score)}
