"""``python -m tests.faults.fuzz``: broken input by the thousand, made by hypothesis and by atheris.

No input may end in a traceback, take longer than 5 s of processor time, wait for longer than a minute, or write a file outside the
folder that it was given. Prints one JSON object a target and engine with the counts; an input that fails is kept in
``tests/faults/corpus`` and ends the run with exit code 1.
"""

import argparse
import gc
import importlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.faults.report import commit
from tests.faults.targets import TARGETS
from tests.faults.unseen import Unseen

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
MOST_S = 5.0
"""Of processor time, so that other programs on the machine decide nothing."""
MOST_WAIT_S = 60.0
MEMORY, MEMORY_BYTES = "/dev/shm", 2**30
LONGEST = 65536
"""Bytes that atheris may make an input of, where the good ones are not longer."""
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
AT = ("os.remove", "os.rmdir")
"""Events whose second argument may be the folder that the path is in, as an open file."""
ATHERIS_SHARE = 0.4
ENGINES = ("hypothesis", "atheris")
PROMISED = sum(target.inputs for target in TARGETS.values())
READERS = ("dlbench.datasets.table", "dlbench.datasets.npz", "dlbench.engines.keras.data.folder", "dlbench.engines.keras.data.resident")


class Failed(BaseException):
    """What no handler of ours or of a library may catch."""


class Watch:
    """Sees what this process writes, and where; a process has one."""

    def __init__(self):
        self.allowed = self.outside = None
        sys.addaudithook(self._see)

    def _see(self, event, arguments):
        path = _written(event, arguments) if self.allowed else None
        if path is not None and not self._inside(path):
            self.outside = f"{event} of {path}"

    def _inside(self, path):
        path = os.path.abspath(os.fsdecode(path))
        return path == os.devnull or path.startswith(self.allowed)

    @contextmanager
    def over(self, folder):
        """Allow writing to one folder, and nowhere else."""
        self.allowed, self.outside = f"{folder}", None
        try:
            yield
        finally:
            self.allowed = None
        if self.outside:
            raise Failed(f"wrote outside its folder: {self.outside}")


def _written(event, arguments):
    """The path that an event of the interpreter may change; None where it changes none."""
    if event == "sqlite3.connect":
        return unquote(urlsplit(os.fsdecode(arguments[0])).path) or None
    if event not in (*CHANGES, "open") or isinstance(arguments[0], int | None):
        return None
    if event in CHANGES:
        place = next((number for number in arguments[1:] if isinstance(number, int) and number > 2), None) if event in AT else None
        return os.path.join(os.readlink(f"/proc/self/fd/{place}") if place else "", os.fsdecode(arguments[0]))
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
    return arguments[0] if writes else None


LIMITS = {signal.ITIMER_PROF: (signal.SIGPROF, MOST_S, "computed"), signal.ITIMER_REAL: (signal.SIGALRM, MOST_WAIT_S, "waited")}


def _too_long(sent, _frame):
    raise Failed(next(f"{what} for longer than {most:g} s" for known, most, what in LIMITS.values() if known == sent))


@contextmanager
def limited():
    """Let what is inside fail where it takes too long."""
    for timer, (_, most, _) in LIMITS.items():
        signal.setitimer(timer, most)
    try:
        yield
    finally:
        for timer in LIMITS:
            signal.setitimer(timer, 0)


class Runner:
    """Feeds a target, one folder an input."""

    def __init__(self, target, place, watch, corpus):
        self.target, self.place, self.watch, self.corpus = target, place, watch, corpus
        self.inputs, self.slowest_s = 0, 0.0
        self.unseen = Unseen() if target.numbered else None
        for sent, _, _ in LIMITS.values():
            signal.signal(sent, _too_long)

    def warm_up(self):
        """Feed the good inputs once, unwatched: what is imported on the way takes its time and writes its caches."""
        for data in self.target.seeds():
            (folder := self.place / "input").mkdir()
            self.target.feed(data, folder)
            shutil.rmtree(folder)

    def __call__(self, data):
        data = data if self.unseen is None else self.unseen(data)
        folder = self.place / "input"
        folder.mkdir()
        began = time.process_time()
        try:
            with limited(), self.watch.over(folder):
                self.target.feed(data, folder)
        except BaseException as error:
            self._keep(data, error)
            if self.unseen is not None:
                self.unseen.failed(data)
            raise
        finally:
            self.inputs, self.slowest_s = self.inputs + 1, max(self.slowest_s, time.process_time() - began)
            shutil.rmtree(folder)

    def _keep(self, data, error):
        """Under the place where it failed, so that smaller inputs with the same fault take the place of larger ones."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        self.corpus.mkdir(parents=True, exist_ok=True)
        (self.corpus / f"{type(error).__name__}-{Path(last.filename).stem}-{last.lineno}").write_bytes(data)


@st.composite
def broken(draw, seeds, words):
    """A good input with a few bytes changed, cut, doubled or put in."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        at, size = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
        how = draw(st.integers(0, 3))
        part = (draw(st.binary(max_size=8)), b"", bytes(data[at:at + size]) * 2, draw(st.sampled_from(words)))[how]
        data[at:at + (len(part) if how == 0 else size if how in (1, 2) else draw(st.integers(0, 3)))] = part
    return bytes(data)


