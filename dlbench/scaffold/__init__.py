"""Layer 6: working starting points for a study, technique, dataset or model, each with its test; and a skill for coding agents."""

from __future__ import annotations

import importlib.util
import keyword
from importlib import resources
from pathlib import Path

import jinja2

from dlbench.plugins import CATALOGUES
from dlbench.study import shipped
from dlbench.values.errors import InputError

FILES = {
    "study": ("study.toml", "test_study.py"), "technique": ("technique.py", "plugin_study.toml", "test_plugin.py"),
    "dataset": ("dataset.py", "plugin_study.toml", "test_plugin.py"), "model": ("model.py", "plugin_study.toml", "test_plugin.py"),
}
"""Kind -> templates; the first is what the user asked for."""


def create(kind: str, name: str, folder: Path) -> list[Path]:
    """Write the files of a starting point into a folder and return them, the one to edit first.

    ``kind`` is a key of :data:`FILES`; ``name`` names what is made and its files.

    Raises:
        InputError: the name cannot be used, or a file is there already; then nothing is written.
    """
    _demand_usable(kind, name)
    files = {folder / _file_name(template, name): _render(template, kind, name) for template in FILES[kind]}
    return _written(files)


def _written(files: dict[Path, str]) -> list[Path]:
    """Write files that are not there yet."""
    for path in files:
        if path.exists():
            raise InputError(f"{path}: is there already, and is left alone; choose another name or folder")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


SKILL = "agent-skill"
"""The kind that :func:`create_skill` writes."""


def create_skill(name: str, folder: Path) -> list[Path]:
    """Write what a coding agent needs to call ``dlbench propose``: a skill, and a snippet for AGENTS.md; return them in this order.

    Args:
        name: of the skill and its folder below ``skills``.
        folder: of the project; where it has an AGENTS.md, that one is left alone, and the snippet is AGENTS.dlbench.md.

    Raises:
        InputError: a file is there already; then nothing is written.
    """
    agents = folder / ("AGENTS.dlbench.md" if (folder / "AGENTS.md").exists() else "AGENTS.md")
    return _written({folder / "skills" / name / "SKILL.md": _render("skill.md", SKILL, name), agents: _render("agents.md", SKILL, name)})


def _file_name(template: str, name: str) -> str:
    return f"test_{name}.py" if template.startswith("test_") else name + Path(template).suffix


def _demand_usable(kind: str, name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(f"name '{name}': accepted: letters, digits and _, not beginning with a digit, such as my_{kind}")
    if kind == "study":
        taken = name in shipped()
    else:
        taken = name in {entry.name for entry in CATALOGUES[f"{kind.upper()}S"]} or importlib.util.find_spec(name) is not None
    if taken:
        raise InputError(f"name '{name}': a {kind} or module of this name is there already; accepted: another name, such as my_{name}")


def _render(template: str, kind: str, name: str) -> str:
    source = resources.files("dlbench.scaffold").joinpath("templates", f"{template}.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, trim_blocks=True, autoescape=False)
    return environment.from_string(source).render(kind=kind, name=name)
