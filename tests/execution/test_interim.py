"""Declared looks, and studies that are extended without them, with scores that come from a function instead of a training."""

import sqlite3

import pytest

from dlbench.analysis import analyse
from dlbench.execution import driver as driver_module
from dlbench.execution import interim
from dlbench.execution.driver import MOST_LOSSES, Driver, Options
from dlbench.report.answers import answer, notes
from dlbench.stats.boundaries import SPENDING, boundaries
from dlbench.stats.method import Rule
from dlbench.stats.verdict import compare
from dlbench.store.database import FILE
from dlbench.store.interim import InterimAnalysis
from dlbench.store.read import progress, read
from dlbench.store.schema import COLUMNS
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from tests.execution.fakes import FakePool, Silent, accuracy
from tests.execution.made_up import carry_out
from tests.stats.replay import judge_looks

HEAD = 'question = "?"\nmargin = 0.01\nexamples = 100\n'
ARMS = '[[arms]]\ntechnique = "dropout"\nrate = [0.1, 0.2, 0.3]\n'
ADAPTIVE = HEAD + "adaptive = { looks = [3, 5, 8] }\n" + ARMS
GAINS = {0.1: 0.1, 0.2: 0.008, 0.3: 0.0}
"""One arm is decided at once, one lies within the margin and never is, one is soon shown to do nothing."""
SCORE = accuracy(GAINS, noise=0.006)
BIG, EDGE, DULL = (f"dropout rate={rate}" for rate in (0.1, 0.2, 0.3))


