"""Whether each arm was a controlled comparison, summed over its seeds."""

from __future__ import annotations

import pandas as pd

from dlbench.report.wording import missing, one_line

PROVEN = "Proven identical to its reference but for what it declares to change"
UNKNOWN = "Not checked: there is no finished pair of runs to compare"
INERT = "The condition that the technique waits for never came, so it never acted"
FAULT = "The final weights equal the reference's to the bit: the arm changed nothing"
APART = "Made with other versions or data than its reference's runs, so those seeds are not judged"


def state(runs: pd.DataFrame) -> tuple[str, str]:
    """An arm's control over all its seeds: the worst state of any seed, and a plain sentence.

    Args:
        runs: the arm's rows of ``Results.runs``.

    Returns:
        One of ``baseline, controlled, incomparable, uncontrolled, not proven, fault, inert, unknown``, and why, with k of n seeds.

    Example:
        >>> state(pd.DataFrame({"control": ["controlled", "uncontrolled"], "control_faults": ["", "split differs"]}))
        ('uncontrolled', 'split differs (1 of 2 seeds)')
    """
    seen = [] if "control" not in runs else [value for value in runs["control"] if isinstance(value, str)]
    known = [value for value in seen if value != "unknown"]
    if not known:
        return "unknown", UNKNOWN
    for bad in ("incomparable", "uncontrolled", "fault", "not proven"):
        if bad in known:
            return bad, _because(runs, bad, len(known))
    if "inert" in known:
        return ("inert" if set(known) == {"inert"} else "controlled"), _because(runs, "inert", len(known))
    return known[0], "What the other arms are compared with" if known[
        0
    ] == "baseline" else f"{PROVEN} ({_of(known, 'controlled')})"


def _of(known: list[str], name: str) -> str:
    return f"{known.count(name)} of {len(known)} seeds"


def _because(runs: pd.DataFrame, name: str, of: int) -> str:
    """The reasons of the seeds in that state, each once, with how many seeds gave it."""
    default = {"fault": FAULT, "inert": INERT, "incomparable": APART}.get(name, "A hash differs from the reference's")
    told = runs.loc[runs["control"] == name]
    told = told["control_faults"] if "control_faults" in told else pd.Series("", index=told.index)
    reasons = told.map(lambda text: default if not isinstance(text, str) or missing_text(text) else one_line(text))
    return "; ".join(f"{reason} ({count} of {of} seeds)" for reason, count in reasons.value_counts().items())


def missing_text(text: object) -> bool:
    """Whether there is nothing to read."""
    return not str(text).strip() if isinstance(text, str) else missing(text)
