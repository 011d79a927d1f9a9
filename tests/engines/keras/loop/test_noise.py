"""Noise of gradients: its law, whose it is, and in a run."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from dlbench.engines.keras.loop.noise import GradientNoise
from dlbench.engines.protocol import RunInputs
from dlbench.study.effect import idle_reason
from dlbench.study.plan import Arm
from dlbench.values.recipe import changes, edit
from dlbench.values.rehearsal import Rehearsal


def noise(eta, gamma, start=3):
    found = GradientNoise({"training.gradient_noise": tf.constant(eta), "training.gradient_noise_decay": tf.constant(gamma)})
    found.reset(start)
    return found


def drawn(source, steps, count=5000):
    return np.stack([source([tf.zeros([count])])[0].numpy() for _ in range(steps)])


@pytest.mark.parametrize(("eta", "gamma"), [(0.01, 0.55), (0.3, 1.0), (1.0, 0.0)])
def test_it_is_normal_of_a_variance_that_falls_by_its_power_of_the_steps(eta, gamma):
    wanted = np.sqrt(eta / (1 + np.arange(20)) ** gamma)
    standard = drawn(noise(eta, gamma), 20) / wanted[:, None]
    assert stats.kstest(standard.ravel(), "norm").pvalue > 0.001
    np.testing.assert_allclose(standard.std(axis=1), 1, rtol=0.06)
    assert np.abs(np.corrcoef(standard) - np.eye(20)).max() < 0.08, "each step has its own"


def test_it_is_added_to_each_gradient_in_its_own_way_also_to_sparse_ones():
    dense, rows = tf.constant([[1.0, 2.0]]), tf.IndexedSlices(tf.constant([[3.0, 4.0]]), tf.constant([1]), tf.constant([3, 2]))
    one, two = noise(1e-12, 0.0)([dense, rows])
    np.testing.assert_allclose(one, [[1, 2]], atol=1e-4)
    np.testing.assert_allclose(two, [[0, 0], [3, 4], [0, 0]], atol=1e-4)
    one, two = noise(1.0, 0.0)([tf.zeros(100), tf.zeros(100)])
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.4


def test_a_run_that_starts_again_draws_the_same_and_another_start_another():
    source = noise(1.0, 0.5)
    first = drawn(source, 3)
    source.reset(3)
    np.testing.assert_array_equal(drawn(source, 3), first)
    assert np.abs(np.corrcoef(drawn(noise(1.0, 0.5, start=2**62), 3), first)[:3, 3:]).max() < 0.08


def test_one_step_of_descent_moves_each_weight_by_the_noise_of_the_first_step(worker, tiny):
    recipe = edit(tiny, budget__unit="steps", budget__amount=1, training__optimizer="sgd", training__learning_rate=0.1)

    def weights(**fields):
        wanted = edit(recipe, **fields)
        assert worker.run(wanted, 0, RunInputs("test_accuracy")).status == "done"
        return worker.program(wanted).network.weights()

    plain, noisy = weights(), weights(training__gradient_noise=0.04)
    moved = np.concatenate([(noisy[name] - value).ravel() for name, value in plain.items()]) / 0.1
    assert stats.kstest(moved, stats.norm(0, 0.2).cdf).pvalue > 0.001 and len(moved) > 1000


def test_its_draws_are_those_of_the_stream_of_dropout(worker, tiny):
    recipe = edit(tiny, training__gradient_noise=0.01)

    def digest(wanted, seed=0):
        return worker.run(wanted, seed, RunInputs("test_accuracy")).controls.weights

    first = digest(recipe)
    assert first == digest(recipe) != digest(edit(recipe, redrawn=("dropout",)))
    redrawn = edit(recipe, redrawn=("dropout",))
    assert idle_reason(Arm("redrawn", "noise", (), redrawn, changes(redrawn, recipe)), recipe, Rehearsal(), Rehearsal()) == ""
