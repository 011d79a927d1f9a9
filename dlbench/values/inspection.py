"""The result of inspecting a study's data and model. Planning uses it without importing an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from dlbench.values.packed import ModelInput, Packed
from dlbench.values.text import plural


@dataclass(frozen=True)
class Build:
    """The parts of a model that decide which techniques apply.

    Attributes:
        kind: ``functional``, ``sequential`` or ``subclassed``.
        convs, dense: hidden convolutions and dense layers.
        norms: normalisation layers.
        pool: whether a layer turns maps into a vector.
        maps: whether that layer is given maps by convolutions.
        residual: whether there are residual connections.
        parameters: number of weights; None where the model was not built.
        scaling: how its inputs are to be scaled where it scales them itself: ``none`` or ``bytes``; None: it does not.
        spectrograms: layers that turn sounds into mel spectrograms.
        learning_rate: with which its optimizer was compiled, where a study asks for that; None elsewhere.
        scores: names of the scores that it was compiled with, where a study asks for them.
    """

    kind: str = "functional"
    convs: int = 0
    dense: int = 0
    norms: int = 0
    pool: bool = False
    maps: bool = False
    residual: bool = False
    parameters: int | None = None
    scaling: str | None = None
    spectrograms: int = 0
    learning_rate: float | None = None
    scores: tuple[str, ...] = ()


def near_duplicates_text(duplicates: Sequence[int], of: str = "") -> str:
    """Say how many test examples have a near-duplicate in training, of how many that were compared, and in how many groups.

    Args:
        duplicates: those counts; engines may leave out the number of groups.
        of: begins with a space, and names the data.

    Example:
        >>> near_duplicates_text((30, 500, 2), " of 'folder:x'")
        "30 of 500 test examples of 'folder:x' have a near-duplicate in training, in 2 groups"
    """
    found, compared, *groups = duplicates
    grouped = f", in {plural(groups[0], 'group')}" if found and groups else ""
    return f"{found} of {compared} test examples{of} have a near-duplicate in training{grouped}"


@dataclass(frozen=True)
class Inspection:
    """The inspection of one dataset, and of a model for it.

    Attributes:
        kind: ``image``, ``sequence``, ``row`` or ``text``; ``several`` where an example has several inputs.
        shape: of an example.
        classes: their number; 1 where targets are no classes, and ``targets`` says in words what they are.
        examples: training examples, and those of the data's own test part (0 where it has none).
        duplicates: see :func:`near_duplicates_text`.
        content: hash of the data; None where its name identifies it.
        build: the model.
        changed: whether version 0.1.0 read the data otherwise: then its content, not the hash of its files, identifies it.
        names: of the classes, in the order of their numbers; empty where they have none.
        notes: sentences on what reading the data converted or left out, and on what was found in the model.
        features: of a table some of whose columns are left out, those that are taken.
        cardinalities: of a table whose last columns are codes of words, how many words each has.
        read: a reference, or a file of the user's own that was imported -> the files that were read by it, relative to the study, and
            the variables of the environment that it asked for, after ``$``.
        inputs: where an example has several, which.
    """

    kind: str
    shape: tuple[int, ...]
    classes: int
    examples: tuple[int, int]
    duplicates: tuple[int, ...]
    content: str | None
    build: Build
    notes: tuple[str, ...] = ()
    changed: bool = False
    names: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    targets: str = ""
    cardinalities: tuple[int, ...] = ()
    read: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    inputs: tuple[ModelInput, ...] = ()

    @property
    def acted(self) -> tuple[str, tuple[int, ...]]:
        """Return the kind and the shape of what augmentation acts on: examples, or their only input of images or sequences."""
        one = Packed.of(self.inputs).acted() if self.inputs else None
        return (self.kind, self.shape) if one is None else (one.kind, one.shape)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, JSON-ready."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Inspection:
        """The inverse of :meth:`to_dict`.

        Example:
            >>> inspection = Inspection("image", (8, 8, 1), 10, (100, 0), (0, 25), None, Build(convs=2))
            >>> Inspection.from_dict(inspection.to_dict()) == inspection
            True
        """
        values: dict[str, Any] = {name: tuple(fields[name]) for name in ("shape", "examples", "duplicates")}
        values |= {name: tuple(fields.get(name, ())) for name in ("notes", "names", "features", "cardinalities")}
        values["build"] = Build(**fields["build"])
        values["build"] = replace(values["build"], scores=tuple(values["build"].scores))
        values["read"] = {by: tuple(files) for by, files in fields.get("read", {}).items()}
        values["inputs"] = tuple(map(ModelInput.from_dict, fields.get("inputs", ())))
        return cls(**fields | values)
