"""The verdict table: what the seeds say of each arm, whether it was controlled, how its runs ended, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from dlbench.analysis import controls, interim, scope
from dlbench.analysis.foreign import unpaired
from dlbench.analysis.scores import folds_of, references, scores, with_examples
from dlbench.analysis.script import IGNORED, script_tests
from dlbench.analysis.withheld import withhold
from dlbench.stats.budgets import compare_budgets
from dlbench.stats.events import compare_divergence
from dlbench.stats.gatekeeping import compare_metrics
from dlbench.stats.method import Rule
from dlbench.stats.sequential import judge_extension, said_of_extension
from dlbench.stats.unpaired import compare_unpaired
from dlbench.stats.verdict import COLUMNS, compare
from dlbench.store.results import Results
from dlbench.values.controls import Control
from dlbench.values.metric import Metric
from dlbench.values.record import FINAL, Status
from dlbench.values.text import changed
from dlbench.values.verdict import Verdict


def verdict_table(results: Results, measure: Metric, described: pd.DataFrame, priced: pd.DataFrame) -> pd.DataFrame:
    """Judge every compared arm of a study.

    Args:
        results: complete or partial.
        measure: the study's metric.
        described: from :func:`described_arms`.
        priced: from :func:`dlbench.analysis.costs.costs`.

    Returns:
        One row a compared arm, as :class:`dlbench.analysis.Analysis` describes its ``verdicts``.
    """
    against = references(results)
    table = _judged(results, against)
    numbers = table.columns.difference(["arm", "reference", "verdict", "reason"])
    table[numbers] = table[numbers].astype(float)
    table = table.merge(described, on="arm").merge(priced, on="arm", how="left")
    table = withhold(table, results)
    diverged = _divergence(results, against)
    table["divergence"] = [diverged.get(arm, "") for arm in table["arm"]]
    table["against"] = table["reference"].where(table["reference"] != results.arms["arm"].iloc[0], "")
    return _ordered(table, measure)


def _judged(results: Results, against: dict[str, str]) -> pd.DataFrame:
    """Judge at declared interim analyses, on the seeds that no earlier one has seen, or, for most studies, on all seeds."""
    if interim.is_adaptive(results):
        return interim.decisions(results, against)
    known, rule = _by_metric(results, against)
    if not len(known):
        return unscored(against, rule.planned)
    if unpaired(results):
        return compare_unpaired(known, against, rule)
    if results.lengths or len(results.study.get("metrics", ())) > 1:
        return _of_family(results, against)
    if results.pilot:
        return judge_extension(known, against, rule, results.pilot)
    return compare(known, against, rule)


def _by_metric(results: Results, against: dict[str, str]) -> tuple[pd.DataFrame, Rule]:
    """Return the scores of a study's metric, and the rule by which they are judged."""
    measure, planned = results.metric, len(results.study["seeds"]) - len(results.pilot)
    known = with_examples(results, scores(results, measure.name))
    parts = scope.parts(results, known[~known["seed"].isin(results.pilot)], against)
    rule = Rule(float(results.study["margin"]), measure.higher_is_better, planned, measure.unit, parts=parts, folds=folds_of(results))
    return known, rule


def _of_family(results: Results, against: dict[str, str]) -> pd.DataFrame:
    """Return the verdicts on one of a study's metrics, or at one of its budgets, which are a family of several."""
    family = results.lengths or [results.on_metric(*one) for one in results.study["metrics"]]
    judged = [(known[~known["seed"].isin(one.pilot)], rule) for one in family for known, rule in [_by_metric(one, against)]]
    compare_family = compare_budgets if results.lengths else compare_metrics
    tables = compare_family([known for known, _ in judged], against, [rule for _, rule in judged])
    own = (results.metric.name, results.study.get("budget"))
    table = next(table for one, table in zip(family, tables) if (one.metric.name, one.study.get("budget")) == own)
    return said_of_extension(table, scores(results, results.metric.name), results.pilot) if results.pilot else table


def unscored(against: Mapping[str, str], planned: int | None) -> pd.DataFrame:
    """Return the verdicts of a study in which no run has finished.

    Args:
        against: compared arm -> its reference.
        planned: seeds planned per arm.
    """
    table = pd.DataFrame({"arm": list(against), "reference": list(against.values())}).reindex(columns=list(COLUMNS))
    return table.assign(n=0, planned=planned, verdict=Verdict.NONE, reason="no run has finished yet")


def _divergence(results: Results, against: dict[str, str]) -> dict[str, str]:
    """Map arms to the exact test of their diverged runs, in words; an arm without any, as its reference, is left out."""
    runs = results.runs[results.runs["status"].isin(FINAL)].drop_duplicates(["arm", "seed"], keep="last")
    counts = compare_divergence(runs[["arm", "seed"]].assign(diverged=runs["status"] == Status.DIVERGED), against)
    return {row.arm: row.reason for row in counts.itertuples() if row.diverged or row.reference_diverged}


def described_arms(results: Results) -> pd.DataFrame:
    """Describe each arm: ``arm, id, changed, done, diverged, failed, control, control_text``.

    ``id`` is its position in the study, ``changed`` a text, ``done, diverged, failed`` count seeds.
    """
    rows: list[dict[str, object]] = []
    nothing = results.runs.iloc[:0]
    by_arm = dict(list(results.runs.groupby("arm", sort=False)))
    tests = script_tests(results)
    for position, row in enumerate(results.arms.itertuples()):
        runs = by_arm.get(row.arm, nothing)
        state, text = (Control.FAULT, IGNORED) if tests is not None and row.arm in tests.ignored else controls.state(runs)
        counts = {str(status): int((runs["status"] == status).sum()) for status in FINAL}
        rows.append({"arm": row.arm, "id": position, "changed": changed(row.changes), **counts,
                     "failed": len(runs) - sum(counts.values()), "control": state, "control_text": text})
    return pd.DataFrame(rows)


def _ordered(table: pd.DataFrame, measure: Metric) -> pd.DataFrame:
    """Sort arms by their reference, in the study's order; within one, the largest gain comes first and no estimate last."""
    first = {reference: position for position, reference in enumerate(dict.fromkeys(table["reference"]))}
    gain = pd.to_numeric(table["difference"], errors="coerce") * (1 if measure.higher_is_better else -1)
    keys = table.assign(_group=table["reference"].map(first), _gain=-gain)
    return keys.sort_values(["_group", "_gain", "id"], na_position="last").drop(columns=["_group", "_gain"]).reset_index(drop=True)


def foremost(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return at most so many arms: those whose difference is largest, in the order of the table."""
    if len(table) <= most:
        return table
    size = table["difference"].astype(float).abs().fillna(-1.0)
    kept = table.loc[size.nlargest(most).index.sort_values()].reset_index(drop=True)
    kept.attrs = table.attrs
    return kept
