"""``python -m docs.generator.stub``: write the types of the technique constructors, for type checkers and editors."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path
from typing import Any

import dlbench
from dlbench.techniques import CATALOGUE
from dlbench.techniques.constructors import constructor
from dlbench.techniques.declaration import Parameter, Technique

FILE = Path(dlbench.__file__).parent / "techniques" / "__init__.pyi"
HEAD = '''"""The catalogue of techniques, and each as a function; written by ``python -m docs.generator.stub``, never by hand."""

from typing import Any, Literal

from dlbench.techniques.constructors import Constructor as Constructor
from dlbench.techniques.constructors import Constructors as Constructors
from dlbench.techniques.declaration import Paper as Paper
from dlbench.techniques.declaration import Parameter as Parameter
from dlbench.techniques.declaration import Technique as Technique
from dlbench.techniques.hooking import hooked as hooked
from dlbench.values.catalogue import Catalogue

FAMILIES: tuple[Any, ...]
CATALOGUE: Catalogue[Technique]
CONSTRUCTORS: Constructors

def technique(name: str) -> Technique: ...
'''
WIDTH = 130
KINDS = {float: "float", int: "int", bool: "bool", str: "str", list: "list[int]"}


def stub() -> str:
    """Return the stub's text: a function for each technique, with the signature and docstring that it has when the program runs."""
    return HEAD + "".join(_function(technique) for technique in CATALOGUE)


def _function(technique: Technique) -> str:
    words = (inspect.getdoc(constructor(technique)) or "").replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = [wrapped for line in words.splitlines() for wrapped in (_wrapped(line) or [""])]
    body = textwrap.indent("\n".join([f'"""{lines[0]}', *lines[1:], '"""']), "    ", lambda line: bool(line.strip()))
    given = "".join(f"    {text},\n" for text in ("*", *map(_parameter, technique.parameters))) if technique.parameters else ""
    return f"\ndef {technique.name}({given and chr(10)}{given}) -> dict[str, Any]:\n{body}\n"


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, WIDTH, subsequent_indent=f"{indent}    " if indent else "", break_long_words=False)


def _parameter(item: Parameter) -> str:
    kind = f"Literal[{', '.join(map(repr, item.choices))}]" if item.choices else KINDS[item.kind]
    kind = "list[int] | list[str]" if item.classes else kind
    sweep = "list[Any]" if item.kind is list else f"list[{kind}]"
    nothing = " | None" if item.default is None else ""
    return f"{item.name}: {kind} | {sweep}{nothing}" + ("" if item.required else f" = {_default(item.default)}")


def _default(value: Any) -> str:
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


if __name__ == "__main__":
    FILE.write_text(stub(), encoding="utf-8")
