"""What `action.yml` runs: the gate, its result as the job's summary, and the pull request's number beside it for the comment."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

MOST = 10
"""Warnings that GitHub shows of a step."""


def main() -> int:
    """Run the gate as the environment says; return its exit code, so that undecided cases alone leave the job green."""
    out = Path(os.environ["GATE_OUT"])
    out.mkdir(parents=True, exist_ok=True)
    try:
        options = shlex.split(os.environ.get("GATE_OPTIONS", ""))
    except ValueError as error:
        print(f"::error title=dlbench gate::options: {error}; accepted: options as in a shell")
        return 2
    command = [sys.executable, "-m", "dlbench", "gate", "--base", os.environ["GATE_BASE"], "--base-exact", *options, "--out", str(out)]
    code = subprocess.run(command, check=False).returncode
    if number := _number():
        (out / "number").write_text(f"{number}\n", encoding="utf-8")
    if (out / "gate.md").is_file():
        _append("GITHUB_STEP_SUMMARY", (out / "gate.md").read_text(encoding="utf-8"))
    for line in _annotations(out):
        print(line)
    if code:
        print(f"::error title=dlbench gate::{_headline(out) or f'it ended with exit code {code}; its output says why'}")
    _append("GITHUB_OUTPUT", f"exit-code={code}\n")
    return code


def _number() -> int | None:
    """The number of the pull request; None where another event started the job."""
    event = Path(os.environ.get("GITHUB_EVENT_PATH", os.devnull))
    try:
        return int(json.loads(event.read_text(encoding="utf-8"))["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _annotations(out: Path) -> list[str]:
    """A warning on the changed lines of the function that slows each regression most; on its first line where none of its lines changed."""
    lines = []
    for case in _result(out).get("cases", []):
        if case["verdict"] == "regression" and case["grown"]:
            place = case["grown"][0]
            why = next((note for note in case["notes"] if note.startswith("own time grew")), "")
            title = _property(f"{case['name']} is {100 * (case['ratio'] - 1):.0f} % slower")
            for first, last in place["changed"] or [(place["line"], place["line"])]:
                lines.append(f"::warning file={_property(_in_repository(place['path']))},line={first},endLine={last},title={title}::"
                             f"{_data(why)}")
    return lines[:MOST]


def _in_repository(path: str) -> str:
    """A path below the working folder, from the repository's."""
    return os.path.relpath(path, os.environ.get("GITHUB_WORKSPACE") or ".")


def _headline(out: Path) -> str:
    return _data(str(_result(out).get("result", "")))


def _result(out: Path) -> dict:
    try:
        return json.loads((out / "gate.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _data(text: str) -> str:
    """A text as a workflow command takes it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _append(variable: str, text: str) -> None:
    if name := os.environ.get(variable):
        with open(name, "a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())
