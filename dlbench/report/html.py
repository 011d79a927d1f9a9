"""A document as one self-contained page: no network, and all of its content without JavaScript."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from dlbench import __version__
from dlbench.report.document import Document, Link, Rich, Strong, kind, spans
from dlbench.report.figures.canvas import inline
from dlbench.values.text import visible

TEMPLATES = Path(__file__).parent / "templates"


def render(document: Document, reload_s: int = 0) -> str:
    """Return the page of a document.

    Args:
        document: a report, a comparison or an index.
        reload_s: after how many seconds the page loads itself anew; 0: never.

    Returns:
        A whole HTML document.
    """
    script = asset("report.js")
    return environment().get_template("page.html").render(
        document=document, reload_s=reload_s, style=asset("style.css"), script=script, script_hash=script_hash(script),
        version=__version__)


@cache
def environment() -> jinja2.Environment:
    """Return templates that escape all they are given and fail on a name that does not exist; they are compiled once, and hold no page."""
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True, finalize=finalize)
    made.filters |= {"breakable": breakable, "kind": kind, "rich": rich, "drawn": lambda figure: Markup(inline(figure.svg, figure.alt))}
    return made


def finalize(value: Any) -> Any:
    """Return a value as a page prints it: text without the characters that cannot be seen."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def breakable(text: str) -> Markup:
    """Escape a text whose dotted names may break after a dot or an underscore.

    Example:
        >>> breakable("a.b <i>")
        Markup('a.<wbr>b &lt;i&gt;')
    """
    return Markup(re.sub(r"(?<=[a-z])([._])(?=[a-z])", r"\1<wbr>", str(escape(visible(text)))))


def rich(text: Rich) -> Markup:
    """Return a text as markup, with its parts that stand out or lead somewhere.

    Example:
        >>> rich(("see ", Strong("this"), " and ", Link("that", "a/")))
        Markup('see <strong>this</strong> and <a href="a/index.html">that</a>')
    """
    return Markup("").join(map(_span, spans(text)))


def _span(part: str | Strong | Link) -> Markup:
    if isinstance(part, Strong):
        return Markup("<strong>{}</strong>").format(breakable(part.text))
    if isinstance(part, Link):
        address = part.address + ("index.html" if part.address.endswith("/") else "")
        return Markup('<a href="{}">{}</a>').format(visible(address), breakable(part.text))
    return breakable(part)


def asset(name: str) -> Markup:
    """Return a style sheet or script of ours, as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def script_hash(script: str) -> str:
    """Say what the page's security policy allows to run: this script and nothing else."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
