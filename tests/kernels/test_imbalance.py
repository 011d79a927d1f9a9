import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from dlbench.kernels.imbalance import class_weights

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
