"""Starts the engine as soon as a study is planned, so that it and this process import what they need at the same time."""

from __future__ import annotations

from pathlib import Path

from dlbench.engines.protocol import engine_named
from dlbench.execution.backends.local import start_server
from dlbench.store.database import holds_results
from dlbench.study import Plan


def start_engine(plan: Plan, folder: Path, backend: str, fresh: bool) -> None:
    """Start what a plan's workers come from, unless they are elsewhere, or its results folder may need none.

    Args:
        plan: that will be carried out.
        folder: of its results.
        backend: who runs the workers.
        fresh: whether earlier results are set aside.

    Raises:
        InputError: the engine needs what is not installed.
    """
    if backend == "local" and (fresh or not holds_results(folder)):
        start_server(engine_named(plan.study.engine))
