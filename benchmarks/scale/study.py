"""A study of any number of runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dlbench.study import Plan, load, plan

ENGINE = "benchmarks.scale.engine:ENGINE"
SHAPES = {100: (10, 10), 1_000: (40, 25), 10_000: (125, 80), 100_000: (500, 200)}
"""Runs -> arms (the baseline among them) and seeds."""


def shape(runs: int) -> tuple[int, int]:
    """Arms and seeds of a study of so many runs: a known shape, else 100 seeds."""
    return SHAPES.get(runs, (max(-(-runs // 100), 2), 100))


def planned(runs: int, folder: Path) -> Plan:
    """The plan of a study that sweeps one strength; its file is written into ``folder``."""
    arms, seeds = shape(runs)
    strengths = [round(1e-5 * place, 8) for place in range(1, arms)]
    path = folder / f"scale{runs}.toml"
    path.write_text(f'question = "What does a run cost beside its training?"\nmargin = 0.005\nseeds = {seeds}\n'
                    f'[[arms]]\ntechnique = "l2"\nstrength = {strengths}\n', encoding="utf-8")
    return plan(replace(load(str(path)), engine=ENGINE))
