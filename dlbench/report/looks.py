"""Studies that were looked at more than once: the verdicts of declared looks, and what is told of every look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dlbench.report.textual import Section, Table
from dlbench.report.wording import count, listed, number, one_line, plural
from dlbench.stats.method import METHOD
from dlbench.stats.verdict import COLUMNS
from dlbench.store.interim import UNDECIDED
from dlbench.store.results import Results

MOST = 12
NONE = "–"


def declared(results: Results) -> tuple[int, ...]:
    """The numbers of seeds at which an adaptive study judges its arms; none of any other study."""
    return tuple((results.study.get("adaptive") or {}).get("looks", ()))


def decisions(results: Results, against: Mapping[str, str]) -> pd.DataFrame:
    """The verdict of each arm of an adaptive study, as its last look stored it: nothing is computed again.

    Args:
        results: of an adaptive study.
        against: compared arm -> its reference.

    Returns:
        As :func:`dlbench.stats.verdict.compare`; ``seeds_needed`` only of arms that the last look left undecided.
    """
    last = {row["arm"]: dict(row) for look in results.looks for row in look.verdicts}
    going = results.looks[-1].undecided if results.looks and len(results.looks) < len(declared(results)) else ()
    rows = [last.get(arm) or _waiting(arm, reference, declared(results)[0]) for arm, reference in against.items()]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    table.loc[table["arm"].isin(going), "seeds_needed"] = pd.NA
    return table


def _waiting(arm: str, reference: str, planned: int) -> dict[str, object]:
    return {"arm": arm, "reference": reference, "n": 0, "planned": planned, "verdict": "no verdict",
            "reason": "the first look has not been taken yet"}


def told(results: Results) -> dict[str, str]:
    """Arm -> at which look it was decided, or on which seeds it is judged; a sentence, nothing where there is one look."""
    looks, total = results.looks, len(declared(results))
    if not total:
        return {}
    found = {}
    for position, look in enumerate(looks):
        for row in look.verdicts:
            word = "Undecided" if row["verdict"] in UNDECIDED else "Decided"
            found[row["arm"]] = f"{word} at look {position + 1} of {total}, {plural(len(look.seeds), 'seed')}."
    return found


def note(results: Results) -> str:
    """What must be known of the seeds before trusting the verdicts; nothing where every seed counts."""
    if not results.pilot:
        return ""
    new = len(results.study["seeds"]) - len(results.pilot)
    return (f"Judged on the {plural(new, 'new seed')}; {plural(len(results.pilot), 'earlier one')} had been judged before and served as "
            "pilot, for judging them again would find differences that are not there.")


def section(results: Results) -> Section | None:
    """What is told of the looks; None of a study that was looked at once."""
    if declared(results):
        return _declared(results)
    if not results.pilot:
        return None
    rows = [(str(position), _seeds(look.seeds), _seeds([seed for seed in look.seeds if seed not in look.pilot]), look.taken)
            for position, look in enumerate(results.looks, 1)]
    caption = "Every time that these arms were judged, on which seeds; those that an earlier look had seen are not judged again."
    return _section(note(results), Table("looks-table", caption, ("Look", "Seeds", "Judged on", "Taken"), tuple(rows)))


def _section(summary: str, table: Table) -> Section:
    return Section("looks", "Looks", (summary,), (table,))


def _declared(results: Results) -> Section:
    sizes, arms = declared(results), len(results.arms)
    most = arms * sizes[-1]
    used = results.runs_planned
    share = f"{number(100 * (1 - used / most), 0)} % of {plural(most, 'run')} saved" if results.complete else (
        f"{plural(used, 'run')} of at most {count(most)} asked for so far")
    summary = (f"Looks declared at {listed([str(size) for size in sizes], MOST)} seeds; an arm that is decided stops, and its reference "
               f"runs on as long as another arm needs it. Each arm spends its share of {METHOD.error} over the looks in proportion to "
               "the seeds; "
               f"effects of arms that stop early are overstated a little. {share}.")
    rows = [_row(results, position, size) for position, size in enumerate(sizes)]
    headers = ("Look", "Seeds", "Arms judged", "Decided", "Go on", "Taken")
    return _section(summary, Table("looks-table", "What each look decided, and on how many seeds.", headers, tuple(rows)))


def _row(results: Results, position: int, size: int) -> tuple[str, ...]:
    head, total = (f"{position + 1} of {len(declared(results))}", str(size)), len(declared(results))
    if position >= len(results.looks):
        decided = results.complete or (results.looks and not results.looks[-1].undecided)
        return (*head, NONE, "not needed" if decided else "not taken yet", NONE, NONE)
    look = results.looks[position]
    done = [f"{one_line(row['arm'], 60)}: {row['verdict']}" for row in look.verdicts if row["arm"] not in look.undecided]
    rest = [one_line(arm, 60) for arm in look.undecided]
    kept = (listed(rest, MOST) if position + 1 < total else f"none; undecided: {listed(rest, MOST)}") if rest else NONE
    return (*head, str(len(look.verdicts)), "; ".join(done) or NONE, kept, look.taken)


def _seeds(seeds: Sequence[int]) -> str:
    """Seeds as text, runs of neighbours as a range.

    Example:
        >>> _seeds([0, 1, 2, 3, 7])
        '0 to 3, 7 (5 seeds)'
    """
    parts: list[list[int]] = []
    for seed in sorted(seeds):
        if parts and seed == parts[-1][-1] + 1:
            parts[-1].append(seed)
        else:
            parts.append([seed])
    words = [f"{part[0]} to {part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts]
    return f"{', '.join(words)} ({plural(len(seeds), 'seed')})"

