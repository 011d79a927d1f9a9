"""How the runs of a task ended, which are trained together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dlbench.execution.backends.protocol import LOST, TaskResult
from dlbench.study.content import file_hashes_of
from dlbench.study.plan import Run
from dlbench.values.record import Controls, Outcome, Status

_STATUS = {kind: Status.ERROR for kind in ("error", "stopped", "input")} | {
    "timeout": Status.TIMEOUT, "killed": Status.KILLED, LOST: Status.KILLED}


def ended_runs(run: Run, others: Sequence[Run], result: TaskResult, files: Mapping[str, str]) -> list[tuple[Run, Outcome]]:
    """Return each run of a task with its outcome, the one that it is named after last; where that failed, all others failed with it.

    Args:
        run: that the task is named after.
        others: runs that were trained together with it.
        result: of the task.
        files: hashes of the study's files, see :attr:`dlbench.study.study.Study.files`.
    """
    ended = result.value if result.kind == "done" else Outcome(_STATUS[result.kind], result.value)
    lost = Outcome(Status.ERROR, f"it was not trained with run {run.run_id}") if ended.status == Status.DONE else ended
    with_it = ended.others if len(ended.others) == len(others) else [lost] * len(others)
    outcomes = (*with_it, replace(ended, others=()))
    return [(one, _with_files(one, outcome, files)) for one, outcome in zip((*others, run), outcomes, strict=True)]


def _with_files(run: Run, outcome: Outcome, files: Mapping[str, str]) -> Outcome:
    if outcome.controls == Controls() or not (hashes := file_hashes_of(run.recipe, files)):
        return outcome
    return replace(outcome, controls=replace(outcome.controls, files=hashes))
