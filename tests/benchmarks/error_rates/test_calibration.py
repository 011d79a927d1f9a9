"""How real trainings are judged is held against made worlds whose truth is known, and the committed report against its records."""

import numpy as np
import pytest

from benchmarks.error_rates import calibration
from benchmarks.error_rates.calibration import Side, document, judged, over_worlds, rates
from benchmarks.error_rates.real import ARMS, FOLDS, RECORDS, SEEDS, TEST, cut, half_size, records
from tests.packaging.pins import ROOT


def world(rng, effect=0.0, folds=False):
    """Baseline and arm: examples differ in what the arm adds to them, on average ``effect``; folds have examples of their own."""
    of_example = effect + rng.normal(0, 0.5, (FOLDS if folds else 1, TEST))
    seeds = np.arange(SEEDS)
    shared = of_example[seeds % FOLDS if folds else np.zeros(SEEDS, int)]
    gain = shared + rng.normal(0, 0.3, (SEEDS, TEST)) + rng.normal(0, 0.01, (SEEDS, 1))
    nothing = np.zeros((SEEDS, TEST))
    return Side(gain, effect + rng.normal(0, 0.01, SEEDS)), Side(nothing, np.zeros(SEEDS))


@pytest.mark.parametrize("scope", calibration.SCOPES)
def test_intervals_cover_the_truth_of_made_worlds_at_their_level(scope):
    rng = np.random.default_rng(0)
    sides = (world(rng, 0.02, "folds" in scope) for _ in range(300))
    covered = [judged(*pair, np.arange(6), scope)[0] for pair in sides]
    assert 0.92 < np.mean(covered) < 0.99


def test_an_interval_over_seeds_alone_does_not_cover_new_examples():
    rng = np.random.default_rng(1)
    arm, baseline = world(rng)
    narrow, wide = (judged(arm, baseline, np.arange(6), scope)[3] for scope in ("this test set", "new data"))
    assert wide > 1.5 * narrow


def test_the_monte_carlo_interval_is_over_worlds():
    values = np.random.default_rng(2).random((40, 2, 4)) < 0.05
    mean, low, high = over_worlds(values.astype(float))
    assert mean == pytest.approx(values.mean()) and high - low < 0.12
    table = rates(sorted((ROOT / RECORDS).glob("world-0?.npz")), list(ARMS)[1:])
    means = table["false helps or hurts"].map(lambda value: value[2] - value[1])
    assert len(table) == 12 and (means < 0.2).all()  # over ten worlds, and not over two arms


def test_a_world_is_cut_into_disjoint_parts_and_the_outside_is_shared():
    images, labels = np.arange(70_000).reshape(-1, 1, 1, 1), np.arange(70_000) % 10
    folds = [cut(images, labels, 3, fold) for fold in range(FOLDS)]
    tested = [set(one.x[one.train : one.train + TEST].ravel().tolist()) for one in folds]
    assert set.union(*tested) == set(range(3 * FOLDS * TEST, 4 * FOLDS * TEST)) and sum(map(len, tested)) == FOLDS * TEST
    for one, own in zip(folds, tested):
        assert not own & set(one.x[: one.train].ravel().tolist())
        assert one.x[one.train + TEST :].ravel().tolist() == list(range(60_000, 70_000))


def test_half_size_takes_means():
    assert half_size(np.array([[0, 2], [4, 6]], np.uint8).reshape(1, 2, 2, 1)).tolist() == [[[[3]]]]


def test_records_lay_out_arms_seeds_and_examples():
    kept = {(arm, fold, seed): (np.full(TEST, arm), np.arange(TEST) < seed, float(fold), float(seed), 2)
            for arm in range(len(ARMS)) for fold in range(FOLDS) for seed in range(SEEDS)}
    laid = records(kept)
    assert laid["fixed_rights"][2, 5, 0] == 2 and laid["folds_outside"][0, 4] == 4 % FOLDS and laid["fixed_outside"].max() == 0
    assert np.unpackbits(laid["folds_last"], axis=-1, count=TEST)[0, 7].sum() == 7


@pytest.mark.slow
def test_the_committed_report_is_that_of_the_committed_records():
    report = (ROOT / "reports" / "calibration.md").read_text(encoding="utf-8")
    machine = report.partition("Machine: ")[2].partition("\n")[0]
    assert document(ROOT / RECORDS, list(ARMS)[1:], machine) == report
