"""``dlbench compare`` as a user calls it."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest

from dlbench.store.schema import reseal


@pytest.fixture
def second(results, tmp_path):
    """The same results in another folder."""
    return shutil.copytree(results, tmp_path / "second")


def edit(folder, statement):
    with sqlite3.connect(folder / "results.sqlite") as connection:
        connection.execute(statement)
        for table in ("records", "timings", "studies", "environments"):
            reseal(connection, table)


WORSE = """UPDATE records SET scores = json_set(scores, '$.test_accuracy',
                                               json_extract(scores, '$.test_accuracy') - 0.03 - 0.001 * (seed % 2))"""
TIMED = """INSERT INTO timings (recipe, reference, environment, round, step_ms, inference_ms, reference_step_ms, reference_inference_ms)
           SELECT json_extract(arms, '$[0].recipe_id'), json_extract(arms, '$[0].recipe_id'), 'here', 0, 1, 1, 1, 1
           FROM studies"""


def test_equal_results_have_no_meaningful_effect(call, results, second):
    ended = call("compare", results, second)
    assert ended.code == 0 and ended.out.count("no meaningful effect") == 4 and ended.err == ""
    rows = json.loads(call("compare", results, second, "--json").out)["arms"]
    assert [row["arm"] for row in rows] == ["baseline", "dropout rate=0.2", "dropout rate=0.5", "l2 strength=0.01"]
    assert [row["n"] for row in rows] == [4, 4, 4, 3] and {row["difference"] for row in rows} == {0}


def test_a_loss_fails_where_it_is_asked_to(call, results, second):
    edit(second, WORSE)
    assert call("compare", results, second).code == 0
    ended = call("compare", results, second, "--fail-on", "hurts")
    assert ended.code == 1 and ended.err.startswith("--fail-on hurts: baseline, dropout rate=0.2")
    assert call("compare", second, results, "--fail-on", "hurts").code == 0, "the other way round it helps"


def test_nothing_in_common_ends_with_4(call, results, second):
    edit(second, "DELETE FROM records")
    ended = call("compare", results, second)
    assert ended.code == 4 and "nothing to compare" in ended.err


def test_times_of_two_machines_end_with_4_and_a_loss_goes_before_it(call, results, second):
    for folder, cpu in ((results, "one"), (second, "two")):
        edit(folder, f"UPDATE environments SET facts = '{{\"cpu\": \"{cpu}\"}}'")
        edit(folder, TIMED)
    ended = call("compare", results, second)
    assert ended.code == 4 and "different machines (cpu)" in " ".join(ended.out.split()) and "cpu" in ended.err
    edit(second, WORSE)
    assert call("compare", results, second, "--fail-on", "hurts").code == 1


@pytest.mark.parametrize("other, words", [("study.toml", "a file and a folder"), ("nowhere", "no results here"),
                                          (".", "no results here")])
def test_what_is_no_results_folder_is_refused(other, words, call, results):
    ended = call("compare", results, other)
    assert ended.code == 2 and words in ended.err and ended.err.count("\n") == 1 and ended.out == ""


def test_a_folder_is_not_compared_with_itself(call, results):
    assert call("compare", results, results).code == 2


def stored(path, **times):
    rows = [{"fullname": name, "group": "calibration" if name.startswith("fixed") else None, "stats": {"median": seconds}}
            for name, seconds in {"fixed_a": 1.0, "fixed_b": 1.0, "fixed_c": 1.0, "fixed_d": 1.0, **times}.items()]
    path.write_text(json.dumps({"benchmarks": rows}))
    return path


def test_two_benchmark_files_end_with_1_where_a_case_is_slower(call, tmp_path):
    old, new = stored(tmp_path / "old.json", case=1.0), stored(tmp_path / "new.json", case=1.1)
    ended = call("compare", old, new)
    assert ended.code == 1 and "slower" in ended.out and "weaker" in ended.out and ended.err == ""
    assert call("compare", new, old).code == 0 and call("compare", old, new, "--min-effect", "20%").code == 0
    assert json.loads(call("compare", old, new, "--json").out)["cases"][0]["ratio"] == pytest.approx(1.1)


def test_a_case_that_cannot_be_compared_is_named_beside_the_verdicts_of_the_others(call, tmp_path):
    old, new = stored(tmp_path / "old.json", case=1.0, odd=1.0), stored(tmp_path / "new.json", case=1.0, odd=0)
    ended = call("compare", old, new)
    assert ended.code == 0 and "odd: not comparable, in the new file stats.median is 0" in ended.out and "no change" in ended.out


def test_benchmark_files_without_calibration_cannot_be_compared(call, tmp_path):
    for name in ("old.json", "new.json"):
        (tmp_path / name).write_text('{"benchmarks": [{"fullname": "case", "stats": {"median": 1.0}}]}')
    ended = call("compare", "old.json", "new.json")
    assert ended.code == 4 and "calibration" in ended.err and ended.out == ""


@pytest.mark.parametrize("options, words", [(("old.json", "results"), "a file and a folder"),
                                            (("old.json", "old.json"), "one and the same"),
                                            (("old.json", "new.json", "--fail-on", "hurts"), "--fail-on"),
                                            (("results", "second", "--min-effect", "5%"), "--min-effect")])
def test_options_and_sides_of_one_kind_do_not_mix(options, words, call, tmp_path):
    for name in ("old.json", "new.json"):
        stored(tmp_path / name, case=1.0)
    for folder in ("results", "second"):
        (tmp_path / folder).mkdir()
    ended = call("compare", *options)
    assert ended.code == 2 and words in ended.err and ended.err.count("\n") == 1
