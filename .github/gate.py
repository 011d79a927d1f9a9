"""What `action.yml` runs: the gate, its result as the job's summary, and the pull request's number beside it for the comment."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path


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


def _headline(out: Path) -> str:
    try:
        result = str(json.loads((out / "gate.json").read_text(encoding="utf-8"))["result"])
    except (OSError, ValueError, KeyError):
        return ""
    return result.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _append(variable: str, text: str) -> None:
    if name := os.environ.get(variable):
        with open(name, "a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())
