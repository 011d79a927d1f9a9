"""A study's made-up results, without training."""

import pytest

from dlbench.store.read import read
from dlbench.study import load, plan
from tests.execution.made_up import carry_out

STUDY = {"question": "Does it?", "margin": 0.01, "seeds": 3, "arms": [{"technique": "dropout", "rate": [0.2, 0.5]}]}


@pytest.fixture
def results(tmp_path):
    """Three seeds of three arms on one dataset; one run diverged."""
    def scores(recipe, seed):
        return None if (recipe.model.dropout, seed) == (0.5, 2) else (0.9 + recipe.model.dropout / 100 + seed / 1000, 0.9)

    carry_out(plan(load(STUDY)), tmp_path / "results", scores)
    return read(tmp_path / "results")
