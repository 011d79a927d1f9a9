"""442 patients with diabetes: ten measurements each, and how far the disease had gone a year later.

Source: B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, "Least angle regression", 2004, https://doi.org/10.1214/009053604000000067.
"""

import numpy as np
from sklearn.datasets import load_diabetes


def progression() -> tuple[np.ndarray, np.ndarray]:
    """Return the measurements, [442, 10], and the progression of the disease, 25 to 346."""
    x, y = load_diabetes(return_X_y=True, scaled=False)
    return x, y
