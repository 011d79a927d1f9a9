import numpy as np
import pytest

from dlbench.techniques.optimisation import SCHEDULES
from dlbench.techniques.schedules import Patience, factors
from dlbench.values.recipe import Schedule


@pytest.mark.parametrize("kind", SCHEDULES)
def test_factors_stay_in_range_and_cover_every_step(kind):
    values = factors(Schedule(kind, warmup=0.1), 300, 10)
    assert values.shape == (300,) and values.min() >= 0 and values.max() <= 1


def test_cosine_at_a_quarter():
    assert 1e-3 * factors(Schedule("cosine"), 400, 10)[100] == pytest.approx(8.53553e-4, rel=1e-6)


def test_warmup_rises_linearly_then_follows_the_cosine():
    values = factors(Schedule("warmup_cosine", warmup=0.25), 400, 10)
    np.testing.assert_allclose(values[:100], np.arange(100) / 100)
    np.testing.assert_allclose(values[100:], factors(Schedule("cosine"), 300, 10), atol=1e-12)


def test_one_cycle_peaks_after_its_warmup():
    values = factors(Schedule("one_cycle", warmup=0.3, floor=0.1), 1000, 10)
    assert values.argmax() == 300 and values.max() == 1 and values[0] == pytest.approx(0.1)


def test_step_cuts_after_whole_epochs():
    values = factors(Schedule("step", factor=0.5, every_epochs=2), 60, 10)
    np.testing.assert_array_equal(values[[0, 19, 20, 39, 40]], [1, 1, 0.5, 0.5, 0.25])


def test_exponential_goes_from_one_towards_its_factor():
    values = factors(Schedule("exponential", factor=0.01), 1000, 10)
    assert values[0] == 1 and values[500] == pytest.approx(0.1)


def test_a_plateau_on_a_constant_loss_cuts_at_epochs_6_11_16():
    patience = Patience(5, 1e-4)
    assert [epoch for epoch in range(1, 17) if patience.exhausted(1.0)] == [6, 11, 16]


def test_early_stopping_with_patience_10_ends_after_11_epochs():
    patience = Patience(10, 0.0)
    assert next(epoch for epoch in range(1, 99) if patience.exhausted(1.0)) == 11


def test_an_improvement_starts_the_count_anew():
    patience = Patience(2, 0.1)
    assert [patience.exhausted(loss) for loss in (1.0, 0.95, 0.8, 0.75, 0.75)] == [False, False, False, False, True]
