"""The list of bad input, one by one from the command line: one sentence with file, row and column, exit code 2, and never a traceback."""

from __future__ import annotations

import csv
import io
import sqlite3
import sys
import tomllib

import numpy as np
import pandas as pd
import pytest

from dlbench.app.judge import Question, judge, save
from tests.calling import called

HOSTILE = (
    "=1+1", "<script>alert(1)</script>", "\x1b[31mred", "a\nb", "x" * 3000, r"$\input{/etc/passwd}$", "../../etc", "| a | b |", "'; DROP")
ROWS = [(arm, seed, 0.9 + gain + 0.001 * seed) for arm, gain in (("baseline", 0.0), ("new", 0.03)) for seed in range(5)]


def table(rows=ROWS, names=("arm", "seed", "acc")):
    return pd.DataFrame(rows, columns=list(names)).astype(object)


def changed(row, column, value):
    found = table()
    found.loc[row, column] = value
    return found


def judged(folder, found, *arguments):
    (folder / "results.csv").write_text(found.to_csv(index=False))
    return called(folder, "judge", "results.csv", "--margin", "0.01", "--out", "out", *arguments)


def pasted(text, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


BAD = {
    "a score column of text": (table().assign(acc="good"), ("--score", "acc"), "row 1: acc = 'good' is no number"),
    "percentages mixed": (changed(3, "acc", "93%"), ("--score", "acc"), "with a percent sign in row 4 and without in row 1"),
    "a run twice": (changed(1, "seed", 0), (), "rows 1 and 2: arm 'baseline', seed 0 stands there more than once"),
    "nan": (changed(2, "acc", "nan"), (), "row 3: acc is nan (1 run in all)"),
    "inf": (changed(2, "acc", "-inf"), (), "row 3: acc is -inf"),
    "an arm without a name": (changed(6, "arm", " "), (), "row 7: 'arm' is empty"),
    "one arm only": (table(ROWS[:5]), (), "there is one arm only, 'baseline'"),
    "one number an arm": (table([ROWS[0], ROWS[5]]), (), "every arm has one run, and one number says nothing"),
    "one number of the baseline": (table([ROWS[0], *ROWS[5:]]), (), "the baseline 'baseline' has one run"),
    "the baseline twice": (table(), ("--baseline", "baseline", "--against", "new"), "--baseline is named 2 times"),
    "two arms that are called so": (table([*ROWS, *[("control", *row[1:]) for row in ROWS[:5]]]), (), "--baseline with one of 'baseline'"),
    "a decimal comma": (changed(0, "acc", "0,9"), ("--score", "acc"), "row 1: acc = '0,9' is no number"),
    "another history": (table(), ("--history", "first"), "unknown history 'first'"),
    "examples that are not there": (table(), ("--arm", "arm", "--examples", "v/{arm}_{seed}.npy"), "No such file"),
    "labels alone": (table(), ("--labels", "x.npy"), "without --examples"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_tables_end_with_one_sentence_that_names_the_place(kind, tmp_path):
    found, arguments, words = BAD[kind]
    ended = judged(tmp_path, found, *arguments)
    assert ended.code == 2 and words in ended.err and len(ended.err.splitlines()) == 1 and not (tmp_path / "out").exists()


def test_seeds_in_names_alone_are_read_and_said(tmp_path):
    rows = [(f"{arm}_run_seed{seed}", score) for arm, seed, score in ROWS]
    ended = judged(tmp_path, table(rows, ("name", "acc")), "--baseline", "baseline_run")
    assert ended.code == 0 and "seed: from the arms' names, such as 'baseline_run_seed0'" in ended.err


@pytest.mark.slow
def test_a_hundred_thousand_rows(tmp_path):
    draw = np.random.default_rng(0)
    rows = [(rate, depth, seed, 0.5 + 0.01 * rate + draw.normal(0, 0.01))
            for rate in range(10) for depth in range(10) for seed in range(1000)]
    ended = judged(tmp_path, table(rows, ("rate", "depth", "seed", "score")), "--baseline", "rate=0,depth=0", "--json")
    assert ended.code == 0 and ended.out.count('"verdict": "helps"') == 90


def test_hostile_names_show_as_text_and_nothing_else(tmp_path):
    with (tmp_path / "r.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("arm", "seed", "acc"), *((name, seed, 0.5 + 0.01 * seed + 0.02 * place) for place, name in
                                                              enumerate(("baseline", *HOSTILE)) for seed in range(4))])
    found = judge(Question(tmp_path / "r.csv", 0.01), tmp_path / "out")
    save(found, ("html", "md", "tex", "csv"))
    page, text, paper = ((tmp_path / "out" / name).read_text() for name in ("index.html", "report.md", "paper.tex"))
    assert "<script>alert" not in page + text and "\x1b" not in page + text + paper and r"\input{" not in paper
    assert tomllib.loads((tmp_path / "out" / "judge.toml").read_text())["baseline"] == "baseline"
    assert len(judge(Question(tmp_path / "out" / "judge.toml")).result.verdicts) == len(HOSTILE)
    shown = called(tmp_path, "judge", "r.csv", "--margin", "0.01", "--out", "again").out.splitlines()
    assert len(shown) == len(HOSTILE) and max(map(len, shown)) < 400 and not any("\x1b" in line for line in shown)


def store(path, value="value"):
    with sqlite3.connect(path) as database:
        database.executescript(f"CREATE TABLE runs (run_uuid, name, lifecycle_stage); CREATE TABLE params (run_uuid, key, value);"
                               f"CREATE TABLE latest_metrics (key); CREATE TABLE metrics (run_uuid, key, {value}, step, timestamp);")
    database.close()


@pytest.mark.slow
def test_a_locked_database_and_a_store_of_a_newer_version(tmp_path):
    store(tmp_path / "mlflow.db")
    lock = sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    ended = called(tmp_path, "judge", "mlflow.db", "--margin", "0.01")
    lock.close()
    assert ended.code == 2 and "mlflow.db: database is locked; accepted:" in ended.err
    store(tmp_path / "new.db", "reading")
    ended = called(tmp_path, "judge", "new.db", "--margin", "0.01")
    assert ended.code == 2 and "new.db: no such column: value; accepted: an MLflow store (SQLite)" in ended.err


def test_a_pasted_table_is_kept_beside_its_report_and_runs_again(tmp_path, monkeypatch):
    text = table().to_csv(index=False, sep="\t")
    pasted(text, monkeypatch)
    ended = called(tmp_path, "judge", "-", "--margin", "0.01", "--format", "md")
    assert ended.code == 0 and "new: helps" in ended.out and (tmp_path / "judged" / "pasted" / "pasted.tsv").read_text() == text
    assert called(tmp_path, "judge", "judged/pasted/judge.toml", "--json").code == 0
    pasted(text, monkeypatch)
    assert '"helps"' in called(tmp_path, "judge", "-", "--margin", "0.01", "--json").out
    pasted("\n", monkeypatch)
    ended = called(tmp_path, "judge", "-", "--margin", "0.01")
    assert ended.code == 2 and "nothing stands on standard input" in ended.err


@pytest.mark.parametrize("text, words", [
    ("source = 5", "source = 5; accepted: the path"), ("source = 'r.csv'\narm = 'a'", "arm = 'a'; accepted: a list"),
    ("source = 'r.csv'\narm = [1]", "arm[0] = 1; accepted: a list"), ("source = 'r.csv'\nsurce = 1", "unknown key 'surce'"),
    ("source = 'r.csv'\npaired = 'yes'", "accepted: true or false"),
    ("source = 'r.csv'\npublished = [1]", "published[0] = 1; accepted: tables"),
    ("source = 'r.csv'\nmargin = true", "margin = True; accepted: a number, or a text"),
    ("margin = 1", "key 'source' is missing"), ("source = 'r.csv'\nsource = 'r.csv'", "judge.toml")])
def test_a_judge_toml_that_says_what_it_cannot(text, words, tmp_path):
    (tmp_path / "judge.toml").write_text(text)
    ended = called(tmp_path, "judge", "judge.toml")
    assert ended.code == 2 and words in ended.err


@pytest.mark.parametrize("published, words", [
    ({"mean": "high"}, "mean = 'high'; accepted: a finite number"),
    ({"mean": 0.9, "sd": "small"}, "sd = 'small'; accepted: a finite number"),
    ({"mean": 0.9, "n": 0.5}, "n = 0.5; accepted: a whole number"), ({"mean": 0.9, "sd": -1}, "sd = -1; accepted: .* 0 or more"),
    ({"mean": float("nan")}, "mean = nan"), ({"mean": True}, "mean = True"), ({"mean": 0.9, "std": 1}, "unknown key 'std'")])
def test_published_values_that_cannot_be_used(published, words, tmp_path):
    with pytest.raises(Exception, match=words):
        judge(Question(table(), 0.01, published=({"name": "new", **published},)))


def test_references_of_a_column_stay_when_the_file_runs_again(tmp_path):
    rows = [(arm, seed, score, "" if arm == "baseline" else "baseline") for arm, seed, score in ROWS]
    rows += [("newer", seed, 0.95 + 0.001 * seed, "new") for seed in range(5)]
    table(rows, ("arm", "seed", "acc", "reference")).to_csv(tmp_path / "runs.csv", index=False)
    found = judge(Question(tmp_path / "runs.csv", 0.01), tmp_path / "out")
    save(found, ("md",))
    again = judge(Question(tmp_path / "out" / "judge.toml"), tmp_path / "out")
    assert again.result.verdicts.set_index("arm")["reference"].to_dict() == {"new": "baseline", "newer": "new"}
    pd.testing.assert_frame_equal(again.result.verdicts, found.result.verdicts)


def test_histories_trials_and_examples_from_the_command_line(tmp_path):
    steps = table([(arm, seed, at, score + by) for arm, seed, score in ROWS for at, by in enumerate((-0.01, 0.02, 0.0, 0.0))],
                  ("arm", "seed", "at", "acc"))
    ended = judged(tmp_path, steps, "--step", "at", "--history", "best", "--format", "md")
    assert ended.code == 0 and "flatters: on average it lies 0.02 beyond" in ended.err
    ended = judged(tmp_path, table(), "--trials", "--format", "md")
    assert ended.code == 0 and "Expected best" in (tmp_path / "out" / "report.md").read_text()
    np.save(tmp_path / "labels.npy", np.zeros(1000, int))
    for arm, seed, score in ROWS:
        np.save(tmp_path / f"{arm}_{seed}.npy", np.arange(1000) >= round(1000 * score))
    ended = judged(tmp_path, table(), "--examples", "{arm}_{seed}.npy", "--labels", "labels.npy")
    assert ended.code == 0 and "1,000 test examples of each run are known: the verdicts are about new data" in ended.err


def test_columns_are_named_by_the_end_of_their_path_where_that_tells_them_apart(tmp_path):
    rows = [(rate, decay, seed, 0.9 + 0.1 * rate + 0.001 * seed) for rate in (0, 0.5) for decay in (1, 2) for seed in range(5)]
    found = table(rows, ("hparam:rate", "adam/decay", "config.seed", "val/acc"))
    ended = judged(tmp_path, found, "--arm-from", "rate,decay", "--seed-from", "seed", "--score", "acc", "--against", "rate=0,decay=1")
    assert ended.code == 0 and "hparam:rate=0.5, adam/decay=2: helps" in ended.out
    found["sgd/decay"] = 1
    ended = judged(tmp_path, found, "--arm", "rate,decay", "--baseline", "rate=0,decay=1")
    assert ended.code == 2 and "unknown column 'decay'" in ended.err
