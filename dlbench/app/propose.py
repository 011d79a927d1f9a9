"""``dlbench propose``: is this version better than the best one of a ledger? One proposal of a stream without an end."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench.gate import versions
from dlbench.gate.ledger import Header, Ledger, Version, read_ledger, writing
from dlbench.gate.lineage import BEGUN, Answer, Lineage, filled
from dlbench.gate.repository import git
from dlbench.gate.training import training
from dlbench.stats.method import METHOD
from dlbench.stats.proposals import LOOKS
from dlbench.study.seeds import stated_seconds
from dlbench.values.errors import InputError


@dataclass(frozen=True)
class Proposed:
    """What is proposed, and what begins a ledger, as options state it; what is None is taken from the ledger.

    Attributes:
        train, score, lower, margin, score_pattern: the training and its score.
        control: of the error over the stream, ``fdr`` or ``fwer``.
        base: a commit, the first incumbent of a ledger that is begun; that of HEAD where unset.
        patch: a patch to the incumbent's files, in place of the working tree.
        parameters: ``NAME=VALUE``, each of which fills a placeholder of the command; the incumbent's files unless a patch is given.
        name: the proposal in words.
        train_limit: how long one training may take.
    """

    train: str | None = None
    score: str | None = None
    lower: bool | None = None
    margin: float | None = None
    score_pattern: str | None = None
    control: str | None = None
    base: str | None = None
    patch: Path | None = None
    parameters: Sequence[str] = ()
    name: str | None = None
    train_limit: str | None = None


def propose(asked: Proposed, path: Path, note: Callable[[str], None]) -> Answer:
    """Judge a proposal against the best version of a ledger, and write the verdict into the ledger.

    Args:
        asked: what is proposed.
        path: of the ledger, which is begun where there is none.
        note: receives progress, a line each.

    Raises:
        InputError: an option is missing or is not the ledger's, another process writes to the ledger, or the incumbent's files are gone.
    """
    limit_s = stated_seconds(f"--train-limit {asked.train_limit}", asked.train_limit) if asked.train_limit is not None else None
    project, parameters = versions.project(), stated(asked.parameters)
    if not path.exists() or not path.stat().st_size:
        header = _header(asked, project, parameters, path)
    else:
        header = None
    with writing(path), tempfile.TemporaryDirectory(prefix="dlbench-lineage-") as folder:
        ledger = read_ledger(path)
        for damage in ledger.damage:
            note(f"warning: {damage}")
        lineage = Lineage(ledger, Path(folder), note, limit_s)
        begun = ledger.header is None
        if begun and header is not None:
            ledger.begin(header)
            lineage.keep_alive(header.first, 0)
            note(f"{path} is begun; the first incumbent is {asked.base or 'HEAD'}")
        _demand_same(asked, ledger, project)
        lineage.resume()
        version = _version(asked, ledger, parameters)
        if begun and version == ledger.incumbent.version:
            return Answer(BEGUN, "the ledger has its first incumbent, and nothing is proposed yet", None, lineage.control.wealth)
        return lineage.propose(version, asked.name or _described(asked, version))


def stated(parameters: Sequence[str]) -> dict[str, str]:
    """Return parameters as ``--set`` states them.

    Raises:
        InputError: one is not NAME=VALUE.

    Example:
        >>> stated(["lr=0.1", "depth=3"])
        {'depth': '3', 'lr': '0.1'}
    """
    pairs = [text.partition("=") for text in parameters]
    if bad := [name for name, equals, _ in pairs if not equals or not name]:
        raise InputError(f"--set {bad[0]}: accepted: NAME=VALUE, such as lr=0.1")
    return dict(sorted((name, value) for name, _, value in pairs))


def _header(asked: Proposed, project: str, parameters: dict[str, str], path: Path) -> Header:
    """The header of a new ledger; parameters that the first call sets are the first incumbent's."""
    if missing := [option for option, value in (("--train", asked.train), ("--score", asked.score)) if value is None]:
        raise InputError(f"{missing[0]} is missing; accepted: to begin a ledger, --train COMMAND --score NAME, and --lower where lower "
                         "scores are better")
    margin = asked.margin or 0.0
    if not 0 <= margin < math.inf:
        raise InputError(f"--margin {margin:g}: accepted: a number from 0 on, the smallest gain that is worth its seeds")
    if asked.patch is not None and parameters:
        raise InputError("--patch and --set begin no ledger together: a first --set is the first incumbent's; accepted: one of them")
    command, score = asked.train or "", asked.score or ""  # checked: neither is missing
    training(filled(command, parameters), score, not asked.lower, asked.score_pattern or "")
    first = Version(tree=versions.tree_of(asked.base or "HEAD", _own(path)), parameters=parameters)
    return Header(format=1, project=project, train=command, score=score, lower=bool(asked.lower), score_pattern=asked.score_pattern or "",
                  margin=margin, control=asked.control or "fdr", alpha=METHOD.alpha, looks=list(LOOKS), first=first)  # type: ignore[arg-type]


def _demand_same(asked: Proposed, ledger: Ledger, project: str) -> None:
    """Refuse what is not of this ledger: its verdicts would not be of one stream."""
    about = ledger.about
    if project != about.project:
        raise InputError(f"--ledger {ledger.path}: it is of another project ({about.project[:12]}, and this is {project[:12]}); accepted: "
                         "the folder in which it was begun, or another --ledger")
    options: dict[str, tuple[Any, Any]] = {
        "--train": (asked.train, about.train), "--score": (asked.score, about.score), "--lower": (asked.lower, about.lower),
        "--margin": (asked.margin, about.margin), "--score-pattern": (asked.score_pattern, about.score_pattern),
        "--control": (asked.control, about.control)}
    for option, (mine, known) in options.items():
        if mine is not None and mine != known:
            raise InputError(f"{option} {mine}: the ledger {ledger.path} has {known}, and verdicts of one lineage share it; accepted: "
                             f"{known}, the option left out, or another --ledger")


def _version(asked: Proposed, ledger: Ledger, parameters: dict[str, str]) -> Version:
    """The version that is proposed."""
    incumbent = ledger.incumbent.version
    merged = {**incumbent.parameters, **parameters}
    filled(ledger.about.train, merged)
    if asked.patch is not None:
        return Version(tree=versions.patched(incumbent.tree, asked.patch), parameters=merged)
    if parameters:
        return Version(tree=incumbent.tree, parameters=merged)
    return Version(tree=versions.working_tree(_own(ledger.path)), parameters=merged)


def _own(path: Path) -> tuple[Path, ...]:
    """Files that belong to no version: the ledger and its page."""
    return path, path.with_suffix(".html")


def _described(asked: Proposed, version: Version) -> str:
    if asked.patch is not None:
        return f"patch {asked.patch.name}"
    if asked.parameters:
        return ", ".join(asked.parameters)
    return f"working tree {version.tree[:9]} on {git('rev-parse', '--short', 'HEAD')}"
