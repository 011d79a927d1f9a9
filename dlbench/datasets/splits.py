"""Stratified splits, fixed per study by ``split_seed``; a run's seed decides no more than which of the study's folds it tests."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from dlbench.datasets.beside import SPLITTING, TEST, TRAIN, VALIDATION, named
from dlbench.datasets.declaration import Arrays
from dlbench.tasks import task
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.seeds import derive
from dlbench.values.text import plural

FEWEST_GROUPS = 3


@dataclass(frozen=True)
class Split:
    """Positions of the examples of each part, ascending; int64."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def digest(self) -> str:
        """16 hexadecimal digits of the SHA-256 of the training and validation positions."""
        return hashlib.sha256(b"|".join(part.tobytes() for part in (self.train, self.validation))).hexdigest()[:16]


def split(arrays: Arrays, data: Data) -> Split:
    """Split a dataset as a recipe says: test, validation, then classes and subset of the training part.

    The order matters: classes are chosen after splitting, so that a pretraining run never sees a test example of its target.

    Raises:
        InputError: a part would be empty, training would see one class only, a class does not exist, or the subset is larger than
            the training part.

    Example:
        >>> y = np.arange(100) % 2
        >>> parts = split(Arrays(np.zeros((100, 1, 1, 1)), y, 100, 2, 1.0), Data(test=0.2, validation=0.25))
        >>> len(parts.train), len(parts.validation), len(parts.test)
        (60, 20, 20)
    """
    train, test = np.arange(arrays.train), np.arange(arrays.train, len(arrays.y))
    if data.folds and len(test):
        raise InputError(f"dataset '{data.source}': folds = {data.folds}: the data has a test part of its own, of "
                         f"{plural(len(test), 'example')}; accepted: data without one, or no folds")
    if arrays.groups is not None and (groups := len(np.unique(arrays.groups))) < FEWEST_GROUPS:
        raise InputError(f"dataset '{data.source}': group = '{data.group}' finds {plural(groups, 'group')}; accepted: at least "
                         f"{FEWEST_GROUPS}, for training, validation and testing")
    if arrays.part is not None:
        return _chosen(arrays, data, *_named_parts(arrays, data))
    if len(test):
        _demand_no_shared_group(arrays, data, train, test)
    elif data.folds:
        test, train = _one_fold(arrays, data)
    else:
        test, train = _cut(arrays, train, data.test, derive(data.split_seed, "split", "test"))
    validation, train = _cut(arrays, train, data.validation, derive(data.split_seed, "split", "validation"))
    return _chosen(arrays, data, train, validation, test)


def _chosen(arrays: Arrays, data: Data, train: np.ndarray, validation: np.ndarray, test: np.ndarray) -> Split:
    """Return the examples of the study's classes in each part, and the subset of the training part."""
    train, validation, test = (_of_classes(arrays, part, data.classes) for part in (train, validation, test))
    train = _subset(arrays.strata, train, data)
    _demand_known_classes(arrays, data, train, test)
    for name, part in (("training", train), ("test", test)):
        if not len(part):
            raise InputError(f"the {name} split of '{data.source}' is empty")
    if (arrays.y[train] == (only := arrays.y[train[0]])).all():
        value = f"{task(data.task).value} {only}"
        raise InputError(f"the training split of '{data.source}' has {value} only: there is nothing to tell apart")
    return Split(train, validation, test)


def _demand_known_classes(arrays: Arrays, data: Data, train: np.ndarray, test: np.ndarray) -> None:
    """Refuse classes that are tested and never trained, which a split by time or by a column can have."""
    by = next((f"{key} = '{column}'" for key, column in named(data) if key in SPLITTING and key != "group"), None)
    if by and task(data.task).classes and (new := np.setdiff1d(arrays.y[test], arrays.y[train])).size:
        name = f"'{arrays.names[int(new[0])]}'" if arrays.names else f"{new[0]}"
        raise InputError(f"dataset '{data.source}': {by}: class {name} has {plural(int((arrays.y[test] == new[0]).sum()), 'test example')} "
                         "and none to train on; accepted: parts in which training has seen every class that is tested")


