"""Whether a study can be trusted: what in its runs speaks against reading its verdicts as they stand, with the evidence and a remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlbench.analysis.analysis import Analysis
from dlbench.analysis.curves import told_by
from dlbench.analysis.scores import finished_runs, folds_of, scores, with_examples
from dlbench.analysis.withheld import guessing, test_labels
from dlbench.stats.equivalence import LEAST_SEEDS, in_two_groups, unseen_rate
from dlbench.stats.method import METHOD
from dlbench.stats.paired import paired_t
from dlbench.values.field import Purpose
from dlbench.values.metric import Metric
from dlbench.values.recipe import fields_with
from dlbench.values.text import listed, plural

DISAGREE = 0.1
"""Accuracy on the training examples, in training less in scoring, that is worth a word."""
MOSTLY = 0.8
"""Share of one class above which an accuracy says little."""
RISEN = 1.1
"""A validation loss that ends this many times above its lowest has risen."""
UNRELATED = 0.1
"""Mean correlation of the arms with their references below which pairs are worth nothing."""

AGREED = 0.9
"""Share of the runs that must name the same other class for a label to be contradicted."""
LEAST_RUNS = 8
"""Runs whose agreement means something."""
CONTRADICTED = 0.01
"""Share of the test examples with a contradicted label that is worth a word, where the margin is not smaller."""


class Finding(NamedTuple):
    """One thing that speaks against trust: what, what shows it, and what to do."""

    subject: str
    evidence: str
    remedy: str


def diagnose(analysis: Analysis) -> list[Finding]:
    """Look for what makes a study's verdicts doubtful; nothing where nothing is found, or nothing has run.

    Args:
        analysis: of a study, complete or partial.
    """
    if not len(finished_runs(analysis.results)):
        return []
    checks = (_chance, _disagreement, _no_learning, _rising, _overfitted, _no_room, _few_examples, _one_class, _contradicted,
              _groups, _unrelated, _edge)
    return [found for check in checks for found in check(analysis)]


def _baseline(analysis: Analysis) -> str:
    return str(analysis.results.arms["arm"].iloc[0])


def _chance(analysis: Analysis) -> Iterator[Finding]:
    for arm, why in guessing(analysis.results, [_baseline(analysis)]).items():
        yield Finding("the baseline is at chance", f"{arm}: {why}", "train it longer or with another learning rate: what is compared with "
                      "a network that has learned nothing says nothing of one that has")


def _disagreement(analysis: Analysis) -> Iterator[Finding]:
    """Training and scoring disagree on the same examples: moving statistics have not settled.

    Arms that train on classes in other shares than they are scored on, or answer in others, or by several views, are left out: theirs do so
    by intent.
    """
    runs, last = finished_runs(analysis.results), _at_ends(analysis, "train_accuracy")
    if last is None or "train_accuracy" not in runs:
        return
    scored = pd.to_numeric(runs["train_accuracy"], errors="coerce").groupby(runs["arm"]).mean()
    intending = fields_with(Purpose.SHARES, Purpose.VIEWS)
    by_intent = {row.arm for row in analysis.results.arms.itertuples() if intending.intersection(row.recipe)}
    apart = {str(arm): (value, scored[arm]) for arm, value in last.groupby("arm")["last"].mean().items()
             if arm in scored and arm not in by_intent and value - scored[arm] > DISAGREE}
    if apart:
        arm, (training, scoring) = max(apart.items(), key=lambda item: item[1][0] - item[1][1])
        more = f" (and {plural(len(apart) - 1, 'other arm')})" if len(apart) > 1 else ""
        yield Finding("training and scoring disagree on the same examples",
                      f"{arm}{more}: {100 * training:.0f} % of the training examples are right while it trains, {100 * scoring:.0f} % when "
                      "it is scored", "moving averages of batch normalisation have not settled: train for more steps, or with a smaller "
                      "momentum")


def _no_learning(analysis: Analysis) -> Iterator[Finding]:
    ends = _at_ends(analysis, "train_loss")
    if ends is None:
        return
    means = ends[ends["epochs"] > 1].groupby("arm")[["first", "last"]].mean()
    stuck = [str(arm) for arm, row in means.iterrows() if not row["last"] < row["first"]]
    if stuck:
        yield Finding("the training loss never fell", listed(stuck, most=6), "lower the learning rate, or train for more steps")


def _rising(analysis: Analysis) -> Iterator[Finding]:
    if rising := rising_arms(analysis):
        name = str(told_by(analysis.results)).replace("_", " ")
        told = listed([f"{arm} (+{100 * gain:.1f} points)" for arm, gain in sorted(rising.items(), key=lambda item: -item[1])], most=4)
        yield Finding("the curve is still rising at the end", f"over the last quarter of the epochs, {name} of {told}",
                      "a longer budget may turn verdicts: --set budget.epochs=N")


def rising_arms(analysis: Analysis) -> dict[str, float]:
    """Map each arm that gains more than the margin in the last quarter of its epochs, with an interval that excludes 0, to this gain."""
    name = told_by(analysis.results)
    ends = None if name is None else _at_ends(analysis, name)
    rising: dict[str, float] = {}
    if ends is None or name is None or "loss" in name:
        return rising
    for arm, rows in ends[ends["epochs"] >= 4].groupby("arm"):
        gains = rows["last"].to_numpy(float) - rows["quarter"].to_numpy(float)
        if len(gains) > 1 and np.ptp(gains) > 0:
            found = paired_t(gains, METHOD.alpha)
            if found.low > 0 and found.difference > analysis.margin:
                rising[str(arm)] = found.difference
    return rising


def _overfitted(analysis: Analysis) -> Iterator[Finding]:
    table, arm = analysis.results.curves, _baseline(analysis)
    if "validation_loss" not in table or not len(table):
        return
    losses = pd.to_numeric(table["validation_loss"], errors="coerce")
    mean = losses[table["arm"] == arm].groupby(table["epoch"]).mean().dropna()
    if len(mean) > 3 and mean.iloc[-1] > RISEN * mean.min() and mean.idxmin() <= 0.75 * mean.index[-1]:
        yield Finding("the baseline over-fits", f"its validation loss is lowest after epoch {mean.idxmin():g} ({mean.min():.3g}) and ends "
                      f"at {mean.iloc[-1]:.3g}", "regularisation is judged on an over-fitting baseline: early stopping or fewer epochs is "
                      "the fairer one")


def _no_room(analysis: Analysis) -> Iterator[Finding]:
    metric, known = analysis.metric, scores(analysis.results, analysis.metric.name)
    mean = known.loc[known["arm"] == _baseline(analysis), "score"].mean()
    best = metric.high if metric.higher_is_better else metric.low
    if math.isfinite(best) and math.isfinite(mean) and abs(best - mean) < analysis.margin:
        yield Finding("no arm can help by the margin",
                      f"the baseline's mean {metric.name.replace('_', ' ')} is {mean:.4g}, and {best:g} is the best there is: less than "
                      f"the margin of {analysis.margin:g} is left", "a harder task, fewer examples, or a smaller margin")


def _few_examples(analysis: Analysis) -> Iterator[Finding]:
    known = with_examples(analysis.results, scores(analysis.results, analysis.metric.name))
    if len(analysis.verdicts) and "examples" in known and known["examples"].notna().any():
        yield from few_examples(int(known["examples"].max()), analysis.metric, analysis.margin)


def few_examples(count: int, metric: Metric, margin: float) -> Iterator[Finding]:
    """Find that so many test examples cannot show that less than the margin changes."""
    if metric.unit == "fraction" and metric.split == "test" and unseen_rate(count) >= margin:
        needed = math.ceil(math.log(METHOD.alpha) / math.log1p(-margin))
        yield Finding("the test set is too small for the margin", f"{count:,} test examples cannot show that less than "
                      f"{100 * unseen_rate(count):.2g} points change, and the margin is {100 * margin:.2g}",
                      f"{needed:,} test examples or more, or a larger margin: until then no arm can be shown to make no difference")


def _one_class(analysis: Analysis) -> Iterator[Finding]:
    if (labels := test_labels(analysis.results, finished_runs(analysis.results))) is not None:
        yield from one_class(np.bincount(labels), analysis.metric)


def one_class(counts: NDArray[np.integer], metric: Metric) -> Iterator[Finding]:
    """Find that one class has most of the test examples, of which there are so many of each."""
    share = float(counts.max(initial=0) / max(counts.sum(), 1))
    if share > MOSTLY and "accuracy" in metric.name and "balanced" not in metric.name:
        yield Finding("one class has most of the test examples", f"{100 * share:.0f} %: always naming it scores as much",
                      "metric = \"balanced_accuracy\" or \"f1_macro\" (pip install 'dlbench[sklearn]')")


def _contradicted(analysis: Analysis) -> Iterator[Finding]:
    """Labels that nearly all runs, of all arms and seeds that test the same examples, contradict by one and the same other class."""
    answers, folds = analysis.results.answers, folds_of(analysis.results)
    runs = finished_runs(analysis.results)
    if answers is None or not len(runs):
        return
    told, tested = list[str](), 0
    for fold, part in runs.groupby(runs["seed"] % (folds or 1)):
        labels, where = answers.labels(part["run_id"].iloc[0]), f" of fold {fold}" if folds else ""
        if labels is not None and len(labels):
            tested += len(labels)
            told += [f"{row}{where} {said}" for row, said in _against(labels, answers.predictions(list(part["run_id"])))]
    if told and len(told) / tested >= min(analysis.margin, CONTRADICTED):
        yield Finding("labels that nearly all runs contradict",
                      f"{plural(len(told), 'test example')} of {tested:,}, by row of the test part: {listed(told, most=20)}",
                      "look at these examples: a wrong label takes the same from every arm, and hides what is left to gain")


def _against(labels: NDArray[np.integer], predictions: Mapping[str, NDArray[np.integer]]) -> Iterator[tuple[int, str]]:
    """Yield the rows whose label most runs contradict by one other class, and what they say; nothing where few runs tested them."""
    given = [classes for classes in predictions.values() if len(classes) == len(labels)]
    if len(given) < LEAST_RUNS:
        return
    votes = np.stack([(np.stack(given) == name).mean(axis=0) for name in range(int(max(labels.max(), *map(np.max, given))) + 1)])
    for row in np.flatnonzero((votes.max(axis=0) >= AGREED) & (votes.argmax(axis=0) != labels)).tolist():
        yield row, f"({labels[row]}, and {100 * votes[:, row].max():.0f} % of the runs say {votes[:, row].argmax()})"


SPLIT_BY_CHANCE = {5: 0.16, 6: 0.07, 7: 0.03, 8: 0.014}
"""Runs -> the share of arms whose normal scores look like two groups; of many arms, so many are no finding."""


def _groups(analysis: Analysis) -> Iterator[Finding]:
    known = scores(analysis.results, analysis.metric.name)
    large = {str(arm): rows.to_numpy(float) for arm, rows in known.groupby("arm", sort=False)["score"] if len(rows) >= LEAST_SEEDS}
    split = [arm for arm, values in large.items() if bool(in_two_groups(values, analysis.margin))]
    if len(split) > sum(SPLIT_BY_CHANCE.get(len(values), 0.0) for values in large.values()):
        yield Finding("seeds fall into two groups", f"the runs of {listed(split, most=6)}",
                      "look at the two kinds of run: their mean describes neither")


def _unrelated(analysis: Analysis) -> Iterator[Finding]:
    known = pd.to_numeric(analysis.verdicts["correlation"], errors="coerce").dropna()
    if len(known) > 2 and analysis.verdicts["n"].min() >= LEAST_SEEDS and known.mean() < UNRELATED:
        yield Finding("pairing is worth nothing here",
                      f"scores of arms correlate with their reference's by {known.mean():.2f} on average over {plural(len(known), 'arm')}",
                      "more seeds are needed than pairs usually take; `dlbench plan --power` says how many")


def _edge(analysis: Analysis) -> Iterator[Finding]:
    tuning = analysis.results.tuning
    if tuning is None:
        return
    at: dict[str, list[str]] = {}
    for arm, trials in tuning.trials.groupby("arm", sort=False):
        chosen = trials[trials["chosen"].astype(bool)]
        for path in tuning.nuisance if len(chosen) else ():
            tried = sorted({setting[path] for setting in trials["setting"] if isinstance(setting.get(path), int | float)})
            value: Any = chosen["setting"].iloc[0].get(path)
            if len(tried) > 2 and value in (tried[0], tried[-1]):
                at.setdefault(path, []).append(f"{arm} ({value:g})")
    for path, arms in at.items():
        yield Finding("a setting at the edge of what was tried", f"{path}: {listed(arms, most=6)}",
                      "try values beyond it: the best may lie there")


def _at_ends(analysis: Analysis, name: str) -> pd.DataFrame | None:
    """One row an arm and seed: the first and last value of a curve, that at three quarters of it, and its length; None without a curve."""
    table = analysis.results.curves
    if name not in table or not len(table):
        return None
    values = table[["arm", "seed", "epoch"]].assign(value=pd.to_numeric(table[name], errors="coerce")).dropna().sort_values("epoch")
    runs = values.groupby(["arm", "seed"], sort=False)["value"]
    place, epochs = runs.cumcount(), runs.transform("size")
    before = values[place == (epochs - (epochs // 4).clip(lower=1) - 1).clip(lower=0)].set_index(["arm", "seed"])["value"]
    ends = pd.DataFrame({"first": runs.first(), "last": runs.last(), "epochs": runs.size()})
    ends.insert(1, "quarter", before.astype(float))
    return ends.reset_index() if len(ends) else None
