"""The sentences of a study at several budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.budgets import EVERY, epochs_of, turning_points
from dlbench.values.text import listed, one_line, plain, plural

MOST_TOLD = 4
"""Arms whose verdict turns that the answer names."""


def sentence(analysis: Analysis) -> str:
    """Say at which budget the arms were judged, and which verdicts are others at shorter ones; nothing of a study with one budget."""
    if not analysis.lengths or not len(analysis.verdicts):
        return ""
    turning = {arm: words for arm, words in turning_points(analysis).items() if not words.endswith(EVERY)}
    told = [f"{one_line(arm, 60)} {words}" for arm, words in list(turning.items())[:MOST_TOLD]]
    more = f"; and {len(turning) - MOST_TOLD} more" if len(turning) > MOST_TOLD else ""
    start = f"These are the verdicts at {plural(epochs_of(analysis.results), 'epoch')}, the longest budget"
    shorter = listed([str(epochs_of(one.results)) for one in analysis.lengths[:-1]], most=16)
    if not turning:
        return f"{start}; at {shorter} epochs they are the same."
    counted = f"{len(turning)} of {len(analysis.verdicts)} {'turns' if len(turning) == 1 else 'turn'} with the budget"
    return f"{start}; {counted}: {'; '.join(told)}{more}."


def budget_words(study: Mapping[str, Any]) -> str:
    """Word the budget of a study, or each of its budgets.

    Example:
        >>> budget_words({"budget": {"unit": "epochs", "amount": 20}, "budgets": [5, 10, 20]})
        '5, 10 and 20 epochs'
    """
    budget = study.get("budget")
    if several := study.get("budgets"):
        return f"{listed([str(epochs) for epochs in several], most=16)} epochs"
    if isinstance(budget, dict):
        pairs = [(budget["unit"], budget["amount"])] if set(budget) == {"unit", "amount"} else budget.items()
        return ", ".join(f"{plain(amount)} {unit}" for unit, amount in pairs)
    return "" if budget is None else str(budget)