def _named_parts(arrays: Arrays, data: Data) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the parts that a column names; where it names no validation, a share of the training part is drawn."""
    if arrays.train < len(arrays.y):
        raise InputError(f"dataset '{data.source}': part = '{data.part}' beside a test.csv, which is the test part; accepted: one of them")
    train, validation, test = (np.flatnonzero(arrays.part == number) for number in (TRAIN, VALIDATION, TEST))
    if missing := [name for name, rows in (("train", train), ("test", test)) if not len(rows)]:
        raise InputError(f"dataset '{data.source}': part = '{data.part}': no row is called {missing[0]}; accepted: rows of train and test")
    if not len(validation):
        validation, train = _cut(arrays, train, data.validation, derive(data.split_seed, "split", "validation"))
    return train, validation, test


def _latest(order: np.ndarray, count: int) -> np.ndarray:
    """Return the positions of about ``count`` examples whose order is highest; those of one place stay together.

    >>> _latest(np.array([3, 1, 2, 2, 4]), 2), _latest(np.array([5, 5, 5]), 1)
    (array([0, 4]), array([], dtype=int64))
    """
    places, counted = np.unique(order, return_counts=True)
    if len(places) < 2 or not count:
        return np.empty(0, np.int64)
    at_least = counted[::-1].cumsum()[::-1]  # the examples from each place on
    return np.flatnonzero(order >= places[1:][np.abs(at_least[1:] - count).argmin()])


def _cut(arrays: Arrays, positions: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the examples of a share of them, and the others: the latest where they have an order, whole groups, or drawn by class."""
    if arrays.order is not None:
        chosen = _latest(arrays.order[positions], round(share * len(positions)))
        return positions[chosen], np.delete(positions, chosen)
    y, count = arrays.strata[positions], round(share * len(positions))
    chosen = stratified(y, count, seed) if arrays.groups is None else whole_groups(y, arrays.groups[positions], count, seed)
    return positions[chosen], np.delete(positions, chosen)


