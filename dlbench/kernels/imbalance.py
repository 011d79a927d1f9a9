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


def positive_weights(targets: np.ndarray, power: float) -> np.ndarray:
    """Weigh each label, where an example has it, by a power of the odds against it, ((n - n_k) / n_k)^power.

    With power 1, examples with and without a label have the same share of its loss, at equal probabilities.

    Args:
        targets: [n, labels], 0 and 1, of the training examples.
        power: 0 gives every label the weight 1.

    Returns:
        float32 [labels]; 1 for a label that no example, or every example, has.

    Example:
        >>> positive_weights(np.array([[1, 0], [0, 0], [0, 0], [0, 0]]), 1.0).tolist()
        [3.0, 1.0]

    Source: G. King, L. Zeng, "Logistic regression in rare events data", 2001, https://doi.org/10.1093/oxfordjournals.pan.a004868.
    """
    having, count = np.asarray(targets, np.float64).sum(axis=0), len(targets)
    known = (having > 0) & (having < count)
    return np.where(known, (count - having) / np.where(known, having, 1), 1.0).astype(np.float32) ** np.float32(power)
