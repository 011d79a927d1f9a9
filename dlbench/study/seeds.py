"""Which seeds a study file asks for: to compare arms on, and to choose settings on."""

from __future__ import annotations

from dlbench.study.schema import MOST_LOOKED_AT, SPEND, AdaptiveKeys, DesignKeys, StudyKeys
from dlbench.values.errors import InputError

TUNING_SEED = 1000
"""The first of the seeds on which settings are chosen."""


def comparison_seeds(where: str, keys: DesignKeys) -> tuple[int, ...]:
    """The seeds on which a study compares its arms, in their order; of an adaptive one, as many as it may come to need.

    Raises:
        InputError: the study asks for interim analyses, or states a time, and something that excludes it; ``where`` begins the message.

    Example:
        >>> comparison_seeds("x.toml", StudyKeys(margin=1.0, adaptive={"looks": [2, 4], "first_seed": 8}))
        (8, 9, 10, 11)
    """
    seeds, adaptive, folds = keys.seeds, keys.adaptive, (isinstance(keys, StudyKeys) and keys.folds) or 1
    if not adaptive.model_fields_set and not keys.spend:
        return tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    if "seeds" in keys.model_fields_set:
        beside, what = ("spend", "the time says") if keys.spend else ("adaptive", "its looks say")
        raise InputError(f"{where}: seeds = {seeds} beside {beside}: {what} how many seeds are run; "
                         f"leave out either seeds (or --seeds) or {beside}")
    if not adaptive.looks and not keys.spend:
        raise InputError(f"{where}: adaptive.looks: missing; accepted: {AdaptiveKeys.model_fields['looks'].description}, or spend = TIME "
                         "in their place")
    _demand_whole_rounds(where, adaptive.looks or [], folds)
    most = adaptive.looks[-1] if adaptive.looks else MOST_LOOKED_AT // folds * folds
    return tuple(range(adaptive.first_seed, adaptive.first_seed + most))


def spend_s(where: str, keys: DesignKeys) -> float:
    """The seconds that a study may take; 0 where it states no time.

    Raises:
        InputError: it states interim analyses as well, or has several comparisons, among which no time is shared out.

    Example:
        >>> spend_s("x.toml", StudyKeys(margin=1.0, spend="1.5 min"))
        90.0
    """
    if not keys.spend:
        return 0.0
    if keys.adaptive.looks:
        raise InputError(f"{where}: spend beside adaptive.looks: the time says when arms are judged; leave out one of the two keys")
    for key in ("nuisance", "datasets") if isinstance(keys, StudyKeys) else ():
        if key in keys.model_fields_set:
            raise InputError(f"{where}: spend beside {key}: no time is shared out among several comparisons; accepted: adaptive = {{ "
                             "looks = [5, 8, 12, 16] }")
    return stated_seconds(f"{where}: spend = {keys.spend!r}", keys.spend)


def stated_seconds(where: str, text: str) -> float:
    """Return the seconds of a time such as ``30 min``; ``where`` begins the message.

    Raises:
        InputError: it is no time above 0.

    Example:
        >>> stated_seconds("--spend", "20min"), stated_seconds("--spend", "1.5 h")
        (1200.0, 5400.0)
    """
    found = SPEND.fullmatch(text)
    seconds = float(found[1]) * {"s": 1, "min": 60, "h": 3600}[found[2]] if found else 0.0
    if not seconds:
        raise InputError(f"{where}: accepted: a time above 0, such as '30 min'")
    return seconds


def _demand_whole_rounds(where: str, looks: list[int], folds: int) -> None:
    """Refuse interim analyses between which not every fold is tested equally often: each would judge other examples."""
    for look in looks:
        if look % folds:
            raise InputError(f"{where}: adaptive.looks: {look} seeds with folds = {folds}: seed s tests fold s mod {folds}, and an "
                             f"analysis is taken after whole rounds; accepted: multiples of {folds}, such as {-(-look // folds) * folds}")


def tuning_seeds(where: str, stated: int | None, seeds: tuple[int, ...], tuned: bool) -> tuple[int, ...]:
    """The seeds on which settings are chosen, 3 unless ``stated``; none of them may be among the ``seeds`` of the comparison.

    Raises:
        InputError: there is nothing to tune, or the comparison uses one of the seeds.
    """
    if not tuned:
        if stated is not None:
            raise InputError(f"{where}: tuning_seeds = {stated}: there is nothing to tune; add a table nuisance, or leave the key out")
        return ()
    chosen = range(TUNING_SEED, TUNING_SEED + (stated or 3))
    if shared := sorted(set(chosen) & set(seeds)):
        raise InputError(f"{where}: seeds: {shared[0]} is a tuning seed; settings are chosen on seeds {chosen[0]} to {chosen[-1]}, "
                         "and what chose a setting may not judge it: accepted: other seeds")
    return tuple(chosen)
