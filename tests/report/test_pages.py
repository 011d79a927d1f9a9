"""Pages name the machine of each run, and say where training times are not compared."""

from dataclasses import replace

import pytest

from dlbench.analysis import analyse
from dlbench.report.answers import notes
from tests.analysis.test_hardware import ONE, TWO, on
from tests.report.conftest import build, page_of

pytestmark = pytest.mark.usefixtures("undrawn")


def test_every_run_names_its_machine():
    page = page_of(analyse(on(e0=ONE, e1=TWO)))
    assert page.count("<td>one CPU, 2 cores, 8 GiB</td>") == page.count("<td>another CPU, 64 cores, 8 GiB, 2 GPUs (A100)</td>") == 40


def test_machines_of_two_kinds_are_noted():
    assert any("2 kinds of machine" in note and "not compared" in note for note in notes(analyse(on(e0=ONE, e1=TWO))))
    assert not any("kinds of machine" in note for note in notes(analyse(on(e0=ONE, e1={**ONE, "keras": "3.16"}))))


def test_a_page_says_how_many_runs_were_made_for_which_other_study():
    made = build()
    first, second, third = made.runs.run_id[:3]
    taken = {first: {"study": "a<b", "folder": "/a"}, second: {"study": "a<b", "folder": "/x"},
             "no run of this study": {"study": "c", "folder": "/c"}, third: {"study": "mnist", "folder": "/mnist"}}
    sentence = "3 of these runs had been made on this machine before this study: 2 runs for 'a&lt;b' and 1 run for 'mnist'."
    assert sentence.replace("'", "&#39;") in page_of(analyse(replace(made, taken=taken)))
    assert "before this study" not in page_of(analyse(made))