@pytest.fixture
def study(tmp_path):
    def made(text=ADAPTIVE, *overrides):
        path = tmp_path / "study.toml"
        path.write_text(text)
        return plan(load(str(path), overrides))

    return made


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a plan as the command does; returns the pool, so that a test can see what was paid for."""
    def ran(whole, score=SCORE, stop_after=None, out="out"):
        pool = FakePool(score, stop_after)
        monkeypatch.setattr(driver_module, "Pool", pool)
        options = Options(tmp_path / out, "dlbench run study.toml", 2, None, "", rounds=0)
        made = Driver(whole, options, Silent())
        pool.summary = made.summary if made.nothing_to_do() else made.execute()
        return pool

    return ran


def timeless(folder):
    return [InterimAnalysis(**{**vars(look), "taken": ""}) for look in read(folder).interim]


def judged(whole, known):
    (table,) = interim.judge_next(whole, [], [interim.Measured(whole.study.measure, whole.study.margin, known)])
    return table


def test_decided_arms_stop_and_the_reference_runs_on(study, run, tmp_path):
    pool = run(study())
    seeds = {rate: sorted(seed for dropout, seed in pool.ran if dropout == rate) for rate in (0.0, *GAINS)}
    assert seeds[0.1] == [0, 1, 2] and seeds[0.0] == seeds[0.2] == list(range(8))
    results = read(tmp_path / "out")
    assert results.complete and len(results.runs) == len(pool.ran) == results.runs_planned < 4 * 8
    assert not {(row.arm, row.seed) for row in results.runs.itertuples()} - set(study().cells)


def test_the_verdicts_are_those_of_the_sequential_test(study, run, tmp_path):
    run(study())
    results = read(tmp_path / "out")
    scores = results.runs.rename(columns={"test_accuracy": "score"})[["arm", "seed", "score"]]
    rule = Rule(0.01, unit="fraction")
    against = dict.fromkeys((BIG, EDGE, DULL), "baseline")
    replayed = judge_looks(scores, against, rule, boundaries((3, 5, 8), 3, exponent=SPENDING), range(8)).groupby("arm").last()
    table = analyse(results).verdicts.set_index("arm")
    for arm in against:
        assert table.loc[arm, "verdict"] == replayed.loc[arm, "verdict"]
        assert table.loc[arm, "p_adjusted"] == replayed.loc[arm, "p_adjusted"]
    fixed = compare(scores, against, rule).set_index("arm")
    assert table.loc[BIG, "p_adjusted"] != fixed.loc[BIG, "p_adjusted"]
    assert table.loc[BIG, "verdict"] == "helps" and table.loc[BIG, "reason"].endswith("decided at interim analysis 1 of 3, 3 seeds")
    assert table.loc[EDGE, "reason"].endswith("undecided at interim analysis 3 of 3, 8 seeds")


@pytest.mark.parametrize("stop_after", [5, 12, 13, 17, 21])
def test_an_interrupted_study_decides_as_an_undisturbed_one(study, run, tmp_path, stop_after):
    run(study(), out="whole")
    with pytest.raises(KeyboardInterrupt):
        run(study(), stop_after=stop_after)
    partial = read(tmp_path / "out")
    kept = len(partial.runs)
    assert not partial.complete and progress(tmp_path / "out")["decided"] is False
    assert set(analyse(partial).verdicts["verdict"]) <= {"helps", "hurts", "no meaningful effect", "inconclusive", "no verdict"}
    again = run(study())
    assert len(again.ran) + kept == len(read(tmp_path / "out").runs), "nothing is paid for twice"
    assert timeless(tmp_path / "out") == timeless(tmp_path / "whole") and read(tmp_path / "out").complete


def test_running_again_takes_no_look_and_changes_nothing(study, run, tmp_path):
    run(study())
    before = timeless(tmp_path / "out"), analyse(read(tmp_path / "out")).verdicts
    pool = run(study())
    assert pool.ran == [] and pool.summary.reused == len(read(tmp_path / "out").runs)
    after = timeless(tmp_path / "out"), analyse(read(tmp_path / "out")).verdicts
    assert before[0] == after[0] and before[1].equals(after[1])


def test_a_look_that_was_taken_stands_when_a_failed_run_succeeds_later(study, run, tmp_path):
    run(study(), lambda fields, seed: None if (fields.get("model.dropout"), seed) == (0.1, 1) else SCORE(fields, seed))
    before = timeless(tmp_path / "out")
    pool = run(study())
    assert (0.1, 1) in pool.ran and timeless(tmp_path / "out") == before
    assert "of 3 planned seeds completed" in read(tmp_path / "out").interim[0].verdicts[0]["reason"]


def test_a_study_in_which_everything_fails_ends(study, run, tmp_path):
    pool = run(study(), lambda *_: None)
    results = read(tmp_path / "out")
    assert len(pool.ran) == 4 * 8 * MOST_LOSSES and not results.complete
    assert set(analyse(results).verdicts["verdict"]) == {"no verdict"} and answer(analyse(results))


def test_other_looks_at_the_same_seeds_are_refused_and_new_seeds_are_not(study, run):
    run(study())
    for text in (ADAPTIVE.replace("8]", "8, 12]"), ADAPTIVE.replace("margin = 0.01", "margin = 0.02")):
        with pytest.raises(InputError, match=r"study.toml: adaptive: seeds up to 7 .*first_seed = 8"):
            run(study(text))
    pool = run(study(ADAPTIVE.replace("8] }", "8, 12], first_seed = 8 }")))
    assert {seed for _, seed in pool.ran} <= set(range(8, 20)) and (0.0, 8) in pool.ran


def test_looks_cannot_be_declared_after_a_study_was_judged(study, run):
    run(study(HEAD + "seeds = 3\n" + ARMS))
    with pytest.raises(InputError, match="first_seed = 3"):
        run(study())


def test_a_plan_of_other_arms_is_not_held_up(study, run):
    run(study())
    pool = run(study(ADAPTIVE.replace("examples = 100", "examples = 200")))
    assert len(pool.ran) > 12


def test_the_next_look_is_a_pure_function_of_the_scores(study):
    whole = study()
    known = {run_id: 0.8 + 0.001 * seed + (0.1 + 0.0001 * seed * seed) * (arm == BIG) for (arm, seed), run_id in whole.cells.items()}
    table = judged(whole, known)
    assert dict(zip(table["arm"], table["verdict"])) == {BIG: "helps", EDGE: "inconclusive", DULL: "inconclusive"}, "ties are no proof"
    assert judged(whole, dict(reversed(known.items()))).equals(table)
    late = {run_id: 1.0 - score for run_id, score in known.items() if run_id in {whole.cells[cell] for cell in whole.cells if cell[1] > 2}}
    assert judged(whole, known | late).equals(table), "no look uses a seed that is not its own"


def test_a_reference_of_its_own_runs_as_long_as_its_arms_are_open(study):
    arms = """[[arms]]
