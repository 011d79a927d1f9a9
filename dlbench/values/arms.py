"""Names of the arms that designs make."""

from __future__ import annotations

WITHOUT = "without "
"""What the name of an arm begins with that makes all changes but one, whose name follows."""
