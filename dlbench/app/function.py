"""The study of a Python function: a study of a script whose command is a call."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from dlbench.engines.command import SCORE
from dlbench.references.functions import function_digest, packed
from dlbench.values.errors import InputError
from dlbench.values.program import CALL
from dlbench.values.text import one_line

__all__ = ["SCORE", "function_study"]


def function_study(train: Callable[..., Any], arms: Mapping[str, Mapping[str, Any]], asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the study of a function, as a study file holds it, and the function for workers.

    Args:
        train: takes a seed, and parameters by name.
        arms: name of an arm -> its parameters.
        asked: further keys of the study.

    Raises:
        InputError: there is no arm, or the function cannot be handed to another process.
    """
    if not isinstance(arms, Mapping) or not arms or not all(isinstance(arm, Mapping) for arm in arms.values()):
        raise InputError('evaluate: arms: accepted: a dictionary such as {"dropout 0.5": {"dropout": 0.5}}')
    for name, arm in arms.items():
        if lists := [key for key, value in arm.items() if isinstance(value, list | tuple)]:
            raise InputError(f"evaluate: arm '{name}': {lists[0]} is a list; accepted: text, a number, true or false, and an arm for each")
    try:
        digest, known = function_digest(train)
        function = packed(train)
    except Exception as error:  # whatever objects of the program raise when they are pickled
        raise InputError(f"evaluate: the function cannot be handed to another process: {one_line(error, 200)}; accepted: one that closes "
                         "over no open file, lock or connection") from None
    if not known:
        warnings.warn("the source of the function, or of one that it calls, cannot be had: its compiled code stands for it", stacklevel=3)
    name = getattr(train, "__qualname__", type(train).__name__)
    run = [CALL, f"{name}:{digest}", "{overrides}"]
    return {"engine": "command", "run": run, "files": [], **asked, "arms": [{"name": name, **arm} for name, arm in arms.items()]}, function
