"""The tables that figures draw, in the unit that readers see; what they mean stands in ``attrs``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.costs import pareto
from dlbench.analysis.curves import development, loss_unit, means, told_by
from dlbench.analysis.targets import times
from dlbench.report.wording import unit_of
from dlbench.values.window import evaluations, stored_window

MOST_ROWS = 60
SCALED = ("mean", "reference_mean", "difference", "low", "high", "simultaneous_low", "simultaneous_high", "welch_low", "welch_high",
          "hodges_lehmann")
COSTS = {"step_ratio": "training time", "macs_ratio": "multiply-accumulates", "parameters_ratio": "parameters",
         "inference_ratio": "inference time"}


def attrs(analysis: Analysis) -> dict:
    """Return what every table of differences says about itself."""
    unit, metric = unit_of(analysis.metric), analysis.metric
    return {"metric": metric.name.replace("_", " "), "unit": unit.short, "margin": analysis.margin * unit.scale,
            "higher_is_better": metric.higher_is_better, "decimals": unit.decimals}


def verdicts(analysis: Analysis) -> pd.DataFrame:
    """Return the verdict table in the unit shown."""
    return scaled(analysis.verdicts, unit_of(analysis.metric).scale, attrs(analysis))


def scaled(verdicts: pd.DataFrame, scale: float, attrs: dict) -> pd.DataFrame:
    """Return a verdict table in the unit shown: its scores and differences times ``scale``, with ``attrs``."""
    table = verdicts.copy()
    for name in SCALED:
        table[name] = table[name].astype(float) * scale
    table.attrs = attrs
    return table


def studies(analyses: Mapping[str, Analysis]) -> pd.DataFrame:
    """Return the effects of all studies' arms in margins of their study, above 0 where the arm is better.

    Args:
        analyses: name of a study -> its analysis.
    """
    rows = [(name, row.arm, *(_in_margins(part, value) for value in (row.difference, row.low, row.high)), row.verdict)
            for name, analysis in analyses.items() for part in analysis.parts for row in part.verdicts.itertuples()]
    return pd.DataFrame(rows, columns=["study", "arm", "difference", "low", "high", "verdict"]).dropna(subset=["difference"])


def _in_margins(analysis: Analysis, value: float) -> float:
    return float(value) / analysis.margin * (1 if analysis.metric.higher_is_better else -1)


def compared(analysis: Analysis) -> pd.DataFrame:
    """Return the arms that small figures are made of: the compared ones; the references themselves where nothing is compared."""
    if len(analysis.verdicts):
        return analysis.verdicts
    return analysis.references.assign(reference=analysis.references["arm"], verdict="no verdict", difference=0.0)


def pairs(analysis: Analysis, arms: pd.DataFrame) -> pd.DataFrame:
    """Return every seed's difference of the given arms, in the unit shown."""
    table = analysis.pairs[analysis.pairs["arm"].isin(arms["arm"])].copy()
    table["difference"] *= unit_of(analysis.metric).scale
    table["verdict"] = table["arm"].map(dict(zip(arms["arm"], arms["verdict"])))
    table.attrs = attrs(analysis) | {"arms": list(arms["arm"]), "groups": list(arms["reference"])}
    return table


def costs(analysis: Analysis, quantity: str) -> pd.DataFrame:
    """Effect against a cost ratio, with the reference at (1, 0) and the Pareto front of the arms compared with the baseline.

    Args:
        analysis: the study.
        quantity: a key of :data:`COSTS`.
    """
    table, kind = verdicts(analysis), quantity.removesuffix("_ratio")
    limits = {f"cost_{end}": table.get(f"{kind}_{end}", np.nan) for end in ("low", "high")}
    table = table.assign(cost=table[quantity], **limits)
    home = table.iloc[:1].assign(id=0, arm="reference", cost=1.0, difference=0.0, low=np.nan, high=np.nan, cost_low=np.nan,
                                 cost_high=np.nan, n=0, verdict="reference", against="")
    table = pd.concat([home, table.dropna(subset=["cost", "difference"])], ignore_index=True)
    same = (table["against"] == "").to_numpy()
    front = np.zeros(len(table), bool)
    gain = table["difference"].to_numpy(float) * (1 if analysis.metric.higher_is_better else -1)
    front[same] = pareto(table["cost"].to_numpy(float)[same], gain[same])
    table["front"] = front
    table.attrs = attrs(analysis) | {"quantity": COSTS[quantity]}
    kept = table["front"] | (table["difference"].abs().rank(ascending=False, method="first") <= MOST_ROWS)
    return table[kept]


