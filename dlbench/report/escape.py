"""Text of the user's, made harmless in each format. HTML is escaped by the templates."""

from __future__ import annotations

import re
from typing import Any

from dlbench.values.text import one_line, visible

MARKDOWN = re.compile(r"([\\`*_\[\]#|~$]|^[-+=](?=[-+=\s]|$)|(?<=^\d)[.)](?=\s|$))")
LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "−": r"$-$",
    "→": r"$\to$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "–": "--",
}


def markdown(text: Any) -> str:
    """Text as one line of Markdown that shows it and does nothing else: no markup, no HTML, no table cell's end.

    Example:
        >>> markdown("a|b <i>")
        'a\\\\|b &lt;i&gt;'
    """
    safe = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = MARKDOWN.sub(r"\\\1", safe)
    for link, shown in (("://", "&#58;//"), ("www.", "www&#46;"), ("@", "&#64;")):
        safe = safe.replace(link, shown)
    return safe


def latex(text: Any) -> str:
    """Text as LaTeX that shows it and runs no command.

    Example:
        >>> latex("50% of $x_1$")
        '50\\\\% of \\\\$x\\\\_1\\\\$'
    """
    return "".join(LATEX.get(sign, sign) for sign in one_line(text))


def fence(text: Any) -> str:
    """A fenced block of Markdown that its content cannot end.

    Example:
        >>> fence("a").splitlines()
        ['```', 'a', '```']
    """
    text = visible(str(text))
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}\n{text.rstrip()}\n{ticks}"
