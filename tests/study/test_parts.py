"""Shards: every run in one, none left out, a seed's runs together."""

import pytest

from dlbench.study import load, plan
from dlbench.study.parts import Shard, parse_shard, plan_of_shard
from dlbench.values.errors import InputError
from tests.studies import transfer


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "x.toml"
    path.write_text('margin = 0.01\nseeds = 8\n[[arms]]\ntechnique = "dropout"\nrate = [0.1, 0.2, 0.3, 0.4]\n')
    return plan(load(str(path)))


@pytest.mark.parametrize("of", [1, 2, 3, 7, 1000])
def test_the_shards_together_are_the_plan_and_of_equal_size(whole, of):
    parts = [[run.run_id for run in plan_of_shard(whole, Shard(number, of)).runs] for number in range(1, of + 1)]
    every = [run_id for part in parts for run_id in part]
    assert sorted(every) == sorted(run.run_id for run in whole.runs)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_seed_is_whole_where_seeds_divide_by_shards(whole):
    seeds = [{run.seed for run in plan_of_shard(whole, Shard(number, 4)).runs} for number in (1, 2, 3, 4)]
    assert seeds == [{0, 1}, {2, 3}, {4, 5}, {6, 7}]


def test_arms_and_cells_stay_those_of_the_study(whole):
    part = plan_of_shard(whole, Shard(2, 5))
    assert part.arms == whole.arms and part.cells == whole.cells


@pytest.mark.parametrize("of", [2, 5, 9])
def test_a_run_has_the_pretraining_that_it_needs(tmp_path, of):
    (tmp_path / "x.toml").write_text("margin = 0.01\nseeds = 3" + transfer())
    whole = plan(load(str(tmp_path / "x.toml")))
    for number in range(1, of + 1):
        runs = plan_of_shard(whole, Shard(number, of)).runs
        ids = [run.run_id for run in runs]
        assert all(run.needs in ids[: ids.index(run.run_id)] for run in runs if run.needs)


@pytest.mark.parametrize("text", ["", "1", "0/4", "5/4", "1/0", "a/b", "1/4/2", "-1/4", "1.0/4"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(InputError, match=r"accepted: I/N, .* such as 1/8"):
        parse_shard(text)
