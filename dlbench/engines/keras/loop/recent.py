"""Values that are costly to make, the most recently used of which are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class Recent:
    """Keeps the most recently used values.

    Args:
        size: how many.

    Example:
        >>> recent = Recent(1)
        >>> recent.get("a", lambda: 1), recent.get("a", lambda: 2), recent.get("b", lambda: 3), recent.get("a", lambda: 4)
        (1, 1, 3, 4)
    """

    def __init__(self, size: int) -> None:
        self.size, self.values = size, OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of a key, made where it is not there."""
        if key not in self.values:
            self.values[key] = make()
        self.values.move_to_end(key)
        while len(self.values) > self.size:
            self.values.popitem(last=False)
        return self.values[key]
