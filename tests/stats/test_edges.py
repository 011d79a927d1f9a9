"""Every function of `dlbench.stats` on none, one or two seeds, constant differences and NaN: a result or a ValueError, never a warning."""

import importlib
import inspect
import pkgutil

import numpy as np
import pandas as pd
import pytest

import dlbench.stats
from dlbench.stats import (
    aggregate,
    best,
    boundaries,
    budgets,
    changepoints,
    classes,
    crossed,
    equivalence,
    events,
    examples,
    factorial,
    family,
    gatekeeping,
    nested,
    noise,
    noninferiority,
    paired,
    power,
    proposals,
    sequential,
    unpaired,
    verdict,
    wording,
)
from dlbench.stats.method import METHOD, Rule

NAN = float("nan")
SEEDS = {0: [], 1: [0.1], 2: [0.1, 0.2]}
CONSTANT = [0.1, 0.1, 0.1]
RULE = Rule(0.01)


def scores(d):
    """Long scores of two arms that differ by ``d``."""
    return pd.DataFrame([(arm, seed, value * (arm == "a")) for seed, value in enumerate(d) for arm in "ab"],
                        columns=["arm", "seed", "score"])


def column(d):
    """Scores of shape (runs, datasets) on one dataset."""
    return np.array([d]).T


def right(d):
    """Right and wrong answers of two arms to three examples, one row a seed."""
    return np.ones((len(d), 3)), np.tile([0, 1, 0], (len(d), 1))


def times(d):
    """Times to a target that both arms reached."""
    return pd.DataFrame([(arm, seed, value, True) for seed, value in enumerate(d) for arm in "ab"],
                        columns=["arm", "seed", "time", "reached"])


def layout(d):
    """Log-ratios of two servers a side."""
    return np.reshape(np.tile(d, 4), (2, 2, -1))


def sd(d):
    """Standard deviation of a pilot."""
    return float(np.std(d, ddof=1)) if len(d) > 1 else 0.0


