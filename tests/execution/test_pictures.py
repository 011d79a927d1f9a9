"""Pictures are asked for once: for arms that augment, and for test examples that an arm turns."""

from dataclasses import replace

import numpy as np
import pytest

from dlbench.engines.protocol import Capability, ExampleImages, Preview, engine_named
from dlbench.execution.backends.local import TaskResult
from dlbench.execution.pictures import make_pictures, missing_pictures
from dlbench.store.database import Store
from dlbench.study import load, plan
from dlbench.values.recipe import Recipe, edit
from dlbench.values.record import Controls, Record

STUDY = """
margin = 0.01
seeds = 2
[[arms]]
name = "dropout"
technique = "dropout"
[[arms]]
name = "rotate"
technique = "rotate"
degrees = 10
"""


class Maker:
    """A pool that makes pictures of nothing."""

    def __init__(self, kind="done"):
        self.kind, self.asked = kind, []

    def call(self, method, arguments):
        self.asked.append((method, arguments))
        image = np.zeros((1, 2, 2, 1), np.uint8)
        rows = np.array(arguments.get("rows", []), np.int64)
        made = Preview(image, image[None]) if method == "preview" else ExampleImages(rows, np.repeat(image, len(rows), 0))
        return TaskResult(None, self.kind, made if self.kind == "done" else "out of memory")


@pytest.fixture
def whole(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    return plan(load(str(tmp_path / "study.toml")))


@pytest.fixture
def store(whole, tmp_path):
    right = {"baseline": [1, 1, 0, 0], "dropout": [1, 0, 1, 0], "rotate": [1, 1, 0, 0]}
    with Store(tmp_path / "out", write=True) as opened:
        for (arm, seed), run_id in whole.cells.items():
            bits = np.array(right[arm], bool)
            arrays = {"test_bits": np.packbits(bits), "test_predictions": bits.astype(np.uint16)}
            record = Record(run_id, {}, seed, "done", scores={"test_accuracy": bits.mean()}, controls=Controls(evaluation="e0"))
            opened.add(record, arrays)
        yield opened


def test_augmentation_is_previewed_and_turned_examples_are_fetched_each_once(whole, store):
    pool = Maker()
    assert list(make_pictures(missing_pictures(whole, store, engine_named()), pool, store)) == []
    assert [(method, arguments.get("rows")) for method, arguments in pool.asked] == [("preview", None), ("examples", [1, 2])]
    assert pool.asked[0][1] == {"recipe": edit(Recipe(), augmentation__rotate_degrees=10.0), "seed": 0}
    assert missing_pictures(whole, store, engine_named()) == []


def test_pictures_that_the_engine_does_not_make_are_not_asked_for(whole, store):
    for capability, method in ((Capability.PREVIEW, "preview"), (Capability.EXAMPLES, "examples")):
        engine = replace(engine_named(), capabilities=frozenset({capability}))
        assert [picture.method for picture in missing_pictures(whole, store, engine)] == [method]
    assert missing_pictures(whole, store, replace(engine_named(), capabilities=frozenset())) == []


def test_a_picture_that_cannot_be_made_is_a_line_and_asked_for_again(whole, store):
    told = list(make_pictures(missing_pictures(whole, store, engine_named()), Maker("error"), store))
    assert len(told) == 2 and "out of memory" in told[0] and len(missing_pictures(whole, store, engine_named())) == 2


def test_examples_that_were_kept_before_stay(whole, store):
    list(make_pictures(missing_pictures(whole, store, engine_named()), Maker(), store))
    run_id = whole.cells["rotate", 0]
    bits = np.array([0, 1, 0, 0], bool)
    store.add(Record(run_id, {}, 0, "done", scores={"test_accuracy": 0.25}, controls=Controls(evaluation="e0")),
              {"test_bits": np.packbits(bits), "test_predictions": bits.astype(np.uint16)})
    (wanted,) = missing_pictures(whole, store, engine_named())
    assert wanted.arguments["rows"] == [0, 1, 2]
