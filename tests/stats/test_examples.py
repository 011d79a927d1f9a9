"""Turned examples and confusions, against counting one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dlbench.stats.examples import confusion, confusion_change, turned

answers = st.integers(0, 2**32).map(np.random.default_rng)


@given(answers, st.integers(1, 6), st.integers(1, 30), st.integers(1, 10))
def test_turned_examples_are_those_that_more_or_fewer_seeds_have_right(draw, seeds, examples, most):
    ours, theirs = draw.random((2, seeds, examples)) < 0.5
    found = turned(ours, theirs, most)
    gain = [sum(ours[:, i]) - sum(theirs[:, i]) for i in range(examples)]
    assert all(gain[i] > 0 for i in found.fixed) and all(gain[i] < 0 for i in found.broken)
    assert len(found.fixed) == min(most, sum(g > 0 for g in gain)) and len(found.broken) == min(most, sum(g < 0 for g in gain))
    left = [g for i, g in enumerate(gain) if g > 0 and i not in found.fixed]
    assert not left or max(left) <= min(gain[i] for i in found.fixed)


@given(answers, st.integers(1, 4), st.integers(1, 20))
def test_a_confusion_counts_every_example_once_a_run(draw, seeds, examples):
    labels, said = draw.integers(0, 4, examples), draw.integers(0, 4, (seeds, examples))
    table = confusion(labels, said, 4)
    assert np.isclose(table.sum(), examples) and np.allclose(table.sum(axis=1), np.bincount(labels, minlength=4))
    assert np.isclose(table[2, 3], ((labels == 2) & (said == 3)).sum() / seeds)


def test_the_change_of_a_confusion_sums_to_nothing_in_every_row():
    draw = np.random.default_rng(1)
    labels, ours, theirs = draw.integers(0, 5, 80), draw.integers(0, 5, (3, 80)), draw.integers(0, 5, (3, 80))
    table = confusion_change(labels, ours, theirs)
    assert np.allclose(table.groupby("label")["difference"].sum(), 0) and np.allclose(table["ours"] - table["theirs"], table["difference"])
    assert not len(confusion_change(labels, ours, ours))
