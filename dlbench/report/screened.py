"""What is said of runs in bfloat16 that choose arms for runs in float32, and of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlbench.values.precision import AUTO, SCREENED
from dlbench.values.text import listed, one_line, plural


def screening_note(study: Mapping[str, Any]) -> str:
    """Say that a study's verdicts only screen, or what screened its arms; empty for any other study.

    Example:
        >>> screening_note({"screened": {"decided": ["l2"], "open": ["cutout", "mixup"]}})
        'Runs in bfloat16, on other seeds, chose what is here: 1 arm that they decided; cutout and mixup stayed open and are not here.'
    """
    if study.get("precision") == AUTO:
        return ("These runs only screen, in bfloat16: the verdicts that count on what is decided here are those of runs in float32 on "
                "other seeds, in the folder beside this one whose name ends in -float32.")
    if SCREENED not in study:
        return ""
    decided, left = (study[SCREENED].get(name, []) for name in ("decided", "open"))
    rest = f"; {listed([one_line(arm, 60) for arm in left], most=8)} stayed open and {'is' if len(left) == 1 else 'are'} not here"
    return f"Runs in bfloat16, on other seeds, chose what is here: {plural(len(decided), 'arm')} that they decided{rest if left else ''}."
