"""What a study file says and which code it would run, read without running any of it."""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench.study.declared import without_own_metric
from dlbench.study.parse import read_table
from dlbench.study.schema import StudyKeys
from dlbench.study.script import COMMAND, script_keys
from dlbench.study.toml import toml
from dlbench.study.trust import demand_trusted, own_code
from dlbench.study.validation import check
from dlbench.values.errors import InputError
from dlbench.values.placeholders import as_text


@dataclass(frozen=True)
class Outline:
    """What can be known of a study without running its code.

    Attributes:
        question, datasets, model: as the study file has them.
        arms: each as the study file states it.
        code: files that would be run -> the functions and classes that each defines.
        refused: why it would not be run; empty where it would.
        command: that a script's study runs; empty for others.
    """

    question: str
    datasets: tuple[str, ...]
    model: str
    arms: tuple[str, ...]
    code: dict[str, tuple[str, ...]]
    refused: str
    command: str = ""


def outline(study: str | dict[str, Any], overrides: tuple[str, ...] = (), allowed: tuple[str, ...] = ()) -> Outline:
    """Read a study; arguments and errors are those of :func:`dlbench.study.load`.

    Example:
        >>> outline("quickstart").model, outline("quickstart").code
        ('small_cnn', {})
    """
    path, _, table = read_table(study, overrides)
    if table.get("engine") == COMMAND:
        return _of_script(path, table)
    keys, folder = check(StudyKeys, without_own_metric(path.name, table)[0], path.name), path.resolve().parent
    datasets = tuple(keys.datasets or [keys.dataset])
    code = {name: _definitions(folder / name) for name in own_code(keys, folder)}
    return Outline(keys.question, datasets, keys.model, tuple(map(toml, keys.arms)), code, _refused(path.name, keys, folder, allowed))


def _of_script(path: Path, table: dict[str, Any]) -> Outline:
    folder = path.resolve().parent
    keys, words = script_keys(path.name, table)
    code = {word: _definitions(folder / word) for word in words if (folder / word).is_file()}
    return Outline(keys.question, (), "", tuple(map(toml, keys.arms)), code, "", as_text(words))


def _refused(where: str, keys: StudyKeys, folder: Path, allowed: tuple[str, ...]) -> str:
    try:
        demand_trusted(where, keys, folder, allowed)
    except InputError as error:
        return str(error)
    return ""


def _definitions(file: Path) -> tuple[str, ...]:
    with suppress(SyntaxError, ValueError, OSError, RecursionError):
        return tuple(node.name for node in ast.parse(file.read_bytes()).body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return ()
