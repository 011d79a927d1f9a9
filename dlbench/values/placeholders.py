"""The placeholders of a command: filled word by word, after the words were split, so that no value is ever read as two words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dlbench.values.command import Command
from dlbench.values.errors import InputError

OPEN = ("seed", "out", "flags", "options", "overrides")
"""Placeholders that dlbench fills: the seed, the run's folder, flags, and all other parameters as ``--name value`` or ``name=value``."""
WRITTEN = re.compile(r"\{\{[A-Za-z_][\w.\-]*\}\}|\{([A-Za-z_][\w.\-]*)\}")


def placeholders(words: Iterable[str]) -> set[str]:
    """Name the placeholders of words; ``{{name}}`` stands for ``{name}`` itself.

    Example:
        >>> sorted(placeholders(["--lr={lr}", "{{x}}", "{seed}"]))
        ['lr', 'seed']
    """
    return {match[1] for word in words for match in WRITTEN.finditer(word) if match[1]}


def demand_filled(where: str, words: Iterable[str], baseline: Mapping[str, Any]) -> None:
    """Refuse a placeholder without a value, and a value without a placeholder.

    Raises:
        InputError: naming it; ``where`` begins the message.
    """
    words = tuple(words)
    wanted, found = placeholders(words) - set(OPEN), placeholders(words)
    for name in sorted(wanted - baseline.keys()):
        raise InputError(f"{where}: run: {{{name}}} has no value; accepted: {name} = … in [baseline], or {{{{{name}}}}} for these very "
                         "signs")
    for name in baseline.keys() - wanted if not {"options", "overrides"} & found else ():
        raise InputError(f"{where}: baseline.{name}: no placeholder takes it; accepted: {{{name}}} in run, or {{options}}, which "
                         "stands for --name value of all that have none")


def as_text(words: Iterable[str]) -> str:
    """Write the words of a command in a line, with quotes around those that need them.

    Example:
        >>> as_text(["python", "train.py", "--lr", "{lr}", "a b"])
        "python train.py --lr {lr} 'a b'"
    """
    return " ".join(word if re.fullmatch(r"[\w@%+=:,./{}\-]+", word) else shlex.quote(word) for word in words)


def filled(command: Command, seed: int, out: str) -> list[str]:
    """Return the words of a run.

    Args:
        command: of its recipe.
        seed: of the run.
        out: its folder.

    Example:
        >>> command = Command(("python", "train.py", "--lr={lr}", "{overrides}"), (("lr", 0.1), ("model.width", 8)), ("--fast --x 1",))
        >>> filled(command, 3, "/runs/1")
        ['python', 'train.py', '--lr=0.1', 'model.width=8', '--fast', '--x', '1']
    """
    named = placeholders(command.run)
    rest = {name: value for name, value in command.parameters if name not in named}
    lists = {"{flags}": [word for flags in command.flags for word in shlex.split(flags)], "{options}": list(_options(rest)),
             "{overrides}": [f"{name}={written(value)}" for name, value in rest.items()]}
    values = {**{name: written(value) for name, value in command.parameters}, "seed": str(seed), "out": out}

    def value(match: re.Match[str]) -> str:
        return values[match[1]] if match[1] else match[0][1:-1]

    words = command.run if "{flags}" in command.run else (*command.run, "{flags}")
    return [one for word in words for one in (lists[word] if word in lists else [WRITTEN.sub(value, word)])]


def written(value: Any) -> str:
    """Write a parameter's value as a word.

    Example:
        >>> written(True), written(1e-3), written("a b")
        ('true', '0.001', 'a b')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def _options(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield ``--name value``; of true or false, ``--name`` or nothing."""
    for name, value in parameters.items():
        if not isinstance(value, bool):
            yield from (f"--{name}", written(value))
        elif value:
            yield f"--{name}"
