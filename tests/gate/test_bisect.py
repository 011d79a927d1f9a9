"""The search for the first commit that fails, with verdicts that are made up."""

from __future__ import annotations

import math

import pytest

from dlbench.gate.bisect import search


@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_the_first_failing_commit_is_found_in_halves(count):
    for first in range(count):
        asked = []

        def judge(place, names, first=first, asked=asked):
            asked.append(place)
            return {"a": "regression" if place >= first else "no change"}

        [found] = search(count, ["a"], judge)
        assert (found.passing, found.failing) == (first - 1, first)
        assert len(asked) == len(set(asked)) <= math.ceil(math.log2(count)) + 1


def test_commits_without_a_verdict_are_passed_over_and_named():
    verdicts = ["no change", "not run", "undecided", "regression", "regression"]
    [found] = search(5, ["a"], lambda place, names: {"a": verdicts[place]})
    told = found.told(list("vwxyz"), str.upper)
    assert told == {"case": "a", "commit": "y", "described": "Y", "undecided": ["w", "x"]}


def test_cases_share_measurements_and_each_has_its_own_commit():
    asked = []

    def judge(place, names):
        asked.append((place, tuple(names)))
        return {"a": "regression" if place >= 2 else "faster", "b": "more memory" if place >= 6 else "accepted"}

    found = {one.name: one.failing for one in search(8, ["a", "b"], judge)}
    assert found == {"a": 2, "b": 6} and len(asked) < 6


def test_a_case_that_a_commit_does_not_have_is_open_there():
    [found] = search(3, ["a"], lambda place, names: {})
    assert found.failing == 2 and found.open == {0, 1}
