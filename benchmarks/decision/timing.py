"""Interleaved rounds: the Keras loop and dlbench take turns, one block of trainings each, kept as soon as measured."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.decision.cases import LOOPED, TIMED, Case, described
from benchmarks.decision.sessions import Session
from benchmarks.peers.records import machine, source_digest
from benchmarks.peers.session import rotated
from dlbench.values.errors import InputError
from dlbench.values.files import write

LOOP, FINAL, DLBENCH = "keras", "final", "dlbench"
"""The Keras loop; dlbench scored as the loop is, at the last epoch on one test part; dlbench as it decides."""
WAYS = (LOOP, FINAL, DLBENCH)
LOOP_SEEDS, SEEDS = 1, 4
"""Seeds per arm in a block, of the loop and of dlbench: four test each of four folds once."""
AGREEMENT_SEEDS = range(100, 112)
"""Seeds of further baselines of the loop, not timed: whether its networks score as dlbench's takes more runs than the rounds have."""
FILE = "timing.json"
MODULES = {LOOP: "benchmarks.decision.keras_session", FINAL: "benchmarks.decision.dlbench_session",
           DLBENCH: "benchmarks.decision.dlbench_session"}
VARIABLES = {"TF_ENABLE_ONEDNN_OPTS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}


def loop_seeds(turn: int) -> list[list[int]]:
    """Return the seeds of a round for each timed arm: none is used twice, so that arms are independent.

    >>> loop_seeds(0), loop_seeds(1)
    ([[0], [1]], [[2], [3]])
    """
    first = turn * LOOP_SEEDS * len(LOOPED)
    return [list(range(first + arm * LOOP_SEEDS, first + (arm + 1) * LOOP_SEEDS)) for arm in range(len(LOOPED))]


def request(way: str, case: Case, turn: int, work: Path) -> dict[str, Any]:
    """Return what a way is asked to train in a round."""
    if way == LOOP:
        return {"case": described(case), "arrays": str(work / f"{case.name}-loop.npz"), "seeds": loop_seeds(turn)}
    changes = {"score.over": "final"} if way == FINAL else {"folds": case.folds} if case.folds else {}
    return {"study": str(case.study), "choices": {
        "out": str(work / "timed"), "seeds": SEEDS, "arms": list(TIMED), "data_dir": str(work), "changes": changes}}


def pending(rounds: Sequence[dict[str, Any]], cases: Sequence[Case], count: int) -> Iterator[tuple[int, Case, str]]:
    """Yield what is not measured yet, round by round; which way begins rotates."""
    done = {(entry["round"], entry["case"], entry["way"]) for entry in rounds}
    for turn in range(count):
        for case in cases:
            for way in rotated(WAYS, turn):  # pyright: ignore[reportArgumentType]
                if (turn, case.name, way) not in done:
                    yield turn, case, way


class Timing:
    """The rounds of a machine, and the processes that do them.

    Args:
        file: of the rounds; it need not exist.
        work: the folder of the exported data.
        say: told of progress.

    Raises:
        InputError: the file holds rounds of another machine, or of another version of dlbench.
    """

    def __init__(self, file: Path, work: Path, say: Callable[[str], None]) -> None:
        self.file, self.work, self.say = file, work, say
        known = {"machine": machine(), "source": source_digest()}
        self.data: dict[str, Any] = read(file) if file.exists() else known | {"starts": [], "scores": {}, "rounds": []}
        if changed := [name for name, value in known.items() if self.data[name] != value]:
            raise InputError(f"{file}: its rounds are those of another {changed[0]}; remove that file to measure anew")
        self.sessions: dict[str, Session] = {}

    def measure(self, cases: Sequence[Case], count: int) -> None:
        """Measure the rounds that are missing."""
        waiting = list(pending(self.data["rounds"], cases, count))
        unscored = [case for case in cases if case.name not in self.data["scores"]]
        try:
            if waiting or unscored:
                self._start(cases[0])
            for turn, case, way in waiting:
                entry = {"round": turn, "case": case.name, "way": way, **self._block(request(way, case, turn, self.work), way)}
                self.data["rounds"].append(entry)
                self._keep()
                self.say(f"round {turn + 1} of {count}, {case.name}, {way}: {entry['seconds'] / entry['runs']:.2f} s per run")
            for case in unscored:
                self._score(case)
        finally:
            for session in self.sessions.values():
                session.close()
            shutil.rmtree(self.work / "timed", ignore_errors=True)

    def _start(self, case: Case) -> None:
        """Start both processes, one after the other, each up to the end of a block that counts for nothing, and keep how long it took."""
        start: dict[str, Any] = {"load": round(os.getloadavg()[0], 2)}
        for way in (LOOP, DLBENCH):
            env = os.environ | VARIABLES | {"DLBENCH_CACHE_DIR": str(self.work / "cache")}
            session = self.sessions[MODULES[way]] = Session(MODULES[way], env)
            _, seconds = session.ask(request(way, case, 0, self.work))
            block = self._block(request(way, case, 0, self.work), way)
            start[way] = {"start_s": max(0.0, seconds - block["seconds"])}
            self.say(f"{way}: {start[way]['start_s']:.1f} s until it trains")
        self.data["starts"].append(start)

    def _score(self, case: Case) -> None:
        """Keep the scores of further baselines of the loop."""
        asked = request(LOOP, case, 0, self.work) | {"seeds": [list(AGREEMENT_SEEDS), []]}
        self.data["scores"][case.name] = self._block(asked, LOOP)["scores"][LOOPED[0]]
        self._keep()
        self.say(f"{case.name}: {len(AGREEMENT_SEEDS)} further baselines of the loop, not timed")

    def _block(self, asked: dict[str, Any], way: str) -> dict[str, Any]:
        shutil.rmtree(self.work / "timed", ignore_errors=True)
        answer, seconds = self.sessions[MODULES[way]].ask(asked)
        return {"seconds": round(seconds, 3), "runs": sum(map(len, answer["scores"].values())), **answer}

    def _keep(self) -> None:
        rounds = ",\n  ".join(json.dumps(entry) for entry in self.data["rounds"])
        head = json.dumps({name: value for name, value in self.data.items() if name != "rounds"})
        write(self.file, f'{head[:-1]}, "rounds": [\n  {rounds}]}}\n')


def read(file: Path) -> dict[str, Any]:
    """Read the machine, the starts and the rounds.

    Raises:
        InputError: there are none.
    """
    if not file.exists():
        raise InputError(f"{file}: there are no rounds; --step timing measures them")
    return json.loads(file.read_text(encoding="utf-8"))
