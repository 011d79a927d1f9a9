import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbench.datasets import Arrays, digits
from dlbench.datasets.splits import split, stratified
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data


def arrays(y, train=None, classes=3):
    return Arrays(np.zeros((len(y), 1, 1, 1)), np.asarray(y), len(y) if train is None else train, classes, 1.0)


labels = st.lists(st.integers(0, 2), min_size=30, max_size=200).filter(lambda y: len(set(y)) == 3)


@settings(deadline=None)
@given(labels, st.integers(0, 3), st.floats(0, 0.3), st.floats(0.1, 0.4))
def test_parts_are_disjoint_and_cover_everything(y, seed, validation, test):
    parts = split(arrays(y), Data(split_seed=seed, validation=validation, test=test))
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together) == list(range(len(y)))


@settings(deadline=None)
@given(labels, st.integers(0, 3), st.floats(0.05, 0.95))
def test_every_class_keeps_its_share_to_within_one(y, seed, share):
    y = np.asarray(y)
    count = round(share * len(y))
    chosen = stratified(y, count, seed)
    assert len(chosen) == len(set(chosen)) == count
    for label in np.unique(y):
        assert abs((y[chosen] == label).sum() - count * (y == label).mean()) <= 1


def test_the_split_is_fixed_by_its_seed_and_moves_with_it():
    data = arrays(np.arange(300) % 3)
    assert split(data, Data()).digest() == split(data, Data()).digest() != split(data, Data(split_seed=1)).digest()


def test_a_subset_leaves_validation_and_test_as_they_are():
    data = arrays(np.arange(300) % 3)
    whole, some = split(data, Data()), split(data, Data(examples=30))
    assert np.array_equal(whole.test, some.test) and np.array_equal(whole.validation, some.validation)
    assert len(some.train) == 30 and set(some.train) <= set(whole.train)


def test_a_test_part_of_the_data_itself_is_used_whole():
    parts = split(arrays(np.arange(300) % 3, train=200), Data())
    assert parts.test.tolist() == list(range(200, 300))


def test_pretraining_never_sees_a_test_example_of_its_target():
    data = digits.load()
    whole = split(data, Data())
    for classes in ((0, 1, 2, 3, 4), (5, 6, 7, 8, 9)):
        part = split(data, Data(classes=classes))
        assert set(part.test) <= set(whole.test) and set(data.y[part.train]) == set(classes)
        assert not set(part.train) & set(whole.test)


def test_labels_per_class_are_exact():
    part = split(digits.load(), Data(classes=(5, 6, 7, 8, 9), labels_per_class=10))
    assert np.bincount(digits.load().y[part.train]).tolist() == [0] * 5 + [10] * 5


@pytest.mark.parametrize("data, words", [
    (Data(examples=10_000), "examples = 10000"), (Data(labels_per_class=10_000), "labels_per_class = 10000"),
    (Data(classes=(3, 12)), "class 12 does not exist"),
])
def test_what_cannot_be_had_is_refused(data, words):
    with pytest.raises(InputError, match=words):
        split(digits.load(), data)


def test_digits_are_the_1797_of_uci():
    data = digits.load()
    assert data.x.shape == (1797, 8, 8, 1) and data.x.dtype == np.uint8 and data.x.max() == data.full_range == 16
    assert np.bincount(data.y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
