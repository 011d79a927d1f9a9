"""Interim analyses: every time that a study's arms were judged, declared or not, and the seeds that this used up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dlbench.store.database import Store
from dlbench.store.schema import put

UNDECIDED = ("inconclusive", "no verdict")
Pair = tuple[str, str]
"""Identities of the recipes of an arm and of its reference, whatever the arms are called."""


@dataclass(frozen=True)
class InterimAnalysis:
    """One time that the arms of a study were judged.

    Attributes:
        pairs: what was compared.
        seeds: the seeds whose scores were seen, in their order.
        pilot: of an undeclared analysis: those of its seeds that an earlier one had seen, which its verdicts leave out.
        declared: of a declared analysis: the study's ``looks`` or ``spend_s``, ``metric`` and ``margin``; None of an undeclared one.
        verdicts: of a declared analysis: one row an arm judged, as :func:`dlbench.stats.sequential.judge_interim` returns them.
        taken: UTC, ISO 8601.
        share: of the time to be spent that was over; None where numbers of seeds are declared.
        further: the verdicts on each further metric, by its name.
    """

    pairs: tuple[Pair, ...]
    seeds: tuple[int, ...]
    pilot: tuple[int, ...] = ()
    declared: dict[str, Any] | None = None
    verdicts: tuple[dict[str, Any], ...] = ()
    taken: str = ""
    share: float | None = None
    further: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The arms that go on after this analysis, if another one is declared."""
        return tuple(row["arm"] for row in self.verdicts if row["verdict"] in UNDECIDED)


def ended(taken: Sequence[InterimAnalysis], declared: Mapping[str, Any]) -> bool:
    """Whether the last of the analyses that were declared has been taken.

    Example:
        >>> half = InterimAnalysis((), (0, 1), share=0.5)
        >>> ended([half], {"looks": [2, 4]}), ended([half, half], {"looks": [2, 4]}), ended([half], {"looks": [], "spend_s": 60.0})
        (False, True, False)
    """
    return bool(taken) and (taken[-1].share == 1 if declared.get("spend_s") else len(taken) >= len(declared["looks"]))


def add(store: Store, analysis: InterimAnalysis) -> None:
    """Keep an interim analysis."""
    with store.transaction() as connection:
        put(connection, "looks", [(json.dumps(asdict(analysis)),)])


def analyses_of(store: Store, pairs: Iterable[Pair]) -> list[InterimAnalysis]:
    """Every interim analysis of any of the pairs, in the order in which they were taken."""
    rows = store.connection.execute("SELECT look FROM looks ORDER BY number")
    wanted = set(pairs)
    return [analysis for analysis in (_parsed(json.loads(text)) for (text,) in rows) if wanted & set(analysis.pairs)]


def _parsed(fields: dict[str, Any]) -> InterimAnalysis:
    lists = {name: tuple(fields[name]) for name in ("seeds", "pilot", "verdicts")}
    further = {name: tuple(rows) for name, rows in fields.get("further", {}).items()}
    pairs = tuple((arm, reference) for arm, reference in fields["pairs"])
    return InterimAnalysis(**{**fields, **lists, "further": further, "pairs": pairs})


def compared_pairs(arms: Iterable[dict[str, Any]]) -> tuple[Pair, ...]:
    """The pairs that a study compares, from its arms as the store keeps them."""
    identity = {arm["arm"]: arm["recipe_id"] for arm in arms}
    return tuple((arm["recipe_id"], identity[arm["reference"]]) for arm in arms if arm["reference"] is not None)


def of_plan(analyses: Sequence[InterimAnalysis], pairs: Sequence[Pair], declared: dict[str, Any],
            seeds: Sequence[int]) -> list[InterimAnalysis]:
    """The analyses of a declared plan among all that were taken: same arms, looks, metric, margin and seeds."""
    return [one for one in analyses if one.declared == declared and set(one.pairs) == set(pairs)
            and one.seeds == tuple(seeds[: len(one.seeds)])]


def pilot_seeds(analyses: Sequence[InterimAnalysis], seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds of an undeclared study that its verdicts must leave out, because an earlier analysis has seen them.

    The same seeds again are judged as they were the first time. Otherwise, what any earlier analysis has seen is left out; and
    where that is everything, what smaller ones have seen.

    Args:
        analyses: of any of its arms, in order.
        seeds: of the study.

    Example:
        >>> five, eight = InterimAnalysis((), (0, 1, 2)), InterimAnalysis((), (0, 1, 2, 3, 4), pilot=(0, 1, 2))
        >>> pilot_seeds([], (0, 1, 2)), pilot_seeds([five], (0, 1, 2, 3, 4))
        ((), (0, 1, 2))
        >>> pilot_seeds([five, eight], (0, 1, 2, 3, 4)), pilot_seeds([five, eight], (0, 1, 2))
        ((0, 1, 2), ())
    """
    asked = set(seeds)
    for one in analyses:
        if one.declared is None and set(one.seeds) == asked:
            return one.pilot
    seen = {seed for one in analyses for seed in one.seeds}
    if asked <= seen:
        seen = {seed for one in analyses if set(one.seeds) < asked for seed in one.seeds}
    return tuple(seed for seed in seeds if seed in seen)
