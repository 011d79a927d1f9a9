"""From results to what is said about them: one frozen value that every format renders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from dlbench.report import answers, controls, costs, looks
from dlbench.report.wording import Unit, changed, missing, plural, unit_of
from dlbench.stats.divergence import compare_divergence
from dlbench.stats.method import METHOD, Rule
from dlbench.stats.paired import LARGEST
from dlbench.stats.sequential import judge_extension
from dlbench.stats.verdict import COLUMNS, compare
from dlbench.store.results import Results
from dlbench.values.metric import Metric
from dlbench.values.record import FINAL

ORDER = ("helps", "hurts", "no meaningful effect", "inconclusive", "no verdict")
"""The verdicts, in the order in which they are told."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """A study's results, analysed. Renderers read this and nothing else.

    Attributes:
        results: what was analysed.
        metric, unit: what the scores mean and how they are shown.
        verdicts: one row a compared arm, grouped by reference, the most helpful first: what ``compare`` returns, and
            ``id`` (of the arm), ``against`` (the reference where it is not the baseline, else empty), ``changed``
            (text), ``sequence`` (at which declared look it was decided), ``done, diverged, failed`` (seeds),
            ``divergence`` (text), ``control``, ``control_text``, costs and their ratios to the reference
            (``parameters_ratio, macs_ratio, step_*, inference_*``).
        references: one row an arm that others are compared with: ``id, arm, mean, sd, n, done`` and costs.
        pairs: one row a compared arm and seed that both completed: ``id, arm, reference, seed, score,
            reference_score, difference``; without the seeds of a pilot.
        failures: the runs that did not end as ``done``: ``arm, seed, status, reason, run_id``.
        answer: the study's answer, one sentence.
        answers: arm -> its sentence, in the order of ``verdicts``.
        notes: what a reader must know before trusting the answer; one sentence each.
    """

    results: Results
    metric: Metric
    unit: Unit
    verdicts: pd.DataFrame
    references: pd.DataFrame
    pairs: pd.DataFrame
    failures: pd.DataFrame
    answer: str
    answers: dict[str, str]
    notes: tuple[str, ...]

    @property
    def margin(self) -> float:
        """The smallest difference that matters, in the metric's stored unit."""
        return float(self.results.study["margin"])

    @property
    def adjustment(self) -> str:
        """What was done to the p-values that decide, for captions."""
        if looks.declared(self.results):
            return f"scaled so that {METHOD.alpha:g} is the boundary of the arm's look"
        return f"{METHOD.adjusted} over the {len(self.verdicts)} arms"

    @property
    def ids(self) -> dict[str, int]:
        """Arm -> its position in the study; what pages and figures call it by."""
        return {arm: position for position, arm in enumerate(self.results.arms["arm"])}

    @cached_property
    def others(self) -> tuple[Analysis, ...]:
        """The same study on its other datasets."""
        return tuple(map(analyse, self.results.others))

    @property
    def parts(self) -> tuple[Analysis, ...]:
        """The analysis on each dataset, the first one being this."""
        return (self, *self.others)

    @cached_property
    def tuned(self) -> Analysis | None:
        """The comparison at the chosen settings; None where nothing is tuned, or nothing has been chosen yet."""
        found = self.results.tuning
        return None if found is None or found.results is None else analyse(found.results)


def analyse(results: Results) -> Analysis:
    """Analyse a study's results.

    Args:
        results: complete or partial.

    Returns:
        The analysis; where something was not measured it says so, it never raises for it.
    """
    measure = results.metric
    unit = unit_of(measure)
    verdicts = _verdicts(results, measure)
    sentences = {row.arm: answers.arm(row, measure, unit, float(results.study["margin"])) for row in verdicts.itertuples()}
    alone = _references(results, measure)
    told = [] if len(verdicts) else [answers.reached(row, measure, unit) for row in alone.itertuples()]
    return Analysis(
        results=results,
        metric=measure,
        unit=unit,
        verdicts=verdicts,
        references=alone,
        pairs=_pairs(results, measure),
        failures=_failures(results),
        answer=answers.place(results) + " ".join([answers.study(verdicts, unit), *told]),
        answers=sentences,
        notes=tuple(answers.notes(results, verdicts)),
    )


def scores(results: Results, name: str) -> pd.DataFrame:
    """The finite scores of finished runs that may be compared with their reference's: columns ``arm, seed, score``."""
    runs = results.runs
    if name not in runs or not len(runs):
        return pd.DataFrame({"arm": pd.Series(dtype=object), "seed": pd.Series(dtype=int), "score": pd.Series(dtype=float)})
    used = (runs["status"] == "done") & (runs["control"] != "incomparable" if "control" in runs else True)
    table = runs.loc[used, ["arm", "seed", name]].rename(columns={name: "score"})
    table["score"] = pd.to_numeric(table["score"], errors="coerce").astype(float)
    return table[table["score"].abs() <= LARGEST].drop_duplicates(["arm", "seed"], keep="last").reset_index(drop=True)


def counted(results: Results, name: str) -> pd.DataFrame:
    """The scores that tests and figures of differences are made of: without the seeds of a pilot."""
    table = scores(results, name)
    return table[~table["seed"].isin(results.pilot)].reset_index(drop=True)


def references(results: Results) -> dict[str, str]:
    """Compared arm -> the arm it is compared with."""
    pairs = zip(results.arms["arm"], results.arms["reference"])
    return {arm: reference for arm, reference in pairs if isinstance(reference, str) and reference}


