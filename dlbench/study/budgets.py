"""How long the runs of a study train: one budget, or several numbers of epochs at which its arms are judged."""

from __future__ import annotations

from dlbench.study.schema import CONFIRM, SCREENING, BudgetKeys, StudyKeys
from dlbench.values.errors import InputError
from dlbench.values.precision import AUTO
from dlbench.values.recipe import Budget


def longest_budget(where: str, keys: BudgetKeys) -> Budget:
    """Return the budget of a study, of several the longest.

    Raises:
        InputError: none is stated, or several units are.

    Example:
        >>> longest_budget("x.toml", BudgetKeys(epochs=[5, 10, 20]))
        Budget(unit='epochs', amount=20)
    """
    named = {unit: amount for unit, amount in keys.model_dump().items() if amount is not None}
    if len(named) != 1:
        raise InputError(f"{where}: budget: accepted: exactly one of epochs, steps, examples, seconds; got {list(named) or 'none'}")
    (unit, amount), = named.items()
    return Budget(unit, keys.epochs[-1] if isinstance(keys.epochs, list) else amount)


def budgets_epochs(where: str, keys: StudyKeys) -> tuple[int, ...]:
    """Return the numbers of epochs at which a study judges its arms, ascending; none for a study with one budget.

    Raises:
        InputError: several budgets stand beside a key that they do not go with.

    Example:
        >>> budgets_epochs("x.toml", StudyKeys(margin=0.01, budget={"epochs": [5, 10]})), budgets_epochs("x.toml", StudyKeys(margin=0.01))
        ((5, 10), ())
    """
    if not isinstance(keys.budget.epochs, list):
        return ()
    epochs = keys.budget.epochs
    for key, why, instead, clash in _clashes(keys):
        if clash:
            raise InputError(f"{where}: budget.epochs = {epochs} beside {key}: {why}; accepted: one budget, or {instead}")
    last = keys.score.last
    if last is not None and last > epochs[0]:
        raise InputError(f"{where}: score = {{ last = {last} }} beside budget.epochs = {epochs}: the shortest run has {epochs[0]} epochs; "
                         f"accepted: up to {epochs[0]}, or {{ over = 'last_quarter' }}")
    return tuple(epochs)


def _clashes(keys: StudyKeys) -> tuple[tuple[str, str, str, bool], ...]:
    """Return what several budgets do not go with: the key, why, what to write instead, and whether the study has it."""
    design = [keys.design] if isinstance(keys.design, str) else keys.design
    chosen = next((name for name in (CONFIRM, SCREENING) if name in design), "")
    stops = "an arm that is stopped at one budget may be open at another"
    return (
        ("adaptive", stops, "a fixed number of seeds", bool(keys.adaptive.looks)),
        ("spend", stops, "a fixed number of seeds", bool(keys.spend)),
        ("nuisance", "settings are chosen for one length of training", "settings of the baseline", bool(keys.nuisance.model_fields_set)),
        ("metrics", "both would order the same family", "one metric", bool(keys.metrics)),
        ("datasets", "each of them would have a turning point of its own", "a study for each dataset", bool(keys.datasets)),
        ("precision = 'auto'", "what bfloat16 shows is confirmed at one budget", "precision = 'float32' or 'bfloat16'",
         keys.precision == AUTO),
        (f"design = '{chosen}'", "what is kept is kept for one length of training", "another design", bool(chosen)),
    )
