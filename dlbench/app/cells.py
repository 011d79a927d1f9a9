"""What the names of columns and the text of cells mean by themselves, whatever table they stand in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

SEEDS = ("seed", "random_seed", "random_state", "rng_seed", "seed_id")
ARMS = ("arm", "config", "configuration", "method", "model", "variant", "algorithm", "algo", "experiment", "group", "name", "run_name",
        "run", "benchmark")
REPEATS = ("trial", "repeat", "repetition", "rep", "round", "fold", "replicate", "run_id", "id")
"""Columns that number runs: they tell runs of an arm apart, and make no arm."""
STEPS = ("step", "epoch", "global_step", "trainer_global_step", "iteration")
"""Columns that number the values of one run's history."""
CLOCKS = ("timestamp", "runtime", "wall_time", "relative_time", "created")
"""Columns that say when a value was written, or for how long a run went on."""
BETTER_HIGH = r"acc|auc|auprc|f1|score|precision|recall|bleu|rouge|map|iou|dice|reward|return|r2|ndcg|psnr|ssim|exact|mcc"
BETTER_LOW = r"loss|err|rmse|mse|mae|perplexity|ppl|nll|time|seconds|latency|wer|cer|fid|bits|cost|regret|distance"
BETTER = re.compile(f"{BETTER_HIGH}|{BETTER_LOW}", re.IGNORECASE)
BASELINES = ("baseline", "base", "control", "default", "reference", "none", "vanilla")
MISSING = ("", "nan", "na", "n/a", "none", "null", "-")


def full_name(name: str, columns: Iterable[str]) -> str:
    """Return the column of that name, or the only one whose path ends with it; the name itself where there is none.

    >>> full_name("lr", ["run", "hparam:lr", "hparam:decay"]), full_name("lr", ["adam/lr", "sgd/lr"])
    ('hparam:lr', 'lr')
    """
    known = [*columns]
    ends = [column for column in known if re.split(r"[/.:]", column)[-1] == name]
    return ends[0] if name not in known and len(ends) == 1 else name


def word(name: str) -> str:
    """Return a column's name in small letters and underscores.

    >>> word(" Random-Seed ")
    'random_seed'
    """
    return re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")


def is_seed(name: str) -> bool:
    """Return whether a column is called as seeds are, the last part of a path such as ``config.seed`` counting.

    >>> is_seed("parameters/seed"), is_seed("Random Seed"), is_seed("seeds_used")
    (True, True, False)
    """
    return word(name) in SEEDS or word(re.split(r"[/.:]", str(name))[-1]) in SEEDS


def numeric(column: pd.Series) -> bool:
    """Return whether every value of a column that is there is a number."""
    there = False
    for value in column:
        number = number_of(text_of(value))
        if number is None:
            return False
        there = there or not math.isnan(number)
    return there


def number_of(text: str) -> float | None:
    """Return the number that a cell holds, without its percent sign; NaN where it is empty, None where it is no number.

    >>> number_of("91 %"), number_of("n/a"), number_of("high")
    (91.0, nan, None)
    """
    if text.lower() in MISSING:
        return math.nan
    try:
        return float(text.removesuffix("%").strip().replace("\u2212", "-"))
    except ValueError:
        return None


def text_of(value: Any) -> str:
    """Return a cell as text without spaces around it, whole numbers without a point.

    >>> text_of(3.0), text_of(None), text_of(" a ")
    ('3', '', 'a')
    """
    if isinstance(value, float) and value == int(value if math.isfinite(value) else 0.5) and abs(value) < 1e15:
        return str(int(value)) if math.isfinite(value) else str(value)
    return "" if value is None else str(value).strip()
