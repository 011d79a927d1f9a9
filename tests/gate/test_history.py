"""A history of gates: its file and schema, levels per commit with their errors, and what small changes add up to."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from dlbench.gate.history import CaseEntry, Entry, add_entry, read_history, schema
from dlbench.gate.trend import trends
from dlbench.report.trend import render
from dlbench.values.errors import InputError

ROOT = Path(__file__).parents[2]
MACHINE = {"python": "3.11", "system": "Linux", "cpu": "Example", "cores": 2}
HALF = 0.01
"""Half an interval, on the log scale."""


def commit(number):
    return f"{number:040x}"


def entry(number, changes, base=None):
    cases = [CaseEntry(name=name, verdict="no change", ratio=math.exp(value), low=math.exp(value - HALF), high=math.exp(value + HALF))
             for name, value in changes.items()]
    return Entry(format=1, commit=commit(number), base=commit(number - 1 if base is None else base), date="2026-01-01T00:00:00+00:00",
                 machine=MACHINE, cases=cases)


def history(*changes, name="a"):
    return [entry(number, {name: value}) for number, value in enumerate(changes, 1)]


def test_four_small_changes_are_told_as_what_they_add_up_to():
    [trend] = trends(history(*[math.log(1.035)] * 4), None, 0.05)
    assert trend.beyond and round(100 * math.expm1(trend.total.change), 1) == 14.8 and trend.total.commits == 4
    assert trend.notable[0].startswith("a: +14.8 % in total over 4 commits (+12.5 to +17.0 %)")


def test_levels_are_chained_and_their_errors_add_up_in_squares():
    [trend] = trends(history(0.1, -0.05, 0.02), None, 0.05)
    assert np.allclose([level.change for level in trend.levels], [0, 0.1, 0.05, 0.07])
    assert np.allclose([level.error for level in trend.levels], [HALF / 2 * math.sqrt(n) for n in range(4)], atol=1e-6)


def test_measurements_of_the_same_commits_are_pooled():
    twice = [*history(0.1), *history(0.2)]
    [trend] = trends(twice, None, 0.05)
    assert trend.levels[-1].change == pytest.approx(0.15) and trend.levels[-1].error == pytest.approx(HALF / 2 / math.sqrt(2))


def test_a_run_of_slow_commits_among_others_is_a_drift_and_steady_ones_are_none():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.005, 40)
    noise[20:26] += math.log(1.035)
    slower, steady = trends([entry(n, {"a": value, "b": other}) for n, (value, other) in
                             enumerate(zip(noise, rng.normal(0, 0.005, 40)), 1)], None, 0.05)
    assert slower.name == "a" and not steady.notable
    [drift] = slower.drifts
    assert (drift.since, drift.until, drift.commits) == (commit(20), commit(26), 6) and 0.17 < drift.change < 0.24


def test_the_main_line_alone_counts_in_its_order():
    side = entry(9, {"a": 1.0}, base=1)
    entries = [*history(0.1, 0.2)[::-1], side]
    [trend] = trends(entries, [commit(n) for n in range(3)], 0.05)
    assert [level.commit for level in trend.levels] == [commit(0), commit(1), commit(2)]
    assert trend.total.change == pytest.approx(0.3)


def test_a_gap_begins_a_new_chain_and_says_so():
    entries = [*history(0.3), entry(5, {"a": 0.0}, base=4), entry(6, {"a": 0.01})]
    [trend] = trends(entries, None, 0.05)
    assert trend.chains == 2 and [level.commit for level in trend.levels] == [commit(4), commit(5), commit(6)] and not trend.beyond
    assert "has gaps" in render([trend], 0.05, "history.jsonl")


def test_the_file_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "deep" / "history.jsonl"
    for line in history(0.1, 0.2):
        add_entry(path, line)
    assert read_history(path) == history(0.1, 0.2) and read_history(tmp_path / "none") == []


@pytest.mark.parametrize("line, words", [
    ("{", "line 2: no JSON"), ("[]", "line 2: list"), ('{"format": 2}', "format"), ('{"cases": [{"name": "a"}]}', "cases[0]"),
    ('{"formt": 1}', "formt"),
])
def test_a_wrong_line_is_told_with_its_place(line, words, tmp_path):
    path = tmp_path / "history.jsonl"
    add_entry(path, *history(0.1))
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InputError) as told:
        read_history(path)
    assert words in str(told.value) and "history.jsonl" in str(told.value) and "\n" not in str(told.value)


def test_the_published_schema_is_that_of_the_lines():
    published = json.loads((ROOT / "docs" / "gate-history.schema.json").read_text())
    assert published == schema(), "python -m dlbench.gate.history > docs/gate-history.schema.json"
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(json.loads(history(0.1)[0].model_dump_json()), published)


def test_the_page_asks_nothing_of_the_network_and_names_what_changed():
    found = trends([entry(n, {"tests::slow<b>": 0.04, "tests::steady": 0.0}) for n in range(1, 6)], None, 0.05)
    page = render(found, 0.05, "history.jsonl")
    assert "1 case of 2 changed by more than 5 % in total" in page and "+22.1" in page and "slow&lt;b&gt;" in page
    assert not re.search(r"""(src|href)=["']?(http|//)|url\(["']?(http|//)|@import""", page)


def test_a_history_of_nothing_is_a_page_too():
    assert "no commit of the main line yet" in render([], 0.05, "history.jsonl")
