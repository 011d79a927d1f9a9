"""Writes the data of a case: a subset of MNIST for dlbench, the arrays of the Keras loop, and the labels of each fold's test part.

It is a process of its own, ``python -m benchmarks.decision.export CASE WORK [--data-dir DIR]``, because decoding imports TensorFlow.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.decision.cases import Case, find, planned
from dlbench.datasets import Arrays, Places
from dlbench.datasets.splits import split, stratified
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.recipe import Data

DRAW = 0
"""Seed of the draw of images from MNIST."""


def subset(arrays: Arrays, trained: int, tested: int) -> dict[str, np.ndarray]:
    """Draw images with each class's share from the training and from the test part of a dataset, as the arrays of an npz file."""
    drawn = {}
    for part, first, last, count in (("train", 0, arrays.train, trained), ("test", arrays.train, len(arrays.y), tested)):
        rows = first + stratified(np.asarray(arrays.y[first:last]), count, DRAW)
        drawn |= {f"x_{part}": np.asarray(arrays.x[rows]), f"y_{part}": np.asarray(arrays.y[rows])}
    return drawn


def export(case: Case, work: Path, data_dir: str | None) -> None:
    """Write ``CASE.npz`` where the case is a subset, ``CASE-loop.npz`` with the arrays of the loop, and ``CASE-labels.npz``."""
    cache = str(work / "cache")
    if case.trained and case.tested:
        whole = fetch(Data("tfds:mnist"), Places(None, data_dir), cache)
        np.savez_compressed(work / f"{case.name}.npz", **subset(whole, case.trained, case.tested))
    data = planned(case).study.baseline.data
    arrays = fetch(data, Places(None, str(work)), cache)
    parts = split(arrays, data)
    np.savez(work / f"{case.name}-loop.npz", x_train=arrays.x[parts.train], y_train=arrays.y[parts.train], x_test=arrays.x[parts.test],
             y_test=arrays.y[parts.test], full_range=arrays.full_range, classes=arrays.classes)
    of_folds = [split(arrays, replace(data, folds=case.folds, fold=fold)).test for fold in range(case.folds)]
    labels = {"fixed": arrays.y[parts.test], **{f"folds{fold}": arrays.y[test] for fold, test in enumerate(of_folds)}}
    np.savez_compressed(work / f"{case.name}-labels.npz", **labels)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decision.export", description="Write the data of a case.")
    parser.add_argument("case")
    parser.add_argument("work", type=Path)
    parser.add_argument("--data-dir")
    options = parser.parse_args()
    export(find(options.case), options.work, options.data_dir)


if __name__ == "__main__":
    main()
