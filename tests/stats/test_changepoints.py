"""Change points: the statistic against its definition, what is found, and how often noise is called a change."""

from __future__ import annotations

import numpy as np
import pytest

from dlbench.stats.changepoints import best_split, change_points, segments


def energy(x, y):
    """The scaled energy distance of two samples, by its definition."""
    def mean(a, b, same):
        total = sum(abs(p - q) for p in a for q in b)
        return total / max(len(a) * (len(a) - 1), 1) if same else total / (len(a) * len(b))

    distance = 2 * mean(x, y, False) - mean(x, x, True) - mean(y, y, True)
    return len(x) * len(y) / (len(x) + len(y)) * distance


def test_the_best_split_is_the_one_of_the_definition():
    x = np.random.default_rng(1).normal(size=15)
    distances = np.abs(x[:, None] - x[None])
    every = {place: max(energy(x[:place], x[place:end]) for end in range(place + 3, 16)) for place in range(3, 13)}
    split = best_split(distances, 3)
    assert split.place == max(every, key=every.get) and split.statistic == pytest.approx(every[split.place])
    assert best_split(distances[:5, :5], 3) is None


def test_two_changes_are_found_where_they_are_and_do_not_depend_on_scale_or_sign():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(0, 1, 20), rng.normal(6, 1, 15), rng.normal(0, 1, 20)])
    assert change_points(x) == [20, 35] == change_points(-3 * x + 1)
    assert segments(len(x), [20, 35]) == [(0, 20), (20, 35), (35, 55)]


def test_noise_is_seldom_called_a_change():
    rng = np.random.default_rng(3)
    alarms = sum(bool(change_points(rng.standard_t(3, 30), rng=rng)) for _ in range(200))
    assert alarms <= 8, "1 % of 200 are 2; more than 8 would be a chance of 1 in 1,000"


@pytest.mark.parametrize("x", [[], [1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]])
def test_what_is_short_or_constant_has_no_change(x):
    assert change_points(x) == []


def test_what_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="finite"):
        change_points([0.0, np.nan])
