"""Layer 1: the kernel cases that ``dlbench bench`` times and ``dlbench gate`` watches. Declarations: importing them is cheap.

A list of cases is a module with a tuple ``CASES``; it is named by its reference, such as ``dlbench.cases``.
"""

from __future__ import annotations

import importlib
import pkgutil

from dlbench.cases import augmentation, layers, machine, training
from dlbench.values.case import Case, Prepared
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError

FAMILIES = (machine, augmentation, layers, training)
CASES: tuple[Case, ...] = tuple(case for family in FAMILIES for case in family.CASES)
CATALOGUE = Catalogue("kernel", Case, CASES)
"""These, and those of plug-ins."""


def load(reference: str) -> tuple[Case, ...]:
    """The cases of a module.

    Args:
        reference: ``package.module``; it must have a tuple ``CASES``. ``dlbench.cases`` stands for those of plug-ins too.

    Raises:
        InputError: there is no such module, it has no cases, or two of them share a name.

    Example:
        >>> load("dlbench.values")
        Traceback (most recent call last):
        dlbench.values.errors.InputError: cases 'dlbench.values': the module has no tuple CASES of dlbench.values.case.Case
    """
    try:
        found = tuple(CATALOGUE) if reference == __name__ else tuple(getattr(importlib.import_module(reference), "CASES", ()))
    except (ImportError, ValueError) as error:
        raise InputError(f"cases '{reference}': {error}; accepted: an importable package.module with a tuple CASES") from error
    if not found or not all(isinstance(case, Case) for case in found):
        raise InputError(f"cases '{reference}': the module has no tuple CASES of dlbench.values.case.Case")
    names = [case.name for case in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"cases '{reference}': more than one is called {', '.join(twice)}")
    return found


def prepare(case: Case) -> Prepared:
    """Make a case ready; this imports what it needs.

    Raises:
        ImportError: a package that it needs is not installed.
    """
    return pkgutil.resolve_name(case.prepare)(**case.options)
