"""dlbench as a process that runs a study when asked, as a notebook does: the fork server and its imports stay."""

from __future__ import annotations

from typing import Any

import dlbench
from benchmarks.decision.sessions import serve


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run a study anew, without the timing phase.

    Args:
        request: ``study`` (a path) and ``choices``, those of :class:`dlbench.api.Choices`.

    Returns:
        ``scores``: arm -> the test accuracies by seed; ``steps`` of all trainings.
    """
    result = dlbench.run(request["study"], timing=False, progress=False, reuse="none", **request["choices"])
    runs = result.runs
    return {"scores": {arm: of_arm["test_accuracy"].tolist() for arm, of_arm in runs.groupby("arm")}, "steps": int(runs["steps"].sum())}


if __name__ == "__main__":
    serve(run)
