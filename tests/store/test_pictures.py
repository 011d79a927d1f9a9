"""Pictures are kept once under their key, and found again by recipe and evaluation set."""

import numpy as np
import pytest

from dlbench.store.database import Store
from dlbench.store.pictures import evaluation_key, evaluations, preview_key
from dlbench.store.results import Answers
from dlbench.values.record import Controls, Record

ROTATED = {"augmentation.rotate_degrees": 10.0}


@pytest.fixture
def folder(tmp_path):
    with Store(tmp_path, write=True) as store:
        for seed, status in enumerate(("done", "diverged")):
            record = Record(f"r{seed}", {}, seed, status, controls=Controls(evaluation="e0"))
            store.add(record, {"test_predictions": np.arange(3, dtype=np.uint16)})
    return tmp_path


def test_what_is_kept_is_found_to_the_bit_and_replaced_by_what_comes_later(folder):
    first, second = (np.random.default_rng(seed).integers(0, 255, (2, 4, 4, 3), np.uint8) for seed in range(2))
    with Store(folder, write=True) as store:
        assert store.kept("k") == {}
        store.keep("k", {"images": first})
        store.keep("k", {"images": second})
        assert np.array_equal(store.kept("k")["images"], second)


def test_a_preview_belongs_to_augmentation_and_data_alone():
    assert preview_key(ROTATED) == preview_key(ROTATED | {"model.dropout": 0.5})
    assert preview_key(ROTATED) != preview_key({"augmentation.rotate_degrees": 20.0})
    assert preview_key(ROTATED) != preview_key(ROTATED | {"data.source": "tfds:mnist"})


def test_answers_find_pictures_by_recipe_and_evaluation_set(folder):
    before = np.zeros((2, 3, 3, 1), np.uint8)
    with Store(folder, write=True) as store:
        store.keep(preview_key(ROTATED), {"before": before, "after": np.stack([before, before + 1])})
        store.keep(evaluation_key("e0"), {"image_rows": np.array([5, 7]), "images": np.stack([before[0], before[0] + 9])})
    answers = Answers(folder)
    assert answers.preview({}) is None and answers.preview(ROTATED)[1].shape == (2, 2, 3, 3, 1)
    assert answers.evaluation("r0") == "e0" and answers.evaluation("other") == "" and answers.images("e1") == {}
    assert sorted(answers.images("e0")) == [5, 7] and answers.images("e0")[7].max() == 9
    assert answers.predictions(["r0", "other"])["r0"].tolist() == [0, 1, 2]


def test_only_finished_runs_have_an_evaluation_set(folder):
    with Store(folder) as store:
        assert evaluations(store) == {"r0": "e0"}


def test_a_preview_of_no_images_is_none(folder):
    with Store(folder, write=True) as store:
        store.keep(preview_key(ROTATED), {"before": np.zeros(0, np.uint8), "after": np.zeros(0, np.uint8)})
    assert Answers(folder).preview(ROTATED) is None
