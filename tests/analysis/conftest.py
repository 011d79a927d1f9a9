"""The synthetic study that reports are tested with, and a count of what is judged."""

from tests.report.conftest import judged, results

__all__ = ["judged", "results"]
