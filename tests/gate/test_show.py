"""What a result says: within 80 columns, and as a comment that no name can break."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dlbench.gate.measure import Result
from dlbench.gate.pairs import Pair
from dlbench.gate.rows import VERDICTS, Row
from dlbench.gate.schedule import Settings
from dlbench.gate.show import markdown, table


def row(name, verdict, log_ratio=0.0, **more):
    pairs = [Pair((0, 0), log_ratio, 1e-3, 1.1e-3, 0.0)] * 18
    measured = verdict in ("regression", "faster", "no change", "undecided")
    return Row(name, verdict, confirmed=pairs if measured else [], low=log_ratio - 0.012, high=log_ratio + 0.012, **more)


def result(*rows):
    return Result("main (0123456)", "this tree", rows, Settings(), (3.0, 60.0))


ALL = result(*(row(f"kernel-{verdict}[224x224x3-float32-batch128]", verdict, 0.1, reason="because of that " * 8) for verdict in VERDICTS))


def test_the_table_fits_80_columns_and_names_every_verdict():
    text = table(ALL)
    assert max(map(len, text.splitlines())) <= 80
    assert all(verdict in text for verdict in VERDICTS)


@pytest.mark.parametrize("verdicts, code, words", [
    (["no change", "no change"], 0, "no regression in 2 cases"), (["no change", "undecided"], 0, "1 undecided"),
    (["regression", "no change"], 1, "FAILED: 1 regression, of 2 cases"), (["crashed", "no change"], 1, "FAILED: 1 crashed, of 2 cases"),
    (["wrong output"], 1, "FAILED"), (["undecided"], 0, "1 undecided"), (["appeared", "vanished"], 4, "nothing measured"),
    (["not run"], 4, "nothing measured"), ([], 4, "nothing measured"), (["faster", "appeared"], 0, "no regression in 1 case"),
])
def test_the_exit_code_is_that_of_the_worst(verdicts, code, words):
    found = result(*(row(verdict, verdict) for verdict in verdicts))
    assert found.code == code and words in found.headline


def test_a_comment_has_the_loud_cases_in_sight_and_the_quiet_ones_folded():
    text = markdown(ALL)
    seen, folded = text.split("<details>")
    assert "**regression**" in seen and "**crashed**" in seen and "| no change |" in folded and "| no change |" not in seen


def test_no_name_breaks_the_comment():
    text = markdown(result(row("a|b`c<script>", "regression", 0.2, reason="x | y <b>")))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") == 7 for line in lines) and "<b>" not in text


def test_everything_is_json_without_nan():
    assert json.loads(json.dumps(ALL.as_json(), allow_nan=False))["exit_code"] == 1


@pytest.mark.parametrize("verdict", ["undecided", "suspected"])
def test_open_cases_fail_the_gate_where_that_is_asked_for(verdict):
    open_ = result(row("a", "no change"), replace(row("b", "undecided"), verdict=verdict))
    codes = {policy: replace(open_, settings=Settings(undecided=policy)).code for policy in ("fail", "warn", "pass")}
    assert codes == {"fail": 1, "warn": 0, "pass": 0} and verdict in open_.headline
    passed = replace(open_, settings=Settings(undecided="pass"))
    assert passed.headline == "no regression in 1 case" and verdict in table(passed)


def test_a_comment_is_never_too_long_and_says_what_it_leaves_out():
    names = [f"tests/test_{number}.py::test_{'long' * 20}[{number}]" for number in range(900)]
    rows = [row(name, "undecided", reason="because of that " * 8) for name in names]
    text = markdown(result(*rows))
    assert len(text.encode()) <= 60_000 and "more cases are in `gate.json`" in text