def _one_fold(arrays: Arrays, data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the tested fold, and all others."""
    seed, counted = derive(data.split_seed, "split", "folds"), np.bincount(arrays.strata)
    number = stratified_folds(arrays.strata, data.folds, seed) if arrays.groups is None else whole_group_folds(
        arrays.strata, arrays.groups, data.folds, seed)
    of_class = np.zeros((data.folds, len(counted)), int)
    np.add.at(of_class, (number, arrays.strata), 1)
    for label in np.flatnonzero(counted[: arrays.classes]):
        if not of_class[:, label].all():
            grouped = " in too few groups" if arrays.groups is not None else ""
            raise InputError(f"dataset '{data.source}': folds = {data.folds}: {task(data.task).stratum} {label} has "
                             f"{plural(int(counted[label]), 'example')}"
                             f"{grouped} and would be missing in a fold; accepted: fewer folds")
    chosen = number == (data.fold or 0)
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


def _demand_no_shared_group(arrays: Arrays, data: Data, train: np.ndarray, test: np.ndarray) -> None:
    if arrays.groups is not None and (shared := np.intersect1d(arrays.groups[train], arrays.groups[test])).size:
        raise InputError(f"dataset '{data.source}': group = '{data.group}': {plural(shared.size, 'group')} in train and in test; accepted: "
                         "each group on one side, or data without a test part, which is then drawn by groups")


def _of_classes(arrays: Arrays, positions: np.ndarray, classes: tuple[int, ...] | None) -> np.ndarray:
    if classes is None:
        return positions
    if missing := [label for label in classes if not 0 <= label < arrays.classes]:
        raise InputError(f"class {missing[0]} does not exist: the data has classes 0 to {arrays.classes - 1}")
    return positions[np.isin(arrays.y[positions], classes)]


def _subset(y: np.ndarray, train: np.ndarray, data: Data) -> np.ndarray:
    seed = derive(data.split_seed, "split", "examples")
    if data.labels_per_class is not None:
        labels = np.unique(y[train])
        least = min(int((y[train] == label).sum()) for label in labels)
        if data.labels_per_class > least:
            raise InputError(f"labels_per_class = {data.labels_per_class}: the smallest class has {least} training examples")
        return train[stratified(y[train], data.labels_per_class * len(labels), seed, per_class=data.labels_per_class)]
    if data.examples is None:
        return train
    if data.examples > len(train):
        raise InputError(f"examples = {data.examples}: the training split has {len(train)}")
    return train[stratified(y[train], data.examples, seed)]


def whole_groups(y: np.ndarray, groups: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Draw whole groups until about ``count`` positions are drawn, so that each class keeps about its share.

    Groups come in a random order; each is taken if that brings the numbers of the classes nearer to what is wanted.

    Args:
        y: labels [n].
        groups: of the examples [n].
        count: of positions that are wanted.
        seed: of the draw.

    Returns:
        Positions, int64, ascending.

    Example:
        >>> groups = np.repeat(np.arange(10), 4)
        >>> chosen = whole_groups(np.tile([0, 1], 20), groups, 10, seed=0)
        >>> len(chosen), sorted(set(groups[chosen]) & set(np.delete(groups, chosen)))
        (8, [])
    """
    classes, members = np.unique(y, return_inverse=True)[1], np.unique(groups, return_inverse=True)[1]
    counts = np.zeros((members.max(initial=-1) + 1, classes.max(initial=-1) + 1))
    np.add.at(counts, (members, classes), 1)
    wanted, have, taken = count * counts.sum(axis=0) / max(len(y), 1), np.zeros(counts.shape[1]), []
    for group in np.random.Generator(np.random.Philox(seed)).permutation(len(counts)):
        if np.abs(wanted - have - counts[group]).sum() < np.abs(wanted - have).sum():
            have, taken = have + counts[group], [*taken, group]
    return np.flatnonzero(np.isin(members, taken)).astype(np.int64)


def stratified_folds(y: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Deal examples out to folds: their sizes, and those of each class in them, differ by one at most.

    Args:
        y: labels [n].
        folds: their number.
        seed: of the draw.

    Returns:
        The fold of each example from 0, int64 [n].

    Example:
        >>> y = np.repeat([0, 1], [6, 5])
        >>> [np.bincount(stratified_folds(y, 3, seed=0)[y == label]).tolist() for label in (0, 1)]
        [[2, 2, 2], [2, 2, 1]]
    """
    shuffled = np.random.Generator(np.random.Philox(seed)).permutation(len(y))
    dealt = np.empty(len(y), np.int64)
    dealt[shuffled[np.argsort(y[shuffled], kind="stable")]] = np.arange(len(y)) % folds
    return dealt


def whole_group_folds(y: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Deal whole groups out to folds, the largest first, each to the fold in which the classes stay most even.

    Args:
        y: labels [n].
        groups: of the examples [n].
        folds: their number.
        seed: of the order of groups of one size.

    Returns:
        The fold of each example from 0, int64 [n].

    Example:
        >>> groups = np.repeat(np.arange(10), 4)
        >>> folds = whole_group_folds(np.tile([0, 1], 20), groups, 5, seed=0)
        >>> np.bincount(folds).tolist(), all(len(set(folds[groups == one])) == 1 for one in range(10))
        ([8, 8, 8, 8, 8], True)
    """
    classes, members = np.unique(y, return_inverse=True)[1], np.unique(groups, return_inverse=True)[1]
    counts = np.zeros((members.max(initial=-1) + 1, classes.max(initial=-1) + 1))
    np.add.at(counts, (members, classes), 1)
    counts = np.column_stack([counts, counts.sum(axis=1)])  # all classes together count as one, so that folds are of one size
    share, have, taken_by = counts.sum(axis=0).clip(1), np.zeros((folds, counts.shape[1])), np.zeros(len(counts), np.int64)
    shuffled = np.random.Generator(np.random.Philox(seed)).permutation(len(counts))
    for group in shuffled[np.argsort(-counts[shuffled, -1], kind="stable")]:
        fullness = (((have + counts[group]) / share) ** 2 - (have / share) ** 2).sum(axis=1)
        taken_by[group] = fullness.argmin()
        have[taken_by[group]] += counts[group]
    return taken_by[members]


def stratified(y: np.ndarray, count: int, seed: int, per_class: int | None = None) -> np.ndarray:
    """Draw ``count`` positions so that each class keeps its share, to within one example.

    Args:
        y: labels [n].
        count: of positions, int64 [count], which are returned in ascending order.
        seed: of the draw.
        per_class: the same number from each class instead of its share.

    Example:
        >>> np.bincount(np.repeat([0, 1], [60, 40])[stratified(np.repeat([0, 1], [60, 40]), 10, seed=0)])
        array([6, 4])
    """
    generator = np.random.Generator(np.random.Philox(seed))
    labels, counts = np.unique(y, return_counts=True)
    quota = count * counts / max(len(y), 1)
    take = np.floor(quota).astype(int) if per_class is None else np.full(len(labels), per_class)
    short = count - take.sum()
    take[np.argsort(take - quota, kind="stable")[:short]] += 1
    chosen = [generator.permutation(np.flatnonzero(y == label))[:size] for label, size in zip(labels, take)]
    return np.sort(np.concatenate(chosen)).astype(np.int64) if chosen else np.empty(0, np.int64)
