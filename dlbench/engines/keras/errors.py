"""What Keras and TensorFlow wrap around an exception of user code, taken off again."""

from __future__ import annotations

import re

from dlbench.engines.protocol import TERMINAL_STYLE, one_line


def describe_error(error: BaseException) -> str:
    """One line about an exception; of one that TensorFlow wrapped in its trace of user code, about the original."""
    error = _unnamed(error) or error
    text = TERMINAL_STYLE.sub("", str(error))
    original = re.search(r"in user code:.*\n\s+(\w+: .*)", text, re.DOTALL)
    return " ".join(original.group(1).split())[:300] if original else one_line(error)


def _unnamed(error: BaseException | None) -> BaseException | None:
    """Find the exception that Keras replaced by a RuntimeError when it added the layer's name: numpy's MemoryError."""
    while error is not None:
        if getattr(error, "_keras_call_info_injected", False) and type(error) is RuntimeError:
            return None if isinstance(error.__context__, RuntimeError) else error.__context__
        error = error.__context__
    return None
