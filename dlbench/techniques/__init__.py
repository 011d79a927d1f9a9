"""Layer 1: the catalogue of techniques. To add one, declare it in its family's module and name it in that TECHNIQUES tuple."""

from __future__ import annotations

from dlbench.techniques import (
    architecture,
    augmentation,
    control,
    efficiency,
    optimisation,
    preprocessing,
    regularisation,
    transfer,
)
from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.techniques.hooking import hooked
from dlbench.values.catalogue import Catalogue

FAMILIES = (augmentation, preprocessing, regularisation, optimisation, architecture, transfer, efficiency, control)
CATALOGUE = Catalogue("technique", Technique, (technique for family in FAMILIES for technique in family.TECHNIQUES))


def technique(name: str) -> Technique:
    """Look a technique up; an unknown name is an InputError whose message has the nearest one.

    Example:
        >>> technique("dropout").touches
        ('model.dropout', 'model.dropout_place')
    """
    return CATALOGUE.find(name)


__all__ = ["CATALOGUE", "Paper", "Parameter", "Technique", "hooked", "technique"]
