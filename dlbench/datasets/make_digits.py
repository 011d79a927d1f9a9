"""Make ``data/digits.npz`` from scikit-learn's copy: ``python -m dlbench.datasets.make_digits`` (needs scikit-learn)."""

from __future__ import annotations

from importlib import resources

import numpy as np
from sklearn.datasets import load_digits


def main() -> None:
    """Write the file beside this module."""
    digits = load_digits()
    path = resources.files("dlbench.datasets").joinpath("data/digits.npz")
    np.savez_compressed(str(path), x=digits.images.astype(np.uint8), y=digits.target.astype(np.uint8))


if __name__ == "__main__":
    main()