name = "a"
technique = "dropout"
rate = 0.1
[[arms]]
name = "b"
techniques = [{ technique = "dropout", rate = 0.1 }, { technique = "l2", strength = 0.1 }]
reference = "a"
"""
    text = HEAD + "adaptive = { looks = [2, 4] }\n" + arms
    whole = study(text)
    row = {"arm": "b", "verdict": "inconclusive"}
    taken = [InterimAnalysis((), (0, 1), verdicts=({"arm": "a", "verdict": "helps"}, row))]
    later = {cell for cell in interim.cells_up_to(whole, taken, whole.study.looks) if cell[1] > 1}
    assert later == {("a", 2), ("a", 3), ("b", 2), ("b", 3)}
    assert interim.undecided_arms(whole, [*taken, InterimAnalysis((), (0, 1, 2, 3), verdicts=(row,))]) == {}


def test_an_extended_study_is_judged_on_its_new_seeds(study, run, tmp_path):
    text = HEAD + "seeds = 5\n" + ARMS
    run(study(text))
    first = analyse(read(tmp_path / "out")).verdicts
    run(study(text, "seeds=13"))
    results = read(tmp_path / "out")
    scores = results.runs.rename(columns={"test_accuracy": "score"})[["arm", "seed", "score"]]
    alone = compare(scores[scores.seed > 4], dict.fromkeys((BIG, EDGE, DULL), "baseline"), Rule(0.01, unit="fraction")).set_index("arm")
    table = analyse(results).verdicts.set_index("arm")
    assert table["p"].to_dict() == alone["p"].to_dict() and set(table["n"]) == {8} and set(table["planned"]) == {8}
    assert table["reason"].str.endswith("judged on the 8 new seeds; 5 earlier ones were its pilot").all()
    assert any("8 new seeds" in note and "5 earlier ones" in note for note in notes(analyse(results)))
    assert set(analyse(results).pairs["seed"]) == set(range(5, 13))
    run(study(text, "seeds=13"))
    assert analyse(read(tmp_path / "out")).verdicts.set_index("arm").equals(table), "rendering again changes nothing"
    run(study(text))
    assert analyse(read(tmp_path / "out")).verdicts.equals(first), "and so does going back"
    assert [len(look.seeds) for look in read(tmp_path / "out").interim] == [5, 13]


def test_an_interrupted_study_was_not_looked_at(study, run, tmp_path):
    text = HEAD + "seeds = 5\n" + ARMS
    with pytest.raises(KeyboardInterrupt):
        run(study(text), stop_after=9)
    run(study(text, "seeds=8"))
    assert read(tmp_path / "out").pilot == () and [len(look.seeds) for look in read(tmp_path / "out").interim] == [8]


def test_a_study_without_a_score_was_not_looked_at(study, run, tmp_path):
    text = HEAD + "seeds = 3\n" + ARMS
    run(study(text), lambda *_: None)
    run(study(text, "seeds=5"))
    assert read(tmp_path / "out").pilot == () and set(analyse(read(tmp_path / "out")).verdicts["n"]) == {5}


def test_extending_one_arm_of_many_leaves_its_old_seeds_out(study, run, tmp_path):
    run(study(HEAD + "seeds = 4\n" + ARMS))
    run(study(HEAD + "seeds = 9\n" + ARMS.replace("[0.1, 0.2, 0.3]", "0.2")))
    assert read(tmp_path / "out").pilot == (0, 1, 2, 3)


def test_an_adaptive_study_that_is_extended_keeps_its_looked_at_seeds_out(study, run, tmp_path):
    run(study())
    run(study(HEAD + "seeds = 12\n" + ARMS))
    assert read(tmp_path / "out").pilot == tuple(range(8)) and set(analyse(read(tmp_path / "out")).verdicts["n"]) == {4}


def test_an_older_store_without_looks_is_read(study, run, tmp_path):
    run(study(HEAD + "seeds = 3\n" + ARMS))
    with sqlite3.connect(tmp_path / "out" / FILE) as connection:
        connection.execute("DROP TABLE looks")
        connection.execute("ALTER TABLE records DROP COLUMN contents")
        for table in COLUMNS.keys() - {"looks"}:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN seal")
        connection.execute("UPDATE meta SET value = 1")
    assert read(tmp_path / "out").interim == () and set(analyse(read(tmp_path / "out")).verdicts["n"]) == {3}


def test_both_families_of_a_tuned_study_leave_a_pilot_out(study, tmp_path):
    text = HEAD + "seeds = 3\ntuning_seeds = 1\nnuisance = { batch_size = [16, 64] }\n" + ARMS

    def scores(recipe, seed):
        found = SCORE({"model.dropout": recipe.model.dropout}, seed)
        return found, found + (recipe.training.batch_size == 64)

    carry_out(study(text), tmp_path / "out", scores)
    assert read(tmp_path / "out").pilot == read(tmp_path / "out").tuning.results.pilot == ()
    carry_out(study(text, "seeds=7"), tmp_path / "out", scores)
    results = read(tmp_path / "out")
    for family in (results, results.tuning.results):
        assert family.pilot == (0, 1, 2) and set(analyse(family).verdicts["n"]) == {4} and family.complete
