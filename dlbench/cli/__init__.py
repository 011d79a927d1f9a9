"""Layer 9: the command line, a thin face of :mod:`dlbench.app`. Each command is imported only when it is called."""

from __future__ import annotations

import errno
import pkgutil
import sys

import click

from dlbench import __version__
from dlbench.app.outcome import Exit
from dlbench.cli.streams import flushed, open_streams
from dlbench.values.errors import InputError, Stopped, unknown
from dlbench.values.imports import uncollected
from dlbench.values.text import fitted, visible

COMMANDS = {
    "list": ("dlbench.cli.listing:command", "What there is: techniques, datasets, models, studies, kernels."),
    "plan": ("dlbench.cli.plan:command", "What a study will run, what each arm changes, how long it takes."),
    "run": ("dlbench.cli.run:command", "Run what is missing of a study, then render its report."),
    "confirm": ("dlbench.cli.confirm:command", "What to keep of a finished study, tried together on new seeds."),
    "merge": ("dlbench.cli.folders:merge_command", "Results of several machines into one folder."),
    "status": ("dlbench.cli.folders:status_command", "Runs by status, and why any failed."),
    "report": ("dlbench.cli.report:command", "Render a results folder again."),
    "compare": ("dlbench.cli.compare:command", "Two results folders of one study, or two benchmark files: B against A."),
    "judge": ("dlbench.cli.judge:command", "Verdicts on results that others made: tables, exports, trackers' folders."),
    "bench": ("dlbench.cli.bench:command", "Time the kernels, each checked against plain numpy first."),
    "gate": ("dlbench.cli.gate:command", "Performance regression of this tree against another version, for CI."),
    "propose": ("dlbench.cli.propose:command", "Is this version better than the best so far? One proposal of an endless stream."),
    "lineage": ("dlbench.cli.propose:lineage_command", "The page of a stream of proposals: what was kept, what was truly gained."),
    "export": ("dlbench.cli.folders:export_command", "Results as Parquet, CSV or JSON, for MLflow or TensorBoard."),
    "new": ("dlbench.cli.plugins:new_command", "A working study, technique, dataset or model to start from; how agents propose."),
    "check": ("dlbench.cli.plugins:check_command", "Hold a plug-in to the contract of what ships."),
    "cache": ("dlbench.cli.cache:command", "What is kept of decoded data, and how to remove it."),
    "doctor": ("dlbench.cli.doctor:command", "Is this machine, a study, or results fit to be trusted?"),
}

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
"""Errors whose cause is the machine, not dlbench."""


class Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command; None where there is none of that name."""
        with uncollected():
            return pkgutil.resolve_name(COMMANDS[name][0]) if name in COMMANDS else None

    def resolve_command(self, ctx: click.Context, args: list[str]):
        """Like click's, with the nearest match for an unknown command."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise InputError(unknown("command", args[0], COMMANDS))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="dlbench")
def dlbench() -> None:
    """Controlled ablations for deep learning: which techniques help, on your data and model, by how much, at what cost, and
    how sure are we?

    Start with: dlbench run quickstart
    """


def main() -> None:
    """Run the command line. Exit codes: 0 done; 1 a --fail-on condition held; 2 wrong usage or input; 3 some runs failed,
    or the machine could not go on; 4 nothing was measured or compared; 130 interrupted."""
    with open_streams():
        code = _called()
        error = flushed(sys.stdout)
        if error is not None and error.errno in UNWRITABLE and not code:
            code = _unwritable(error)
    sys.exit(int(code or Exit.DONE))


def _called() -> int | None:
    """Run the command, and turn what it raises into a line and an exit code."""
    output = sys.stdout
    try:
        code = dlbench.main(prog_name="dlbench", standalone_mode=False)
    except InputError as error:
        code = _complain(str(error), Exit.USAGE)
    except Stopped as error:
        code = _complain(str(error), Exit.FAILED)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = Exit.USAGE
    except click.UsageError as error:
        hint = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        code = _complain(error.format_message().rstrip(".") + hint, Exit.USAGE)
    except (KeyboardInterrupt, click.Abort):
        code = _complain("interrupted; the same command resumes", Exit.INTERRUPTED)
    except SystemExit:
        if sys.stdout is output:
            raise
        code = Exit.DONE  # nobody reads standard output any more: click has put something else there, and ends with 1
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        code = _unwritable(error)
    return code


def _unwritable(error: OSError) -> Exit:
    return _complain(f"{error.filename or 'output'}: {error.strerror}; what was finished is kept", Exit.FAILED)


def _complain(message: str, code: Exit) -> Exit:
    click.echo(fitted(f"dlbench: {visible(message)}", err=True), err=True)
    return code
