"""A case times code that training runs: what a case calls of the engine and its kernels, a training run calls too."""

import cProfile
from pathlib import Path

import numpy as np
import pytest

import dlbench
from dlbench.cases import CASES, prepare
from dlbench.datasets import Arrays
from dlbench.engines.keras.data import ahead
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.case import Prepared
from dlbench.values.recipe import Recipe, edit

ROOT = Path(dlbench.__file__).parent
OF_TRAINING = ("kernels", "engines/keras/data", "engines/keras/loop", "engines/keras/network")
OF_CHECKING = ("kernels/reference.py", "kernels/reference_layers.py", "kernels/samples.py")
TIMED = [case for case in CASES if case.family not in ("machine", "training") and "224" not in case.name]
"""The cases of kernels: those of the machine time none, those of training train."""
AUGMENTED = {f"augmentation__{name}": value for name, value in {
    "crop_px": "auto", "rotate_degrees": 10.0, "flip_horizontal": 0.5, "shift_px": 1.0, "zoom": 0.1, "brightness": 0.1, "contrast": 0.2,
    "saturation": 0.2, "hue": 0.05, "rand_augment_ops": 2, "rand_augment_magnitude": 5.0, "erasing": 0.5, "cutout_px": 2, "mixup": 0.4,
    "cutmix": 1.0}.items()}
SMALL = {"budget__amount": 1, "model__options": (("hidden", 16), ("width", 4))}
SENTENCES = {"budget__amount": 1, "data__source": "tests.engines.keras.samples:sentences", "data__vocabulary": 100,
             "model__name": "text_cnn"}
TRAININGS = [
    edit(Recipe(), **SMALL, **AUGMENTED, model__dropout=0.2, model__spatial_dropout=0.1, model__separable="all",
         regularization__l1=1e-3, regularization__l2=1e-3, regularization__label_smoothing=0.1),
    edit(Recipe(), **SMALL, augmentation__rotate_degrees=10.0, regularization__l1=1e-2, regularization__l1_form="proximal"),
    edit(Recipe(), **{**SMALL, "model__name": "resnet20", "model__options": (("blocks", 1), ("width", 4))}, model__stochastic_depth=0.2,
         model__normalization="layer"),
    edit(Recipe(), **SENTENCES, data__clean="proper"), edit(Recipe(), **SENTENCES, data__clean="article"),
]


def called(run):
    """The functions of the engine and its kernels that a call reaches, as (file, name)."""
    profile = cProfile.Profile(subcalls=False, builtins=False)
    with profile:
        run()
    codes = [entry.code for entry in profile.getstats() if not isinstance(entry.code, str)]
    places = [(Path(code.co_filename).relative_to(ROOT).as_posix(), code) for code in codes if code.co_filename.startswith(str(ROOT))]
    return {(place, code.co_qualname) for place, code in places
            if place.startswith(OF_TRAINING) and not place.startswith(OF_CHECKING) and "<" not in code.co_name}


def colours(data, *_):
    y = np.arange(120) % 10
    x = np.random.default_rng(0).integers(0, 200, (120, 8, 8, 3)) + 5 * y[:, None, None, None]
    return Arrays(x.astype(np.uint8), y, 100, 10, 255.0)


def train(folder):
    for recipe in TRAININGS:
        assert pretraining(recipe) is None
        engine = KerasEngine(Settings(folder, load=colours if recipe.data.source == "digits" else None))
        assert engine.run(recipe, 0, RunInputs("test_accuracy")).status == "done"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """What training runs: every technique that a case is about, in as few runs as there can be."""
    ahead._equals_graph.cache_clear()  # so that training is seen to prove the pass, as the first training of a process does
    return called(lambda: train(str(tmp_path_factory.mktemp("cache"))))


def timed(case):
    """What a case reaches once numba has compiled what it calls, which calls more."""
    prepare(case).call()
    return called(lambda: prepare(case).call())


@pytest.mark.parametrize("case", TIMED, ids=lambda case: case.name)
def test_every_function_that_a_case_times_is_one_that_training_runs(case, trained):
    reached = timed(case)
    assert reached, "it times nothing of dlbench's"
    assert reached <= trained


class Unused:
    """A function of a module of kernels that no training runs."""


def prepared_unused():
    """Prepare a case of it."""
    return Prepared(Unused.call)


def test_a_case_of_a_function_that_no_training_runs_is_found(trained, monkeypatch):
    written = {}
    exec(compile("def gathered(): return 0", str(ROOT / "kernels/augment.py"), "exec"), written)
    monkeypatch.setattr(Unused, "call", staticmethod(written["gathered"]), raising=False)
    assert called(lambda: prepared_unused().call()) - trained == {("kernels/augment.py", "gathered")}
