"""``python -m tests.faults.report RESULTS…``: what the fault tests measured, as ``reports/faults.md``.

Every number comes from the properties that the tests recorded in pytest's own result files (``--junitxml``), or from what the fuzz printed.
"""

import argparse
import json
import os
import platform
import re
import subprocess
from collections import Counter, defaultdict
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

from dlbench.execution.environment import cpu
from dlbench.values.text import one_line
from tests.faults.size import SHARE

REPORT = Path("reports/faults.md")
VERSIONS = ("dlbench", "tensorflow", "keras", "numpy", "hypothesis", "atheris")
REPLACED_MS = 500
HOW_WELL = {"passed": "passed", "failure": "FAILED", "error": "FAILED", "skipped": "skipped"}


def read(paths):
    """One row a test: its commit, file, name, result, reason of a skip, seconds, and its properties (name -> list of values).

    A file of JSON lines is what `python -m tests.faults.fuzz` printed.
    """
    for path in paths:
        if path.suffix == ".jsonl":
            yield _fuzzed([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])
        else:
            yield from map(_case, ElementTree.parse(path).getroot().iter("testcase"))


def _fuzzed(counts):
    failed = any(count["failed"] for count in counts)
    return {"commit": counts[0]["commit"], "file": "fuzz", "name": "broken input", "result": "FAILED" if failed else "passed", "why": "",
            "seconds": float(sum(count["seconds"] for count in counts)), "properties": {"fuzz": [json.dumps(counts)]}}


def _case(case):
    found, properties = [child for child in case if child.tag in HOW_WELL], defaultdict(list)
    for item in case.iter("property"):
        properties[item.get("name")].append(item.get("value"))
    return {"commit": properties.get("commit", ["unknown"])[0], "file": case.get("classname").rpartition(".")[2], "name": case.get("name"),
            "result": HOW_WELL[found[0].tag] if found else "passed", "why": found[0].get("message", "") if found else "",
            "seconds": float(case.get("time")), "properties": properties}


def table(head, rows):
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |" for cells in lines] + [""]


def document(cases):
    """The whole report."""
    results = Counter(case["result"] for case in cases)
    return "\n".join([
        "# What dlbench withstands", "",
        f"What: the fault tests of `tox run -e slow`, at {_commits(cases)}, {datetime.now(UTC):%Y-%m-%d}  ",
        *_part(cases),
        f"Machine: {cpu()}, {os.cpu_count()} logical cores, {platform.system()} {platform.machine()}  ",
        f"Versions: {', '.join(_versions())}  ",
        f"Tests: {', '.join(f'{count} {result}' for result, count in results.items())}; what each promises is in "
        "[docs/faults.md](../docs/faults.md)", "",
        *_crashes(cases), *_fuzz(cases), *_drawn(cases), *_soak(cases), *_replaced(cases), *_memory(cases), *_tests(cases)])


def _part(cases):
    """Say where less than everything was run."""
    shares = {value for case in cases for value in case["properties"].get("share", ())}
    return [f"Size: {' and '.join(sorted(shares))} of what the whole test tries (`{SHARE}`)  "] if shares - {"1"} else []


@cache
def commit():
    """The commit that is checked out, and whether anything differs from it."""

    def git(*words):
        return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()

    changed = " with uncommitted changes" if git("status", "--porcelain", "--", "dlbench", "tests") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed


def _commits(cases):
    by_commit = Counter(case["commit"] for case in cases)
    return ", ".join(f"commit `{tested}`" + (f" ({tests} tests)" if len(by_commit) > 1 else "") for tested, tests in by_commit.items())


def _versions():
    for name in VERSIONS:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} not installed"


def _measured(cases, name):
    return [(case, case["properties"]) for case in cases if name in case["properties"]]


def _crashes(cases):
    rows, blows, studies = [], 0, 0
    for case, found in _measured(cases, "strikes"):
        value = {name: values[0] for name, values in found.items()}
        rows.append([value["signal"], value.get("kind", "fixed seeds, transfer"), value["engine"], value["strikes"], value["victims"],
                     value["sessions"], f"{value['studies']} of {value['runs']} runs", case["result"], f"{case['seconds']:.0f} s"])
        blows, studies = blows + int(value["strikes"]), studies + int(value["studies"])
    return ["## Signals at random moments", "",
            "`dlbench run` is struck at a random moment of its life, and called again, until its study is whole; then another study is"
            " begun. A blow goes to the driver, to one worker, to all workers, to the server that they are forked from, to the driver"
            " and all workers (both), to the whole process group, as Ctrl-C does, or to one of Ray's own processes (helper)."
            " Passed: each whole study equals an undisturbed one"
            " bit for bit (scores, curves, controls, predictions, weights, looks), no run was done twice, nothing outlived its"
            " driver, and no session ended in a traceback.", "",
            *([f"{blows} blows in all, and {studies} whole studies compared.", "",
               *table(["signal", "study", "engine", "blows", "at whom", "sessions", "whole studies compared", "result", "time"], rows)]
              if rows else ["Not measured in this run.", ""])]


