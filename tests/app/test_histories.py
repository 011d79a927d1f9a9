"""Histories of scores: rows of one run are folded, chosen scores are told, and the fairer one is a stated choice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dlbench.app.histories import best_of_history, last_quarter
from dlbench.app.judge import Question, judge, save
from dlbench.values.errors import InputError
from dlbench.values.metric import Metric


def epochs(epochs=20, seeds=6):
    draw = np.random.default_rng(3)
    rows = [(arm, seed, epoch, 0.8 + gain + draw.normal(0, 0.01)) for arm, gain in (("baseline", 0.0), ("new", 0.05))
            for seed in range(seeds) for epoch in range(epochs)]
    return pd.DataFrame(rows, columns=["arm", "seed", "epoch", "acc"])


def test_rows_of_one_run_are_folded_whatever_their_order_and_this_is_said():
    table = epochs()
    last = table[table["epoch"] == 19].drop(columns="epoch")
    folded, plain = (judge(Question(source, 0.01)) for source in (table.sample(frac=1, random_state=0), last))
    assert folded.result.verdicts["difference"].iloc[0] == pytest.approx(plain.result.verdicts["difference"].iloc[0])
    assert "240 rows of 12 runs, the last of each taken" in "\n".join(folded.said)
    assert not any("history" in sentence for sentence in plain.said)


def test_the_value_of_a_history_is_a_stated_choice_and_runs_again(tmp_path):
    table = epochs()
    table.to_csv(tmp_path / "curves.csv", index=False)
    by_run = table.groupby(["arm", "seed"])["acc"]
    for way, expected in (("best", by_run.max()), ("last", by_run.last()), ("last-quarter", by_run.apply(lambda x: x.tail(5).mean()))):
        found = judge(Question(tmp_path / "curves.csv", 0.01, history=way), tmp_path / way)
        runs = found.result.runs.set_index(["arm", "seed"])["acc"].astype(float)
        assert runs.sort_index().tolist() == pytest.approx(expected.sort_index().tolist())
        save(found, ("md",))
        again = judge(Question(tmp_path / way / "judge.toml"), tmp_path / way)
        pd.testing.assert_frame_equal(again.result.verdicts, found.result.verdicts)


def test_a_best_score_beside_its_history_is_said_to_flatter_by_how_much():
    table = epochs()
    by_run = table.groupby(["arm", "seed"])["acc"]
    table["best_acc"] = by_run.cummax()
    said = "\n".join(judge(Question(table, 0.01, score="best_acc")).said)
    gain = (by_run.max() - by_run.apply(lambda x: x.tail(5).mean())).mean()
    assert f"best of its run's history of 'acc', which flatters: on average it lies {gain:.4g} beyond" in said
    assert "--score acc --history last-quarter" in said
    assert "flatters" in "\n".join(judge(Question(table, 0.01, score="acc", history="best")).said)
    assert "flatters" not in "\n".join(judge(Question(table, 0.01, score="acc")).said)


def test_a_curve_that_only_rises_was_not_chosen_from():
    runs, metric = pd.DataFrame({"row": [0], "score": [0.9]}), Metric("acc", "fraction", True, 0.0, 1.0, "test")
    assert not best_of_history(runs, {"acc": {0: [0.1, 0.5, 0.7, 0.8, 0.85, 0.88, 0.89, 0.9]}}, "acc", metric, 1.0)
    assert last_quarter([1.0]) == 1.0


@pytest.mark.parametrize("asked, words", [({"history": "lastquarter"}, "did you mean 'last-quarter'"),
                                          ({"step": "epoc"}, "unknown column 'epoc'")])
def test_bad_choices_are_refused(asked, words):
    with pytest.raises(InputError, match=words):
        judge(Question(epochs(), 0.01, **asked))


def test_results_without_a_history_have_no_last_quarter():
    with pytest.raises(InputError, match="not every run has a history of 'acc'"):
        judge(Question(epochs(1).drop(columns="epoch"), 0.01, history="last-quarter"))


def test_steps_that_are_no_numbers_are_refused_by_row():
    table = epochs().astype(object)
    table.loc[7, "epoch"] = "seven"
    with pytest.raises(InputError, match="row 8: epoch = 'seven' is no number"):
        judge(Question(table, 0.01, step="epoch"))
