"""Layer 9: how progress is shown, for both faces: one output in a notebook, a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys

from dlbench.progress.notebook import Notebook, is_notebook
from dlbench.progress.plain import Lines, Silent
from dlbench.progress.terminal import Bar

__all__ = ["Bar", "Lines", "Notebook", "Silent", "listener"]


def listener(shown: bool = True) -> Bar | Silent:
    """The listener that fits where this process runs; one that shows notes alone where progress is not to be shown."""
    if not shown:
        return Silent()
    return Notebook() if is_notebook() else Bar() if sys.stderr.isatty() else Lines()
