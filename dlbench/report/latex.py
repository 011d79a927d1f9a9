"""A document as LaTeX: its tables with ``booktabs``, its figures as files beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dlbench.report import document as doc
from dlbench.report.escape import latex
from dlbench.report.plain import flat
from dlbench.values.text import visible

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


def render(document: doc.Document, folder: str = "figures") -> str:
    """The document as LaTeX that compiles.

    Args:
        document: a report or a comparison.
        folder: where the figures are, seen from the file.
    """
    facts = "; ".join(f"{latex(name)}: {latex(text)}" for name, text in document.facts.items())
    parts = [HEAD, rf"\section*{{{latex(document.title)}}}", facts]
    if document.progress:
        parts.append(rf"\textbf{{{latex(document.progress.text)}}}")
    for part in document.parts:
        shown = list(blocks(part.blocks, folder))
        parts += [rf"\section*{{{latex(part.title)}}}", *shown] if shown else []
    return "\n\n".join([*parts, r"\end{document}"]) + "\n"


def blocks(shown: Iterable[doc.Block], folder: str) -> Iterator[str]:
    """Blocks as paragraphs of LaTeX."""
    for block in shown:
        yield from _block(block, folder)


def _block(block: doc.Block, folder: str) -> Iterator[str]:
    match block:
        case doc.Text(role="lead"):
            yield rf"\textbf{{{rich(block.text)}}}"
        case doc.Text(role="note"):
            yield rf"\textbf{{Note.}} {rich(block.text)}"
        case doc.Text():
            yield rich(block.text)
        case doc.Heading():
            yield rf"\subsection*{{{latex(block.text)}}}"
        case doc.Items():
            yield _items(map(rich, block.items))
        case doc.Code():
            yield _lines(block.text)
        case doc.Details(searched=False):
            yield rf"\subsection*{{{latex(block.summary)}}}"
            yield from blocks(block.blocks, folder)
        case doc.Beside():
            yield from blocks(block.blocks, folder)
        case doc.Table():
            yield long(block)
        case doc.Answers():
            yield _items(rf"\textbf{{{latex(answer.arm)}}}: {latex(answer.text)}" for group in block.groups for answer in group.answers)
        case doc.Figure():
            path = f"{folder}/{block.name}"
            yield "\n".join([
                r"\begin{center}",
                rf"\IfFileExists{{{path}.pdf}}{{\includegraphics[width=\linewidth]{{{path}.pdf}}}}{{\texttt{{{latex(path)}.svg}}}}",
                r"\end{center}"])
            yield rf"{{\small {latex(block.caption)}\par}}"
        case doc.Panels():
            yield from _block(block.together, folder)


def _items(items: Iterable[str]) -> str:
    return "\n".join([r"\begin{itemize}", *(rf"\item {{}}{item}" for item in items), r"\end{itemize}"])


def _lines(text: str) -> str:
    """Lines letter by letter; escaped instead of verbatim, for nothing can end them."""
    shown = [latex(line).replace(" ", "~") for line in visible(text).split("\n")]
    return "{" + r"\ttfamily\footnotesize\raggedright" + "\n" + "\n".join(rf"\mbox{{}}{line}\par" for line in shown) + "\n}"


def rich(text: doc.Rich) -> str:
    """A text with its parts that stand out; links are words only."""
    return "".join(_span(part) for part in doc.spans(text))


def _span(part: str | doc.Strong | doc.Link) -> str:
    if isinstance(part, doc.Strong):
        return rf"\textbf{{{latex(part.text)}}}"
    if isinstance(part, doc.Link):
        return latex(part.text)
    return (" " if part != part.lstrip() else "") + latex(part) + (" " if part != part.rstrip() else "")


def tabular(headers: Sequence[doc.Column], body: Sequence[Sequence[doc.Rich]]) -> str:
    """A ``booktabs`` table, ready for ``\\input``."""
    head = [r"\toprule", _line([_head(column.header) for column in headers]), r"\midrule"]
    begin, end = rf"\begin{{tabular}}{{{_alignment(headers)}}}", r"\end{tabular}"
    return "\n".join([begin, *head, *map(_row, body), r"\bottomrule", end, ""])


def long(table: doc.Table) -> str:
    """A table that goes on over pages, under its caption."""
    headers, body = flat(table, signs=False)
    size = r"\scriptsize" if len(headers) > MOST_WIDE else r"\small"
    caption = [rf"{{\small {latex(table.caption)}\par}}"] if table.caption else []
    head = [r"\toprule", _line([_head(column.header) for column in headers]), r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
    begin, end = rf"\begin{{longtable}}{{{_alignment(headers)}}}", r"\end{longtable}"
    return "\n".join([*caption, f"{{{size}", begin, *head, *map(_row, body), end, "}"])


def _alignment(headers: Sequence[doc.Column]) -> str:
    return "".join(ALIGN.get(column.role, "l") for column in headers)


def _head(header: str) -> str:
    return "$p$" if header == "p" else latex(header).replace(r" \%", r"\,\%")


def _row(texts: Sequence[doc.Rich]) -> str:
    line = _line(map(rich, texts))
    guard = "{}" if line.lstrip()[:1] in ("[", "*") else ""  # else the end of the line before would take it for its argument
    return guard + line


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
