"""SpecAugment against plain numpy, and in a network."""

import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.network.layers import SpecAugment, stretches
from dlbench.engines.keras.network.network import Network
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit, flatten

BANDS, FRAMES, COUNT = 20, 30, 2000
SPECTROGRAMS = np.random.default_rng(0).normal(5, 2, (COUNT, BANDS, FRAMES)).astype(np.float32)
RECIPE = edit(Recipe(), model__name="small_audio_cnn", data__rate=8000, data__kind="sequence", model__mask_time=0.2, model__masks=1)


def masked(time, frequency, masks, dtype="float32"):
    """Whether each value of some spectrograms is hidden, [n, bands, frames]; the others must be as they were."""
    layer = SpecAugment(tf.Variable(time), tf.Variable(frequency), masks, dtype=dtype)
    out = layer(SPECTROGRAMS, training=True).numpy()
    given = SPECTROGRAMS.astype(out.dtype)
    hidden = out != given
    means = np.broadcast_to(SPECTROGRAMS.mean(axis=(1, 2), keepdims=True), hidden.shape)
    np.testing.assert_allclose(out[hidden], means[hidden], rtol=1e-5 if dtype == "float32" else 1e-2)
    return hidden


def test_one_mask_of_time_hides_whole_frames_side_by_side_of_lengths_up_to_the_largest_all_alike():
    hidden = masked(0.2, 0.0, 1)
    assert (hidden.all(axis=1) == hidden.any(axis=1)).all()
    frames = hidden.all(axis=1)
    lengths = frames.sum(axis=1)
    assert set(lengths) == set(range(7)), "0 to 20 % of 30 frames"
    assert np.bincount(lengths) == pytest.approx(COUNT / 7, rel=0.25)
    starts = np.diff(np.pad(frames.astype(int), ((0, 0), (1, 1))), axis=1)
    assert ((starts == 1).sum(axis=1) <= 1).all()
    assert frames[:, 0].any() and frames[:, -1].any()


def test_masks_of_frequency_hide_whole_bands():
    hidden = masked(0.0, 0.5, 1)
    bands = hidden.all(axis=2)
    assert (bands == hidden.any(axis=2)).all() and set(bands.sum(axis=1)) == set(range(11))


def test_several_masks_of_both_kinds_hide_the_union():
    hidden = masked(0.2, 0.3, 2)
    frames, bands = hidden.all(axis=1), hidden.all(axis=2)
    np.testing.assert_array_equal(hidden, frames[:, None] | bands[:, :, None])
    assert frames.sum(axis=1).max() > 6, "two stretches reach further than one"


def test_a_share_of_all_may_hide_all_and_of_nothing_hides_nothing():
    drawn = tf.constant([[[0.999]], [[0.5]]])
    assert stretches(drawn, 5, 1.0).numpy().all() and not stretches(drawn, 5, 0.0).numpy().any()


def test_it_acts_in_training_alone_and_anew_at_each_step_also_in_16_bits():
    layer = SpecAugment(tf.Variable(0.5), tf.Variable(0.5), 2)
    np.testing.assert_array_equal(layer(SPECTROGRAMS, training=False), SPECTROGRAMS)
    assert not np.array_equal(layer(SPECTROGRAMS, training=True), layer(SPECTROGRAMS, training=True))
    assert masked(0.5, 0.5, 1, "mixed_bfloat16").any()


def test_a_network_masks_its_spectrograms_by_its_numbers_from_the_stream_of_dropout():
    network = Network(RECIPE, (2000, 1), 3)
    assert network.touched == ["mel_spectrogram_1.spec_augment"]
    sounds = np.random.default_rng(0).normal(size=(64, 2000, 1)).astype(np.float32)

    def outputs(seed, recipe=RECIPE, redrawn=()):
        network.set_numbers(flatten(recipe))
        network.initialise(0, ())
        weights = network.model.get_weights()
        network.initialise(seed, redrawn)
        network.model.set_weights(weights)
        return network.model(sounds, training=True).numpy()

    np.testing.assert_array_equal(outputs(1), outputs(1))
    assert (outputs(1) != outputs(2)).any() and (outputs(1) != outputs(1, redrawn=("dropout",))).any()
    np.testing.assert_array_equal(outputs(1, edit(RECIPE, model__mask_time=0.0)), network.model(sounds, training=False))


def test_a_model_without_a_spectrogram_is_refused():
    with pytest.raises(InputError, match="it needs a mel spectrogram, and model 'small_conv1d' has none"):
        Network(edit(RECIPE, model__name="small_conv1d"), (2000, 1), 3)
