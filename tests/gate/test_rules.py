"""What ``.dlbench-gate.toml`` does to limits and verdicts."""

from __future__ import annotations

import math
from datetime import date

import pytest

from dlbench.gate.pairs import Pair
from dlbench.gate.rows import Row
from dlbench.gate.rules import FILE, rules_of
from dlbench.values.errors import InputError

TODAY = date(2026, 6, 1)
ACCEPT = '[[accept]]\ncases = "a*"\nreason = "It checks more."\nuntil = {until}\nup_to = {up_to}\n'


def slower(name, share, verdict="regression", head_s=0.03):
    return Row(name, verdict, confirmed=[Pair((0, 0), math.log1p(share), 0.02, head_s, 0.0)] * 18)


def settled(tmp_path, text, *rows):
    (tmp_path / FILE).write_text(text)
    rules_of(tmp_path).settle(rows, TODAY)
    return rows


def test_a_slowdown_is_accepted_with_its_reason_until_its_day_and_up_to_its_size(tmp_path):
    text = ACCEPT.format(until="2026-06-01", up_to=0.3)
    within, beyond, other, crashed = settled(tmp_path, text, slower("a1", 0.2), slower("a2", 0.4), slower("b", 0.2),
                                             slower("a3", 0.2, "crashed"))
    assert within.verdict == "accepted" and within.reason == "until 2026-06-01: It checks more."
    assert (beyond.verdict, other.verdict, crashed.verdict) == ("regression", "regression", "crashed")
    assert "up to 30 % is accepted" in beyond.notes[0]
    [expired] = settled(tmp_path, ACCEPT.format(until="2026-05-31", up_to=0.3), slower("a1", 0.2))
    assert expired.verdict == "regression" and "was accepted until 2026-05-31" in expired.notes[0]


def test_a_ceiling_holds_whatever_the_base_took_and_needs_every_measurement_above_it(tmp_path):
    over = slower("a", 0.0, "no change", head_s=0.03)
    once = slower("b", 0.0, "no change", head_s=0.03)
    once.confirmed.append(Pair((0, 0), 0.0, 0.02, 0.019, 0.0))
    settled(tmp_path, '[[ceiling]]\ncases = "*"\nseconds = 0.02\n', over, once)
    assert (over.verdict, once.verdict) == ("over ceiling", "no change") and "above 0.02 s" in over.reason


def test_a_quiet_case_never_fails_for_its_time_but_for_a_crash(tmp_path):
    rows = settled(tmp_path, '[[quiet]]\ncases = "*"\nreason = "A server."\n', slower("a", 0.5), slower("b", 0.5, "crashed"))
    assert [row.verdict for row in rows] == ["accepted", "crashed"] and rows[0].reason == "regression, but quiet: A server."


def test_limits_are_of_the_first_table_that_matches(tmp_path):
    (tmp_path / FILE).write_text('[[limit]]\ncases = "a[*]"\nmin_effect = 0.5\n[[limit]]\ncases = "*"\nmin_effect = 0.1\n'
                                 '[[limit]]\ncases = "nobody"\nmin_effect = 0.1\n')
    rules, rows = rules_of(tmp_path), [Row("a[1]"), Row("ab")]
    rules.set_limits(rows)
    assert [row.min_effect for row in rows] == [0.5, 0.1]
    assert rules.unused(["a[1]", "ab"]) == [f"{FILE}: limit[2]: no case is called 'nobody'"]


@pytest.mark.parametrize("text, words", [
    ("[[limits]]", ["unknown key 'limits'", "did you mean 'limit'"]),
    ('[[limit]]\ncases = "a"', ["limit[0]: key 'min_effect' is missing", "0.1 for 10 %"]),
    ('[[limit]]\ncases = "a"\nmin_effect = 0.0', ["min_effect = 0.0", "a share"]),
    ('[[accept]]\ncases = "a"\nreason = "r"\nup_to = 0.1\nuntil = "soon"', ["until = 'soon'", "such as 2030-12-31"]),
    ('[[accept]]\ncases = "a"\nreason = ""\nup_to = 0.1\nuntil = 2030-01-01', ["reason = ''", "a sentence"]),
    ('[[ceiling]]\ncases = ""\nseconds = 1.0', ["cases = ''", "* stands for any text"]),
    ("limit = 3", ["limit = 3", "tables [[limit]]"]), ("= 1", ["not valid TOML"]),
])
def test_a_wrong_file_is_refused_by_file_and_key(tmp_path, text, words):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(InputError) as refused:
        rules_of(tmp_path)
    assert str(refused.value).startswith(FILE) and all(word in str(refused.value) for word in words), refused.value
