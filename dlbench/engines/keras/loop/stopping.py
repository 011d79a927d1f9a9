"""Early stopping of a run: when it ends, and the weights that it has then."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
import numpy as np

from dlbench.techniques.schedules import Patience
from dlbench.values.recipe import EarlyStopping


@dataclass(frozen=True)
class Validated:
    """What an evaluation of the validation part found: mean loss, answers [n], and outputs float32 [n, K]."""

    loss: float
    answers: np.ndarray
    outputs: np.ndarray


class Stopping:
    """Watches the validation loss of a run, and keeps the weights of its minimum where they are to be restored.

    Args:
        rule: with a patience.

    Attributes:
        weights: of the minimum so far; None where none are kept.
        validated: the evaluation of these weights.
    """

    def __init__(self, rule: EarlyStopping) -> None:
        self.rule, self.patience = rule, Patience(rule.patience_epochs or 1, rule.min_delta)
        self.best = math.inf
        self.weights: list[np.ndarray] | None = None
        self.validated: Validated | None = None

    def keep(self, loss: float, model: keras.Model, validated: Validated | None) -> None:
        """Keep the weights of a model where its validation loss is the lowest so far."""
        if self.rule.restore_best and loss < self.best - self.rule.min_delta:
            self.best, self.weights, self.validated = loss, model.get_weights(), validated

    def stops(self, loss: float) -> bool:
        """Count an epoch by its validation loss; return whether the run ends after it."""
        return self.patience.exhausted(loss)


def stopping_of(rule: EarlyStopping) -> Stopping | None:
    """Return what watches a run with this rule; None where the rule is off."""
    return Stopping(rule) if rule.patience_epochs else None