def by_hypothesis(runner, inputs, number):
    """Feed so many inputs: most of them broken good ones, some of words, some of any bytes."""
    target = runner.target
    spaced = st.lists(st.sampled_from(target.words), max_size=30).map(b" ".join)
    strategy = broken(target.seeds(), target.words) | spaced | st.binary(max_size=200)

    while runner.inputs < inputs:  # hypothesis stops where it has seen every input of a small kind
        _feed(runner, strategy, inputs - runner.inputs, number + runner.inputs)


def _feed(runner, strategy, inputs, number):
    @seed(number)
    @settings(max_examples=inputs, database=None, deadline=None, suppress_health_check=list(HealthCheck),
              phases=[Phase.generate, Phase.shrink])
    @given(strategy)
    def feed(data):
        runner(data)

    feed()


def by_atheris(runner, inputs, number):
    """Feed so many inputs that libFuzzer makes of the seeds, led by the lines that they reach. Never returns."""
    atheris = importlib.import_module("atheris")
    seeds = runner.place / "seeds"
    seeds.mkdir()
    for position, data in enumerate(good := runner.target.seeds()):
        (seeds / f"{position}").write_bytes(data)
    longest = max(LONGEST, *(2 * len(data) for data in good))  # a longer one would be cut off
    atheris.Setup([sys.argv[0], f"-runs={inputs}", f"-seed={number + 1}", f"-max_len={longest}", f"-timeout={MOST_WAIT_S:.0f}",
                   f"-artifact_prefix={runner.place}/", str(seeds)], runner)
    atheris.Fuzz()


def watched(name):
    """A target whose code tells atheris which of its lines are reached: dlbench, imported anew."""
    atheris = importlib.import_module("atheris")
    for module in [module for module in sys.modules if module.startswith(("dlbench", "tests.")) and module != __name__]:
        del sys.modules[module]
    with atheris.instrument_imports(include=["dlbench"]):
        for module in READERS if name in ("csv", "listed", "image", "tiff", "wav", "npz", "cache") else ():
            importlib.import_module(module)
        return importlib.import_module("tests.faults.targets").TARGETS[name]


def fuzzed(name, engine, inputs, number):
    """Fuzz a target in a process of its own: what it did."""
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.faults.fuzz", "--target", name, "--engine", engine, "--inputs", str(inputs),
               "--seed", str(number)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    counts = {"commit": commit(), "target": name, "engine": engine, "promised": TARGETS[name].inputs, "failed": bool(done.returncode),
              "seconds": round(time.monotonic() - began)}
    told = re.search(r"Done (\d+) (?:runs|in)", done.stderr)
    if engine == "atheris" and told:
        counts |= {"inputs": int(told.group(1))}
    elif done.stdout.strip().startswith("{"):
        counts |= json.loads(done.stdout.strip().splitlines()[-1])
    if done.returncode:
        print("\n".join(done.stderr.splitlines()[-40:]), file=sys.stderr)
    return counts


def everything(inputs, number):
    """Every target by both engines, in proportion to what a long fuzz feeds it."""
    for name, target in TARGETS.items():
        for engine, size in shares(round(inputs * target.inputs / PROMISED)).items():
            yield fuzzed(name, engine, size, number)


def shares(inputs):
    """Engine -> how many of so many inputs it makes."""
    by_atheris = max(round(inputs * ATHERIS_SHARE), 1)
    return {"atheris": by_atheris, "hypothesis": max(inputs - by_atheris, 1)}


def _in_memory():
    """A folder that lies in memory, where there is one with room: no input waits for a disk. The fault tests of disks are others."""
    return MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES else None


def main():
    """Fuzz one target in this process, or all of them, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=PROMISED)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--engine", choices=ENGINES, default="hypothesis")
    chosen = parser.parse_args()
    if "atheris" in ([chosen.engine] if chosen.target else ENGINES) and importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed; accepted: pip install -e '.[test,fuzz]', or --target NAME --engine hypothesis")
    if chosen.target is None:
        found = []
        for counts in everything(chosen.inputs, chosen.seed):
            print(json.dumps(counts), flush=True)
            found.append(counts)
        sys.exit(any(counts["failed"] for counts in found))
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory(dir=_in_memory()) as place:
        os.chdir(place)
        tempfile.tempdir = str(Path(place) / "input")
        target = watched(chosen.target) if chosen.engine == "atheris" else TARGETS[chosen.target]
        runner = Runner(target, Path(place), Watch(), CORPUS / chosen.target)
        runner.warm_up()
        gc.freeze()  # a collection need not look through what is imported
        {"hypothesis": by_hypothesis, "atheris": by_atheris}[chosen.engine](runner, chosen.inputs, chosen.seed)
        print(json.dumps({"inputs": runner.inputs, "slowest_s": round(runner.slowest_s, 2)}))


if __name__ == "__main__":
    main()
