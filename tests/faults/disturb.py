"""Runs of the command line that are struck down at random moments, and what is left of them."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field

import psutil

from dlbench.store.database import FILE
from tests.calling import environment

TOY, REAL = "tests.faults.toy", "dlbench"
GONE_S, AGENTS_S = 10.0, 150.0
"""How soon processes end after their driver; and Ray's own agents, which look for theirs about once a minute."""
QUIET = ("--jobs", "2", "--no-timing", "--no-report")
HEEDING = ("env", "--default-signal=INT")
"""A shell has what it starts in the background ignore SIGINT, and that is inherited."""
BY_RAY = ("Failed to register worker to Raylet", "because it is dead. Worker will terminate")
"""What Ray itself says where its node process is killed in the second in which a driver joins it; it ends the driver itself, in code that
no thread of Python can stop."""
UNTIMED = {"scores": ("target_s",), "curves": ("seconds",)}
"""What differs from one run to the next because it is a time."""


@dataclass
class Tally:
    """What was done to how many."""

    strikes: int = 0
    studies: int = 0
    sessions: int = 0
    by_victim: dict[str, int] = field(default_factory=dict)


def start(program, folder, *arguments, most_kib=None, **variables):
    """A session of the command line in a folder, in a process group of its own; its output goes to files beside it.

    ``most_kib`` limits the size of every file that it writes.
    """
    command = [*HEEDING, sys.executable, "-m", program, *map(str, arguments)]
    if most_kib is not None:
        command = ["bash", "-c", f"ulimit -f {most_kib}; exec \"$@\"", "bash", *command]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        return subprocess.Popen(command, cwd=folder, env=environment(folder, **variables), stdout=out, stderr=err, start_new_session=True)


def session(program, folder, *arguments, timeout=300, **options):
    """A whole session: its exit code, and what it said on standard error."""
    code = start(program, folder, *arguments, **options).wait(timeout)
    return code, said(folder)


def said(folder):
    """What the last session in a folder said on standard error; it never is a traceback."""
    text = (folder / "stderr").read_text(errors="replace")
    assert "Traceback" not in text, text
    return text


