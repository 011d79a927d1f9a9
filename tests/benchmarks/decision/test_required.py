"""Numbers of seeds are held against simulated studies, judged as a Keras loop and as dlbench judge them."""

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.decision import required
from benchmarks.decision.required import Examples, looks_at, loop_seeds, new_data_seeds, paired_seeds, with_looks
from dlbench.stats.crossed import half_width

STUDIES = 4000
ERROR = 3 * math.sqrt(0.8 * 0.2 / STUDIES)


def folded(rng, n, within, examples, effect):
    """Differences [studies, n] of seeds that test one part, or folds in turn, whose examples add the same to all of their seeds."""
    of_folds = rng.normal(0, math.sqrt(examples.variance), (STUDIES, examples.step))
    return effect + of_folds[:, np.arange(n) % examples.step] + rng.normal(0, within, (STUDIES, n))


@pytest.mark.parametrize("sd", [(1.0, 1.0), (0.5, 1.2), (0.7, 0.7)])
def test_welch_finds_the_margin_with_the_seeds_of_the_loop_and_not_with_fewer(sd):
    n, rng = loop_seeds(*sd, margin=1.0), np.random.default_rng(0)
    power = [np.mean(stats.ttest_ind(rng.normal(1, sd[0], (STUDIES, m)), rng.normal(0, sd[1], (STUDIES, m)), axis=1,
                                     equal_var=False).pvalue < 0.05) for m in (n, n - 2)]
    assert power[0] > 0.8 - ERROR - 0.02 and power[1] < 0.8


def test_pairs_of_independent_scores_save_nothing_and_correlated_ones_do():
    independent, correlated = (paired_seeds(math.sqrt(2 * (1 - r)), 1.0) for r in (0.0, 0.75))
    assert abs(independent - loop_seeds(1.0, 1.0, 1.0)) <= 1 and correlated < independent / 2


def test_a_spread_of_nothing_needs_the_fewest_seeds():
    assert loop_seeds(0.0, 0.0, 1.0) == paired_seeds(0.0, 1.0) == 2


@pytest.mark.parametrize("folds", [0, 4])
def test_the_parts_of_the_examples_add_up_to_the_variance_of_a_mean(folds):
    examples, n, within = Examples(0.3, 400, folds), 8, 0.7
    d = folded(np.random.default_rng(1), n, within, examples, 0.0)
    assert d.var(axis=1, ddof=1).mean() == pytest.approx(within**2 + examples.seen(n), rel=0.05)
    assert d.mean(axis=1).var() == pytest.approx((within**2 + examples.seen(n)) / n + examples.part(n).variance, rel=0.1)


@pytest.mark.parametrize("examples", [Examples(0.01, 400), Examples(0.04, 400, folds=4)])
def test_the_crossed_interval_finds_the_margin_with_the_seeds_for_new_data_and_not_with_a_step_less(examples):
    n, rng = new_data_seeds(0.8, examples, 1.0), np.random.default_rng(2)
    found = []
    for m in (n, n - examples.step):
        d = folded(rng, m, 0.8, examples, 1.0)
        errors = d.std(axis=1, ddof=1) / math.sqrt(m)
        found.append(np.mean([mean > half_width(0.025, error, m, examples.part(m)) for mean, error in zip(d.mean(axis=1), errors)]))
    assert n % examples.step == 0 and found[0] > 0.78 and found[1] < 0.8


def test_folds_reach_what_one_part_does_not():
    assert new_data_seeds(0.3, Examples(0.2, 400), 1.0) is None
    assert new_data_seeds(0.3, Examples(0.2, 400, folds=4), 1.0) % 4 == 0


def test_looks_come_after_whole_rounds_of_folds():
    assert looks_at(16, 4) == (8, 12, 16) and looks_at(4, 4) == (4,) and looks_at(3, 1) == (2, 3)


@pytest.mark.parametrize("examples", [Examples(0.0, 400), Examples(0.01, 400), Examples(0.05, 400, folds=4)])
def test_looks_keep_their_level_and_power_and_save_more_where_the_effect_is_larger(examples):
    within, first = 1.0, new_data_seeds(1.0, examples, 1.0)
    mean, looks = with_looks(within, examples, first)
    larger, _ = with_looks(within, examples, first, 2.0)
    assert larger < mean < looks[-1]
    wrong, _ = required._stopped(within, examples, looks, 0.0)
    assert wrong < 0.05 + 3 * math.sqrt(0.05 * 0.95 / required.STUDIES) + 0.002
    assert required._stopped(within, examples, looks, 1.0)[0] > 0.79


def test_equivalence_by_the_loop_has_the_promised_power():
    n, rng = required.loop_equivalence_seeds(1.0, 1.0, 1.0), np.random.default_rng(3)
    power = []
    for m in (n, n - 2):
        a, b = rng.normal(0, 1, (2, STUDIES, m))
        error, df = np.sqrt((a.var(axis=1, ddof=1) + b.var(axis=1, ddof=1)) / m), 2 * m - 2
        power.append(np.mean(abs(a.mean(axis=1) - b.mean(axis=1)) + stats.t.ppf(0.95, df) * error < 1))
    assert power[0] > 0.8 - ERROR and power[1] < 0.8


def test_equivalence_by_dlbench_takes_five_seeds_in_whole_rounds():
    assert required.equivalence_seeds(0.01, Examples(0.0, 400), 1.0) == 5
    assert required.equivalence_seeds(0.01, Examples(0.0, 400, folds=4), 1.0) == 8
