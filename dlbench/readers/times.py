"""Times of benchmarks: what pytest-benchmark and asv save. An arm is a benchmark, a row a round."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.readers.tables import json_value
from dlbench.trackers.runs import RunTable
from dlbench.values.errors import InputError


def pytest_benchmark(path: Path) -> RunTable:
    """Read a file of ``pytest --benchmark-json``: every round where ``--benchmark-save-data`` kept it, else the mean of each benchmark."""
    whole = json_value(path)
    try:
        benchmarks = whole["benchmarks"]
        rows = [{"benchmark": one["fullname"], "round": number, "seconds": seconds} for one in benchmarks
                for number, seconds in enumerate(one["stats"].get("data") or [one["stats"]["mean"]])]
    except (KeyError, TypeError) as error:
        raise InputError(f"{path.name}: {error} is missing; accepted: a file of pytest --benchmark-json") from None
    single = not any(one["stats"].get("data") for one in benchmarks)
    note = "the rounds were not kept (--benchmark-save-data), so each benchmark has its mean alone"
    return RunTable(pd.DataFrame(rows), (note,) if single else ())


def asv(path: Path) -> RunTable:
    """Read a result of asv, or a folder of them: the samples of each benchmark, by commit."""
    there = [path] if path.is_file() else sorted(path.rglob("*.json"))
    files = [file for file in there if file.name not in ("benchmarks.json", "machine.json")]
    rows = [row for file in files for row in _asv_rows(file)]
    return RunTable(pd.DataFrame(rows))


def _asv_rows(file: Path) -> list[dict[str, Any]]:
    whole = json_value(file)
    try:
        columns, commit = whole["result_columns"], str(whole["commit_hash"])[:8]
        rows: list[dict[str, Any]] = []
        for name, values in whole["results"].items():
            known = dict(zip(columns, values))
            samples = known.get("samples") or [[value] for value in known["result"] or []]
            rows += [{"benchmark": name, "parameters": str(place), "commit": commit, "round": number, "seconds": seconds}
                     for place, every in enumerate(samples) for number, seconds in enumerate(every or []) if seconds is not None]
        return rows
    except (KeyError, TypeError) as error:
        raise InputError(f"{file.name}: {error}: accepted: a result of asv of version 2") from None
