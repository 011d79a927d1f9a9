"""What a report says of a study's interim analyses."""

from __future__ import annotations

from collections.abc import Sequence

from dlbench.analysis.interim import Stage, declared
from dlbench.report.textual import Section, Table
from dlbench.report.wording import count, number
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.values.text import listed, one_line, plural

MOST = 12
NONE = "–"


def decided(stage: Stage, results: Results) -> str:
    """Say at which declared interim analysis an arm was judged for the last time."""
    word = "Decided" if stage.decided else "Undecided"
    return f"{word} at look {stage.position} of {len(declared(results))}, {plural(stage.seeds, 'seed')}."


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
            for position, look in enumerate(results.interim, 1)]
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
    if position >= len(results.interim):
        decided = results.complete or (results.interim and not results.interim[-1].undecided)
        return (*head, NONE, "not needed" if decided else "not taken yet", NONE, NONE)
    look = results.interim[position]
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

