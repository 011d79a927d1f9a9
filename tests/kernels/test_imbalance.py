import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from dlbench.kernels.imbalance import balanced_order, class_weights, draws_of_uses, moved_thresholds

LABELS = np.random.default_rng(0).permutation(np.repeat([0, 2, 3], (70, 25, 5)))
"""No example has class 1."""


def test_balanced_weights_are_those_of_scikit_learn():
    classes = np.unique(LABELS)
    wanted = dict(zip(classes, compute_class_weight("balanced", classes=classes, y=LABELS)))
    np.testing.assert_allclose(class_weights(LABELS, 1.0), [wanted[label] for label in LABELS], rtol=1e-6)


@pytest.mark.parametrize("power", [0.25, 1.0, 2.0])
def test_their_mean_is_one_and_their_ratios_are_powers_of_the_classes(power):
    weights = class_weights(LABELS, power)
    assert weights.dtype == np.float32 and weights.mean() == pytest.approx(1, rel=1e-6)
    assert weights[LABELS == 3][0] / weights[LABELS == 0][0] == pytest.approx((70 / 5) ** power, rel=1e-5)


def test_each_class_has_the_same_share_of_the_loss_and_no_power_gives_all_the_same_weight():
    weights = class_weights(LABELS, 1.0)
    assert [weights[label == LABELS].sum() for label in (0, 2, 3)] == pytest.approx([100 / 3] * 3, rel=1e-5)
    assert (class_weights(LABELS, 0.0) == 1).all()


@pytest.mark.parametrize("seed", range(5))
def test_balanced_sampling_draws_each_class_equally_often_and_no_example_twice_before_all_of_its_class(seed):
    order = balanced_order(LABELS, 1.0, np.random.default_rng(seed))
    assert len(order) == 100
    for label in (0, 2, 3):
        uses = np.bincount(order, minlength=100)[label == LABELS]
        assert uses.sum() in (33, 34) and np.ptp(uses) <= 1
    halves = LABELS[order[:50]]
    assert set(np.unique(halves)) == {0, 2, 3}, "classes are mixed over the epoch"


def test_over_many_epochs_all_examples_of_a_class_are_used_alike():
    generator = np.random.default_rng(0)
    uses = sum(np.bincount(balanced_order(LABELS, 1.0, generator), minlength=100) for _ in range(600)) / 600
    for label, count in ((0, 70), (2, 25), (3, 5)):
        np.testing.assert_allclose(uses[label == LABELS], 100 / 3 / count, atol=0.1)


def test_the_power_lies_between_all_once_and_all_classes_alike():
    generator = np.random.default_rng(0)
    assert sorted(balanced_order(LABELS, 0.0, generator)) == list(range(100))
    drawn = np.bincount(LABELS[balanced_order(LABELS, 0.5, generator)])[[0, 2, 3]]
    np.testing.assert_allclose(drawn, 100 * np.sqrt([70, 25, 5]) / np.sqrt([70, 25, 5]).sum(), atol=1)


def test_classes_that_are_balanced_already_are_drawn_as_without_it():
    labels = np.arange(90) % 3
    np.testing.assert_array_equal(balanced_order(labels, 1.0, np.random.default_rng(3)), np.random.default_rng(3).permutation(90))


def test_each_use_has_draws_of_its_own():
    order = balanced_order(LABELS, 1.0, np.random.default_rng(0))
    draws = draws_of_uses(order)
    assert sorted(draws) == list(range(100))
    assert all(row == drawn for row, drawn in zip(order, draws) if row in draws and list(order).count(row) == 1)


def test_moved_thresholds_turn_bayes_probabilities_into_those_of_equally_frequent_classes():
    """Of two normal distributions with known shares, the corrected decision lies halfway between their means."""
    shares, x = np.array([0.95, 0.05]), np.linspace(-3, 4, 701)
    logits = np.log(shares) + np.stack([-x**2 / 2, -(x - 1) ** 2 / 2], axis=1)
    labels = np.repeat([0, 1], (950, 50))
    assert x[np.argmax(logits[:, 1] > logits[:, 0])] > 3
    moved = logits + moved_thresholds(labels, 2, 1.0)
    assert x[np.argmax(moved[:, 1] > moved[:, 0])] == pytest.approx(0.5, abs=0.011)
    assert (moved_thresholds(labels, 2, 0.0) == 0).all() and moved_thresholds(labels, 3, 1.0)[2] == 0
