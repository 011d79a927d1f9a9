"""The study on a pretrained base of photographs: its file of weights is there, is of its network, and is what its script writes."""

from __future__ import annotations

import runpy

import numpy as np
import pytest
from PIL import Image

from dlbench.store.read import read
from dlbench.study import load, plan, shipped
from tests.calling import called_here

FILE = shipped()["transfer_photos"]
WEIGHTS = FILE.with_name("transfer_photos.weights.h5")


@pytest.fixture(scope="module")
def script():
    """What stands in the script beside the study."""
    return runpy.run_path(str(FILE.with_suffix(".py")))


@pytest.fixture(scope="module")
def shipped_weights(script):
    model = script["small_vgg"]((*script["SIZE_PX"], 3), script["SOURCES"])
    drawn = model.get_weights()
    model.load_weights(WEIGHTS)
    return drawn, model.get_weights()


def test_the_baseline_and_both_arms_train_on_the_classes_that_the_base_has_not_seen(script):
    baseline, frozen, finetuned = plan(load("transfer_photos")).arms
    assert [arm.recipe.transfer.mode for arm in (baseline, frozen, finetuned)] == ["none", "frozen", "finetune"]
    assert {arm.recipe.data.classes for arm in (baseline, frozen, finetuned)} == {tuple(range(script["SOURCES"], 10))}
    assert all(arm.reference == baseline.name and arm.recipe.transfer.weights == WEIGHTS.name for arm in (frozen, finetuned))
    assert baseline.recipe.data.size == script["SIZE_PX"] and WEIGHTS.stat().st_size < 300_000


def test_the_shipped_weights_are_learned_ones_of_the_network(shipped_weights):
    drawn, learned = shipped_weights
    assert [value.shape for value in drawn] == [value.shape for value in learned]
    assert all(np.isfinite(value).all() and value.std() > 0 for value in learned), "biases too, which start at zero"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # save_weights, with numpy 2
def test_the_script_trains_on_the_first_classes_and_writes_what_the_network_reads(script, tmp_path):
    for name in "abcdefg":
        (tmp_path / "train" / name).mkdir(parents=True)
        for number in range(2):
            pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "train" / name / f"{number}.png")
    written = script["pretrain"](tmp_path / "train", tmp_path / "base.weights.h5", epochs=1)
    model = script["small_vgg"]((*script["SIZE_PX"], 3), script["SOURCES"])
    model.load_weights(tmp_path / "base.weights.h5")
    assert all(np.array_equal(one, two) for one, two in zip(written.get_weights(), model.get_weights(), strict=True))
    assert model.output_shape == (None, 5) and (tmp_path / "base.weights.h5").stat().st_size < 300_000, "without the optimizer's state"


@pytest.mark.slow
@pytest.mark.data
def test_the_study_is_planned_with_one_set_of_features_for_all_seeds(tmp_path, data_dir):
    told = called_here(tmp_path, "plan", "transfer_photos", "--data-dir", data_dir)
    assert told.code == 0, told.err
    assert "features of" in told.out and "computed once" in told.out and "24 runs" in " ".join(told.out.split())


@pytest.mark.slow
@pytest.mark.data
def test_what_the_base_has_learned_tells_other_classes_apart(tmp_path, data_dir):
    ran = called_here(tmp_path, "run", "transfer_photos", "--arm", "frozen", "--seeds", "2", "--set", "budget.epochs=3", "--no-timing",
                      "--data-dir", data_dir, "--out", "results")
    assert ran.code == 0 and "4 runs done" in ran.err, ran.err
    runs = read(tmp_path / "results").runs
    assert (runs[runs.arm == "frozen"].test_accuracy > 0.45).all(), "by chance, it would be 0.2"
