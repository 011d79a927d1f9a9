"""What bfloat16 gains: the networks that are compared differ in nothing else."""

import numpy as np

from dlbench.engines.keras.measure import gain


def test_step_and_inference_are_compared_in_both_precisions(monkeypatch):
    monkeypatch.setattr(gain, "SECONDS", 0.0)
    monkeypatch.setattr(gain, "BATCH", 8)
    assert all(0 < ratio < np.inf for ratio in gain.measured_gain())


def test_both_train_the_same_network_towards_the_same_loss(monkeypatch):
    monkeypatch.setattr(gain, "BATCH", 8)
    losses = []
    for precision in ("float32", "mixed_bfloat16"):
        step, infer = gain._calls(precision)
        losses.append([float(step()) for _ in range(5)])
        assert infer().dtype == np.float32 and infer().shape == (8, 10), "logits are in single precision"
    assert losses[0][-1] < losses[0][0] and losses[1][-1] < losses[1][0]
    np.testing.assert_allclose(*losses, rtol=0.02)
    assert losses[0] != losses[1], "one of them rounds to 16 bits"
