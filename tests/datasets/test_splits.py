from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbench.datasets import Arrays, digits
from dlbench.datasets.splits import split, stratified, stratified_folds, whole_group_folds
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


@settings(deadline=None)
@given(labels.filter(lambda y: min(np.bincount(y)) >= 4), st.integers(0, 3), st.integers(2, 4))
def test_folds_test_every_example_once_and_split_the_rest_as_ever(y, seed, folds):
    parts = [split(arrays(y), Data(split_seed=seed, folds=folds, fold=fold)) for fold in range(folds)]
    assert sorted(np.concatenate([part.test for part in parts])) == list(range(len(y)))
    for part in parts:
        assert sorted(np.concatenate([part.train, part.validation, part.test])) == list(range(len(y)))
    assert len({part.digest() for part in parts}) == folds


@settings(deadline=None)
@given(labels, st.integers(0, 3), st.integers(2, 7))
def test_folds_and_the_classes_in_them_differ_by_one_example_at_most(y, seed, folds):
    dealt = stratified_folds(np.asarray(y), folds, seed)
    sizes = [np.bincount(dealt[np.isin(y, some)], minlength=folds) for some in ([0], [1], [2], [0, 1, 2])]
    assert all(np.ptp(size) <= 1 for size in sizes)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 1)), min_size=60, max_size=120), st.integers(2, 4))
def test_a_group_is_in_one_fold(pairs, folds):
    groups, y = np.array(pairs).T
    dealt = whole_group_folds(y, groups, folds, seed=0)
    assert all(len(set(dealt[groups == group])) == 1 for group in set(groups))
    assert np.bincount(dealt, minlength=folds).min() > 0 or len(set(groups)) < folds
    alike = np.bincount(whole_group_folds(np.zeros_like(y), groups, folds, seed=0), minlength=folds)
    assert np.ptp(alike) <= np.bincount(groups).max()


def test_a_group_of_another_class_has_a_fold_of_its_own():
    groups = np.array([0] * 59 + [1])
    assert np.bincount(whole_group_folds(groups, groups, 2, seed=0)).tolist() == [59, 1]


def test_a_fold_keeps_groups_apart():
    data = replace(arrays(np.arange(120) % 3), groups=np.arange(120) // 6)
    for fold in range(4):
        part = split(data, Data(folds=4, fold=fold, group="patient"))
        sides = [set(data.groups[rows]) for rows in (part.train, part.validation, part.test)]
        assert all(not one & other for one, other in zip(sides, sides[1:] + sides[:1]))


@pytest.mark.parametrize("data, words", [
    (arrays(np.arange(300) % 3, train=200), "the data has a test part of its own, of 100 examples"),
    (arrays([0] * 50 + [1] * 50 + [2] * 3), "folds = 4: class 2 has 3 examples and would be missing in a fold"),
    (replace(arrays(np.arange(120) // 40), groups=np.arange(120) // 20), "class 0 has 40 examples in too few groups"),
])
def test_folds_that_cannot_be_had_are_refused(data, words):
    with pytest.raises(InputError, match=words):
        split(data, Data(folds=4))
