"""What ``dlbench run`` and ``dlbench confirm`` do with a plan: carry it out, render its report, and confirm what it found."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dlbench.app.confirm import NothingHelps, confirmation, confirmed_by, describe_confirmation
from dlbench.app.outcome import Exit, Outcome, worst
from dlbench.app.precision import describe_recheck, recheck, screens
from dlbench.app.report import DEFAULT_FORMATS, index
from dlbench.app.request import Plan, Request, results_folder
from dlbench.app.run import Ran, run
from dlbench.cli.report import conclude
from dlbench.cli.text import say
from dlbench.progress import listener


def run_study(plan: Plan, request: Request, typed: str, how: dict[str, Any], report: bool, fail_on: Sequence[str]) -> Exit:  # noqa: PLR0913
    """Run what is missing of a study, then in float32 what bfloat16 has decided, or what a screening chose.

    Args:
        plan, request, typed, how, fail_on: as of :func:`carried_out`.
        report: whether reports are rendered.
    """
    formats = DEFAULT_FORMATS if report else ()
    if screens(plan):
        return _screened(plan, request, how, typed, formats, fail_on)
    code = carried_out(plan, request, typed, how, formats, fail_on)
    if not plan.study.screening or how["shard"] or code in (Exit.FAILED, Exit.NOTHING):
        return code
    folder = results_folder(plan.study, request.out)
    try:
        found = confirmation(folder, say, **confirmed_by(request))
    except NothingHelps as why:
        say(f"nothing to confirm: {why}")
        return code
    say(describe_confirmation(found))
    return worst([code, carried_out(found.plan, found.request, f"dlbench confirm {shlex.quote(str(folder))}", how, formats, fail_on)])


def _screened(plan: Plan, request: Request, how: dict[str, Any], typed: str, formats: Sequence[str], fail_on: Sequence[str]) -> Exit:  # noqa: PLR0913
    """Run a plan in bfloat16, whose verdicts that an arm hurts are none yet, and then in float32 what that decided."""
    code = carried_out(plan, request, typed, how, formats, [condition for condition in fail_on if condition != "hurts"])
    if how["shard"] or code in (Exit.FAILED, Exit.NOTHING):
        return code
    say(describe_recheck(found := recheck(plan, request, say)))
    if found is None:
        return code
    return worst([code, carried_out(found.plan, found.request, typed, {**how, "screened": found.screened}, formats, fail_on)])


def carried_out(plan: Plan, request: Request, typed: str, how: dict[str, Any], formats: Sequence[str],  # noqa: PLR0913
                fail_on: Sequence[str]) -> Exit:
    """Run what is missing of a plan, and render the report.

    Args:
        plan: of the request.
        request: says where data and results lie.
        typed: the command that reproduces the results.
        how: arguments of :func:`dlbench.app.run.run`.
        formats: of the report; none renders no report.
        fail_on: conditions that fail.
    """
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) != signal.SIG_IGN:  # as under nohup
            signal.signal(ending, _interrupt)
    with listener() as shown:
        ran = run(plan, request, typed, shown, **how)
    summarise(ran)
    if ran.shard is None:
        return conclude(ran.folder, formats, fail_on, bool(ran.failures))
    say(f"shard {ran.shard.number} of {ran.shard.of} is in {ran.folder}; with all of them: "
        f"dlbench merge {ran.folder.parent}/*-of-{ran.shard.of} --out {ran.joined}")
    return Outcome(failed=bool(ran.failures)).code


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def summarise(ran: Ran) -> None:
    """Say how many runs there are, and why any failed."""
    taken = f"{ran.taken} taken from other studies, " if ran.taken else ""
    say(f"{ran.done} runs done, {taken}{ran.reused} were there already, {len(ran.failures)} failed")
    for run_name, reason in ran.failures.items():
        say(f"  {run_name}: {reason}")


def index_folder(folder: Path) -> None:
    """Write the pages of a folder of studies that lead to their reports."""
    index(folder, DEFAULT_FORMATS, say)
