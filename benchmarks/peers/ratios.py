"""What follows from the raw rounds of a case: ratios, shares, and which goals were reached. Pure; no file is read."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Entry = dict[str, Any]


@dataclass(frozen=True)
class Spread:
    """A median with its range over rounds."""

    median: float
    low: float
    high: float
    rounds: int


def spread(values: Iterable[float]) -> Spread | None:
    """Median and range; None where there are no values.

    Example:
        >>> spread([3.0, 1.0, 2.0])
        Spread(median=2.0, low=1.0, high=3.0, rounds=3)
    """
    values = list(values)
    return Spread(statistics.median(values), min(values), max(values), len(values)) if values else None


def done(part: dict[str, Any], peer: str) -> dict[int, Entry]:
    """Round -> what a peer left in it."""
    return {entry["round"]: entry for entry in part["rounds"] if entry["peer"] == peer and entry["status"] == "done"}


def ratio(part: dict[str, Any], peer: str, clock: str = "work_s", of: str = "dlbench") -> Spread | None:
    """How many times longer than one of dlbench's ways a peer took, round by round."""
    ours, theirs = done(part, of), done(part, peer)
    return spread(theirs[turn][clock] / ours[turn][clock] for turn in sorted(ours.keys() & theirs.keys()))


def overhead(entry: Entry) -> float:
    """Share of the workers' time, imports aside, in which none of them traced, trained or evaluated."""
    cost = entry["cost"]
    return 1 - (cost["trace_s"] + cost["train_s"] + cost["evaluate_s"]) / (entry["workers"] * entry["work_s"])


def overheads(part: dict[str, Any]) -> Spread | None:
    """The overhead over rounds."""
    return spread(overhead(entry) for entry in done(part, "dlbench").values())


def training_rate(entry: Entry) -> float:
    """GFLOP/s of all workers together while they train: operations / (training seconds of all runs / workers)."""
    return 1e-9 * entry["operations"] / (entry["cost"]["train_s"] / entry["workers"])


def whole_rate(entry: Entry) -> float:
    """GFLOP/s over all of dlbench's time, imports aside."""
    return 1e-9 * entry["operations"] / entry["work_s"]


def sgemm(entry: Entry) -> float:
    """The better of the measured rates of matrix multiplication, GFLOP/s."""
    return max(entry["gflops"].values())


def sgemm_share(part: dict[str, Any], rate: Callable[[Entry], float] = training_rate) -> Spread | None:
    """dlbench's arithmetic rate as a share of the machine's, round by round."""
    ours, machine = done(part, "dlbench"), done(part, "sgemm")
    return spread(rate(ours[turn]) / sgemm(machine[turn]) for turn in sorted(ours.keys() & machine.keys()))


def parts_of(entry: Entry) -> dict[str, float]:
    """Where the workers' time went, imports aside, as shares that sum to 1."""
    whole, cost, marks = entry["workers"] * entry["work_s"], entry["cost"], entry["marks"]
    inside = {name: cost[f"{name}_s"] for name in ("train", "trace", "evaluate", "load")}
    between = entry["workers"] * (marks["trained"] - marks["training"])
    found = {
        "training": inside["train"], "tracing": inside["trace"],
        "evaluating, and the hashes that go with it": inside["evaluate"],
        "loading data in workers": inside["load"],
        "checking data and networks before the first run": entry["workers"] * (marks["training"] - entry["ready_s"]),
        "between runs, and workers without a run": between - sum(inside.values()),
        "verdicts and leaving, after the last run": entry["workers"] * (entry["wall_s"] - marks["trained"]),
    }
    return {name: seconds / whole for name, seconds in found.items()}


@dataclass(frozen=True)
class Goal:
    """Something to be reached.

    Attributes:
        case: in which it is measured.
        text: what is measured.
        wanted: the bar.
        measure: from the part of a case.
        at_most: whether less is better.
        share: whether it is shown in per cent.
    """

    case: str
    text: str
    wanted: float
    measure: Callable[[dict[str, Any]], Spread | None]
    at_most: bool = False
    share: bool = False

    def met(self, found: Spread) -> bool:
        """Whether the median reaches the bar."""
        return found.median <= self.wanted if self.at_most else found.median >= self.wanted


def _against(peer: str, of: str = "dlbench") -> Callable[[dict[str, Any]], Spread | None]:
    return lambda part: ratio(part, peer, of=of)


KERAS = "against the Keras script"
GOALS = (
    Goal("digits", KERAS, 15, _against("keras")),
    Goal("mnist", KERAS, 2.5, _against("keras")),
    Goal("mnist", "against KerasTuner", 2.5, _against("tuner")),
    Goal("mnist", "against the PyTorch script", 1.5, _against("torch")),
    Goal("mnist", "arithmetic rate of all workers, share of matrix multiplication", 0.55, sgemm_share, share=True),
    Goal("mnist_sweep", KERAS, 4, _against("keras")),
    Goal("mnist_sweep", "in bfloat16, against the Keras script", 7, _against("keras", of="dlbench_bfloat16")),
    Goal("photos_resnet20", KERAS, 2.5, _against("keras")),
    Goal("photos_functional", KERAS, 2.5, _against("keras")),
    Goal("transfer", KERAS, 20, _against("keras")),
    Goal("digits", "overhead", 0.05, overheads, at_most=True, share=True),
    Goal("mnist", "overhead", 0.05, overheads, at_most=True, share=True),
    Goal("mnist_sweep", "overhead", 0.08, overheads, at_most=True, share=True),
)


def accuracy(part: dict[str, Any], peer: str) -> dict[str, list[float]]:
    """Arm -> test accuracies over seeds, of a peer's first round."""
    entries = done(part, peer)
    return entries[min(entries)]["accuracy"] if entries else {}


FEWEST_SEEDS = 3


def differs(ours: list[float], theirs: list[float], errors: float = 3.0) -> bool:
    """Whether two means over seeds lie more than so many standard errors apart; never with fewer than :data:`FEWEST_SEEDS`."""
    if min(len(ours), len(theirs)) < FEWEST_SEEDS:
        return False
    error = math.sqrt(statistics.variance(ours) / len(ours) + statistics.variance(theirs) / len(theirs))
    return abs(statistics.fmean(ours) - statistics.fmean(theirs)) > errors * max(error, 1e-9)
