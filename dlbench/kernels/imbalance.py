"""How examples of rare classes are weighed and sampled, and how thresholds are moved for them. No TensorFlow."""

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


def balanced_order(labels: np.ndarray, power: float, generator: np.random.Generator) -> np.ndarray:
    """Draw as many rows as there are examples, of each class in proportion to n_k^(1 - power), in random order.

    With power 1, the numbers of rows of two classes differ by one at most. An example is drawn again when all of its class have been
    drawn as often. Where each class has the share that it is to have, the order is a permutation.

    Args:
        labels: [n], classes of the training examples.
        power: from 0, all examples once, to 1, all classes alike.
        generator: of the epoch.

    Returns:
        int64 [n], rows of the training examples.

    Example:
        >>> labels = np.array([0, 0, 0, 0, 0, 1])
        >>> np.bincount(labels[balanced_order(labels, 1.0, np.random.default_rng(0))]).tolist()
        [3, 3]

    Source: B. Kang et al., "Decoupling representation and classifier for long-tailed recognition", 2020, https://arxiv.org/abs/1910.09217.
    """
    known, counts = np.unique(labels, return_counts=True)
    wanted = len(labels) * counts ** (1 - power) / (counts ** (1 - power)).sum()
    numbers = np.floor(wanted + 1e-9).astype(int)
    if left := len(labels) - numbers.sum():
        rest = np.maximum(wanted - numbers, 0)
        numbers[generator.choice(len(known), left, replace=False, p=rest / rest.sum())] += 1
    if (numbers == counts).all():
        return generator.permutation(len(labels))
    rows = [np.flatnonzero(labels == name) for name in known]
    times = zip(rows, *np.divmod(numbers, counts))
    return generator.permutation(np.concatenate([part for mine, whole, more in times
                                                 for part in (*[mine] * whole, generator.permutation(mine)[:more])]))


def draws_of_uses(order: np.ndarray) -> np.ndarray:
    """Give each use of a row in an epoch random draws of its own: its first use those of the row, each other those of an unused row.

    Args:
        order: [n], rows from 0 to n - 1, some of them more than once.

    Returns:
        int [n], a permutation.

    Example:
        >>> draws_of_uses(np.array([2, 2, 0, 2])).tolist()
        [2, 1, 0, 3]
    """
    again = np.ones(len(order), bool)
    again[np.unique(order, return_index=True)[1]] = False
    draws = order.copy()
    draws[again] = np.setdiff1d(np.arange(len(order)), order)
    return draws


def moved_thresholds(labels: np.ndarray, classes: int, power: float) -> np.ndarray:
    """Return what is added to the logit of each class after training, -power · log(n_k / n); 0 for a class without examples.

    With power 1, the decision is that of equally frequent classes, as far as the probabilities are right.

    Args:
        labels: [n], classes of the training examples.
        classes: their number.
        power: 0 leaves logits as they are.

    Returns:
        float32 [classes].

    Example:
        >>> moved_thresholds(np.array([0, 0, 0, 1]), 2, 1.0).round(3).tolist()
        [0.2879999876022339, 1.3860000371932983]

    Source: A. K. Menon et al., "Long-tail learning via logit adjustment", 2021, https://arxiv.org/abs/2007.07314; Z.-H. Zhou, X.-Y. Liu,
    "Training cost-sensitive neural networks with methods addressing the class imbalance problem", 2006,
    https://doi.org/10.1109/TKDE.2006.17.
    """
    counts = np.bincount(labels, minlength=classes)
    return (-power * np.log(np.where(counts, counts, len(labels)) / len(labels))).astype(np.float32)


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
