"""The arithmetic that a whole study computes in: of all its arms and of what they are compared with."""

from __future__ import annotations

from collections.abc import Iterable

from dlbench.study.schema import CONFIRM, CROSSED, SCREENING, StudyKeys
from dlbench.study.study import Entry
from dlbench.values.errors import InputError
from dlbench.values.precision import AUTO, BFLOAT16, FLOAT32
from dlbench.values.recipe import Recipe, edit

POLICY = "mixed_bfloat16"
"""Keras' policy: layers compute in bfloat16, weights, output and loss stay in float32."""
FIELD = "model.precision"
COMPARED_ARM_BY_ARM = "one_at_a_time, leave_one_out"


def in_precision(where: str, keys: StudyKeys, baseline: Recipe) -> Recipe:
    """Return a baseline that computes in the precision of its study, in which ``auto`` begins with bfloat16.

    Raises:
        InputError: the baseline's own techniques set another one.

    Example:
        >>> in_precision("x.toml", StudyKeys(margin=1.0, precision="bfloat16"), Recipe()).model.precision
        'mixed_bfloat16'
    """
    own = baseline.model.precision
    if "precision" in keys.model_fields_set and own != FLOAT32:
        raise InputError(f"{where}: precision = '{keys.precision}' beside mixed_precision in the baseline, which computes in {own}; "
                         "accepted: either of them")
    return baseline if keys.precision == FLOAT32 else edit(baseline, model__precision=POLICY)


def study_precision(where: str, keys: StudyKeys, entries: Iterable[Entry]) -> str:
    """Return the precision that a study asks for.

    Raises:
        InputError: an arm sets another one itself, or ``auto`` is beside what it cannot confirm arm by arm.

    Example:
        >>> study_precision("x.toml", StudyKeys(margin=1.0, precision="bfloat16"), [])
        'bfloat16'
    """
    if keys.precision == FLOAT32:
        return keys.precision
    for entry in entries:
        if setting := [step.name for step, _ in entry.steps if FIELD in step.touches]:
            raise InputError(f"{where}: arm '{entry.name}': {setting[0]} beside precision = '{keys.precision}': the whole study computes "
                             f"in 16 bits, its baseline too; accepted: precision = '{FLOAT32}', of which {setting[0]} can be an arm")
    if keys.precision == AUTO and keys.spend:
        raise InputError(f"{where}: precision = 'auto' beside spend: the time would have to be shared out between two studies, in bfloat16 "
                         "and in float32; accepted: seeds, or adaptive")
    design = [keys.design] if isinstance(keys.design, str) else keys.design
    if keys.precision == AUTO and (others := [name for name in design if name in (*CROSSED, SCREENING, CONFIRM)]):
        raise InputError(f"{where}: precision = 'auto' beside design = '{others[0]}': its arms count in each other's effects, so that none "
                         f"is confirmed alone; accepted: {COMPARED_ARM_BY_ARM}, or precision = '{BFLOAT16}'")
    return keys.precision
