"""``dlbench run``."""

from __future__ import annotations

import pkgutil
from typing import Any

import click

from dlbench.app.early import start_engine
from dlbench.app.outcome import Exit, worst
from dlbench.app.request import Request, each_study, planned, results_folder
from dlbench.cli import options
from dlbench.cli.text import command_line, echo, say

RUN_STUDY, INDEX_FOLDER = "dlbench.cli.carried:run_study", "dlbench.cli.carried:index_folder"
"""What is imported only while the engine starts, which takes longer."""


@click.command("run")
@options.study
@options.execution
@click.option("--no-timing", is_flag=True, help="Leave the timing phase out.")
@click.option("--no-report", is_flag=True, help="Render no report.")
@options.fail_on
def command(no_timing: bool, no_report: bool, fail_on: tuple[str, ...], **given: Any) -> Exit:
    """Run what STUDY has not run yet, then render its report.

    STUDY is a path, or a shipped study's name; a folder of studies, or a shipped one's name, stands for all of them, one after another.
    """
    asked = Request(**{name: given.pop(name) for name in Request.__dataclass_fields__ if name in given})
    how, codes = {**given, "timing": not no_timing}, []
    requests = each_study(asked, say, how["shard"])
    for number, request in enumerate(requests, start=1):
        if request is not asked:
            echo(f"{request.study}: study {number} of {len(requests)}", err=True, bold=True)
        typed = command_line({str(asked.study): str(request.study), str(asked.out): str(request.out)})
        plan = planned(request, say, anew=True)
        start_engine(plan, results_folder(plan.study, request.out), how["backend"], how["fresh"])
        codes.append(pkgutil.resolve_name(RUN_STUDY)(plan, request, typed, how, not no_report, fail_on))
    if not no_report and requests[0] is not asked and requests[0].out:
        pkgutil.resolve_name(INDEX_FOLDER)(requests[0].out.parent)
    return worst(codes)
