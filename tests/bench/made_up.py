"""Cases for tests: right, wrong, failing, and of a package that is not there."""

import importlib

import numpy as np

from dlbench.values.case import Case, Prepared, Work


def add(size, wrong=0.0):
    x = np.arange(size, dtype=np.float64)
    return Prepared(lambda: x + 1 + wrong, lambda: np.arange(1, size + 1))


def fail():
    raise ValueError("no such kernel")


def absent():
    return importlib.import_module("no_such_package_here")


HERE = "tests.bench.made_up"
CASES = (
    Case("add[1000]", "sums", f"{HERE}:add", {"size": 1000}, Work(10, 1000, 16_000), task="add[1000]"),
    Case("peer.add[1000]", "sums", f"{HERE}:add", {"size": 1000}, Work(10, 1000, 16_000), "Peer", "add[1000]"),
    Case("peer.wrong[1000]", "sums", f"{HERE}:add", {"size": 1000, "wrong": 1.0}, Work(), "Peer", "add[1000]"),
    Case("peer.absent[1000]", "sums", f"{HERE}:absent", {}, Work(), "Absent", "add[1000]"),
    Case("wrong[10]", "others", f"{HERE}:add", {"size": 10, "wrong": 0.5}),
    Case("fails[10]", "others", f"{HERE}:fail"),
)
