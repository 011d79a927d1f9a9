"""Which score a study is judged by: the default of new studies, what old folders keep, and what is refused."""

import json

import pytest

from dlbench.study import load, plan
from dlbench.values.recipe import edit
from tests.calling import called
from tests.execution.made_up import carry_out

TEXT = 'margin = 0.02\nseeds = 2\nmodel = "mlp"\nbudget = {{ epochs = 8 }}\n{score}\n[[arms]]\ntechnique = "dropout"\nrate = 0.5\n'
TABLE = {"margin": 0.02, "seeds": 2, "model": "mlp", "budget": {"epochs": 8}, "arms": [{"technique": "dropout", "rate": 0.5}]}


def planned(folder, score="", *arguments):
    (folder / "s.toml").write_text(TEXT.format(score=score))
    ended = called(folder, "plan", "s.toml", "--json", *arguments)
    assert ended.code == 0, ended.err
    return json.loads(ended.out), ended.err


def over(facts):
    return {arm["recipe"].get("score_over", "final") for arm in facts["arms"]}


@pytest.mark.parametrize("score, wanted", [("", "last_quarter"), ('score = { over = "last_quarter" }', "last_quarter"),
                                           ('score = { over = "final" }', "final"), ("score = { last = 3 }", 3)])
def test_a_new_study_is_scored_over_the_last_quarter_unless_it_says_otherwise(score, wanted, tmp_path):
    assert over(planned(tmp_path, score)[0]) == {wanted}


def test_a_study_whose_runs_were_scored_at_the_end_goes_on_so(tmp_path):
    carry_out(plan(load(TABLE)), tmp_path / "out", lambda recipe, seed: (0.8, 0.8))
    facts, said = planned(tmp_path, "", "--out", "out")
    assert over(facts) == {"final"} and facts["done"] == 4 and "scored at the end of training" in said
    facts, said = planned(tmp_path, 'score = { over = "last_quarter" }', "--out", "out")
    assert over(facts) == {"last_quarter"} and facts["done"] == 0 and "scored at the end" not in said


def test_a_study_that_was_averaged_stays_so(tmp_path):
    whole = plan(load({**TABLE, "score": {"over": "last_quarter"}}))
    carry_out(whole, tmp_path / "out", lambda recipe, seed: (0.8, 0.8))
    facts, said = planned(tmp_path, "", "--out", "out")
    assert over(facts) == {"last_quarter"} and facts["done"] == 4 and said.count("scored") == 0
    assert whole.runs[0].recipe == edit(plan(load(TABLE)).runs[0].recipe, score_over="last_quarter")


def test_pretraining_is_not_scored_and_keeps_its_identity():
    arms = [{"name": mode, "technique": "transfer", "mode": mode, "source": [0, 1], "target": [2, 3], **reference}
            for mode, reference in (("scratch", {}), ("frozen", {"reference": "scratch"}))]
    old, new = (plan(load({**TABLE, **score, "arms": arms})) for score in ({}, {"score": {"last": 2}}))
    known = {run.run_id for run in old.runs if run.recipe.transfer.mode == "pretrain"}
    assert known and known <= {run.run_id for run in new.runs}


@pytest.mark.parametrize("score, words", [
    ("score = { last = 9 }", ("score = { last = 9 }", "8 epochs")), ("score = { last = 0 }", ("score.last", "from 1 to 255")),
    ('score = { over = "last_half" }', ("unknown score.over 'last_half'", "last_quarter")), ("score = {}", ("exactly one of over, last",)),
    ('score = { over = "final", last = 2 }', ("exactly one of over, last",)), ('score = "final"', ("score", "a table such as")),
    ("score = { last = 2.5 }", ("score.last",)), ("score = { first = 2 }", ("unknown key 'score.first'",))])
def test_a_score_that_cannot_be_is_refused(score, words, tmp_path):
    (tmp_path / "s.toml").write_text(TEXT.format(score=score))
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and all(word in ended.err for word in ("s.toml", *words)), ended.err


def test_an_arm_that_is_scored_once_is_named(tmp_path):
    (tmp_path / "s.toml").write_text(TEXT.format(score="") + '[[arms]]\ntechnique = "early_stopping"\npatience = 2\n')
    facts = json.loads(called(tmp_path, "plan", "s.toml", "--json").out)
    assert "arm 'early_stopping patience=2': scored once" in " ".join(facts["warnings"])
