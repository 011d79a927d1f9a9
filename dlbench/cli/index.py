"""The pages that lead to every study of a folder."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.analysis import Analysis, analyse
from dlbench.report import render_analysis, render_index, render_overview
from dlbench.store.database import FILE
from dlbench.store.read import read
from dlbench.values.errors import InputError


def inner(folder: Path) -> list[Path]:
    """The results folders in a folder that is none itself, by name."""
    return [] if (folder / FILE).is_file() else sorted(path.parent for path in folder.glob(f"*/{FILE}"))


def index(folder: Path, formats: tuple[str, ...], anew: bool = False) -> int:
    """Write the pages of a folder of studies: ``index.html`` (html) and ``README.md`` (md).

    Args:
        folder: of results folders; one that cannot be read is named and left out.
        formats: of the pages, and of the studies' own reports.
        anew: render the studies' own reports too.

    Returns:
        The exit code.
    """
    found: dict[str, Analysis] = {}
    unread: dict[str, str] = {}
    for study in inner(folder):
        name = str(study.relative_to(folder))
        try:
            found[name] = analyse(read(study))
        except InputError as error:
            unread[name] = str(error)
            click.echo(f"{name} is left out: {error}", err=True)
            continue
        if anew:
            render_analysis(found[name], study, formats)
    if "html" in formats:
        click.echo(f"index: {render_index(found, folder, unread)}", err=True)
    if "md" in formats:
        page = render_overview(found, folder, unread)
        click.echo(f"index: {page}" if page else f"{folder / 'README.md'} is not of dlbench's making and stays as it is", err=True)
    return 0 if found else 4
