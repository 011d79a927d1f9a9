"""Rounds: every peer once a round, in an order that rotates, kept as soon as measured so that a session can be resumed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers.contestants import Failed, Peer, Place, prepare, scrubbed
from dlbench.values.errors import InputError

SCHEMA = 1


def rotated(peers: Sequence[Peer], turn: int) -> list[Peer]:
    """The peers, beginning one further each round.

    Example:
        >>> rotated("abc", 1)
        ['b', 'c', 'a']
    """
    return [peers[(turn + place) % len(peers)] for place in range(len(peers))]


def pending(entries: list[dict[str, Any]], peers: Sequence[Peer], rounds: int) -> Iterator[tuple[int, Peer]]:
    """What is not measured yet, in the order of measuring; a failed measurement counts as not measured."""
    done = {(entry["round"], entry["peer"]) for entry in entries if entry["status"] == "done"}
    for turn in range(rounds):
        for peer in rotated(peers, turn):
            if (turn, peer.name) not in done:
                yield turn, peer


class Raw:
    """The file of raw rounds, next to the report.

    Args:
        path: of the JSON file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data: dict[str, Any] = {"schema": SCHEMA, "cases": {}}
        if path.exists():
            self.data = json.loads(path.read_text(encoding="utf-8"))

    def demand_alike(self, known: dict[str, Any]) -> None:
        """Check that rounds which are there can be gone on with.

        Args:
            known: ``case`` as described, the ``machine``, and the digest of dlbench's ``source``.

        Raises:
            InputError: the file holds rounds of other settings or of another machine.
        """
        part = self.data["cases"].get(known["case"]["name"], known)
        for name in ("case", "machine"):
            if part[name] != known[name]:
                changed = ", ".join(key for key in known[name] if part[name].get(key) != known[name][key])
                raise InputError(f"{self.path}: its rounds of case '{known['case']['name']}' were measured with other settings "
                                 f"({name}: {changed}); --anew measures them again, or give another --out")

    def case(self, known: dict[str, Any], command: str, anew: bool = False) -> dict[str, Any]:
        """The part of a case, begun where there is none.

        Args:
            known: as of :meth:`demand_alike`.
            command: that measures it.
            anew: whether rounds of other settings, of another machine or of another source are dropped.

        Raises:
            InputError: rounds of other settings or of another machine are not to be dropped.
        """
        name, cases = known["case"]["name"], self.data["cases"]
        if anew and name in cases and any(cases[name].get(key) != value for key, value in known.items()):
            del cases[name]
        self.demand_alike(known)
        part = cases.setdefault(name, {**known, "rounds": [], "skipped": {}})
        part["command"] = command
        return part

    def keep(self) -> None:
        """Write the file, whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        made = self.path.with_name(self.path.name + ".part")
        made.write_text(_text(self.data), encoding="utf-8")
        made.replace(self.path)


def _text(data: dict[str, Any]) -> str:
    """JSON with each list of numbers on one line and six decimals."""
    rounded = json.loads(json.dumps(data), parse_float=lambda digits: round(float(digits), 6))
    text = json.dumps(rounded, indent=1, ensure_ascii=False)
    return re.sub(r"\[([\d.,\s-]+)\]", lambda found: "[" + " ".join(found[1].split()) + "]", text) + "\n"


class Session:
    """Measures a case.

    Args:
        raw: the file of raw rounds.
        part: of the case in it.
        place: where it is measured.
        say: told of progress, line by line.
    """

    def __init__(self, raw: Raw, part: dict[str, Any], place: Place, say: Callable[[str], None]) -> None:
        self.raw, self.part, self.place, self.say = raw, part, place, say

    def measure(self, peers: Sequence[Peer], rounds: int) -> bool:
        """Measure what is missing; returns whether every peer did what it was asked."""
        waiting, fine = list(pending(self.part["rounds"], self._able(peers), rounds)), True
        if waiting:
            self.say("writing the arrays that every peer reads")
            prepare(self.place)
        for turn, peer in waiting:
            self.say(f"round {turn + 1} of {rounds}: {peer.title}")
            entry = self._entry(turn, peer)
            others = [old for old in self.part["rounds"] if (old["round"], old["peer"]) != (turn, peer.name)]
            self.part["rounds"] = [*others, entry]
            self.raw.keep()
            self.say(entry["reason"] or f"{entry['wall_s']:.1f} s")
            fine &= entry["status"] == "done"
        self.raw.keep()
        return fine

    def _able(self, peers: Sequence[Peer]) -> list[Peer]:
        able = []
        for peer in peers:
            self.part["skipped"].pop(peer.name, None)
            if reason := peer.missing(self.place):
                self.part["skipped"][peer.name] = reason
                self.say(f"{peer.title} is left out: {reason}")
            else:
                able.append(peer)
        return able

    def _entry(self, turn: int, peer: Peer) -> dict[str, Any]:
        entry = {"round": turn, "peer": peer.name, "status": "done", "reason": ""}
        try:
            return {**entry, **peer.measure(self.place)}
        except (Failed, InputError, OSError, ValueError) as error:
            return {**entry, "status": "failed", "reason": scrubbed(self.place, str(error))}
