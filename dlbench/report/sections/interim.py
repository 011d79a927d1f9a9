"""Interim analyses: what each of them decided, and on which seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlbench.analysis import Analysis
from dlbench.analysis.interim import declared
from dlbench.report import answers
from dlbench.report.document import Block, Section, Text, named, text_tables
from dlbench.report.wording import NOTHING, count, number
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.values.text import listed, one_line, plural

TITLE = "Interim analyses"


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the interim analyses that a study declares, or those by which it came to have a pilot; nothing of other studies."""
    results = analysis.results
    if declared(results):
        yield Text(_summary(results))
        rows = [_row(results, position, size) for position, size in enumerate(declared(results))]
        caption = "What each interim analysis decided, and on how many seeds."
        yield from text_tables(TITLE, ("interim-table", caption, ("Analysis", "Seeds", "Arms judged", "Decided", "Go on", "Taken"), rows))
    elif results.pilot:
        yield Text(answers.pilot(results))
        rows = [(str(position), _seeds(interim.seeds), _seeds([seed for seed in interim.seeds if seed not in interim.pilot]), interim.taken)
                for position, interim in enumerate(results.interim, 1)]
        caption = "Every time that these arms were judged, on which seeds; those that an earlier analysis had seen are not judged again."
        yield from text_tables(TITLE, ("interim-table", caption, ("Analysis", "Seeds", "Judged on", "Taken"), rows))


def _summary(results: Results) -> str:
    sizes, used = declared(results), results.runs_planned
    most = len(results.arms) * sizes[-1]
    share = f"{number(100 * (1 - used / most), 0)} % of {plural(most, 'run')} saved" if results.complete else (
        f"{plural(used, 'run')} of at most {count(most)} asked for so far")
    return (f"Interim analyses are declared at {listed([str(size) for size in sizes], 12)} seeds; an arm that is decided stops, and its "
            "reference runs on as long as another arm needs it. Each arm spends its share of "
            f"{METHOD.error} over the analyses in proportion to the seeds; effects of arms that stop early are overstated a little. "
            f"{share}.")


def _row(results: Results, position: int, size: int) -> tuple[str, ...]:
    total = len(declared(results))
    head = (f"{position + 1} of {total}", str(size))
    if position >= len(results.interim):
        decided = results.complete or (results.interim and not results.interim[-1].undecided)
        return (*head, NOTHING, "not needed" if decided else "not taken yet", NOTHING, NOTHING)
    interim = results.interim[position]
    done = [f"{one_line(row['arm'], 60)}: {row['verdict']}" for row in interim.verdicts if row["arm"] not in interim.undecided]
    rest = named(interim.undecided)
    kept = (rest if position + 1 < total else f"none; undecided: {rest}") if rest else NOTHING
    return (*head, str(len(interim.verdicts)), "; ".join(done) or NOTHING, kept, interim.taken)


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


SECTION = Section("interim", TITLE, build)
