"""What building a recipe's network, and one training step of it, shows before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Rehearsal:
    """A recipe tried on its data.

    Attributes:
        problem: why the recipe cannot run, in one sentence; empty where it can, and then the rest is known.
        layers: each layer of the network -> a hash of what it computes and of its initial weights.
        parameters: weights of the network.
        kernels: weights that penalties, decay and pruning act on, by scope ``all`` and ``conv``.
        dropouts: layers that draw at random in training.
        examples: of the training, validation and test parts.
        data: a hash of these parts and of how they are scaled.
        moved: of the training images looked at, how many augmentation changed, and how many were looked at.
        features: bytes of what a frozen base gives for all examples, computed once; 0 where nothing is frozen or it differs between steps.
        classes: training examples of each class, and test examples of each; both empty where targets are no classes.
        remarks: what of the data or the model is not used, and what takes much memory, one sentence each.
    """

    problem: str = ""
    layers: Mapping[str, str] = field(default_factory=dict[str, str])
    parameters: int = 0
    kernels: Mapping[str, int] = field(default_factory=dict[str, int])
    dropouts: int = 0
    examples: tuple[int, int, int] = (0, 0, 0)
    data: str = ""
    moved: tuple[int, int] = (0, 0)
    remarks: tuple[str, ...] = ()
    features: int = 0
    classes: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, JSON-ready."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Rehearsal:
        """The inverse of :meth:`to_dict`.

        Example:
            >>> tried = Rehearsal(layers={"dense_1": "0f"}, examples=(80, 10, 10), remarks=("its loss is not used",))
            >>> Rehearsal.from_dict(tried.to_dict()) == tried
            True
        """
        values: dict[str, Any] = dict(fields)
        for name in ("examples", "moved", "remarks"):
            values[name] = tuple(fields[name])
        values["classes"] = tuple(tuple(counts) for counts in fields.get("classes", ((), ())))
        return cls(**values)
