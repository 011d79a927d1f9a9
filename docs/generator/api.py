"""The reference of the Python interface, from signatures and docstrings; nothing is imported for it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2] / "dlbench"
MODULES = {
    "python": ("From Python", {
        "api.py": ("run", "plan", "check", "Choices"), "app/result.py": ("load", "Result"), "store/results.py": ("Results",),
        "exports/__init__.py": ("export",)}),
    "plugins": ("For plug-ins", {
        "techniques/declaration.py": ("Technique", "Parameter", "Paper"), "techniques/hooking.py": ("hooked",),
        "values/hooks.py": ("Hooks",), "kernels/draws.py": ("Draws",), "values/recipe.py": ("edit", "Recipe", "changes"),
        "datasets/declaration.py": None, "models/__init__.py": ("Architecture",), "values/metric.py": ("Metric",),
        "values/case.py": ("Case", "Work", "Prepared"), "plugins/__init__.py": ("use",), "contract/__init__.py": ("check", "Finding")}),
}
"""Page -> its title and, by module, the names it shows; None: every public one."""
WIDTH = 84
SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Yields|Example|Source)s?: ?(.*)$")


def pages() -> dict[str, str]:
    """Path -> text."""
    return {f"api/{page}.md": "\n".join([f"# {title}", "", *(line for path, names in modules.items() for line in _module(path, names))])
            for page, (title, modules) in MODULES.items()}


def _module(path: str, names: tuple[str, ...] | None) -> list[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    name = "dlbench." + path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    lines = [f"## {name}", "", *rendered(ast.get_docstring(tree) or ""), ""]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (node.name in names if names else not node.name.startswith("_")):
            lines += _entry(node)
    return lines


def _entry(node: ast.FunctionDef | ast.ClassDef, owner: str = "") -> list[str]:
    level = "####" if owner else "###"
    lines = [f"{level} {owner}{node.name}", "", "```python", _signature(node), "```", "", *rendered(ast.get_docstring(node) or ""), ""]
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_") and ast.get_docstring(inner):
                lines += _entry(inner, f"{node.name}.")
    return lines


def _signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.FunctionDef):
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        properties = "".join(f"@{ast.unparse(mark)}\n" for mark in node.decorator_list)
        return properties + _wrapped(f"def {node.name}", ast.unparse(node.args), returns)
    start = next((inner for inner in node.body if isinstance(inner, ast.FunctionDef) and inner.name == "__init__"), None)
    if start is not None:
        return _wrapped(f"class {node.name}", ast.unparse(start.args).removeprefix("self").removeprefix(", "))
    fields = [ast.unparse(inner) for inner in node.body if isinstance(inner, ast.AnnAssign)]
    return _wrapped(f"class {node.name}", ", ".join(fields))


def _wrapped(head: str, arguments: str, tail: str = "") -> str:
    """A signature on one line, or with a line for each argument where it would be too long.

    Example:
        >>> _wrapped("def add", "x: int, y: int", " -> int")
        'def add(x: int, y: int) -> int'
    """
    line = f"{head}({arguments}){tail}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{head}(", *(f"    {argument.strip()}," for argument in _split(arguments)), f"){tail}"])


def _split(arguments: str) -> list[str]:
    """The arguments of a signature, one by one: they are parted by the commas that stand in no bracket."""
    parts, depth = [""], 0
    for sign in arguments:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def rendered(docstring: str) -> list[str]:
    """A docstring in Markdown: its sections as lists, its examples as code.

    Example:
        >>> rendered("Add.\\n\\nArgs:\\n    x: a number\\n        of any size.\\n\\nExample:\\n    >>> 1 + 1\\n    2")
        ['Add.', '', '**Args**', '', '- `x`: a number of any size.', '', '**Example**', '', '```pycon', '>>> 1 + 1', '2', '```']
    """
    lines: list[str] = []
    for name, body in _sections(docstring):
        if name in ("", "Source"):
            words = _text(body)
            lines += ([f"Source: {words[0]}", *words[1:]] if name else words) + [""]
        elif name == "Example":
            lines += ["**Example**", "", "```pycon", *(line for line in body), "```", ""]
        else:
            lines += [f"**{name}**", "", *_items(body, named=name not in ("Returns", "Yields")), ""]
    return lines[:-1]


def _sections(docstring: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in docstring.splitlines():
        section = SECTION.match(line)
        if section:
            found.append((section[1], [section[2]] if section[2] else []))
        elif line and not line.startswith(" ") and found[-1][0] not in ("", "Source"):
            found.append(("", [line]))
        else:
            found[-1][1].append(line[4:] if found[-1][0] not in ("", "Source") else line.strip())
    return [(name, _trimmed(body)) for name, body in found if _trimmed(body)]


def _trimmed(body: list[str]) -> list[str]:
    return "\n".join(body).strip("\n").splitlines()


def _items(body: list[str], named: bool) -> list[str]:
    joined: list[str] = []
    for line in filter(None, body):
        if line.startswith(" ") and joined:
            joined[-1] += " " + line.strip()
        else:
            joined.append(line)
    listed = [f"- {_words(line)}" for line in joined]
    return [re.sub(r"^- ([*\w, ]+): ", r"- `\1`: ", line) for line in listed] if named else listed


def _text(body: list[str]) -> list[str]:
    return [_words(line) for line in body]


def _words(line: str) -> str:
    """reStructuredText roles and double backticks as Markdown."""
    line = re.sub(r":\w+:`~?(?:dlbench\.)?([^`]+)`", r"`\1`", line)
    return re.sub(r"``([^`]+)``", r"`\1`", line).replace("<", "&lt;") if "`" not in line else re.sub(r"``([^`]+)``", r"`\1`", line)
