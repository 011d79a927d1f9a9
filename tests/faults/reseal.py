"""Stores that lie under valid seals: values of any kind in the place of good ones, sealed anew, as nobody but a hostile program would."""

import json
import random
import sqlite3
from contextlib import closing

from dlbench.store.schema import COLUMNS, contents, reseal

HOSTILE = (None, True, False, -1, 0, 1, 2**63 - 1, 2**64, -1e308, 0.5, float("nan"), float("inf"), "", "x", "null", "1", "é\u202e\x1b[2J",
           "y" * 3000, [], {}, [[]], [None], {"": None}, {"a": {"b": [1]}}, [10_000_000_000, 10], "2026-13-45T99:99", "digits", "test_loss",
           "done", "diverged", "baseline", "object", "float128", "O")
JSON = {"studies": ("facts", "arms"), "records": ("recipe", "scores", "curves", "cost", "controls"), "environments": ("facts",),
        "looks": ("look",), "arrays": ("shape",)}
"""Table -> its columns that hold JSON."""


def places(value, path=()):
    """The paths of everything in a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, key))


def changed(value, path, draws):
    """A JSON value with something else at a path, or without what is there, or with it twice."""
    if not path:
        return draws.choice(HOSTILE)
    (*way, last), inner = path, (copy := json.loads(json.dumps(value)))
    for key in way:
        inner = inner[key]
    how = draws.randrange(6)
    if how == 0:
        del inner[last]
    elif how == 1 and isinstance(inner, list):
        inner.append(inner[last])
    elif how == 2 and isinstance(inner, dict):
        inner[str(draws.choice(HOSTILE))] = inner.pop(last)
    else:
        inner[last] = draws.choice(HOSTILE)
    return copy


def spoil(path, draws):
    """Change one to three values of a store's file, and seal everything anew."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for _ in range(draws.randint(1, 3)):
            _change(connection, draws)
        for table in COLUMNS.keys() - {"records"}:
            reseal(connection, table)
        for run_id, attempt in connection.execute("SELECT run_id, attempt FROM records").fetchall():
            connection.execute("UPDATE records SET contents = ? WHERE run_id = ? AND attempt = ?",
                               (contents(connection, run_id, attempt), run_id, attempt))
        reseal(connection, "records")


def _change(connection, draws):
    table = draws.choice(list(COLUMNS))
    column = draws.choice(COLUMNS[table])
    rows = [row for (row,) in connection.execute(f"SELECT rowid FROM {table}")]
    if not rows:
        return
    row = draws.choice(rows)
    if draws.random() < 0.05:
        connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
        return
    (old,) = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()
    if column in JSON.get(table, ()) and draws.random() < 0.9:
        try:
            value = json.loads(old)
            new = json.dumps(changed(value, draws.choice(list(places(value))), draws))
        except (ValueError, TypeError, KeyError, IndexError):
            return  # an earlier change has left no JSON here
    else:
        new = draws.choice(HOSTILE)
        new = json.dumps(new) if isinstance(new, list | dict) else new
        new = float(new) if isinstance(new, int) and abs(new) >= 2**63 else "" if new is None else new
    connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = ?", (new, row))


def spoiled(good, path, number):
    """A good store's file, spoiled as a number says."""
    path.write_bytes(good)
    spoil(path, random.Random(number))
