"""What an author of plug-ins needs: a starting point, and the check against the contract."""

from dlbench.contract import Finding, check
from dlbench.scaffold import FILES, SKILL, create, create_skill

__all__ = ["FILES", "SKILL", "Finding", "check", "create", "create_skill"]
