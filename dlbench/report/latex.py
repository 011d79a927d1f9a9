"""A document as LaTeX: its tables with ``booktabs``, its figures as files beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dlbench.report import document as doc
from dlbench.report.plain import Renderer, flat
from dlbench.values.text import one_line, visible

HEAD = r"""% compile with lualatex or xelatex; of a figure, convert figures/NAME.svg to figures/NAME.pdf, such as with rsvg-convert -f pdf
\documentclass[a4paper]{article}
\usepackage{booktabs,longtable,graphicx}
\usepackage[margin=2cm]{geometry}
\usepackage{iftex}
\ifpdftex\usepackage[T1]{fontenc}\fi
\setlength{\tabcolsep}{3pt}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\begin{document}"""
ALIGN = {"number": "r", "wide": r"p{0.3\linewidth}"}
MOST_WIDE = 8
"""A table of more columns than this is printed smaller."""
GREEK = {
    **dict(zip("αβγδεζηθικλμνξπρστυφχψω", "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
                                          " upsilon varphi chi psi omega".split())),
    **dict(zip("ΓΔΘΛΞΠΣΦΨΩ", "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split()))}
"""Letters that settings are named by, and that pdflatex knows as commands alone."""
SIGNS = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedblright{}", "−": r"$-$", "→": r"$\to$", "×": r"$\times$", "±": r"$\pm$", "–": "--",
    "≤": r"$\leq$", "≥": r"$\geq$", "≈": r"$\approx$", "∞": r"$\infty$", "µ": r"$\mu$",
    **{sign: f"$_{digit}$" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{letter: rf"$\{name}$" for letter, name in GREEK.items()},
    **{sign: rf"\{sign}" for sign in "{}$&#_%"}}
ESCAPES = str.maketrans(SIGNS)


def escape(text: Any) -> str:
    """Return text as LaTeX that shows it and runs no command.

    Example:
        >>> escape("50% of $x_1$"), escape("λ ≤ 2")
        ('50\\\\% of \\\\$x\\\\_1\\\\$', '$\\\\lambda$ $\\\\leq$ 2')
    """
    return one_line(text).translate(ESCAPES)


def render(document: doc.Document, folder: str = "figures") -> str:
    """Return the document as LaTeX that compiles.

    Args:
        document: a report or a comparison.
        folder: where the figures are, seen from the file.
    """
    return Latex(folder).document(document)


class Latex(Renderer):
    """Blocks as LaTeX; links are words only."""

    strong, title, subtitle = r"\textbf{{{}}}", r"\section*{{{}}}", r"\subsection*{{{}}}"
    lead, note = strong, r"\textbf{{Note.}} {}"
    end, escape = (r"\end{document}",), staticmethod(escape)

    def head(self, document: doc.Document) -> Iterator[str]:
        yield HEAD
        yield self.title.format(escape(document.title))
        yield "; ".join(f"{escape(name)}: {escape(text)}" for name, text in document.facts.items())
        if document.progress:
            yield self.strong.format(escape(document.progress.text))

    def listed(self, items: Iterable[str]) -> str:
        return "\n".join([r"\begin{itemize}", *(rf"\item {{}}{item}" for item in items), r"\end{itemize}"])

    def code(self, block: doc.Code) -> Iterator[str]:
        """Lines letter by letter; escaped instead of verbatim, for nothing can end them."""
        shown = [escape(line).replace(" ", "~") for line in visible(block.text).split("\n")]
        yield "{" + r"\ttfamily\footnotesize\raggedright" + "\n" + "\n".join(rf"\mbox{{}}{line}\par" for line in shown) + "\n}"

    def table(self, block: doc.Table) -> Iterator[str]:
        """Yield a table that goes on over pages, under its caption."""
        heads, body = flat(block, signs=False)
        size = r"\scriptsize" if len(heads) > MOST_WIDE else r"\small"
        caption = [rf"{{\small {escape(block.caption)}\par}}"] if block.caption else []
        ends = (r"\endhead", r"\bottomrule", r"\endfoot")
        yield "\n".join([*caption, f"{{{size}", *_environment("longtable", heads, [*ends, *map(self.row, body)]), "}"])

    def row(self, texts: Iterable[doc.Rich]) -> str:
        """Return the line of a row."""
        return _line(map(self.rich, texts))

    def figure(self, block: doc.Figure) -> Iterator[str]:
        path = f"{self.folder}/{block.name}"
        yield "\n".join([
            r"\begin{center}",
            rf"\IfFileExists{{{path}.pdf}}{{\includegraphics[width=\linewidth]{{{path}.pdf}}}}{{\texttt{{{escape(path)}.svg}}}}",
            r"\end{center}"])
        yield rf"{{\small {escape(block.caption)}\par}}"


def tabular(table: doc.Table) -> str:
    """Return a ``booktabs`` table, ready for ``\\input``."""
    heads, body = flat(table, signs=False)
    return "\n".join([*_environment("tabular", heads, [*map(Latex().row, body), r"\bottomrule"]), ""])


def _environment(name: str, heads: Sequence[doc.Column], lines: Iterable[str]) -> Iterator[str]:
    """Lines in an environment of rows, below the headings."""
    yield rf"\begin{{{name}}}{{{''.join(ALIGN.get(column.role, 'l') for column in heads)}}}"
    yield r"\toprule"
    yield _line("$p$" if column.header == "p" else escape(column.header).replace(r" \%", r"\,\%") for column in heads)
    yield from (r"\midrule", *lines, rf"\end{{{name}}}")


def _line(cells: Iterable[str]) -> str:
    line = " & ".join(cells) + r" \\"
    guard = "{}" if line.lstrip()[:1] in ("[", "*") else ""  # else the end of the line before would take it for its argument
    return guard + line
