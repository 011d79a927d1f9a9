"""Layer 0: the code of the user's own that a study names: found beside the study, imported, watched, hashed."""

from dlbench.references.finder import beside, use
from dlbench.references.resolve import call, resolve

__all__ = ["beside", "call", "resolve", "use"]
