"""Situations from the field in which a verdict said more than the runs did, one test a row of the corpus and its kin (V1, V3, M7)."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.withheld import withhold
from dlbench.execution.options import Options
from dlbench.execution.stages import arm_row, study_record
from dlbench.exports import export
from dlbench.report import render_analysis
from dlbench.stats.equivalence import LEAST_SEEDS, examples_suffice
from dlbench.stats.method import Rule
from dlbench.stats.verdict import compare
from dlbench.store.database import Store
from dlbench.store.read import read
from dlbench.study import load, plan
from dlbench.values.recipe import to_dict
from dlbench.values.record import Controls, Cost, Record
from tests.calling import called

STUDY = """
question = "Does it help?"
margin = 0.02
seeds = 6
metric = "{metric}"
[[arms]]
technique = "dropout"
rate = 0.5
[[arms]]
technique = "early_stopping"
"""
DROPOUT, STOPPING = "dropout rate=0.5", "early_stopping"
LABELS = np.array([0] * 380 + [1] * 20)


@pytest.fixture
def stored(tmp_path):
    """``stored(answers)``: a results folder whose runs have these answers; ``answers(arm, seed) -> (predictions, weights, acted)``."""
    def made(answers, metric="test_accuracy", labels=LABELS, scores=None):
        path, folder = tmp_path / "study.toml", tmp_path / "results"
        path.write_text(STUDY.format(metric=metric), encoding="utf-8")
        whole = plan(load(str(path)))
        facts = study_record(whole, Options(folder, "dlbench run study.toml", 1, None, ""))
        recipes = {arm.name: to_dict(arm.recipe) for arm in whole.arms}
        with Store(folder, write=True) as store:
            store.open_study("made-up", facts, [arm_row(arm) for arm in whole.arms], [(*cell, run) for cell, run in whole.cells.items()])
            store.add_environment("here", {"python": "3.11"})
            for (arm, seed), run_id in whole.cells.items():
                predicted, weights, acted = answers(arm, seed)
                right = predicted == labels
                controls = Controls("d", "s", "e", {"dense": "i"}, order=("o",), weights=weights, global_draws=(), acted=acted)
                found = {"test_accuracy": float(right.mean()), **(scores(predicted) if scores else {})}
                record = Record(run_id, recipes[arm], seed, "done", "", found, {}, Cost(), controls, "here", "2026-01-01T00:00:00+00:00")
                store.add(record, {"test_bits": np.packbits(right), "test_predictions": predicted, "test_labels": labels})
        return folder
    return made


def learned(arm, seed):
    """Answers of networks that have learned: a few are wrong, other ones in each run."""
    predicted = LABELS.copy()
    wrong = np.random.default_rng((seed, len(arm))).random(400) < 0.01
    predicted[wrong] = 1 - predicted[wrong]
    return predicted, f"{arm} {seed}", None


# V1: ties are no proof

@pytest.mark.parametrize("n", [2, 3, 4, 5, 8])
def test_v1_an_arm_that_loses_in_one_seed_of_five_and_ties_otherwise_is_never_certified(n):
    rng = np.random.default_rng(n)
    for falls in {tuple(drawn) for drawn in rng.random((100, n)) < 0.2}:
        rows = [(arm, seed, 80.0 - 20 * (arm == "a") * fall) for seed, fall in enumerate(falls) for arm in "ab"]
        table = compare(pd.DataFrame(rows, columns=["arm", "seed", "score"]), {"a": "b"}, Rule(1.0))
        assert table.loc[0, "verdict"] != "no meaningful effect"


def test_v1_eight_test_examples_and_two_seeds_that_tie_show_nothing():
    rows = [(arm, seed, 0.75) for seed in range(2) for arm in "ab"]
    table = compare(pd.DataFrame(rows, columns=["arm", "seed", "score"]).assign(examples=8), {"a": "b"}, Rule(0.01))
    assert table.loc[0, "verdict"] == "inconclusive" and "ties do not show" in table.loc[0, "reason"]


def test_v1_equal_networks_with_other_weights_are_not_certified_in_any_output(stored):
    folder = stored(lambda arm, seed: (LABELS, f"{arm} {seed}", None))
    verdicts = analyse(read(folder)).verdicts
    assert set(verdicts["verdict"]) == {"inconclusive"} and verdicts["reason"].str.contains("exactly 0, and ties do not show").all()


def test_v1_a_study_on_few_test_examples_does_not_certify_and_says_how_many_would(stored):
    folder = stored(lambda arm, seed: (learned(arm, seed)[0][:400:8], f"{arm} {seed}", None), labels=LABELS[::8])
    verdicts = analyse(read(folder)).verdicts
    assert "no meaningful effect" not in set(verdicts["verdict"])
    assert stored is not None and analyse(read(folder)).results.answers.examples(read(folder).runs["run_id"][:1]).popitem()[1] == 50


def test_v1_networks_that_have_learned_the_same_can_still_be_certified(stored):
    verdicts = analyse(read(stored(learned))).verdicts
    assert set(verdicts["verdict"]) == {"no meaningful effect"}
    assert verdicts["reason"].str.contains("6 seeds cannot exclude an arm that fails in up to 39 % of its runs").all()


def test_v1_the_margin_of_the_quickstart_is_one_that_its_test_examples_can_show():
    study = load("quickstart")
    assert len(study.seeds) >= LEAST_SEEDS and examples_suffice(0.0, 449, Rule(study.margin))


# V3: networks that have learned nothing

def macro_f1(predicted):
    scores = [2 * np.sum((predicted == k) & (k == LABELS)) / (np.sum(predicted == k) + np.sum(k == LABELS)) for k in (0, 1)]
    return {"test_macro_f1": float(np.mean(scores))}


def healthy(arm, seed):
    return np.zeros_like(LABELS), f"{arm} {seed}", None


def test_v3_where_no_arm_predicts_the_rare_class_nothing_is_certified_and_the_page_says_so(stored):
    folder = stored(healthy, "test_macro_f1", scores=macro_f1)
    analysis = analyse(read(folder))
    assert set(analysis.verdicts["verdict"]) == {"no verdict"}
    assert analysis.verdicts["reason"].str.contains("'baseline' has learned nothing: each of its runs gives every test example").all()
    render_analysis(analysis, folder, ("html", "md"))
    said = "No run of any arm ever predicts class 1 (5 % of the test examples)"
    assert said in (folder / "report.md").read_text() and said in (folder / "index.html").read_text()


def test_v3_a_baseline_that_guesses_certifies_nothing_but_an_arm_that_learns_helps(stored):
    labels = np.arange(400) % 2

    def answers(arm, seed):
        guessed = np.random.default_rng((seed, len(arm))).permutation(labels)
        return (labels if arm.startswith("dropout") else guessed), f"{arm} {seed}", None

    verdicts = analyse(read(stored(answers, labels=labels))).verdicts.set_index("arm")
    assert verdicts.loc[DROPOUT, "verdict"] == "helps" and verdicts.loc[STOPPING, "verdict"] == "no verdict"
    assert "always naming the most frequent class has 0.500" in verdicts.loc[STOPPING, "reason"]


def test_v3_an_unbalanced_metric_is_not_judged_by_the_accuracy(stored):
    """With more false alarms than there are sick ones the accuracy is below the share of the healthy, and macro-F1 still says something."""
    def answers(arm, seed):
        predicted = LABELS.copy()
        predicted[np.random.default_rng((seed, len(arm))).choice(380, 24, replace=False)] = 1
        return predicted, f"{arm} {seed}", None

    verdicts = analyse(read(stored(answers, "test_macro_f1", scores=macro_f1))).verdicts
    assert "no verdict" not in set(verdicts["verdict"])


@pytest.mark.parametrize("when", ["decided at interim analysis 2 of 3, 8 seeds", "undecided at look 1 of 2, 5 seeds"])
def test_v3_a_withheld_verdict_still_says_at_which_interim_analysis_it_was_taken(when, stored):
    results = read(stored(idle))
    table = analyse(results).verdicts.assign(verdict="inconclusive", reason=f"+1.0 points; {when}")
    assert withhold(table, results)["reason"].str.endswith(f"; {when}").all()


# M7: arms that did nothing

def idle(arm, seed):
    predicted, _, _ = learned("baseline", seed)
    return predicted, f"{seed}", {"early_stopping": False} if arm == STOPPING else None


def test_m7_an_arm_with_a_fault_and_an_inert_one_have_no_verdict_anywhere(stored, tmp_path):
    folder = stored(idle)
    analysis = analyse(read(folder))
    verdicts = analysis.verdicts.set_index("arm")
    assert verdicts["control"].to_dict() == {DROPOUT: "fault", STOPPING: "inert"}
    assert set(verdicts["verdict"]) == {"no verdict"} and verdicts["reason"].str.startswith("it did nothing: ").all()
    render_analysis(analysis, folder, ("html", "md", "csv"))
    for page in ("index.html", "report.md"):
        text = (folder / page).read_text(encoding="utf-8")
        assert "it did nothing" in text and "No meaningful effect" not in text and "no meaningful difference" not in text
    for kind in ("csv", "json"):
        texts = [path.read_text(encoding="utf-8") for path in export(analysis, kind, tmp_path / kind)]
        assert any("no verdict" in text for text in texts) and not any("no meaningful effect" in text for text in texts)


def test_m7_the_exit_code_tells_of_a_fault_and_not_of_an_inert_arm(stored, tmp_path):
    faulty = called(tmp_path, "report", stored(idle))
    assert faulty.code == 3 and f"{DROPOUT}: no verdict: it did nothing" in faulty.out
    assert f"fault: {DROPOUT}: what the arm changes had no effect on training" in faulty.err and STOPPING not in faulty.err


def test_m7_an_inert_arm_alone_is_no_failure(stored, tmp_path):
    def answers(arm, seed):
        return idle(arm, seed) if arm != DROPOUT else learned(arm, seed)

    ended = called(tmp_path, "report", stored(answers))
    assert ended.code == 0 and f"{STOPPING}: no verdict: it did nothing: The condition" in ended.out


def test_m13_a_record_of_numpys_numbers_is_kept_and_read_back(tmp_path):
    """Every field of a record is written as JSON; an engine's numbers are often numpy's."""
    scores, curves = {"test_accuracy": np.float32(0.5)}, {"epoch": [np.int64(1)], "train_loss": [np.float64(0.5)]}
    controls = Controls("d", near_duplicates=(np.int64(3), np.int32(5)), acted={"gradient_clipping": np.bool_(True)}, order=("o",))
    cost = Cost(parameters=np.int64(7), wall_s=np.float32(1.5))
    record = Record("a", {"training.batch_size": np.int64(3)}, 0, "done", "", scores, curves, cost, controls)
    json.dumps(record.to_dict())
    with Store(tmp_path, write=True) as store:
        store.add(record, {})
    with Store(tmp_path) as store:
        kept = dict(zip(("scores", "controls", "cost"), store.connection.execute("SELECT scores, controls, cost FROM records").fetchone()))
    assert json.loads(kept["scores"]) == {"test_accuracy": 0.5} and json.loads(kept["controls"])["acted"] == {"gradient_clipping": True}
    assert json.loads(kept["cost"]) == {"parameters": 7, "wall_s": 1.5}
