"""Run the study with one and with two runs a GPU, and write what was seen. ``python -m benchmarks.gpu [--steps N] [--out FILE]``.

It needs PyTorch and no TensorFlow, downloads nothing, and takes under eight minutes on one GPU.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

import dlbench
from dlbench.app.result import Result
from dlbench.execution.environment import gpu_count

HERE = Path(__file__).parent


def study(share: float, steps: int, python: str) -> dict:
    """The study: a wider network, and algorithms that need not be deterministic, against the baseline, whose are.

    Args:
        share: of a GPU, for each run.
        steps: of a run.
        python: an interpreter that has PyTorch.
    """
    run = ["python", str(HERE / "train.py"), "--seed", "{seed}", "--width", "{width}", "--steps", str(steps)]
    return {
        "engine": "command", "run": run, "files": [], "python": python,
        "metric": {"name": "loss", "higher_is_better": False, "unit": "nats"},
        "margin": 0.05, "seeds": 4, "resources": {"gpus": share} if gpu_count() else {}, "baseline": {"width": 64},
        "question": f"PyTorch on a GPU, {share:g} of one for each run",
        "arms": [{"name": "width 96", "width": 96}, {"name": "any algorithm", "flags": "--any-algorithm"}]}


def line(name: str, result: Result) -> dict[str, object]:
    """What a result shows: median step, whether the same seed gave the same loss again, and how many GPUs its runs saw."""
    runs, first = result.runs, result.results.repetition
    steps = runs.groupby("arm")["step_ms"].median()
    seen = sorted(set(runs["gpus_seen"].dropna().astype(int)))
    return {"runs a GPU": name, "runs": len(runs), "failed": len(result.failures), "GPUs that a run sees": ", ".join(map(str, seen)),
            "baseline: same seed, same loss": first.get("first") == first.get("again"),
            **{f"{arm}, ms a step": round(float(value), 3) for arm, value in steps.items()}}


def machine() -> str:
    """The GPUs, by the names that NVIDIA's tool has for them."""
    try:
        tool = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        named = subprocess.run(tool, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "a machine without a GPU"
    return " and ".join(filter(None, named.splitlines()))


def page(rows: list[dict[str, object]], steps: int) -> str:
    """The report: a column for each number of runs that share a GPU."""
    table = pd.DataFrame(rows).set_index("runs a GPU").T
    body = "\n".join(f"| {name} | " + " | ".join(map(str, values)) + " |" for name, values in zip(table.index, table.to_numpy().tolist()))
    head = "| | " + " | ".join(f"{name} run(s) at a time" for name in table.columns) + " |\n|" + "---|" * (len(table.columns) + 1)
    return (f"# Runs of a script on a GPU\n\nBy `python -m benchmarks.gpu --steps {steps}`, on {machine()}. Arms take turns, "
            f"seed by seed; a step is timed after the device has finished.\n\n{head}\n{body}\n")


def main() -> None:
    """Run, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has PyTorch")
    parser.add_argument("--out", type=Path, default=Path("reports/gpu.md"))
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for share, jobs in ((1.0, 1), (0.5, 2)):
            out = Path(folder) / f"{jobs}"
            result = dlbench.run(study(share, args.steps, args.python), out=out, jobs=jobs, timeout_s=120, timing=False, reuse="none")
            rows.append(line(f"{jobs}", result))
            print(rows[-1])
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(page(rows, args.steps), encoding="utf-8")


if __name__ == "__main__":
    main()
