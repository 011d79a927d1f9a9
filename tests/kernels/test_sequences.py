"""Transforms of sequences against plain numpy: moved in time by whole steps, made noisy, mixed."""

import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.data.batches import Acting, Epoch, batch
from dlbench.kernels.maps import maps
from dlbench.kernels.mixing import NO_MIXING, mixing
from dlbench.values.augmentation import Augmentation, parts

STEPS, CHANNELS, COUNT = 50, 2, 400
SCALE, OFFSET = np.array([2.0, 0.5], np.float32), np.array([1.0, -1.0], np.float32)
SEQUENCES = np.random.default_rng(0).normal(size=(COUNT, STEPS, CHANNELS)).astype(np.float32)
INPUTS = (tf.constant(SCALE), tf.constant(OFFSET), tf.constant([0.0, 1.0]))
ROWS = np.arange(COUNT, dtype=np.int32)


def consumed(strengths, rows=ROWS, epoch=0, seed=0):
    """What a batch of some rows is trained on, [b, steps, channels], and its labels."""
    wanted = Augmentation(**strengths)
    mixed = mixing(wanted, seed, epoch, ROWS, (STEPS, CHANNELS)) if wanted.mixup else NO_MIXING
    drawn = Epoch(rows, np.zeros(1, np.float32), maps(wanted, seed, epoch, COUNT, (STEPS, CHANNELS)), mixed)
    made, labels = batch(Acting(parts(wanted)), (tf.constant(SEQUENCES), tf.constant(ROWS)), INPUTS, tf.constant(drawn.rows), drawn.drawn())
    return made.numpy(), labels


def moved(sequence, steps):
    """One sequence, [steps, channels], read so many steps later; 0 where there is none."""
    padded = np.pad(sequence, ((STEPS, STEPS), (0, 0)))
    return padded[STEPS + steps : 2 * STEPS + steps]


def shifts(amount, **more):
    """By how many steps each sequence was moved; an error where it was not moved by a whole number, or changed otherwise."""
    found, (made, _) = [], consumed({"time_shift": amount}, **more)
    for sequence, out in zip(SEQUENCES, (made - OFFSET) / SCALE):
        fits = [steps for steps in range(-12, 13) if np.abs(moved(sequence, steps) - out).max() < 1e-5]
        assert fits, "it is no shift by whole steps"
        found.append(min(fits, key=abs))
    return np.array(found)


def test_a_shift_is_by_whole_steps_uniform_in_both_directions():
    found = shifts(0.2)
    assert abs(found).max() <= 10 and {-9, 9} <= set(found) and abs(found.mean()) < 4 * 10 / np.sqrt(3 * COUNT)
    assert found.std() == pytest.approx(10 / np.sqrt(3), rel=0.1)


def test_a_shift_depends_on_seed_epoch_and_example_alone():
    same, alone = consumed({"time_shift": 0.2})[0], consumed({"time_shift": 0.2}, rows=ROWS[7:9])[0]
    np.testing.assert_array_equal(alone, same[7:9])
    assert all((consumed({"time_shift": 0.2}, **other)[0] != same).any() for other in ({"epoch": 1}, {"seed": 1}))


def test_added_noise_is_normal_of_the_stated_deviation_and_fresh_for_each_example_epoch_and_step():
    plain, (noisy, _) = consumed({})[0], consumed({"input_noise": 0.3})
    noise = noisy - plain
    assert noise.mean() == pytest.approx(0, abs=4 * 0.3 / np.sqrt(noise.size)) and noise.std() == pytest.approx(0.3, rel=0.02)
    assert (abs(noise) > 0.3).mean() == pytest.approx(0.317, abs=0.01)
    lags = np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1], np.corrcoef(noise[1:].ravel(), noise[:-1].ravel())[0, 1]
    assert np.abs(lags).max() < 4 / np.sqrt(noise.size)
    assert not np.array_equal(consumed({"input_noise": 0.3}, epoch=1)[0], noisy)
    np.testing.assert_array_equal(consumed({"input_noise": 0.3}, rows=ROWS[7:9])[0], noisy[7:9])


def test_mixup_blends_sequences_by_the_share_of_their_labels():
    plain, (mixed, labels) = consumed({})[0], consumed({"mixup": 0.5})
    share, partner = labels.share.numpy()[:, None, None], labels.partner_targets.numpy()
    np.testing.assert_allclose(mixed, share * plain + (1 - share) * plain[partner], atol=1e-5)
    assert 0 < share.min() < 0.1 and 0.9 < share.max() <= 1


def test_all_off_is_the_scaled_sequence():
    np.testing.assert_array_equal(consumed({})[0], SEQUENCES * SCALE + OFFSET)
