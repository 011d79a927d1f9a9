"""Which seeds a study file asks for: to compare arms on, and to choose settings on."""

from __future__ import annotations

from dlbench.study.schema import DesignKeys, StudyKeys
from dlbench.values.errors import InputError

TUNING_SEED = 1000
"""The first of the seeds on which settings are chosen."""


def comparison_seeds(where: str, keys: DesignKeys) -> tuple[int, ...]:
    """The seeds on which a study compares its arms, in their order; of an adaptive one, those of its last interim analysis.

    Raises:
        InputError: the study asks for interim analyses and for something that excludes them; ``where`` begins the message.

    Example:
        >>> comparison_seeds("x.toml", StudyKeys(margin=1.0, adaptive={"looks": [2, 4], "first_seed": 8}))
        (8, 9, 10, 11)
    """
    seeds, adaptive = keys.seeds, keys.adaptive
    if not adaptive.looks:
        return tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    if "seeds" in keys.model_fields_set:
        raise InputError(f"{where}: seeds = {seeds} beside adaptive: its looks say how many seeds are run; "
                         "leave out either seeds (or --seeds) or adaptive")
    if isinstance(keys, StudyKeys) and keys.nuisance.model_fields_set:
        raise InputError(f"{where}: nuisance beside adaptive: a tuned comparison runs all its seeds; leave out one of the two keys")
    if isinstance(keys, StudyKeys) and keys.datasets:
        raise InputError(f"{where}: datasets beside adaptive: a look is at one dataset; leave out one of the two keys")
    if {"factorial", "fractional", "screening"} & ({keys.design} if isinstance(keys.design, str) else set(keys.design)):
        raise InputError(f"{where}: design = {keys.design!r} beside adaptive: a factor's effect needs every combination on every "
                         "seed, and looks stop some; leave out adaptive, or use another design")
    _demand_whole_rounds(where, adaptive.looks, (isinstance(keys, StudyKeys) and keys.folds) or 1)
    return tuple(range(adaptive.first_seed, adaptive.first_seed + adaptive.looks[-1]))


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
