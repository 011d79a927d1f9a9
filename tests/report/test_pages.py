"""Pages name the machine of each run, and say where training times are not compared."""

import pytest

from dlbench.analysis import analyse
from dlbench.report.answers import notes
from tests.analysis.test_hardware import ONE, TWO, on
from tests.report.conftest import page_of

pytestmark = pytest.mark.usefixtures("undrawn")


def test_every_run_names_its_machine():
    page = page_of(analyse(on(e0=ONE, e1=TWO)))
    assert page.count("<td>one CPU, 2 cores, 8 GiB</td>") == page.count("<td>another CPU, 64 cores, 8 GiB, 2 GPUs (A100)</td>") == 40


def test_machines_of_two_kinds_are_noted():
    assert any("2 kinds of machine" in note and "not compared" in note for note in notes(analyse(on(e0=ONE, e1=TWO))))
    assert not any("kinds of machine" in note for note in notes(analyse(on(e0=ONE, e1={**ONE, "keras": "3.16"}))))
