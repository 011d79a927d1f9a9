"""Whether each arm was a controlled comparison, summed over its seeds."""

from __future__ import annotations

import pandas as pd

from dlbench.values.controls import BROKEN, Control
from dlbench.values.text import one_line

DOUBTFUL = (*BROKEN, Control.NOT_PROVEN)
"""States whose reason must stand beside the verdict, the worst first."""
PROVEN = "Proven identical to its reference but for what it declares to change"
UNCHECKED = "Not checked: there is no finished pair of runs to compare"
REASONS = {
    Control.INCOMPARABLE: "Made with other versions or data than its reference's runs, so those seeds are not judged",
    Control.UNCONTROLLED: "A hash differs from the reference's",
    Control.FAULT: "The final weights equal the reference's to the bit: the arm changed nothing",
    Control.NOT_PROVEN: "The engine that ran it cannot prove what it shares with its reference",
    Control.INERT: "The condition that the technique waits for never came, so it never acted",
}
"""State -> why a seed is in it, where its run does not say."""


def state(runs: pd.DataFrame) -> tuple[Control, str]:
    """Summarise an arm's control over all its seeds: the worst state of any seed, and why in a sentence.

    A broken state outranks one that is not proven, which outranks a controlled one. An arm is inert only where it never acted on
    any seed.

    Args:
        runs: the arm's rows of ``Results.runs``.

    Returns:
        The state, and the reasons with the number of seeds that gave each.

    Example:
        >>> arm = pd.DataFrame({"control": ["controlled", "uncontrolled"], "control_faults": ["", "split differs"]})
        >>> "{}: {}".format(*state(arm))
        'uncontrolled: split differs (1 of 2 seeds)'
    """
    states = [Control(text) for text in runs["control"] if isinstance(text, str)] if "control" in runs else []
    known = [state for state in states if state != Control.UNKNOWN]
    if not known:
        return Control.UNKNOWN, UNCHECKED
    for worst in DOUBTFUL:
        if worst in known:
            return worst, _reasons(runs, worst, len(known))
    if Control.INERT in known:
        return Control.INERT if set(known) == {Control.INERT} else Control.CONTROLLED, _reasons(runs, Control.INERT, len(known))
    if known[0] == Control.BASELINE:
        return Control.BASELINE, "What the other arms are compared with"
    return known[0], f"{PROVEN} ({known.count(Control.CONTROLLED)} of {len(known)} seeds)"


def _reasons(runs: pd.DataFrame, state: Control, of: int) -> str:
    """Give the reasons of the seeds in a state, each once, with the number of seeds that gave it."""
    chosen = runs.loc[runs["control"] == state]
    texts = chosen["control_faults"] if "control_faults" in chosen else pd.Series("", index=chosen.index)
    reasons = pd.Series([one_line(text) if isinstance(text, str) and text.strip() else REASONS[state] for text in texts], dtype=object)
    return "; ".join(f"{reason} ({count} of {of} seeds)" for reason, count in reasons.value_counts().items())
