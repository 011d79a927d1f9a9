"""What a verdict is a claim about."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Scope(StrEnum):
    """What a verdict is a claim about. Each member is its own text.

    Example:
        >>> f"{Scope.NEW_DATA}", stored_scope({}) is Scope.THIS_TEST_SET
        ('new_data', True)
    """

    NEW_DATA = "new_data"
    """New seeds and new test examples: both are samples."""
    THIS_TEST_SET = "this_test_set"
    """New seeds on the test examples that were used."""


def stored_scope(*stored: Mapping[str, Any]) -> Scope:
    """Return the scope that a stored study asks for; one that was stored before there were scopes is about its test set.

    Of several, the first that states one counts.

    Example:
        >>> stored_scope({"scope": "new_data"}).name
        'NEW_DATA'
    """
    return Scope(next((facts["scope"] for facts in stored if "scope" in facts), Scope.THIS_TEST_SET))