PART = crossed.ExamplePart(0.01, 50)
PLAN = boundaries.boundaries((3, 4), 1, paths=1000)
ARMS = {"a": "b"}
OF_SEEDS = {
    paired.checked: (0, lambda d: paired.checked(d, 0)),
    paired.differences: (1, lambda d: paired.differences(d, np.zeros(len(d)))),
    paired.all_equal: (1, paired.all_equal),
    paired.paired_t: (2, lambda d: paired.paired_t(d, 0.05)),
    paired.effect_size: (1, paired.effect_size),
    paired.hodges_lehmann: (1, paired.hodges_lehmann),
    paired.probability_better: (1, paired.probability_better),
    paired.correlation: (0, lambda d: paired.correlation(d, d)),
    paired.welch_interval: (2, lambda d: paired.welch_interval(d, np.zeros(len(d)), 0.05)),
    paired.tost: (2, lambda d: paired.tost(d, 0.5)),
    crossed.crossed_t: (2, lambda d: crossed.crossed_t(d, 0.05, PART)),
    crossed.crossed_tost: (2, lambda d: crossed.crossed_tost(d, 0.5, PART)),
    crossed.resampled_part: (2, lambda d: crossed.resampled_part([d, d], 10)),
    equivalence.objection: (2, lambda d: equivalence.objection(paired.checked(d, 2), RULE)),
    equivalence.in_two_groups: (2, lambda d: equivalence.in_two_groups(paired.checked(d, 2), 0.5)),
    family.holm: (0, family.holm),
    budgets.compare_budgets: (0, lambda d: budgets.compare_budgets([scores(d)] * 2, ARMS, [RULE] * 2)),
    gatekeeping.gatekept: (0, lambda d: gatekeeping.gatekept([d])),
    gatekeeping.compare_metrics: (0, lambda d: gatekeeping.compare_metrics([scores(d)] * 2, ARMS, [RULE] * 2)),
    METHOD.simultaneous_interval: (2, lambda d: METHOD.simultaneous_interval(d, 3)),
    paired.time_ratio: (1, lambda d: paired.time_ratio(d, d, 0.05)),
    aggregate.interquartile_mean: (1, lambda d: aggregate.interquartile_mean(column(d))),
    aggregate.probability_of_improvement: (1, lambda d: aggregate.probability_of_improvement(column(d), column(d))),
    aggregate.performance_profile: (1, lambda d: aggregate.performance_profile(column(d), [0.0])),
    aggregate.stratified_bootstrap: (1, lambda d: aggregate.stratified_bootstrap(aggregate.interquartile_mean, column(d))),
    aggregate.aggregate: (1, lambda d: aggregate.aggregate({"a": column(d), "b": column(d)}, ARMS)),
    events.median_time: (0, lambda d: events.median_time(d, [True] * len(d))),
    events.first_to_target: (0, lambda d: events.first_to_target((d, [1] * len(d)), (d, [1] * len(d)))),
    events.compare_times: (0, lambda d: events.compare_times(times(d), ARMS)),
    power.upper_sd: (2, lambda d: power.upper_sd(sd(d), len(d))),
    power.detectable_difference: (2, lambda d: power.detectable_difference(len(d), sd(d))),
    power.study_reach: (2, lambda d: power.study_reach(len(d), sd(d), 0.1)),
    nested.nested_mean: (1, lambda d: nested.nested_mean(layout(d))),
    nested.clipped: (1, lambda d: nested.clipped(layout(d))),
    factorial.factorial_effects: (2, lambda d: factorial.factorial_effects(
        pd.DataFrame([(s, x, v) for s, v in enumerate(d) for x in (-1, 1)], columns=["seed", "x", "score"]), ["x"])),
    aggregate.friedman: (2, lambda d: aggregate.friedman(pd.DataFrame({"a": d, "b": d, "c": d}), "a")),
    verdict.compare: (0, lambda d: verdict.compare(scores(d), ARMS, RULE)),
    verdict.estimates: (0, lambda d: verdict.estimates(scores(d), ARMS, RULE, 1)),
    verdict.adjusted: (0, lambda d: verdict.adjusted(pd.Series(paired.checked(d, 0), dtype=float), METHOD.correction)),
    noninferiority.paired_gain: (2, lambda d: noninferiority.paired_gain(d, np.zeros(len(d)), 0.05)),
    noninferiority.unpaired_gain: (2, lambda d: noninferiority.unpaired_gain(d, np.zeros(len(d)), 0.05)),
    noninferiority.objection: (2, lambda d: noninferiority.objection(paired.checked(d, 2), 0.5)),
    proposals.one_sided_p: (2, proposals.one_sided_p),
    proposals.judge: (2, lambda d: proposals.judge(d, 0.05, looks=(2, 3, 4))),
    unpaired.to_published: (2, lambda d: unpaired.to_published(d, 0.1, 0.1, 3)),
    unpaired.compare_unpaired: (0, lambda d: unpaired.compare_unpaired(scores(d), ARMS, RULE)),
    changepoints.change_points: (0, changepoints.change_points),
    sequential.judge_interim: (0, lambda d: sequential.judge_interim(scores(d), ARMS, RULE, PLAN, 3)),
    sequential.judge_metrics_interim: (0, lambda d: sequential.judge_metrics_interim([scores(d)] * 2, ARMS, [RULE] * 2, PLAN, 3)),
    sequential.judge_extension: (0, lambda d: sequential.judge_extension(scores(d), ARMS, RULE, pilot=[9])),
}
"""Function -> fewest seeds that give a result, and a call on differences by seed."""
OF_ANSWERS = {
    crossed.example_part: (2, lambda d: crossed.example_part(*right(d))),
    crossed.value_differences: (2, lambda d: crossed.value_differences(*right(d))),
    classes.class_part: (2, lambda d: classes.class_part("macro_f1", [0, 1, 1], *right(d))),
    noise.crossed_effect: (2, lambda d: noise.crossed_effect(*right(d))),
    noise.crossed_bootstrap: (2, lambda d: noise.crossed_bootstrap(*right(d))),
    noise.per_class_effects: (2, lambda d: noise.per_class_effects(*right(d), [0, 0, 1])),
    examples.turned: (0, lambda d: examples.turned(*right(d), 2)),
    examples.confusion: (1, lambda d: examples.confusion([0, 1, 1], right(d)[0], 2)),
    examples.confusion_change: (1, lambda d: examples.confusion_change([0, 1, 1], *right(d))),
    events.compare_divergence: (0, lambda d: events.compare_divergence(scores(d).assign(diverged=False), ARMS)),
    boundaries.shared_levels: (0, lambda d: boundaries.shared_levels([d], PLAN, 3, "effect")),
    family.max_t_signflip: (0, lambda d: family.max_t_signflip([d])),
}
"""The same of functions whose input holds no number that could be NaN, or says "missing" by it."""
OF_NUMBERS = {noise.satterthwaite, power.paired_power, power.seeds_needed, power.equivalence_power, nested.beyond,
              boundaries.boundaries, sequential.say_when_decided, verdict.conclude, wording.format_effect, wording.format_margin,
              wording.format_p, wording.reason, equivalence.unseen_rate, equivalence.examples_suffice,
              equivalence.skewed_quantile, equivalence.skewed_width, crossed.by_fold, crossed.example_parts,
              crossed.examples_tested, crossed.over_folds, crossed.half_width, crossed.quantile,
              crossed.tail, sequential.said_of_extension, classes.macro_f1, classes.balanced_accuracy, power.examples_needed, power.fewest,
              best.best_arms, best.expected_best, best.expected_best_interval, best.compared_budgets, changepoints.best_split,
              changepoints.segments, unpaired.middle_difference, crossed.unpaired_part, noninferiority.plan_power,
              noninferiority.seeds_to_show, proposals.shares, proposals.hopeless}
