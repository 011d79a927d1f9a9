"""Interim analyses: the verdicts of declared ones as they were taken, and at which of them each arm was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from dlbench.stats.boundaries import PROPORTIONAL, Boundaries, boundaries
from dlbench.stats.method import METHOD
from dlbench.stats.verdict import COLUMNS
from dlbench.store.interim import UNDECIDED, ended
from dlbench.store.results import Results
from dlbench.values.verdict import Verdict


class Stage(NamedTuple):
    """The last declared interim analysis that judged an arm: its position from 1, its seeds, and whether it decided the arm."""

    position: int
    seeds: int
    decided: bool


def is_adaptive(results: Results) -> bool:
    """Whether a study judges its arms at interim analyses that it declares."""
    return bool(results.study.get("adaptive"))


def spend_s(results: Results) -> float:
    """Return the seconds that an adaptive study may take; 0 where it declares numbers of seeds, as of any other study."""
    adaptive: dict[str, Any] = results.study.get("adaptive") or {}
    return adaptive.get("spend_s", 0.0)


def sizes(results: Results) -> tuple[int, ...]:
    """Return the numbers of seeds at which an adaptive study judges its arms, or has judged them if it spends a time; nothing of others."""
    adaptive: dict[str, Any] = results.study.get("adaptive") or {}
    return tuple(adaptive.get("looks", ())) or (tuple(len(one.seeds) for one in results.interim) if adaptive else ())


def seeds_judged(results: Results) -> Sequence[int]:
    """Return the seeds of an adaptive study's last analysis, before its first one those of its runs; of other studies, all of them."""
    if not is_adaptive(results):
        return results.study["seeds"]
    return results.interim[-1].seeds if results.interim else sorted(set(results.runs["seed"]))


def has_ended(results: Results) -> bool:
    """Whether the last of the analyses of an adaptive study has been taken."""
    return ended(results.interim, results.study["adaptive"])


def levels(results: Results, hypotheses: int) -> Boundaries:
    """Return the levels of the analyses of an adaptive study, for a family of so many hypotheses."""
    adaptive: dict[str, Any] = results.study["adaptive"]
    shares = tuple(one.share or 1.0 for one in results.interim) if spend_s(results) else None
    return boundaries(sizes(results), hypotheses, METHOD.alpha, adaptive.get("spending", PROPORTIONAL), shares=shares)


def decisions(results: Results, against: Mapping[str, str]) -> pd.DataFrame:
    """Return the verdict of each arm of an adaptive study as its last interim analysis stored it; nothing is computed again.

    Args:
        results: of an adaptive study, seen by one of its metrics.
        against: compared arm -> its reference.

    Returns:
        As :func:`dlbench.stats.verdict.compare`; ``seeds_needed`` only of arms that the last declared interim analysis left undecided.
    """
    first = results.metric.name == results.study["adaptive"]["metric"]
    last = {row["arm"]: dict(row) for interim in results.interim
            for row in (interim.verdicts if first else interim.further.get(results.metric.name, ()))}
    going = results.interim[-1].undecided if results.interim and not has_ended(results) else ()
    planned = next(iter(sizes(results)), 0)
    rows = [last.get(arm) or _waiting(arm, reference, planned) for arm, reference in against.items()]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    table.loc[table["arm"].isin(going), "seeds_needed"] = pd.NA
    return table


def _waiting(arm: str, reference: str, planned: int) -> dict[str, object]:
    return {"arm": arm, "reference": reference, "n": 0, "planned": planned, "verdict": Verdict.NONE,
            "reason": "the first interim analysis has not been made yet"}


def stages(results: Results) -> dict[str, Stage]:
    """Map each arm of an adaptive study to the last interim analysis that judged it; nothing of any other study."""
    if not is_adaptive(results):
        return {}
    return {row["arm"]: Stage(position, len(interim.seeds), row["verdict"] not in UNDECIDED)
            for position, interim in enumerate(results.interim, start=1) for row in interim.verdicts}