def results(folder):
    """What the runs of a results folder came to, without times: run id -> facts and arrays. No run has been done twice."""
    with closing(sqlite3.connect(f"{(folder / FILE).absolute().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT run_id, attempt, recipe, seed, scores, curves, controls FROM records WHERE status = 'done'")
        found = {}
        for run_id, attempt, recipe, seed, *texts in rows.fetchall():
            assert run_id not in found, f"run {run_id} was done twice"
            arrays = connection.execute("SELECT name, dtype, shape, data FROM arrays WHERE run_id = ? AND attempt = ? ORDER BY name",
                                        (run_id, attempt)).fetchall()
            found[run_id] = (recipe, seed, *(_timeless(name, text) for name, text in zip(("scores", "curves", "controls"), texts)), arrays)
        looks = [json.loads(look) | {"taken": ""} for (look,) in connection.execute("SELECT look FROM looks ORDER BY number")]
    return found, looks


def _timeless(name, text):
    return {key: value for key, value in json.loads(text).items() if key not in UNTIMED.get(name, ())}


def count(folder):
    """How many records a results folder has by now."""
    try:
        with closing(sqlite3.connect(f"{(folder / FILE).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT COUNT(*) FROM records").fetchone()[0]
    except sqlite3.Error:
        return 0


def wait_for(condition, process, seconds=300.0):
    """Wait until something holds or a session ends; whether the session is still there."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and not condition():
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.01)
    return process.poll() is None


def family(process):
    """The fork server (and the resource tracker) of a session, and its workers."""
    try:
        driver = psutil.Process(process.pid)
        helpers = driver.children()
        return helpers, [child for helper in helpers for child in helper.children()]
    except psutil.NoSuchProcess:
        return [], []


def strike(process, how, victim, draw):
    """Send a signal to the driver, to a worker, to all workers, to the fork server, to all at once, or as Ctrl-C does."""
    helpers, workers = family(process)
    servers = [helper for helper in helpers if any("forkserver" in part for part in _command(helper))]
    chosen = {"driver": [process], "helper": draw.sample(helpers, min(1, len(helpers))),
              "worker": draw.sample(workers, min(1, len(workers))), "workers": workers,
              "server": servers, "both": [process, *workers]}.get(victim)
    if chosen is None:  # "group": as the terminal sends it
        os.killpg(process.pid, how)
        return True
    for each in chosen:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            each.send_signal(how)
    return bool(chosen)


def _command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _is_agent(process):
    try:
        return process.name().startswith("ray::") and "Agent" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def all_gone(processes):
    """Whether processes end soon after their driver."""
    _, alive = psutil.wait_procs(processes, timeout=GONE_S)
    if alive and all(_is_agent(process) for process in alive):
        _, alive = psutil.wait_procs(alive, timeout=AGENTS_S)
    return not [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@dataclass(frozen=True)
class Blow:
    """How a session is struck: the signal, at whom, and how long an undisturbed session takes."""

    how: signal.Signals
    victims: tuple[str, ...]
    span_s: float


def moment(process, out, blow, draw):
    """Wait for a random moment: any moment of a session, or, more often, one while results come in; whether it is still there."""
    if draw.random() < 0.3:
        deadline = time.monotonic() + draw.uniform(0, blow.span_s)
        return wait_for(lambda: time.monotonic() >= deadline, process)
    wanted = count(out) + draw.randint(1, 12)
    there = wait_for(lambda: count(out) >= wanted, process)
    time.sleep(draw.uniform(0, 0.05))
    return there


def whole(program, study, out, options, carry_out):
    """Carry a study out, part by part, and join the parts; ``options``: of each part.

    Returns:
        The results.
    """
    parts = [out] if len(options) == 1 else [out / f"part{number}" for number in range(len(options))]
    for part, more in zip(parts, options):
        carry_out(part, ("run", study, "--out", part, *QUIET, *more))
    if len(parts) > 1:
        code, text = session(program, study.parent, "merge", *parts, "--out", out := out / "joined")
        assert code == 0, text
    return results(out)


def endure(program, study, expected, blows, blow, draw, options=((),)):
    """Strike a study down again and again until it is whole, then another, until so many blows have landed.

    Each whole study must have exactly the results of an undisturbed one, and none twice.
    """
    tally, folder = Tally(), study.parent

    def struck(out, arguments):
        code = None
        while code != 0:
            process = start(program, folder, *arguments)
            tally.sessions += 1
            if tally.strikes < blows and moment(process, out, blow, draw):
                _land(process, blow, draw, tally)
            code = process.wait(300)
            _accept(code, said_at_end(folder, code), blow)

    while tally.strikes < blows:
        assert whole(program, study, folder / f"out{tally.studies}", options, struck) == expected
        tally.studies += 1
    assert tally.sessions - tally.studies >= blows // 4, "the blows ended no sessions"  # a staged study goes on without a killed worker
    return tally


def _land(process, blow, draw, tally):
    victim = draw.choice(blow.victims)
    helpers, workers = family(process)
    if strike(process, blow.how, victim, draw):
        tally.strikes += 1
        tally.by_victim[victim] = tally.by_victim.get(victim, 0) + 1
    if victim in ("driver", "both", "group"):
        process.wait(60)
        assert all_gone([*helpers, *workers]), "processes outlived their driver"


def said_at_end(folder, code):
    """Standard error of a session; only a signal before dlbench itself runs may end in Python's own words."""
    text = (folder / "stderr").read_text(errors="replace")
    early = code in (-signal.SIGINT, -signal.SIGTERM, 1) and "dlbench:" not in text
    assert early or "Traceback" not in text, text
    return text


def _accept(code, text, blow):
    """A session ends whole, with failed runs, or as its signal ends it."""
    accepted = {0, 3, -blow.how, 130} | ({1} if "KeyboardInterrupt" in text or any(words in text for words in BY_RAY) else set())
    assert code in accepted, (code, text)
