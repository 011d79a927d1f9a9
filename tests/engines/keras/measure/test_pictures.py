"""Previews show what training sees: they are made by the trained program's own augmentation."""

import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.data.batches import batch
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.loop.program import Tally
from dlbench.engines.keras.loop.train import Trainer
from dlbench.engines.keras.measure.pictures import DRAWS, EXAMPLES, one_of_each, thumbnails
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.recipe import from_dict

SPAN = np.array([0.0, 16.0])


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    return KerasEngine(Settings(str(tmp_path_factory.mktemp("cache"))))


def test_a_flip_that_always_happens_mirrors_every_image(worker):
    found = worker.preview(from_dict({"augmentation.flip_horizontal": 1.0}), seed=3)
    assert found.before.shape == (EXAMPLES, 8, 8, 1) and found.before.dtype == np.uint8 and found.after.shape[0] == DRAWS
    assert all(np.array_equal(after, found.before[:, :, ::-1]) for after in found.after)


@pytest.mark.parametrize("fields", [
    {"augmentation.rotate_degrees": 15.0, "augmentation.brightness": 0.2},
    {"augmentation.cutout_px": 3, "data.normalization": "zscore"},
    {"augmentation.mixup": 0.4},
], ids=str)
def test_the_preview_is_what_the_run_trains_on(worker, fields, monkeypatch):
    """Against the batches of a run itself, recorded where the program takes them."""
    seed, recipe = 5, from_dict(fields | {"budget.amount": DRAWS})
    found, data, seen = worker.preview(from_dict(fields), seed), worker.data(recipe), []
    program = worker.program(recipe)

    def record(x, y, inputs, epoch, _batch_size):
        rows = one_of_each(data.train[1].numpy(), EXAMPLES)
        scaling = (inputs.scale, inputs.offset, inputs.span)
        images, _ = batch(program.acting, (x, y), scaling, tf.constant([rows, rows], tf.int32), epoch.drawn())
        seen.append((images.numpy() - inputs.offset.numpy()) / inputs.scale.numpy())
        return Tally(1.0, 1.0, 0.0)

    monkeypatch.setattr(program, "train", record)
    Trainer(recipe, seed, data, program).run()
    assert len(seen) == DRAWS
    assert all(np.array_equal(shown, thumbnails(images, SPAN)) for shown, images in zip(found.after, seen))
    assert not np.array_equal(found.after[0], found.after[1])


def test_examples_are_the_rows_of_the_test_part(worker):
    found, data = worker.examples(from_dict({}), [4, 0]), worker.data(from_dict({}))
    assert found.image_rows.tolist() == [4, 0]
    assert np.array_equal(found.images, thumbnails(data.test[0].numpy()[[4, 0]], SPAN))


def test_thumbnails_are_small_and_keep_shape_and_range():
    images = np.broadcast_to(np.linspace(0, 16, 200)[None, None, :, None], (1, 100, 200, 3))
    found = thumbnails(images, SPAN)
    assert found.shape == (1, 32, 64, 3) and found.min() < 5 and found.max() > 250
    assert thumbnails(np.full((1, 8, 8, 1), 16.0), SPAN).tolist() == np.full((1, 8, 8, 1), 255).tolist()


def test_opacity_is_shown_over_white():
    image = np.array([[[[10, 20, 30, 255], [10, 20, 30, 0]], [[10, 20, 30, 51], [255, 255, 255, 51]]]], np.uint8)
    assert thumbnails(image, np.array([0.0, 255.0]))[0].tolist() == [
        [[10, 20, 30], [255, 255, 255]], [[206, 208, 210], [255, 255, 255]]]


def test_the_answers_that_a_run_leaves_are_those_to_the_test_part(worker):
    left = worker.run(from_dict({"budget.amount": 1}), 0, RunInputs("test_accuracy"))
    said, labels = left.arrays["test_predictions"], worker.data(from_dict({})).test[1].numpy()
    assert np.array_equal(left.arrays["test_labels"], labels) and said.shape == labels.shape
    assert np.array_equal(np.packbits(said == labels), left.arrays["test_bits"])
    assert left.scores["test_accuracy"] == np.mean(said == labels)