"""What takes no values by seed."""
EVERY = OF_SEEDS | OF_ANSWERS


def public():
    """Public functions of the package."""
    for module in pkgutil.iter_modules(dlbench.stats.__path__, "dlbench.stats."):
        members = inspect.getmembers(importlib.import_module(module.name), callable)
        yield from (f for name, f in members if getattr(f, "__module__", "") == module.name and name[0].islower())


def test_every_public_function_is_here():
    assert {f.__name__ for f in public()} | {"simultaneous_interval"} == {f.__name__ for f in (*EVERY, *OF_NUMBERS)}


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("function", EVERY, ids=lambda f: f.__name__)
def test_few_seeds_give_a_result_or_an_error(function, seeds):
    least, call = EVERY[function]
    if seeds >= least:
        call(SEEDS[seeds])
    else:
        with pytest.raises(ValueError, match=r"need|at least|scores|separate|vary"):
            call(SEEDS[seeds])


@pytest.mark.parametrize("function", EVERY, ids=lambda f: f.__name__)
def test_constant_differences_give_a_result(function):
    EVERY[function][1](CONSTANT)


@pytest.mark.parametrize("function", [f for f in OF_SEEDS if f is not power.detectable_difference], ids=lambda f: f.__name__)
def test_nan_is_an_error(function):
    with pytest.raises(ValueError, match=r"finite|NaN|\[0, 1\]"):
        OF_SEEDS[function][1]([0.1, NAN, 0.2])


def test_a_single_pair_has_a_sign_flip_p_of_one():
    assert family.max_t_signflip([[0.1], [-0.2]]).tolist() == [1.0, 1.0]
    p = family.max_t_signflip([[0.1, NAN, NAN], [0.1, 0.2, 0.3]])
    assert p.tolist() == [1.0, 0.25]