def varies(table: pd.DataFrame) -> bool:
    """Return whether the arms differ in cost at all; if not, a figure of it would be one column of dots."""
    known = table["cost"].dropna()
    return len(known) > 1 and known.max() - known.min() > 0.005


def curves(analysis: Analysis, arms: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield for each arm its mean curve and its reference's, with the range that its panel shows."""
    name = told_by(analysis.results)
    if name is None:
        return
    scale, unit = (100.0, "%") if name.endswith("accuracy") else (1.0, loss_unit(analysis.results))
    table = means(analysis.results, name)
    table[["mean", "sd"]] *= scale
    by_arm, shared = dict(list(table.groupby("arm"))), window(table, unit != "%")
    for row in arms.itertuples():
        if row.arm not in by_arm:
            continue
        both = pd.concat([by_arm[arm] for arm in dict.fromkeys((row.reference, row.arm)) if arm in by_arm], ignore_index=True)
        inside = shared[0] <= by_arm[row.arm]["mean"].iloc[-1] <= shared[1]
        low, high = shared if inside else window(both, unit != "%")
        both.attrs = _whose(row) | {"unit": unit, "low": low, "high": high, "quantity": name.replace("_", " "),
                                    "decimals": 0 if high - low > 8 else 1 if high - low > 0.8 else 2}
        yield both


def developments(analysis: Analysis, arms: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield for each arm its difference to the reference over the epochs, with the range that all panels share and the scored epochs."""
    name = told_by(analysis.results)
    if name is None:
        return
    scale, unit = (100.0, "pp") if name.endswith("accuracy") else (1.0, loss_unit(analysis.results))
    known = analysis.results.curves
    curve = known[["arm", "seed", "epoch"]].assign(value=scale * pd.to_numeric(known[name], errors="coerce"))
    found = [(row, development(curve, row.arm, row.reference)) for row in arms.itertuples()]
    ends = [np.abs(late[["low", "high"]].to_numpy(float)).max() for _, table in found if len(late := table[-len(table) // 2:])]
    margin = scale * analysis.margin if name.removeprefix("validation_") == analysis.metric.name.removeprefix("test_") else None
    for row, table in found:
        if len(table) > 1:
            scored = evaluations(stored_window(analysis.results.study), int(table["epoch"].max()))
            table.attrs = _whose(row) | {"unit": unit, "reach": max(ends), "margin": margin,
                                         "scored_from": table["epoch"].max() - scored + 1}
            yield table


def window(table: pd.DataFrame, falling: bool) -> tuple[float, float]:
    """Return the range of the curves without the first fifth of the epochs, in which every curve climbs or falls steeply."""
    late = table[table["epoch"] > 0.2 * table["epoch"].max()]
    low, high = (late["mean"] - late["sd"]), (late["mean"] + late["sd"])
    ends = (low.min(), high.quantile(0.95)) if falling else (low.quantile(0.05), high.max())
    room = max(0.06 * (ends[1] - ends[0]), 1e-3)
    return float(ends[0] - room), float(ends[1] + room)


def targets(analysis: Analysis, arms: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield for each arm when its runs and its reference's reached the target; nothing if the study has none."""
    table = times(analysis.results).rename(columns={"reached": "hit"})
    for row in arms.itertuples():
        both = table[table["arm"].isin([row.arm, row.reference])].copy()
        if (both["arm"] == row.arm).any():
            both.attrs = _whose(row) | {"unit": "epoch", "last": table["time"].max(), "target": analysis.results.study["target"]}
            yield both


def _whose(row: Any) -> dict[str, Any]:
    return {"id": row.id, "arm": row.arm, "reference": row.reference, "verdict": row.verdict}
