"""How far a run has come, and what it took."""

from __future__ import annotations

from dataclasses import dataclass, field

from dlbench.engines.keras.loop.stopping import Validated


@dataclass
class Progress:
    """The progress of a run; ``validated`` is the evaluation of the weights that are scored, None where they were not evaluated.

    ``macs`` are the multiply-accumulates of the forward passes over training examples, at the size that these had; ``shared_steps`` are
    those of the steps that were taken over from another run.
    """

    steps: int = 0
    shared_steps: int = 0
    examples: int = 0
    macs: int = 0
    seconds: float = 0.0
    validation_s: float = 0.0
    epoch: int = 0
    clipped: float = 0.0
    plateau: float = 1.0
    validated: Validated | None = None
    curves: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    orders: list[str] = field(default_factory=list)
    acted: dict[str, bool] = field(default_factory=dict)

    def include(self, other: Progress) -> None:
        """Count what another member of an ensemble took; curves and orders stay those of this one, and no evaluation is that of both."""
        for name in ("steps", "examples", "macs", "seconds", "validation_s", "epoch", "clipped"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.acted |= {name: acted or self.acted.get(name, False) for name, acted in other.acted.items()}
        self.validated = None
