"""From results to numbers: one frozen value that every report, export and exit code reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from dlbench.analysis.across import Across, across
from dlbench.analysis.costs import costs
from dlbench.analysis.examples import Pair, answered_pairs
from dlbench.analysis.factors import Factors, factor_effects
from dlbench.analysis.foreign import unpaired
from dlbench.analysis.judge import described_arms, verdict_table
from dlbench.analysis.label_effects import LabelEffects, label_effects
from dlbench.analysis.noise import Noise, noise
from dlbench.analysis.rejudge import as_declared
from dlbench.analysis.scope import claimed
from dlbench.analysis.scores import counted, references, scores
from dlbench.store.results import Results
from dlbench.values.metric import Metric
from dlbench.values.record import Status
from dlbench.values.scope import Scope


@dataclass(frozen=True, eq=False)
class Analysis:
    """A study's results, analysed: numbers only, in the metric's stored unit. What few reports need is computed once, when
    it is first asked for.

    Attributes:
        results: what was analysed.
        metric: what the scores mean.
        verdicts: one row a compared arm, grouped by reference, the most helpful first: what ``compare`` returns, and
            ``id`` (of the arm), ``against`` (the reference where it is not the baseline, else empty), ``changed``
            (text), ``done, diverged, failed`` (seeds), ``divergence`` (text), ``control``, ``control_text``, costs and
            their ratios to the reference (``parameters_ratio, macs_ratio, step_*, inference_*``).
        references: one row an arm that others are compared with: ``id, arm, mean, sd, n, done`` and costs.
        pairs: one row a compared arm and seed that both completed: ``id, arm, reference, seed, score,
            reference_score, difference``; without the seeds of a pilot, and without runs that are no pairs.
        failures: the runs that did not end as ``done``: ``arm, seed, status, reason, run_id``.
        costs: one row an arm: what :func:`dlbench.analysis.costs.costs` returns.
        others: the analyses of the same study on its other datasets.
        tuned: the comparison at the chosen settings; None where nothing is tuned, or nothing has been chosen yet.
    """

    results: Results
    metric: Metric
    verdicts: pd.DataFrame
    references: pd.DataFrame
    pairs: pd.DataFrame
    failures: pd.DataFrame
    costs: pd.DataFrame
    others: tuple[Analysis, ...] = ()
    tuned: Analysis | None = None

    @property
    def margin(self) -> float:
        """The smallest difference that matters, in the metric's stored unit."""
        return float(self.results.study["margin"])

    @property
    def scope(self) -> Scope:
        """What the verdicts are claims about."""
        return claimed(self.results, self.verdicts)

    @property
    def ids(self) -> dict[str, int]:
        """Arm -> its position in the study; what pages and figures call it by."""
        return {arm: position for position, arm in enumerate(self.results.arms["arm"])}

    @cached_property
    def declared(self) -> Analysis | None:
        """The analysis by the metric and margin that were declared before results were seen; None where these are they."""
        results = as_declared(self.results)
        return None if results is None else analyse(results)

    @cached_property
    def further(self) -> tuple[Analysis, ...]:
        """The analyses by the metrics that follow the one that decides, in their order; none of a study with one metric."""
        return tuple(analyse(self.results.on_metric(*one)) for one in self.results.study.get("metrics", ())[1:])

    @cached_property
    def lengths(self) -> tuple[Analysis, ...]:
        """The analyses at each of the study's budgets, ascending, this being the last one; none of a study with one budget."""
        every = self.results.lengths
        return (*(analyse(replace(one, lengths=every)) for one in every[:-1]), self) if every else ()

    @cached_property
    def noise(self) -> Noise | None:
        """Test-set noise of the arms that differ most; None where no answers were kept."""
        return noise(self.results, self.verdicts)

    @cached_property
    def factors(self) -> Factors | None:
        """The effects of a factorial study's factors; None for any other design."""
        return factor_effects(self.results)

    @cached_property
    def answered(self) -> list[Pair]:
        """The answers to test examples of the arms that differ most; none where they were not kept."""
        return answered_pairs(self.results, self.verdicts)

    @cached_property
    def label_effects(self) -> list[LabelEffects]:
        """What the arms that differ most do to each of several labels an example; none where examples have one class, or a number."""
        return label_effects(self.results, self.verdicts)

    @cached_property
    def across(self) -> Across | None:
        """What the arms do over all datasets at default; None for a study on one."""
        return across(self.results, self.results.parts) if self.others else None

    @cached_property
    def across_tuned(self) -> Across | None:
        """What the arms do over all datasets at the chosen settings; None where any dataset has no tuned comparison yet."""
        tuned = [part.tuned.results for part in self.parts if part.tuned is not None]
        return across(self.results, tuned) if self.others and len(tuned) == len(self.parts) else None

    @property
    def parts(self) -> tuple[Analysis, ...]:
        """The analysis on each dataset, the first one being this."""
        return (self, *self.others)


def analyse(results: Results) -> Analysis:
    """Analyse a study's results, on all of its datasets, at default and tuned.

    Args:
        results: complete or partial.

    Returns:
        The analysis; where something was not measured it says so, it never raises for it.
    """
    measure, described, priced, tuning = results.metric, described_arms(results), costs(results), results.tuning
    return Analysis(
        results=results,
        metric=measure,
        verdicts=verdict_table(results, measure, described, priced),
        references=_references(results, measure, described, priced),
        pairs=_pairs(results, measure),
        failures=_failures(results),
        costs=priced,
        others=tuple(map(analyse, results.others)),
        tuned=None if tuning is None or tuning.results is None else analyse(tuning.results),
    )


def _references(results: Results, measure: Metric, described: pd.DataFrame, priced: pd.DataFrame) -> pd.DataFrame:
    names = list(dict.fromkeys(references(results).values())) or list(results.arms["arm"][:1])
    by_arm = scores(results, measure.name).groupby("arm")["score"]
    table = by_arm.agg(mean="mean", sd="std", n="count").reindex(names).rename_axis("arm").reset_index()
    table = table.astype({"mean": float, "sd": float}).assign(n=table["n"].fillna(0).astype(int))
    return table.merge(described, on="arm", how="left").merge(priced, on="arm", how="left")


def _pairs(results: Results, measure: Metric) -> pd.DataFrame:
    known = counted(results, measure.name)
    against = pd.DataFrame(references(results).items(), columns=["arm", "reference"], dtype=object)
    theirs = known.rename(columns={"arm": "reference", "score": "reference_score"})
    table = known.merge(against, on="arm").merge(theirs, on=["reference", "seed"])
    table["difference"] = table["score"] - table["reference_score"]
    table["id"] = table["arm"].map({arm: position for position, arm in enumerate(results.arms["arm"])})
    table = table.iloc[:0] if unpaired(results) else table
    return table.sort_values(["id", "seed"]).reset_index(drop=True)


def _failures(results: Results) -> pd.DataFrame:
    columns = ["arm", "seed", "status", "reason", "run_id"]
    return results.runs.loc[results.runs["status"] != Status.DONE, columns].reset_index(drop=True)
