"""The report: what a frozen arm computes and takes, in passes over its data."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from benchmarks.features.measured import GOAL_PASSES, WHOLE, Arm

HEAD = """# What a frozen arm costs

Measured by `{command}` on {machine}.

The outputs of a frozen base are computed once and shared by all seeds and epochs, see [transfer](../docs/transfer.md). The goal: all
runs of a frozen arm together cost at most {goal} passes of the base over the data.

One worker with one thread makes the runs, as `dlbench run --jobs 1` has them made, from an empty cache of features. Decoding the
photographs comes before. A run is counted from the moment at which its worker is given it to its scores; the first one computes the
features, and tries two steps and an evaluation with and without them. A pass is the base on all examples of the training, validation and
test part, in the same batches, extrapolated from {sample} examples; medians of {rounds} rounds, half of them before the runs and half
after, with their range. Examples that went through the base were counted while the runs were made.
"""
COUNTED = {"train": "training part", "validation": "validation part", "test": "test part", WHOLE: "steps and evaluations of whole networks"}
"""What is counted, in words."""


def document(found: Sequence[Arm], command: str, machine: str) -> str:
    """Return the report as Markdown."""
    sample = " and ".join(f"{count:,}" for count in dict.fromkeys(one.examples for arm in found for one in arm.rounds))
    head = HEAD.format(command=command, machine=machine, goal=GOAL_PASSES, sample=sample, rounds=len(found[0].rounds))
    rows: tuple[tuple[str, Callable[[Arm], str]], ...] = (
        ("base", lambda arm: arm.network),
        ("examples: training, validation, test", lambda arm: ", ".join(f"{count:,}" for count in arm.parts.values())),
        ("features", lambda arm: f"{arm.bytes / 2**20:,.1f} MiB"),
        ("runs, epochs", lambda arm: f"{len(arm.runs)} seeds, {arm.epochs} epochs each"),
        *((f"through the base: {name}", lambda arm, part=part: f"{arm.computed()[part]:,} examples") for part, name in COUNTED.items()),
        ("**passes, counted in examples**", lambda arm: f"**{arm.counted_passes():.2f}**"),
        ("goal, in examples", lambda arm: _answer(arm, arm.counted_passes())),
        ("a pass, processor", lambda arm: _spread(arm.pass_s("processor_s"))),
        ("a pass, wall", lambda arm: _spread(arm.pass_s("wall_s"))),
        ("all runs, processor", lambda arm: f"{arm.arm_s('processor_s'):,.1f} s"),
        ("all runs, wall", lambda arm: f"{arm.arm_s('wall_s'):,.1f} s"),
        ("the first run, wall", lambda arm: f"{arm.runs[0].wall_s:,.1f} s"),
        ("a later run, wall", _later),
        ("passes, wall seconds", lambda arm: f"{arm.passes('wall_s'):.2f}"),
        ("**passes, processor seconds**", lambda arm: f"**{arm.passes('processor_s'):.2f}**"),
        ("goal, in processor seconds", lambda arm: _answer(arm, arm.passes("processor_s"))))
    table = ["| | " + " | ".join(arm.name for arm in found) + " |", "|---|" + "---:|" * len(found),
             *(f"| {name} | " + " | ".join(show(arm) for arm in found) + " |" for name, show in rows)]
    return head + "\n" + "\n".join(table) + "\n" + "".join(f"\n{line}\n" for arm in found for line in _short(arm))


def _answer(arm: Arm, passes: float) -> str:
    return "met" if arm.met(passes) else "**NOT MET**"


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):,.1f} s ({seconds[0]:,.1f} to {seconds[-1]:,.1f})"


def _later(arm: Arm) -> str:
    later = [run.wall_s for run in arm.runs[1:]]
    return f"{statistics.median(later):,.1f} s" if later else "none"


def _short(arm: Arm) -> list[str]:
    """Say what fell short."""
    lines = [f"{arm.name}: seed {run.seed} failed ({run.status}): {run.reason}" for run in arm.failed()]
    if (passes := arm.passes("processor_s")) > GOAL_PASSES:
        beside = arm.arm_s("processor_s") - arm.counted_passes() * statistics.median(arm.pass_s("processor_s"))
        lines.append(f"{arm.name}: {passes:.2f} passes are more than {GOAL_PASSES}: {arm.counted_passes():.2f} by the count of examples; "
                     f"the other {beside:,.1f} s are tracing, checking and training {len(arm.runs)} heads.")
    if not arm.computed()["train"]:
        lines.append(f"{arm.name}: no features were used: the base was computed in every step.")
    return lines
