"""A study's results as plain tables, those of all its datasets together."""

from __future__ import annotations

import pandas as pd

from dlbench.report import verdicts
from dlbench.report.costs import timings
from dlbench.store.results import Results


def tables(results: Results) -> dict[str, pd.DataFrame]:
    """Name -> table: ``verdicts``, ``arms``, ``runs``, ``curves``, ``timings`` and ``environments``.

    Args:
        results: of a study; of one on several datasets, every table but the environments has a first column ``dataset``. Where
            nuisance fields were tuned, the tuned comparison is there as ``tuned_verdicts``, ``tuned_arms`` and ``tuned_runs``.
    """
    several = len(results.parts) > 1
    found = {name: _together([_of(part, name, several) for part in results.parts])
             for name in ("verdicts", "arms", "runs", "curves", "timings")}
    tuned = [part.tuning.results for part in results.parts if part.tuning is not None and part.tuning.results is not None]
    if tuned:
        found |= {f"tuned_{name}": _together([_of(part, name, several) for part in tuned])
                  for name in ("verdicts", "arms", "runs")}
    found["environments"] = pd.DataFrame([{"environment": name, **facts} for name, facts in results.environments.items()])
    return found


def _of(part: Results, name: str, several: bool) -> pd.DataFrame:
    computed = {"verdicts": verdicts, "timings": timings}
    table = computed[name](part) if name in computed else getattr(part, name).copy()
    if several:
        table.insert(0, "dataset", part.study["dataset"])
    return table


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if len(filled) > 1 else (filled or parts)[0]
