"""The log-mel front end against plain numpy, and what its spectrograms must not depend on."""

import keras
import numpy as np
import pytest

from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.sounds import FLOOR, log_mel
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit

RATE_HZ, BANDS = 8000, 40
RECIPE = edit(Recipe(), model__name="small_audio_cnn", data__kind="sequence")


def front(steps, **options):
    return keras.Sequential([keras.Input((steps, 1)), *log_mel((steps, 1), **{"rate_hz": RATE_HZ, "bands": BANDS, **options})])


def spectrogram(sounds, **options):
    """Log-mel spectrograms [n, bands, frames] of sounds [n, steps]."""
    return front(sounds.shape[1], **options)(sounds[..., None].astype(np.float32)).numpy()[..., 0]


def edges_hz(bands=BANDS, rate_hz=RATE_HZ):
    """The edges of the bands, [bands + 2]: evenly spaced on the mel scale from 20 Hz to half the rate."""
    mel = np.linspace(*(1127 * np.log(1 + np.array([20.0, rate_hz / 2]) / 700)), bands + 2)
    return 700 * (np.exp(mel / 1127) - 1)


def reference(sound, window=200, hop=80, size=256):
    """The same in plain numpy, [bands, frames]: Hann windows about every hop-th step, power in triangles, decibels, scaled."""
    padded, start = np.pad(sound.astype(np.float64), size // 2, mode="reflect"), (size - window) // 2
    shape = np.pad(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window), (start, size - window - start))
    frames = [padded[first : first + size] * shape for first in range(0, len(padded) - size + 1, hop)]
    power = np.abs(np.fft.rfft(frames)) ** 2
    scale, edges = (1127 * np.log(1 + hz / 700) for hz in (np.fft.rfftfreq(size, 1 / RATE_HZ), edges_hz()))
    rise, fall = ((scale[:, None] - edges[:-2]) / np.diff(edges)[:-1], (edges[2:] - scale[:, None]) / np.diff(edges)[1:])
    bels = 10 * np.log10(np.maximum(power @ np.clip(np.minimum(rise, fall), 0, None), FLOOR)).T
    return (bels - bels.mean()) / bels.std()


def test_it_computes_what_plain_numpy_does():
    sounds = np.random.default_rng(0).normal(size=(2, 2000))
    sounds[1, :1200] *= 0.01
    for ours, sound in zip(spectrogram(sounds), sounds):
        np.testing.assert_allclose(ours, reference(sound), atol=2e-3)


@pytest.mark.parametrize("hz", [300, 1000, 2500])
def test_a_tone_is_loudest_in_its_band_in_every_frame(hz):
    mel = spectrogram(np.sin(2 * np.pi * hz * np.arange(4000) / RATE_HZ)[None])[0]
    loudest = mel[:, 3:-3].argmax(axis=0)
    assert len(set(loudest)) == 1
    assert edges_hz()[loudest[0]] < hz < edges_hz()[loudest[0] + 2]


def test_a_rising_chirp_climbs_from_band_to_band():
    t = np.arange(8000) / RATE_HZ
    loudest = spectrogram(np.sin(2 * np.pi * (200 * t + 1500 * t**2))[None])[0][:, 3:-3].argmax(axis=0)
    assert (np.diff(loudest) >= 0).all() and loudest[-1] > loudest[0] + 20


def test_an_example_depends_neither_on_its_batch_nor_on_a_loud_neighbour():
    sounds = np.random.default_rng(0).normal(size=(3, 2000)) * np.array([[1e-3], [1.0], [1e3]])
    np.testing.assert_allclose(spectrogram(sounds)[:1], spectrogram(sounds[:1]), atol=1e-5)


def test_digital_silence_is_zero_everywhere():
    assert not spectrogram(np.zeros((1, 2000))).any()


@pytest.mark.parametrize("steps", range(795, 805))
def test_the_shape_that_is_declared_is_the_shape_that_is_computed(steps):
    model = front(steps)
    assert model(np.zeros((1, steps, 1), np.float32)).shape[1:] == model.output_shape[1:]


@pytest.mark.parametrize("shape, options, words", [
    ((28, 28, 1), {}, "takes sounds"), ((800, 2), {}, r"\[800, 2\]"), ((800, 1), {"rate_hz": None}, "`rate = 16000` in the study"),
    ((100, 1), {}, "a window of 25 ms is 200 steps at 8,000 Hz.*have 100"), ((800, 1), {"hop_ms": 30}, "a hop of 30 ms 240"),
    ((800, 1), {"hop_ms": 0}, "2 <= hop"), ((800, 1), {"bands": 0}, "bands = 0")])
def test_what_is_no_sound_that_fits_is_refused(shape, options, words):
    with pytest.raises(InputError, match=words):
        log_mel(shape, **{"rate_hz": RATE_HZ, **options})


def test_the_studys_rate_is_that_of_the_model_and_another_one_is_refused():
    network = Network(edit(RECIPE, data__rate=4000), (800, 1), 3)
    assert network.layers["mel_spectrogram_1"].sampling_rate == 4000 and network.build.convs == 3
    with pytest.raises(InputError, match="rate_hz = 8000, and the study's rate is 4000 Hz"):
        Network(edit(RECIPE, data__rate=4000, model__options=(("rate_hz", 8000),)), (800, 1), 3)
    with pytest.raises(InputError, match="rate of the sounds is not known"):
        Network(RECIPE, (800, 1), 3)
