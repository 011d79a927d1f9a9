"""Data that streams from disk gives the same results, to the bit, as data on the device."""

import numpy as np
import pytest

from dlbench.engines.keras.data import ondisk
from dlbench.engines.keras.data.ondisk import OnDisk
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.recipe import edit

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 4, 4, 3)).astype(np.uint8)


def test_rows_are_read_in_the_order_that_is_asked_for():
    images = OnDisk(IMAGES, np.array([7, 3, 9, 1, 0]))
    order = np.array([4, 0, 2, 1, 3])
    got = np.concatenate([chunk.numpy() for chunk in images.stream([order[:2], order[2:4], order[4:]])])
    np.testing.assert_array_equal(got, IMAGES[[0, 7, 9, 3, 1]])
    assert images.shape == (5, 4, 4, 3) and len(images[:2]) == 2


@pytest.mark.parametrize("fields", [
    pytest.param({}, marks=pytest.mark.slow),
    {"augmentation__rotate_degrees": 10.0, "augmentation__brightness": 0.2, "model__dropout": 0.5},
    {"augmentation__mixup": 0.4, "augmentation__cutmix": 1.0, "augmentation__cutout_px": 3, "augmentation__shift_px": 1.0},
    {"data__normalization": "zscore", "training__batch_size": 24}, pytest.param({"training__loop": "keras"}, marks=pytest.mark.slow),
], ids=str)
def test_a_streamed_run_equals_a_resident_one(train, tiny, tmp_path, monkeypatch, fields):
    monkeypatch.setattr(ondisk, "CHUNK_BYTES", 64 * 50)  # chunks of one or two batches
    recipe = edit(tiny, **fields)
    streamed = KerasEngine(Settings(str(tmp_path), device_bytes=0))
    assert isinstance(streamed.data(recipe).train[0], OnDisk)
    ours, theirs = streamed.run(recipe, 0, RunInputs("test_accuracy")), train(recipe)
    assert ours.controls == theirs.controls and ours.scores == theirs.scores
    for name in ("train_loss", "validation_loss"):
        np.testing.assert_allclose(ours.curves[name], theirs.curves[name], rtol=1e-12)
    assert all(np.array_equal(ours.arrays[name], theirs.arrays[name]) for name in theirs.arrays)
