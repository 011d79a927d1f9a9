"""The report: what was measured, how it grows, and what ten million runs would take."""

from __future__ import annotations

import math
from itertools import pairwise

import pandas as pd

MIB, GIB = 2**20, 2**30
TARGET = 10_000_000
MOST_EXPONENT = 1.05
"""A cost that grows as runs to this power or less is called linear; the fixed cost of a start pulls it down, noise up."""
SHORT_S = 1.0
GOAL_S, GOAL_BYTES = 60, 10**9
"""Of the report at 100,000 runs."""


def document(table: pd.DataFrame, facts: dict[str, str], memory_bytes: int) -> str:
    """Markdown of the measurement.

    Args:
        table: from :func:`benchmarks.scale.measure.measure`.
        facts: what it was measured with and on, name -> text.
        memory_bytes: of the machine.
    """
    return "\n".join([
        "# What a run costs beside its training", "",
        *(f"{name}: {text}  " for name, text in facts.items()), "",
        "Every run goes through the plan, the queue, a worker process and the store as a real one does; the worker trains zero steps and"
        " answers at once with a record as large as that of 20 epochs on the digits. Driver: processor time of the process that plans,"
        " assigns and writes. Wall: driver and two workers together. Peak: largest resident memory of one process.", "",
        *_table(table), "", *_growth(table), *_goal(table), *_estimate(table, memory_bytes)]) + "\n"


def _table(table: pd.DataFrame) -> list[str]:
    headers = ("runs", "arms", "planning, s", "driver, ms/run", "wall, ms/run", "driver's peak, MiB", "store, KiB/run",
               "report, s", "report's processor, s", "report's peak, MiB")
    rows = [(f"{row.runs:,}", f"{row.arms}", f"{row.plan_s:.2f}", f"{1000 * row.driver_s / row.runs:.2f}",
             f"{1000 * row.wall_s / row.runs:.2f}", f"{row.peak_bytes / MIB:.0f}", f"{row.store_bytes / row.runs / 1024:.2f}",
             f"{row.report_s:.1f}", f"{row.report_cpu_s:.1f}", f"{row.report_peak_bytes / MIB:.0f}") for row in table.itertuples()]
    return ["| " + " | ".join(cells) + " |" for cells in (headers, ["---"] * len(headers), *rows)]


COSTS = {"plan_s": "planning", "driver_s": "driver time", "peak_bytes": "driver's peak memory", "store_bytes": "store",
         "report_cpu_s": "report's processor time", "report_peak_bytes": "report's peak memory"}


def _growth(table: pd.DataFrame) -> list[str]:
    """The power of the number of runs that each cost grows with, between one size and the next."""
    found = {words: [math.log(after[name] / before[name]) / math.log(after["runs"] / before["runs"])
                     for before, after in pairwise(table.to_dict("records"))] for name, words in COSTS.items()}
    if not all(found.values()):
        return []
    last = table.sort_values("runs").iloc[-1]
    judged = [name for name in COSTS if not name.endswith("_s") or last[name] >= SHORT_S]
    worst = max(found[COSTS[name]][-1] for name in judged)
    lines = [f"- {words}: {', '.join(f'{value:.2f}' for value in exponents)}" for words, exponents in found.items()]
    met = "Met" if worst <= MOST_EXPONENT else "NOT MET"
    return ["## Growth", "", "Exponent of each cost in the number of runs, from one size to the next; 1 is linear:", "", *lines, "",
            f"**{met}**: no worse than linear (exponent at most {MOST_EXPONENT} at the largest size; seen: {worst:.2f}). What takes less"
            f" than {SHORT_S:g} s at the largest size is too short to be judged.", ""]


def _goal(table: pd.DataFrame) -> list[str]:
    found = table[table["runs"] == 100_000]
    if not len(found):
        return []
    row = found.iloc[0]
    met = "Met" if row.report_s < GOAL_S and row.report_peak_bytes < GOAL_BYTES else "NOT MET"
    return [f"**{met}**: the report over 100,000 records takes under {GOAL_S} s and under 1 GB (seen: {row.report_s:.0f} s,"
            f" of them {row.report_cpu_s:.0f} s of processor time, and {row.report_peak_bytes / 1e9:.2f} GB).", ""]


def marginal(table: pd.DataFrame, name: str) -> tuple[float, float]:
    """A cost as ``fixed + each * runs``, through the two largest sizes."""
    before, after = (table.sort_values("runs").iloc[place] for place in (-2, -1))
    each = (after[name] - before[name]) / (after["runs"] - before["runs"])
    return after[name] - each * after["runs"], each


def _estimate(table: pd.DataFrame, memory_bytes: int) -> list[str]:
    if len(table) < 2:
        return []
    costs = {}
    for name in COSTS:
        fixed, each = marginal(table, name)
        costs[name] = fixed + each * TARGET
    rate = 1 / marginal(table, "driver_s")[1]
    hungry = max(("peak_bytes", "report_peak_bytes"), key=costs.__getitem__)
    fixed, each = marginal(table, hungry)
    fits = (memory_bytes - fixed) / each
    return [
        "## Ten million runs, extrapolated from the two largest sizes", "",
        f"- planning: {costs['plan_s'] / 60:.0f} min; driver: {costs['driver_s'] / 3600:.1f} h of processor time in all;"
        f" report: {costs['report_cpu_s'] / 60:.0f} min",
        f"- memory: driver {costs['peak_bytes'] / GIB:.0f} GiB, report {costs['report_peak_bytes'] / GIB:.0f} GiB"
        f" (this machine has {memory_bytes / GIB:.0f} GiB)",
        f"- store: {costs['store_bytes'] / GIB:.0f} GiB", "",
        f"The first limit is {'memory' if fits < TARGET else 'the rate of one driver'}: {COSTS[hungry]} grows by"
        f" {each / 1024:.1f} KiB a run, so this machine holds about {fits / 1e6:.1f} million runs of one study. Next comes the rate"
        f" of the one process that writes: {rate:.0f} runs a second. Runs that take 10 s each keep it busy from {10 * rate:,.0f} workers"
        " on; beyond that, `--shard` has several drivers write stores of their own.", ""]
