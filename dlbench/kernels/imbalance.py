"""How examples of rare classes are weighed. No TensorFlow."""

from __future__ import annotations

import numpy as np


def class_weights(labels: np.ndarray, power: float) -> np.ndarray:
    """Weigh each example by a power of the inverse frequency of its class, (n / (K n_k))^power over its mean over the examples.

    With power 1, each class has the same share of the loss: these are scikit-learn's and Keras' balanced weights.

    Args:
        labels: [n], classes of the training examples; K counts those that have any.
        power: 0 gives every example the weight 1.

    Returns:
        float32 [n], whose mean is 1.

    Example:
        >>> class_weights(np.array([0, 0, 0, 1]), 1.0).round(3).tolist()
        [0.6669999957084656, 0.6669999957084656, 0.6669999957084656, 2.0]

    Source: G. King, L. Zeng, "Logistic regression in rare events data", 2001, https://doi.org/10.1093/oxfordjournals.pan.a004868.
    """
    _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    weights = (len(labels) / (len(counts) * counts)) ** power
    return (weights / (weights @ counts / len(labels)))[places].astype(np.float32)