def _verdicts(results: Results, measure: Metric) -> pd.DataFrame:
    study, against = results.study, references(results)
    rule = Rule(
        margin=float(study["margin"]),
        higher_is_better=measure.higher_is_better,
        planned=len(study["seeds"]),
        unit=measure.unit,
    )
    known = scores(results, measure.name)
    table = _judged(results, known, against, rule)
    numbers = table.columns.difference(["arm", "reference", "verdict", "reason"])
    table[numbers] = table[numbers].astype(float)
    table = table.merge(_described(results), on="arm").merge(costs.ratios(results, against), on="arm", how="left")
    diverged = _divergence(results, against)
    table["divergence"] = [diverged.get(arm, "") for arm in table["arm"]]
    told = looks.told(results)
    table["sequence"] = [told.get(arm, "") for arm in table["arm"]]
    table["against"] = table["reference"].where(table["reference"] != results.arms["arm"].iloc[0], "")
    return _ordered(table, measure)


def _judged(results: Results, known: pd.DataFrame, against: dict[str, str], rule: Rule) -> pd.DataFrame:
    """The verdicts: at declared looks; on the seeds that no earlier look has seen; or, of most studies, on all seeds."""
    if looks.declared(results):
        return looks.decisions(results, against)
    if not len(known):
        return unscored(against, rule.planned)
    if results.pilot:
        return judge_extension(known, against, replace(rule, planned=rule.planned - len(results.pilot)), results.pilot)
    return compare(known, against, rule)


def unscored(against: dict[str, str], planned: int | None) -> pd.DataFrame:
    """The verdicts of a study in which no run has finished.

    Args:
        against: compared arm -> its reference.
        planned: seeds planned per arm.
    """
    table = pd.DataFrame({"arm": list(against), "reference": list(against.values())}).reindex(columns=list(COLUMNS))
    return table.assign(n=0, planned=planned, verdict="no verdict", reason="no run has finished yet")


def _divergence(results: Results, against: dict[str, str]) -> dict[str, str]:
    """Arm -> what is said of its diverged runs, with an exact test of the counts; nothing where none diverged."""
    runs = results.runs[results.runs["status"].isin(FINAL)].drop_duplicates(["arm", "seed"], keep="last")
    counts = compare_divergence(runs[["arm", "seed"]].assign(diverged=runs["status"] == "diverged"), against)
    return {row.arm: row.reason for row in counts.itertuples() if row.diverged or row.reference_diverged}


def _described(results: Results) -> pd.DataFrame:
    rows, nothing = [], results.runs.iloc[:0]
    by_arm = dict(list(results.runs.groupby("arm", sort=False)))
    for position, row in enumerate(results.arms.itertuples()):
        runs = by_arm.get(row.arm, nothing)
        status = runs["status"]
        state, text = controls.state(runs)
        counts = {"done": int((status == "done").sum()), "diverged": int((status == "diverged").sum())}
        counts["failed"] = len(runs) - sum(counts.values())
        rows.append(
            {"arm": row.arm, "id": position, "changed": changed(row.changes), **counts, "control": state, "control_text": text}
        )
    return pd.DataFrame(rows)


def _ordered(table: pd.DataFrame, measure: Metric) -> pd.DataFrame:
    """Arms of one reference together, in the study's order of references; the largest gain first, no estimate last."""
    first = {reference: position for position, reference in enumerate(dict.fromkeys(table["reference"]))}
    gain = pd.to_numeric(table["difference"], errors="coerce") * (1 if measure.higher_is_better else -1)
    keys = table.assign(_group=table["reference"].map(first), _gain=-gain)
    return (
        keys.sort_values(["_group", "_gain", "id"], na_position="last").drop(columns=["_group", "_gain"]).reset_index(drop=True)
    )


def _references(results: Results, measure: Metric) -> pd.DataFrame:
    names = list(dict.fromkeys(references(results).values())) or list(results.arms["arm"][:1])
    known, table = scores(results, measure.name), costs.absolute(results)
    rows = []
    for name in names:
        values = known.loc[known["arm"] == name, "score"]
        mean, sd = (values.mean(), values.std()) if len(values) else (np.nan, np.nan)
        rows.append({"arm": name, "mean": mean, "sd": sd, "n": len(values)})
    return (
        pd.DataFrame(rows, columns=["arm", "mean", "sd", "n"])
        .merge(_described(results), on="arm", how="left")
        .merge(table, on="arm", how="left")
    )


def _pairs(results: Results, measure: Metric) -> pd.DataFrame:
    known = counted(results, measure.name)
    against = pd.DataFrame(references(results).items(), columns=["arm", "reference"], dtype=object)
    theirs = known.rename(columns={"arm": "reference", "score": "reference_score"})
    table = known.merge(against, on="arm").merge(theirs, on=["reference", "seed"])
    table["difference"] = table["score"] - table["reference_score"]
    table["id"] = table["arm"].map({arm: position for position, arm in enumerate(results.arms["arm"])})
    return table.sort_values(["id", "seed"]).reset_index(drop=True)


def _failures(results: Results) -> pd.DataFrame:
    columns = ["arm", "seed", "status", "reason", "run_id"]
    return results.runs.loc[results.runs["status"] != "done", columns].reset_index(drop=True)


def completed(done: Any, planned: Any) -> str:
    """How many of an arm's seeds finished, as text.

    Example:
        >>> completed(7, 8), completed(8, 8)
        ('7 of 8 seeds', '8 seeds')
    """
    done, planned = (0 if missing(value) else int(value) for value in (done, planned))
    return plural(done, "seed") if done == planned else f"{done} of {plural(planned, 'seed')}"
