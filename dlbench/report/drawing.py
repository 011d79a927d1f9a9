"""Draws a report's figures on several processors at once, before its formats ask for them one after another."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

from dlbench.report.document import Figure

MOST_PROCESSES = 4
WORTH_A_PROCESS = 8
"""Figures that take longer to draw than a process takes to start."""

_figures: Sequence[Figure] = ()
"""Of a process that draws: those that its parent had when it was forked."""


def draw_all(figures: Iterable[Figure]) -> None:
    """Draw figures, so that the :attr:`~dlbench.report.document.Figure.svg` of each is there, the same to the byte.

    Where this process cannot be forked, or a process that was forked fails, nothing is drawn: a figure is drawn when it is asked for.

    Args:
        figures: of a report; those that are drawn already, or come twice, are left out.
    """
    waiting = sorted((figure for figure in dict.fromkeys(figures) if "svg" not in vars(figure)), key=lambda figure: -len(figure.tables))
    count = min(_processors(), MOST_PROCESSES, len(waiting) // WORTH_A_PROCESS)
    if count > 1:
        _draw_forked(waiting, count)


def _processors() -> int:
    """How many processors may draw: one where a fork would copy a process in the middle of what another thread does."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" and threading.active_count() == 1 else 1


def _draw_forked(waiting: Sequence[Figure], count: int) -> None:
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("fork"), _begin, (waiting,))
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)  # threads of numpy's, which rest
            drawn = [pool.submit(_svg, place) for place in range(len(waiting))]
        for figure, svg in zip(waiting, drawn):
            if svg.exception() is None:
                vars(figure)["svg"] = svg.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(figures: Sequence[Figure]) -> None:
    """Begin a process that draws; the parent, which a terminal interrupts too, ends it."""
    global _figures  # noqa: PLW0603  (it is this process' alone)
    gc.freeze()  # what the parent has is none of this process' garbage
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _figures = figures


def _svg(place: int) -> str:
    return _figures[place].svg