def _fuzz(cases):
    found = [(case, json.loads(values["fuzz"][0])) for case, values in _measured(cases, "fuzz")]
    rows = [[counts["target"], counts["engine"], f"{counts.get('inputs', 0):,}", counts.get("slowest_s", "under 5"),
             "FAILED" if counts["failed"] else "none failed", f"{counts['seconds']} s"] for _, every in found for counts in every]
    total = sum(counts.get("inputs", 0) for _, every in found for counts in every)
    promised = sum({counts["target"]: counts["promised"] for _, every in found for counts in every}.values())
    return ["## Broken input", "", f"{total:,} inputs; the whole test feeds {promised:,}. An input fails that ends in anything but one"
            " message, takes longer than 5 s of processor time, waits for a minute, or makes dlbench write outside the folder that it was"
            " given (seen by an audit hook of the interpreter). `sealed` are results folders with values of any kind under valid seals,"
            " which are read, judged, exported, merged and written to; `cache` is decoded data, damaged, which fails unless what is read"
            " equals what was written. What failed once stays in `tests/faults/corpus`.", "",
            *table(["input", "made by", "inputs", "slowest, s", "result", "time"], rows)]


def _drawn(cases):
    rows = []
    for case, found in _measured(cases, "drawn"):
        counts = json.loads(found["drawn"][0])
        rows.append([counts["target"], f"{counts['inputs']:,} of {counts['promised']:,}", counts.get("refused", ""), counts["failed"],
                     case["result"], f"{counts['seconds']} s"])
    return ["## Folders and models drawn at random", "", "A folder of images is read as Pillow reads each file, with every file counted; a"
            " model's copy computes what the model computes; or either is refused with one sentence.", "",
            *table(["what", "tried", "refused", "failed", "result", "time"], rows)] if rows else []


def _soak(cases):
    lines = []
    for case, found in _measured(cases, "soak"):
        rows = [[name, before, after, growth, files, later] for name, before, after, growth, files, later in
                (value.split("|") for value in found["soak"])]
        lines += [f"{found['soak_runs'][0]} runs of one epoch on 60 examples in {found['soak_s'][0]} s, ten arms,"
                  f" two workers, none of them restarted: {case['result']}.", "",
                  *table(["process", "MiB, runs 200 to 300", "MiB, last 100 runs", "growth", "open files, runs 200 to 300",
                          "open files, last 100 runs"], rows)]
    return ["## Long work", "", *(lines or ["Not measured.", ""])]


def _replaced(cases):
    lines = []
    for _, found in _measured(cases, "replaced_ms"):
        median, most, kills = found["replaced_ms"][0].split("|")
        met = "Met" if int(most) < REPLACED_MS else "NOT MET"
        lines.append(f"A worker that was killed was replaced by one ready for a task after {median} ms (median of {kills}; slowest {most}"
                     f" ms). **{met}**: under {REPLACED_MS} ms.")
    return ["## A worker that dies", "", *lines, ""]


def _memory(cases):
    rows = [[found["memory"][0]] for _, found in _measured(cases, "memory")]
    if not rows:
        return []
    return ["A worker that runs out of memory leaves a record with its reason, and the study goes on:", "",
            *table(["what the user reads"], rows)]


def _tests(cases):
    """One row a test function, however many cases it has, and one for each case that did not pass."""
    by_test = defaultdict(list)
    for case in cases:
        by_test[case["file"], _words(case)].append(case)
    rows = [[file, test, _told(every), f"{sum(case['seconds'] for case in every):.0f}"] for (file, test), every in by_test.items()]
    others = [[case["file"], case["name"], f"{case['result']}: {_brief(case['why'])}", f"{case['seconds']:.0f}"]
              for case in cases if case["result"] != "passed"]
    return ["## Every fault test", "", *table(["file", "test", "result", "s"], [*rows, *others])]


def _brief(why):
    """The beginning of a reason, without the folders of the machine that it is from."""
    return one_line(re.sub(r"/[\w./-]*/", "…/", why), 120)


def _words(case):
    return case["name"].partition("[")[0].removeprefix("test_").replace("_", " ")


def _told(every):
    results = Counter(case["result"] for case in every)
    return ", ".join(f"{count} {result}" for result, count in results.items()) if len(every) > 1 else every[0]["result"]


def main(arguments=None):
    """Write the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.report", description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=REPORT)
    chosen = parser.parse_args(arguments)
    cases = sorted(read(chosen.results), key=lambda case: (case["file"], case["name"]))  # two processes end them in any order
    chosen.out.write_text(document(cases), encoding="utf-8")


if __name__ == "__main__":
    main()
