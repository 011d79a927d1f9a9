"""Previews show what training sees: they are made by the trained program's own augmentation."""

import numpy as np
import pytest
import tensorflow as tf

from dlbench.engine.execute import Worker
from dlbench.engine.pictures import DRAWS, EXAMPLES, one_of_each, thumbnails
from dlbench.engine.train import Trainer
from dlbench.values.recipe import from_dict

SPAN = np.array([0.0, 16.0])


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    return Worker(None, str(tmp_path_factory.mktemp("cache")))


def test_a_flip_that_always_happens_mirrors_every_image(worker):
    found = worker.preview({"augmentation.flip_horizontal": 1.0}, seed=3)
    assert found["before"].shape == (EXAMPLES, 8, 8, 1) and found["before"].dtype == np.uint8 and found["after"].shape[0] == DRAWS
    assert all(np.array_equal(after, found["before"][:, :, ::-1]) for after in found["after"])


def test_the_preview_is_what_the_run_trains_on(worker):
    fields, seed = {"augmentation.rotate_degrees": 15.0, "augmentation.brightness": 0.2}, 5
    found, recipe = worker.preview(fields, seed), from_dict(fields)
    data, program = worker.data(recipe), worker.program(recipe)
    trainer = Trainer(recipe, seed, data, program)
    rows = one_of_each(data.train[1].numpy(), EXAMPLES)
    scale, offset, span = (part.numpy() for part in (data.inputs.scale, data.inputs.offset, data.inputs.span))
    for epoch in range(DRAWS):
        every = np.arange(len(data.positions))
        drawn = trainer.draw(epoch, every)
        parts = [part[rows] for part in (drawn.affine, drawn.colour, drawn.towards_mean, drawn.shift)]
        seen = program.augmented(tf.gather(data.train[0], rows), parts, (data.inputs.scale, data.inputs.offset, data.inputs.span)).numpy()
        assert np.array_equal(found["after"][epoch], thumbnails((seen - offset) / scale, span))
    assert not np.array_equal(found["after"][0], found["after"][1])


def test_examples_are_the_rows_of_the_test_part(worker):
    found, data = worker.examples({}, [4, 0]), worker.data(from_dict({}))
    assert found["image_rows"].tolist() == [4, 0]
    assert np.array_equal(found["images"], thumbnails(data.test[0].numpy()[[4, 0]], SPAN))


def test_thumbnails_are_small_and_keep_shape_and_range():
    images = np.broadcast_to(np.linspace(0, 16, 200)[None, None, :, None], (1, 100, 200, 3))
    found = thumbnails(images, SPAN)
    assert found.shape == (1, 32, 64, 3) and found.min() < 5 and found.max() > 250
    assert thumbnails(np.full((1, 8, 8, 1), 16.0), SPAN).tolist() == np.full((1, 8, 8, 1), 255).tolist()
