"""Interim analyses: what each of them decided, and on which seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlbench.analysis import Analysis
from dlbench.analysis.interim import has_ended, is_adaptive, sizes, spend_s
from dlbench.report import answers
from dlbench.report.document import Block, Section, Text, named, text_tables
from dlbench.report.wording import NOTHING, count, number
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.study.schema import CROSSED
from dlbench.values.text import listed, one_line, plural

TITLE = "Interim analyses"


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the interim analyses that a study declares, or those by which it came to have a pilot; nothing of other studies."""
    results = analysis.results
    if is_adaptive(results):
        yield Text(_summary(results))
        rows = [_row(results, position, size) for position, size in enumerate(sizes(results))]
        caption = "What each interim analysis decided, and on how many seeds."
        yield from text_tables(TITLE, ("interim-table", caption, ("Analysis", "Seeds", "Arms judged", "Decided", "Go on", "Taken"), rows))
    elif results.pilot:
        yield Text(answers.pilot(results))
        rows = [(str(position), _seeds(interim.seeds), _seeds([seed for seed in interim.seeds if seed not in interim.pilot]), interim.taken)
                for position, interim in enumerate(results.interim, 1)]
        caption = "Every time that these arms were judged, on which seeds; those that an earlier analysis had seen are not judged again."
        yield from text_tables(TITLE, ("interim-table", caption, ("Analysis", "Seeds", "Judged on", "Taken"), rows))


def _summary(results: Results) -> str:
    return (f"{_when(results)}; {_who_runs(results)} Each arm spends its share of {METHOD.error} over the analyses, most of it at the "
            "last ones, and leaves it to the others once it is decided; effects of arms that stop early are overstated a little. "
            f"{_saved(results)}.{_gated(results)}")


def _when(results: Results) -> str:
    if seconds := spend_s(results):
        return (f"The study may take {number(seconds, 0)} s. An interim analysis is planned at each quarter of that time; how many seeds "
                "it has follows from how long runs took and from how many arms still run, never from a score")
    return f"Interim analyses are declared at {listed([str(size) for size in sizes(results)], 12)} seeds"


def _who_runs(results: Results) -> str:
    if results.study["design"] in CROSSED:
        return "all arms run on until every one is decided, because a factor's effect needs every combination on every seed."
    return "an arm that is decided stops, and its reference runs on as long as another arm needs it."


def _saved(results: Results) -> str:
    used, most = results.runs_planned, len(results.arms) * max(sizes(results), default=0)
    if spend_s(results):
        return f"{plural(used, 'run')} so far" if not results.complete else plural(used, "run")
    if results.complete:
        return f"{number(100 * (1 - used / most), 0)} % of {plural(most, 'run')} saved"
    return f"{plural(used, 'run')} of at most {count(most)} asked for so far"


def _gated(results: Results) -> str:
    metrics = [name for name, _ in results.study.get("metrics", ())]
    return f" {metrics[0]} decides when an arm stops; {listed(metrics[1:])} is judged at the same analysis." if metrics else ""


def _row(results: Results, position: int, size: int) -> tuple[str, ...]:
    total = len(sizes(results))
    going = spend_s(results) and not has_ended(results)
    head = (f"{position + 1}" if going else f"{position + 1} of {total}", str(size))
    if position >= len(results.interim):
        decided = results.complete or (results.interim and not results.interim[-1].undecided)
        return (*head, NOTHING, "not needed" if decided else "not taken yet", NOTHING, NOTHING)
    interim = results.interim[position]
    done = [f"{one_line(row['arm'], 60)}: {row['verdict']}" for row in interim.verdicts if row["arm"] not in interim.undecided]
    rest, last = named(interim.undecided), position + 1 == total and not going
    kept = (f"none; undecided: {rest}" if last else rest) if rest else NOTHING
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
