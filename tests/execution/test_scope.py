"""What verdicts are claims about: new data by default, what a folder's were before where the study leaves it open, and looks at both."""

import numpy as np
import pytest

from dlbench.execution import interim, provenance, stages
from dlbench.store.read import read
from dlbench.values.errors import InputError
from dlbench.values.scope import Scope
from tests.execution.test_interim import ADAPTIVE, ARMS, HEAD, run, study

pytestmark = pytest.mark.usefixtures("undrawn")

__all__ = ["run", "study"]
FIXED = HEAD + "seeds = 3\n" + ARMS


@pytest.fixture
def before_scopes(monkeypatch):
    """Let studies be stored as they were before there were scopes and spending, until what is returned is called."""
    old, new = {"looks": [3, 5, 8], "metric": "test_accuracy", "margin": 0.01}, interim.declaration
    for module in (stages, interim):
        monkeypatch.setattr(module, "claimed_scope", lambda plan, store: Scope.THIS_TEST_SET)
        monkeypatch.setattr(module, "declaration", lambda plan, scope, store=None: old if plan.study.looks else None)

    def over():
        for module in (stages, interim):
            monkeypatch.setattr(module, "claimed_scope", provenance.claimed_scope)
            monkeypatch.setattr(module, "declaration", new)

    return over


@pytest.mark.parametrize("text", [FIXED, ADAPTIVE])
def test_a_new_study_is_about_new_data(study, run, tmp_path, text):
    run(study(text))
    results = read(tmp_path / "out")
    assert results.study["scope"] == results.study.get("adaptive", results.study)["scope"] == "new_data"


@pytest.mark.parametrize("text", [FIXED, ADAPTIVE])
def test_an_old_folder_stays_about_its_test_set(study, run, tmp_path, text, before_scopes):
    run(study(text))
    before = len(read(tmp_path / "out").interim)
    assert "scope" not in read(tmp_path / "out").study
    before_scopes()
    pool = run(study(text))
    results = read(tmp_path / "out")
    assert pool.ran == [] and "scope" not in results.study and len(results.interim) == before and results.complete
    assert "scope" not in results.study.get("adaptive", {}) and "declared_first" not in results.study


@pytest.mark.parametrize("scope", ["new_data", "this_test_set"])
def test_a_stated_scope_is_kept_and_another_one_is_marked_as_chosen_afterwards(study, run, tmp_path, scope):
    run(study(FIXED, f"scope={scope}"))
    first = read(tmp_path / "out").study
    assert first["scope"] == scope and "declared_first" not in first
    run(study(FIXED))
    assert read(tmp_path / "out").study.get("scope", "this_test_set") == scope, "an open scope is what it was"
    other = {"new_data": "this_test_set", "this_test_set": "new_data"}[scope]
    run(study(FIXED, f"scope={other}"))
    marked = read(tmp_path / "out").study
    assert marked["scope"] == other and marked["declared_first"].get("scope", "this_test_set") == scope


def test_stating_what_an_old_folder_is_about_changes_nothing(study, run, tmp_path, before_scopes):
    run(study(FIXED))
    before_scopes()
    run(study(FIXED, "scope=this_test_set"))
    assert "declared_first" not in read(tmp_path / "out").study


def test_analyses_of_an_old_folder_go_on_as_they_began(study, run, tmp_path, before_scopes):
    with pytest.raises(KeyboardInterrupt):
        run(study(ADAPTIVE), stop_after=13)
    assert [look.declared.get("spending") for look in read(tmp_path / "out").interim] == [None]
    before_scopes()
    run(study(ADAPTIVE))
    looks = read(tmp_path / "out").interim
    assert len(looks) > 1 and {look.declared.get("spending") for look in looks} == {None} and read(tmp_path / "out").complete
    run(study(ADAPTIVE), out="new")
    assert {look.declared["spending"] for look in read(tmp_path / "new").interim} == {3.0}


def test_looks_that_were_taken_for_one_claim_are_not_continued_for_another(study, run):
    run(study(ADAPTIVE))
    with pytest.raises(InputError, match="not at these looks, metric, margin, scope and arms"):
        run(study(ADAPTIVE, "scope=this_test_set"))


def test_a_look_counts_test_examples_where_their_values_are_known(study):
    whole = study(ADAPTIVE)
    known = {run_id: 0.9 + 0.001 * (seed % 3) + 0.1 * (arm != "baseline") for (arm, seed), run_id in whole.cells.items()}
    rng = np.random.default_rng(0)
    hard = rng.random(40) < 0.5
    values = {run_id: np.where(hard & (arm == "baseline"), 0, 1) for (arm, _), run_id in whole.cells.items()}
    here = interim.judge_next(whole, [], known)
    beyond = interim.judge_next(whole, [], known, values=lambda run_ids: {run_id: values[run_id] for run_id in run_ids})
    assert here["example_error"].isna().all() and (beyond["example_error"] > 0).all()
    assert (beyond["high"] - beyond["low"] > here["high"] - here["low"]).all() and (beyond["p_tost"] >= here["p_tost"]).all()
