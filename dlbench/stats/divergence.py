"""Diverged runs as an outcome of their own."""

from collections.abc import Mapping

import pandas as pd
from scipy import stats

from dlbench.stats.method import METHOD

COLUMNS = ("arm", "reference", "diverged", "n", "reference_diverged", "reference_n", "p", "p_adjusted", "reason")


def compare_divergence(runs: pd.DataFrame, references: Mapping[str, str]) -> pd.DataFrame:
    """Fisher's exact test, two-sided, on the counts of diverged runs of each arm and its reference.

    A diverged run has no score, so a comparison of scores cannot see it; this one does. The test takes the runs of both arms
    as independent; where they share a seed's fate it errs on the side of a larger p.

    Args:
        runs: columns arm, seed, diverged (bool); one row per run that completed or diverged. Runs that failed for
            other reasons (killed, out of memory) are left out.
        references: arm -> the arm it is compared with; one family.

    Returns:
        One row per arm, in the order of ``references``: arm, reference, diverged, n, reference_diverged, reference_n,
        p, p_adjusted and reason. An arm or reference without runs has n = 0 and p = 1.

    Raises:
        ValueError: a column is missing or a run occurs twice.

    >>> runs = pd.DataFrame([(arm, s, arm == "hot" and s > 0) for arm in ("base", "hot") for s in range(8)],
    ...                     columns=["arm", "seed", "diverged"])
    >>> compare_divergence(runs, {"hot": "base"}).loc[0, "reason"]
    '7 of 8 runs diverged, 0 of 8 of base, adjusted p 0.0014'

    Source: R. A. Fisher, "On the interpretation of chi-squared from contingency tables, and the calculation of P",
    J. R. Stat. Soc. 85, 1922, https://doi.org/10.2307/2340521
    """
    missing = [name for name in ("arm", "seed", "diverged") if name not in runs.columns]
    if missing:
        raise ValueError(f"runs lack the columns {missing}; they have {list(runs.columns)}")
    if runs.duplicated(["arm", "seed"]).any():
        raise ValueError(f"two rows for one run: {runs[runs.duplicated(['arm', 'seed'])].iloc[0].to_dict()}")
    counts = runs.assign(diverged=runs["diverged"].astype(bool)).groupby("arm")["diverged"].agg(["sum", "count"])
    rows = [_count(counts, arm, reference) for arm, reference in references.items()]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["p_adjusted"] = METHOD.correction.adjust(table["p"].to_numpy(float))
    table["reason"] = [f"{row.diverged} of {row.n} runs diverged, {row.reference_diverged} of {row.reference_n} of "
                       f"{row.reference}, adjusted p {row.p_adjusted:.2g}" for row in table.itertuples()]
    return table


def _count(counts: pd.DataFrame, arm: str, reference: str) -> dict[str, object]:
    """Counts and p-value of one pair of arms."""
    (x, n), (y, m) = (map(int, counts.loc[name]) if name in counts.index else (0, 0) for name in (arm, reference))
    p = float(stats.fisher_exact([[x, n - x], [y, m - y]])[1]) if n and m else 1.0
    return {"arm": arm, "reference": reference, "diverged": x, "n": n, "reference_diverged": y, "reference_n": m,
            "p": min(p, 1.0)}
