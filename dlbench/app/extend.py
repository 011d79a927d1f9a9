"""What an author of plug-ins needs: a starting point, and the check against the contract."""

from dlbench.contract import Finding, check
from dlbench.scaffold import FILES, create

__all__ = ["FILES", "Finding", "check", "create"]
