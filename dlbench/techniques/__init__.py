"""Layer 1: the catalogue of techniques. To add one, declare it in its family's module and name it in that TECHNIQUES tuple.

From Python, each technique is a function too, with its parameters and their documentation: ``dlbench.techniques.dropout(rate=0.5)``.
"""

from __future__ import annotations

from dlbench.techniques import (
    architecture,
    augmentation,
    control,
    efficiency,
    ensembling,
    imbalance,
    optimisation,
    preprocessing,
    regularisation,
    transfer_learning,
)
from dlbench.techniques.constructors import Constructor, Constructors
from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.techniques.hooking import hooked
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import unknown

FAMILIES = (augmentation, preprocessing, regularisation, imbalance, optimisation, architecture, transfer_learning, efficiency,
            ensembling, control)
CATALOGUE = Catalogue("technique", Technique, (technique for family in FAMILIES for technique in family.TECHNIQUES))
CONSTRUCTORS = Constructors(CATALOGUE)


def technique(name: str) -> Technique:
    """Look a technique up; an unknown name is an InputError whose message has the nearest one.

    Example:
        >>> technique("dropout").touches
        ('model.dropout', 'model.dropout_place')
    """
    return CATALOGUE.find(name)


def __getattr__(name: str) -> Constructor:
    if name.startswith("_"):
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    try:
        return CONSTRUCTORS[name]
    except KeyError:
        raise AttributeError(unknown("technique", name, CONSTRUCTORS)) from None


def __dir__() -> list[str]:
    return sorted({*__all__, *CONSTRUCTORS})


__all__ = ["CATALOGUE", "CONSTRUCTORS", "Constructor", "Paper", "Parameter", "Technique", "hooked", "technique"]
