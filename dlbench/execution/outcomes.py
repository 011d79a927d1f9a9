"""How the runs of a task ended: the run that was trained, and those that were read off it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dlbench.execution.backends.protocol import LOST, TaskResult
from dlbench.study.content import file_hashes_of
from dlbench.study.plan import Run
from dlbench.values.record import Controls, Outcome, Status

_STATUS = {kind: Status.ERROR for kind in ("error", "stopped", "input")} | {
    "timeout": Status.TIMEOUT, "killed": Status.KILLED, LOST: Status.KILLED}


def ended_runs(run: Run, shorter: Sequence[Run], result: TaskResult, files: Mapping[str, str]) -> list[tuple[Run, Outcome]]:
    """Return each run of a task with its outcome, the one that was trained last; where that failed, all others failed with it.

    Args:
        run: that was trained.
        shorter: runs that were read off it.
        result: of the task.
        files: hashes of the study's files, see :attr:`dlbench.study.study.Study.files`.
    """
    ended = result.value if result.kind == "done" else Outcome(_STATUS[result.kind], result.value)
    lost = Outcome(Status.ERROR, f"it was not read off run {run.run_id}") if ended.status == Status.DONE else ended
    read = ended.shorter if len(ended.shorter) == len(shorter) else [lost] * len(shorter)
    outcomes = (*read, replace(ended, shorter=()))
    return [(one, _with_files(one, outcome, files)) for one, outcome in zip((*shorter, run), outcomes, strict=True)]


def _with_files(run: Run, outcome: Outcome, files: Mapping[str, str]) -> Outcome:
    if outcome.controls == Controls() or not (hashes := file_hashes_of(run.recipe, files)):
        return outcome
    return replace(outcome, controls=replace(outcome.controls, files=hashes))
