"""Figures that are drawn beforehand are those that are drawn when they are asked for."""

import os
import threading

import pandas as pd
import pytest

from dlbench.report import drawing
from dlbench.report.document import Figure
from dlbench.report.drawing import WORTH_A_PROCESS, draw_all


def _line(table, ax):
    ax.plot(table["y"])
    return ax


def _process(table, ax):
    ax.set_title(str(os.getpid()))
    return ax


def _fails(table, ax):
    raise ValueError("no such column")


def _figures(plot, count=2 * WORTH_A_PROCESS):
    return [Figure(f"f{number}", "", "", "", plot, (pd.DataFrame({"y": [0.0, number]}),), (2.0, 2.0)) for number in range(count)]


@pytest.fixture
def _two_processors(monkeypatch):
    monkeypatch.setattr(drawing, "_processors", lambda: 2)


@pytest.mark.usefixtures("_two_processors")
def test_drawn_beforehand_is_the_same_to_the_byte():
    beforehand = _figures(_line)
    draw_all(beforehand)
    assert all("svg" in vars(figure) for figure in beforehand)
    assert [figure.svg for figure in beforehand] == [figure.svg for figure in _figures(_line)]


@pytest.mark.usefixtures("_two_processors")
def test_other_processes_draw():
    draw_all(figures := _figures(_process))
    assert not any(f">{os.getpid()}<" in figure.svg for figure in figures)


@pytest.mark.usefixtures("_two_processors")
def test_what_cannot_be_drawn_beforehand_says_why_when_it_is_asked_for():
    draw_all(figures := [*_figures(_line), *_figures(_fails, 1)])
    assert ["svg" in vars(figure) for figure in figures] == [True] * (len(figures) - 1) + [False]
    with pytest.raises(ValueError, match="no such column"):
        figures[-1].svg  # noqa: B018  (it is drawn when it is asked for)


@pytest.mark.usefixtures("_two_processors")
def test_few_figures_are_no_reason_for_a_process():
    draw_all(figures := _figures(_line, WORTH_A_PROCESS))
    assert not any("svg" in vars(figure) for figure in figures)


def test_no_process_is_forked_beside_another_thread():
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert drawing._processors() == 1
    finally:
        ended.set()
        thread.join()
