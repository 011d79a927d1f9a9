"""Sounds from class folders of WAV files: trained by `small_audio_cnn` as plain Keras trains it, and from the command line."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from dlbench.datasets import Places
from dlbench.engines.keras.data.resident import fetch
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import Settings
from dlbench.values.recipe import Data, Recipe, edit
from tests.calling import called
from tests.cases.test_sequences import demand_equal_loops, trained
from tests.selection import mostly_slow

RATE_HZ, STEPS = 2000, 500
STUDY = """
dataset = "folder:sounds"
rate = {rate}
model = "small_audio_cnn"
margin = 0.05
seeds = 2
validation = 0.2
budget = {{ epochs = 2 }}
[baseline]
options = {{ bands = 12, width = 4 }}
"""
RECIPE = edit(Recipe(), data__source="folder:sounds", data__rate=RATE_HZ, data__normalization="zscore_channel", budget__amount=2,
              model__name="small_audio_cnn", model__options=(("bands", 12), ("width", 4)))


CHIRPS = Path(__file__).parents[2] / "ablations" / "tasks" / "chirps.py"


def chirp(start_hz, end_hz, seed, rate_hz=RATE_HZ):
    """A quarter of a second from one frequency to the other, with noise, [steps]."""
    draw, t = np.random.default_rng(seed), np.arange(rate_hz // 4) / rate_hz
    phase = 2 * np.pi * (start_hz * t + 2 * (end_hz - start_hz) * t**2) + draw.uniform(0, 6)
    return 0.5 * np.sin(phase) + 0.05 * draw.normal(size=len(t))


def written(root, count=14, rate_hz=RATE_HZ):
    """Class folders of chirps that rise, chirps that fall, and tones, 16 bits."""
    for name, ends in {"fall": (800, 200), "rise": (200, 800), "tone": (500, 500)}.items():
        (root / "sounds" / name).mkdir(parents=True)
        for number in range(count):
            values = chirp(*ends, number, rate_hz) * 2**14
            wavfile.write(root / "sounds" / name / f"{number}.wav", rate_hz, values.astype(np.int16))
    return root


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    return KerasEngine(Settings(str(folder / "cache"), beside=str(written(folder))))


SOUNDING = {"dropout": {"model__dropout": 0.3}, "spec_augment": {"model__mask_time": 0.3, "model__mask_frequency": 0.3},
            "time_shift": {"augmentation__time_shift": 0.2}, "input_noise": {"augmentation__input_noise": 0.5},
            "mixup": {"augmentation__mixup": 0.4}}
"""Techniques of sequences, by the fields that they set."""


@pytest.mark.parametrize("names", [*(pytest.param(names, marks=pytest.mark.slow) for names in ((), ("dropout", "spec_augment"))),
                                   ("time_shift", "input_noise", "mixup")], ids=str)
def test_the_compiled_loop_equals_keras_fit(worker, names):
    """Two loops that agree on several techniques together agree on each."""
    demand_equal_loops(worker, edit(RECIPE, **{field: value for name in names for field, value in SOUNDING[name].items()}))


@pytest.mark.parametrize("loop", mostly_slow(("compiled", "keras"), "compiled"))
def test_rising_and_falling_chirps_are_told_apart(worker, loop):
    """Their mean spectra are the same, so a network that does not see time gets no more than two thirds right."""
    _, result = trained(worker, edit(RECIPE, budget__amount=25, training__learning_rate=0.01, training__loop=loop))
    assert result.scores["test_accuracy"] == 1


@pytest.mark.slow
def test_a_folder_of_sounds_is_planned_and_run_by_its_rate_and_without_it_the_rate_is_asked_for(tmp_path):
    written(tmp_path, 8)
    study = STUDY.format(rate=RATE_HZ) + '[[arms]]\ntechnique = "dropout"\n'
    (tmp_path / "s.toml").write_text(study.replace("rate = 2000\n", ""))
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and "`rate = 16000` in the study" in ended.err and "Traceback" not in ended.err
    (tmp_path / "s.toml").write_text(study.replace("bands = 12", "rate_hz = 8000"))
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and "rate_hz = 8000, and the study's rate is 2000 Hz" in ended.err
    (tmp_path / "s.toml").write_text(study)
    assert called(tmp_path, "plan", "s.toml").code == 0
    assert called(tmp_path, "run", "s.toml", "--out", "out", "--jobs", "1", "--no-timing").code in (0, 3)


def test_the_shipped_studys_sounds_are_the_same_from_the_wav_files_that_its_command_writes(tmp_path):
    made = runpy.run_path(str(CHIRPS))
    made["write"](tmp_path / "chirps")
    read = fetch(Data(source="folder:chirps"), Places(str(tmp_path)), str(tmp_path / "cache"))
    (x, y), (test_x, test_y) = made["sounds"]()
    np.testing.assert_allclose(read.x[..., 0], np.concatenate([x, test_x]), atol=2**-15)
    np.testing.assert_array_equal(read.y, np.concatenate([y, test_y]))
