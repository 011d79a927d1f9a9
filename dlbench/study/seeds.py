"""Which seeds a study file asks for: a number, a list, or those of declared looks."""

from __future__ import annotations

import itertools

from dlbench.study.schema import LOOKS, MOST_LOOKED_AT, AdaptiveKeys, StudyKeys
from dlbench.values.errors import InputError


def seeds_of(where: str, keys: StudyKeys) -> tuple[int, ...]:
    """The seeds of a study, in their order; of an adaptive one, those of its last look.

    Args:
        where: the name of the study file.
        keys: its top level.

    Raises:
        InputError: no seed, one that is named twice, looks that do not ascend, or looks beside what they cannot go with.

    Example:
        >>> seeds_of("x.toml", StudyKeys(margin=1.0, adaptive=AdaptiveKeys(looks=[2, 4], first_seed=8)))
        (8, 9, 10, 11)
    """
    seeds = keys.seeds
    if "adaptive" in keys.model_fields_set:
        if "seeds" in keys.model_fields_set:
            raise InputError(f"{where}: seeds = {seeds} beside adaptive: its looks say how many seeds are run; "
                             "leave out either seeds (or --seeds) or adaptive")
        if keys.nuisance.model_fields_set:
            raise InputError(f"{where}: nuisance beside adaptive: a tuned comparison runs all its seeds; leave out one of the two keys")
        if keys.datasets:
            raise InputError(f"{where}: datasets beside adaptive: a look is at one dataset; leave out one of the two keys")
        if {"factorial", "fractional"} & ({keys.design} if isinstance(keys.design, str) else set(keys.design)):
            raise InputError(f"{where}: design = {keys.design!r} beside adaptive: a factor's effect needs every combination on every "
                             "seed, and looks stop some; leave out adaptive, or use another design")
        return _declared(where, keys.adaptive)
    seeds = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    if not seeds or len(set(seeds)) != len(seeds):
        raise InputError(f"{where}: seeds = {list(seeds)}: accepted: a number of seeds, or a list of different seeds")
    return seeds


def _declared(where: str, keys: AdaptiveKeys) -> tuple[int, ...]:
    """The seeds of declared looks."""
    looks = keys.looks
    if not looks or looks[0] < 2 or looks[-1] > MOST_LOOKED_AT or any(one >= next_ for one, next_ in itertools.pairwise(looks)):
        raise InputError(f"{where}: adaptive.looks = {looks}; accepted: {LOOKS}, such as [5, 8, 12, 16]")
    return tuple(range(keys.first_seed, keys.first_seed + looks[-1]))
