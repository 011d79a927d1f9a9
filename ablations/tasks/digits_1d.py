"""MNIST-1D: 4,000 training and 1,000 test sequences of 40 steps, each a digit's outline that was shifted, scaled, sheared and made noisy.

Source: S. Greydanus, D. Kobak, "Scaling down deep learning with MNIST-1D", 2020, https://arxiv.org/abs/2011.14439; its package ``mnist1d``
makes them, with its own settings and seed.
"""

import numpy as np
from mnist1d.data import get_dataset_args, make_dataset


def sequences() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the training part and the test part, each sequences [n, 40] and digits [n]."""
    made = make_dataset(get_dataset_args())
    return (made["x"].astype(np.float32), made["y"]), (made["x_test"].astype(np.float32), made["y_test"])
