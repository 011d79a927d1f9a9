"""Sequences, of sensors or sound: arrays of steps and channels, declared as such, trained as plain Keras trains them."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers
from scipy.io import wavfile

from dlbench.datasets import Places
from dlbench.engines.keras.data.resident import fetch, resident
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data, Recipe, edit
from tests.calling import called
from tests.selection import mostly_slow

STUDY = """
dataset = "npz:s.npz"
kind = "sequence"
model = "small_conv1d"
margin = 0.05
seeds = 2
budget = {{ epochs = 2 }}
[[arms]]
technique = "{technique}"
"""
RECIPE = edit(Recipe(), data__source="npz:s.npz", data__kind="sequence", data__normalization="zscore_channel", model__name="small_conv1d",
              model__options=(("width", 6),), budget__amount=3)


def waves(n=90, channels=None):
    """Sines of three frequencies with noise, [n, 40] or [n, 40, channels], and which frequency each has."""
    draw, y = np.random.default_rng(0), np.arange(n) % 3
    x = np.sin(2 * np.pi * (2 + 2 * y[:, None]) * np.linspace(0, 1, 40) + draw.uniform(0, 6, (n, 1))) + 0.1 * draw.normal(size=(n, 40))
    return x if channels is None else np.stack([(1 + channel) * x for channel in range(channels)], axis=2), y


def conv(input_shape, classes):
    """A network of a user, over steps."""
    return keras.Sequential([keras.Input(input_shape), layers.Conv1D(8, 5, activation="relu"), layers.GlobalMaxPooling1D(),
                             layers.Dense(classes, activation="softmax")])


def two_channels():
    """A function that gives sequences of two channels."""
    return waves(channels=2)


def written(folder, channels=None, **arrays):
    x, y = waves(channels=channels)
    np.savez(folder / "s.npz", **({"x": x, "y": y} | arrays))
    return folder


@pytest.mark.parametrize("channels, shape", [(None, (40, 1)), (1, (40, 1)), (3, (40, 3))])
def test_arrays_of_steps_and_channels_are_sequences_scaled_by_channel(channels, shape, tmp_path):
    data = Data(source="npz:s.npz", kind="sequence")
    arrays = fetch(data, Places(str(written(tmp_path, channels))), str(tmp_path / "cache"))
    assert arrays.kind == "sequence" and arrays.x.shape[1:] == shape and arrays.x.dtype == np.float32
    made = resident(arrays, data, "zscore_channel")
    scaled = made.train[0].numpy() * made.inputs.scale.numpy() + made.inputs.offset.numpy()
    np.testing.assert_allclose(scaled.mean(axis=(0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=(0, 1)), 1, atol=1e-4)


def test_without_the_word_an_array_of_three_axes_is_of_grey_images(tmp_path):
    arrays = fetch(Data(source="npz:s.npz"), Places(str(written(tmp_path, 3))), str(tmp_path / "cache"))
    assert arrays.kind == "image" and arrays.x.shape[1:] == (40, 3, 1)


def test_functions_and_streams_give_sequences_too(tmp_path):
    data = Data(source=f"{__name__}:two_channels", kind="sequence")
    arrays = fetch(data, Places(str(tmp_path)), str(tmp_path / "cache"))
    assert arrays.kind == "sequence" and arrays.x.shape == (90, 40, 2)


@pytest.mark.parametrize("x, words", [
    (np.zeros((90, 4, 4, 1)), r"wanted numbers \[n, steps\] or \[n, steps, channels\], got float64 \[90, 4, 4, 1\]"),
    (np.array([["a"] * 5] * 90), "wanted numbers"), (np.full((90, 5), np.nan), "not a finite number")])
def test_what_is_no_sequence_is_refused_with_its_shape(x, words, tmp_path):
    with pytest.raises(InputError, match=words):
        fetch(Data(source="npz:s.npz", kind="sequence"), Places(str(written(tmp_path, x=x))), str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sequences")
    return KerasEngine(Settings(str(folder / "cache"), beside=str(written(folder, 2))))


ALIKE = {"plain": {}, "dropout": {"model__dropout": 0.3}, "l2": {"regularization__l2": 0.01},
         "own": {"model__name": f"{__name__}:conv", "model__options": ()}}


@pytest.mark.parametrize("fields", mostly_slow(ALIKE, "dropout"))
def test_the_compiled_loop_equals_keras_fit(worker, fields):
    demand_equal_loops(worker, edit(RECIPE, **fields))


def demand_equal_loops(worker, recipe):
    """Both loops end with the same weights and scores."""
    (ours, mine), (theirs, reference) = (trained(worker, one) for one in (recipe, edit(recipe, training__loop="keras")))
    for name, weights in ours.items():
        np.testing.assert_allclose(weights, theirs[name], rtol=1e-3, atol=2e-5)
    assert mine.scores["test_accuracy"] == reference.scores["test_accuracy"]


def trained(worker, recipe):
    result = worker.run(recipe, 0, RunInputs("test_accuracy"))
    assert result.status == "done"
    return worker.program(recipe).network.weights(), result


@pytest.mark.slow
def test_a_folder_of_sounds_is_planned_and_run_and_one_that_is_cut_off_is_named(tmp_path):
    for label, name in enumerate(("low", "high")):
        (tmp_path / "sounds" / name).mkdir(parents=True)
        for number in range(12):
            values = np.sin(2 * np.pi * (200 + 500 * label) * np.arange(200 + number) / 4000 + number)
            wavfile.write(tmp_path / "sounds" / name / f"{number}.wav", 4000, (values * 2**14).astype(np.int16))
    study = STUDY.format(technique="l2").replace('"npz:s.npz"', '"folder:sounds"').replace('kind = "sequence"', "")
    (tmp_path / "s.toml").write_text(study)
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and "`seconds = 0.05275` in the study" in ended.err
    (tmp_path / "s.toml").write_text("seconds = 0.05" + study)
    told = called(tmp_path, "plan", "s.toml")
    said = " ".join(told.out.split())
    assert told.code == 0 and "24 sequences of 200 steps, 1 channel in 2 classes" in said and "cut behind 0.05 s: 22 sounds" in said
    assert called(tmp_path, "run", "s.toml", "--out", "out", "--jobs", "1", "--no-timing", "--no-report").code == 0
    (broken := tmp_path / "sounds" / "low" / "7.wav").write_bytes(broken.read_bytes()[:200])
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and "7.wav is broken" in ended.err and "Traceback" not in ended.err


def test_a_study_of_sequences_is_planned_and_run_and_one_of_images_only_is_refused(tmp_path):
    written(tmp_path)
    (tmp_path / "s.toml").write_text(STUDY.format(technique="l2"))
    told = called(tmp_path, "plan", "s.toml")
    assert told.code == 0 and "90 sequences of 40 steps, 1 channel in 3 classes" in " ".join(told.out.split())
    assert called(tmp_path, "run", "s.toml", "--out", "out", "--jobs", "1").code == 0
    (tmp_path / "s.toml").write_text(STUDY.format(technique="rotate"))
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and "images, and 'npz:s.npz' has sequences" in ended.err
