"""Data with nothing to learn from, each in a way of its own."""

import numpy as np

N = 60


def _noise(n=N):
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 1), np.uint8)


def constant():
    return np.full((N, 8, 8, 1), 7, np.uint8), np.arange(N) % 3


def constant_floats():
    return np.zeros((N, 8, 8, 1), np.float32), np.arange(N) % 3


def one_class():
    return _noise(), np.zeros(N, int)


def one_class_in_training():
    """The test part has a class that training never sees."""
    return (_noise(), np.zeros(N, int)), (_noise(20), np.arange(20) % 2)


def one_example():
    return _noise(1), np.zeros(1, int)


def one_of_each():
    return (_noise(2), np.arange(2)), (_noise(2), np.arange(2))


def nothing():
    return _noise(0), np.zeros(0, int)


def not_finite():
    x = _noise().astype(np.float32)
    x[17, 0, 0, 0] = np.nan
    return x, np.arange(N) % 3


def huge_values():
    return _noise().astype(np.float32) * 1e36, np.arange(N) % 3


def labels_below_zero():
    return _noise(), np.arange(N) % 3 - 1


def two_classes():
    return _noise(), np.arange(N) % 2
