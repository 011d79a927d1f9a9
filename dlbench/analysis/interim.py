"""Interim analyses: the verdicts of declared ones as they were taken, and at which of them each arm was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from dlbench.stats.verdict import COLUMNS
from dlbench.store.interim import UNDECIDED
from dlbench.store.results import Results
from dlbench.values.verdict import Verdict


class Stage(NamedTuple):
    """The last declared interim analysis that judged an arm: its position from 1, its seeds, and whether it decided the arm."""

    position: int
    seeds: int
    decided: bool


def declared(results: Results) -> tuple[int, ...]:
    """Return the numbers of seeds at which an adaptive study judges its arms; nothing of any other study."""
    adaptive: dict[str, Any] = results.study.get("adaptive") or {}
    return tuple(adaptive.get("looks", ()))


def decisions(results: Results, against: Mapping[str, str]) -> pd.DataFrame:
    """Return the verdict of each arm of an adaptive study as its last interim analysis stored it; nothing is computed again.

    Args:
        results: of an adaptive study.
        against: compared arm -> its reference.

    Returns:
        As :func:`dlbench.stats.verdict.compare`; ``seeds_needed`` only of arms that the last declared interim analysis left undecided.
    """
    last = {row["arm"]: dict(row) for interim in results.interim for row in interim.verdicts}
    going = results.interim[-1].undecided if results.interim and len(results.interim) < len(declared(results)) else ()
    rows = [last.get(arm) or _waiting(arm, reference, declared(results)[0]) for arm, reference in against.items()]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    table.loc[table["arm"].isin(going), "seeds_needed"] = pd.NA
    return table


def _waiting(arm: str, reference: str, planned: int) -> dict[str, object]:
    return {"arm": arm, "reference": reference, "n": 0, "planned": planned, "verdict": Verdict.NONE,
            "reason": "the first interim analysis has not been made yet"}


def stages(results: Results) -> dict[str, Stage]:
    """Map each arm of an adaptive study to the last interim analysis that judged it; nothing of any other study."""
    if not declared(results):
        return {}
    return {row["arm"]: Stage(position, len(interim.seeds), row["verdict"] not in UNDECIDED)
            for position, interim in enumerate(results.interim, start=1) for row in interim.verdicts}
