"""``python -m benchmarks.lineage``: make the proposals in a repository of their own, and print the table of docs/quality-gate.md."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("train.py")
PROPOSALS = (
    ("32 hidden units", "(16,)", "(32,)"), ("the seed plus 1000", "random_state=seed", "random_state=seed + 1000"),
    ("a learning rate of 0.002", "0.001", "0.002"), ("batches of 100 in place of 200", "batch_size=200", "batch_size=100"),
    ("weights decay by 0.001", "alpha=0.0", "alpha=0.001"), ("a renamed variable", "x_train", "x_known"))
"""What each proposal is called, and which words of the script it changes into which."""
HEAD = """| proposal | verdict | gain in loss, and its interval | seeds | total over the first, on fresh seeds |
|---|---|---|---|---|"""
COMMAND = ("propose", "--train", "python train.py --seed {seed}", "--score", "loss", "--lower", "--score-pattern", r"loss: (?P<loss>\S+)",
           "--ledger", "lineage.jsonl")


def called(folder: Path, *words: str) -> str:
    """Run a command in the repository; what it printed."""
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False).stdout


def proposed(folder: Path, name: str) -> dict[str, Any]:
    """Judge the repository's working tree."""
    return json.loads(called(folder, sys.executable, "-m", "dlbench", *COMMAND, "--name", name, "--json"))


def row(name: str, found: dict[str, Any]) -> str:
    """A line of the table."""
    gain = "" if found["effect"] is None else f"{found['effect']:+.3f}"
    if found["interval"]:
        gain += f" ({found['interval'][0]:+.3f} to {found['interval'][1]:+.3f})"
    total = found["total"] if found["verdict"] == "keep" else None
    told = f"{total['gain']:+.3f} ({total['interval'][0]:+.3f} to {total['interval'][1]:+.3f})" if total else ""
    return f"| {name} | {found['verdict']}: {found['why']} | {gain} | {found['seeds']} | {told} |"


def main() -> None:
    """Make the proposals one after the other, and commit what is kept."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copy(SCRIPT, folder)
        for words in (("init", "-q"), ("add", "train.py"), ("commit", "-q", "-m", "the first")):
            called(folder, "git", "-c", "user.name=dlbench", "-c", "user.email=dlbench@localhost", *words)
        found = proposed(folder, "the first")
        print(HEAD, flush=True)
        for name, old, new in PROPOSALS:
            text = (folder / "train.py").read_text(encoding="utf-8")
            (folder / "train.py").write_text(text.replace(old, new), encoding="utf-8")
            found = proposed(folder, name)
            print(row(name, found), flush=True)
            if found["verdict"] == "keep":
                called(folder, "git", "-c", "user.name=dlbench", "-c", "user.email=dlbench@localhost", "commit", "-qam", name)
            else:
                called(folder, "git", "checkout", "-q", "train.py")
        lines = (folder / "lineage.jsonl").read_text(encoding="utf-8").splitlines()
        print(f"\nwealth left: {found['wealth']:.3f}; {len(lines)} lines in the ledger")


if __name__ == "__main__":
    main()
