"""Writes the arrays that every peer reads: dlbench's own split of a case's data, once, as one .npz file.

It also leaves the decoded data in dlbench's cache, so that no peer's time holds the decoding of the data.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.peers.cases import find
from dlbench.datasets import Places
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.resident import fetch
from dlbench.study import load, plan


def export(case: str, path: str, data_dir: str | None, cache_dir: str) -> None:
    """Write ``x_train, y_train, x_test, y_test`` (raw values), ``full_range`` and ``classes``."""
    data = plan(load(str(find(case).study))).study.baseline.data
    arrays = fetch(data, Places(None, data_dir), cache_dir)
    parts = split(arrays, data)
    np.savez(
        path, x_train=arrays.x[parts.train], y_train=arrays.y[parts.train], x_test=arrays.x[parts.test],
        y_test=arrays.y[parts.test], full_range=arrays.full_range, classes=arrays.classes,
    )


def main() -> None:
    """The command: ``python -m benchmarks.peers.export CASE FILE --cache-dir DIR [--data-dir DIR]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case")
    parser.add_argument("path")
    parser.add_argument("--data-dir")
    parser.add_argument("--cache-dir", required=True)
    options = parser.parse_args()
    export(options.case, options.path, options.data_dir, options.cache_dir)


if __name__ == "__main__":
    main()
