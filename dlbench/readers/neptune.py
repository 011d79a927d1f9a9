"""What Neptune's exporter leaves: Parquet files with a row a run, attribute and step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.trackers.runs import Curves, RunTable
from dlbench.values.errors import InputError
from dlbench.values.text import plural

SCALARS = {"float": "float_value", "int": "int_value", "string": "string_value", "bool": "bool_value"}
"""Type of an attribute -> the column that holds its value."""
NEEDED = ("run_id", "attribute_path", "attribute_type")
OWN = "sys/"
"""Begin of the attributes that the service kept for itself; of these the run's name is read."""
NAME = "sys/name"


def neptune(path: Path) -> RunTable:
    """Read a project's folder of exported runs, or one file of it: parameters, and the last value and history of each float series.

    Source: the Parquet schema in the README of https://github.com/neptune-ai/neptune-exporter.
    """
    files = [path] if path.is_file() else sorted(path.rglob("*.parquet"))
    whole = pd.concat([_records(file) for file in files], ignore_index=True)
    rows: list[dict[str, Any]] = []
    curves: Curves = {}
    for place, (run, records) in enumerate(whole.groupby("run_id", sort=False)):
        rows.append({"run_id": run} | _scalars(records))
        for name, series in records[records["attribute_type"] == "float_series"].groupby("attribute_path", sort=False):
            history = series.assign(step=pd.to_numeric(series["step"])).sort_values("step", kind="stable")["float_value"].dropna().tolist()
            if history:
                rows[-1][str(name)], curves.setdefault(str(name), {})[place] = history[-1], history
    left = sorted(set(whole["attribute_type"]) - {*SCALARS, "float_series"})
    notes = (f"attributes of {plural(len(left), 'other type')} are left out: {', '.join(left)}",) if left else ()
    return RunTable(pd.DataFrame(rows).astype(object), notes, curves)


def _scalars(records: pd.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for record in records.to_dict("records"):
        name, column = record["attribute_path"], SCALARS.get(record["attribute_type"])
        if column and (name == NAME or not name.startswith(OWN)):
            found[name] = record[column]
    return found


def _records(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_parquet(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: {str(error).splitlines()[0]}; accepted: a Parquet file") from None
    if missing := [name for name in NEEDED if name not in table]:
        raise InputError(f"{file}: column {missing[0]} is missing; accepted: files of neptune-exporter, or --reads parquet for a table")
    return table.reindex(columns=[*NEEDED, "step", *SCALARS.values()])
