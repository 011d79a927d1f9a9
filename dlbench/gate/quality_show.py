"""What a gate of training quality found: as text for a terminal, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict
from typing import Any

from dlbench.gate.quality import Quality, Speed
from dlbench.gate.show import NAME, WIDTH, elided, escaped
from dlbench.gate.verdicts import UNDECIDED, WORSE, Answer, Pair
from dlbench.stats.method import METHOD
from dlbench.values.text import one_line

MOST_SEEDS, REASON, COMMAND = 100, 120, 300
"""Of a comment: the seeds that it lists, and the signs of a reason and of the command."""
COLUMNS = (("metric", 12), ("base", 8), ("this tree", 9), ("difference", 10), ("limits", 20), ("margin", 6), ("verdict", 9))
OPEN = {"fail": "", "warn": " (--undecided warn)", "pass": " (--undecided pass)"}


def quality_headline(found: Quality) -> str:
    """Write the answer in one line.

    Example:
        >>> from dlbench.gate.terms import Judged, Terms
        >>> quality_headline(Quality("base", "head", "python train.py", Terms((Judged("loss", 0.1, False),)), "worse", "loss +0.5"))
        'FAILED: training is worse: loss +0.5'
    """
    failed = "FAILED: " * bool(found.code in (1, 3))
    return f"{failed}training is {found.verdict}{OPEN[found.terms.undecided] * (found.verdict == UNDECIDED)}: {found.reason}"


def quality_table(found: Quality) -> str:
    """Write the result as text: a line a metric, what else is to be known, and the answer."""
    lines = []
    if found.answers:
        lines += [_line([title for title, _ in COLUMNS]), _line(["-" * width for _, width in COLUMNS])]
        lines += [_line(_cells(answer, COLUMNS[0][1])) for answer in found.answers]
    for text in _remarks(found):
        lines += _wrapped(text)
    return "\n".join([*lines, *[""] * bool(lines), *_wrapped(f"{quality_headline(found)} ({_how(found)})")])


def quality_markdown(found: Quality) -> list[str]:
    """Write the lines of a pull-request comment's part: the answer, a table of metrics, and the trainings folded."""
    lines = [f"### Training gate: {escaped(quality_headline(found))}", "", f"{escaped(found.head)} against {escaped(found.base)}: "
             f"`{one_line(found.command.replace('`', chr(39)), COMMAND)}`", ""]
    if found.answers:
        lines += _rows([[title for title, _ in COLUMNS], ["---", *["---:"] * 5, "---"], *(_marked(answer) for answer in found.answers)])
    lines += ["", *(f"- {escaped(text)}" for text in _remarks(found))]
    if found.pairs:
        of_seed = [["seed", "base", "this tree"], ["---:", "---:", "---:"], *(
            [str(pair.base.seed), *(f"{one.score:.6g}" if one.score is not None else escaped(elided(one.reason, REASON)) for one in pair)]
            for pair in found.pairs[:MOST_SEEDS])]
        more = f", the first {MOST_SEEDS}; `gate.json` has all" * (len(found.pairs) > MOST_SEEDS)
        lines += ["", f"<details><summary>{len(found.pairs)} seeds{more}</summary>", "", *_rows(of_seed), "", "</details>"]
    return [*lines, "", f"<sub>{_how(found)}.</sub>"]


def quality_json(found: Quality) -> dict[str, Any]:
    """Everything that is known, as ``gate.json`` has it under ``training``; what is not known is null."""
    speed = found.speed and {name: value if math.isfinite(value) else None for name, value in found.speed._asdict().items()}
    return {
        "verdict": found.verdict, "reason": found.reason, "exit_code": found.code, "base": found.base, "head": found.head,
        "command": found.command, "terms": asdict(found.terms), "paired": found.paired, "remarks": list(found.remarks),
        "metrics": [answer.as_json() for answer in found.answers], "speed": speed,
        "looks": [{"seeds": size.seeds, "share": size.share} for size in found.taken],
        "trainings": [_trainings(pair) for pair in found.pairs],
    }


def _trainings(pair: Pair) -> dict[str, Any]:
    """Both trainings of a seed, without their curves, which may hold what JSON has no number for."""
    return {name: {key: value for key, value in one.as_json().items() if key != "curves"} for name, one in pair._asdict().items()}


def _remarks(found: Quality) -> list[str]:
    others = [answer.reason for answer in found.answers if answer.reason != found.reason]
    return [*others, *found.remarks, *([_speed(found.speed)] if found.speed else [])]


def _speed(speed: Speed) -> str:
    ratio, low, high = (f"{100 * (value - 1):+.1f}" for value in speed)
    return f"time of a training: {ratio} % ({METHOD.interval} {low} to {high} %; not judged)"


def _how(found: Quality) -> str:
    terms = found.terms
    when = f"within {terms.spend_s:g} s" if terms.spend_s else f"interim analyses at {', '.join(map(str, terms.looks))} seeds"
    pairs = "seed by seed" if found.paired else "as two groups"
    seeds = len(found.pairs)
    return f"{seeds} seed{'s' * (seeds != 1)} on each side, compared {pairs}; {when}; each claim at {100 * terms.alpha:g} %"


def _cells(answer: Answer, width: int) -> list[str]:
    told = answer.as_json()
    limits = [f"{told[name]:+.3g}" if told[name] is not None else "any" for name in ("low", "high")]
    difference = f"{told['difference']:+.3g}" if told["difference"] is not None else ""
    means = (f"{mean:.5g}" for mean in answer.means)
    return [elided(answer.metric.name, width), *means, difference, " to ".join(limits), f"{answer.metric.margin:g}", answer.verdict]


def _marked(answer: Answer) -> list[str]:
    name, *cells = _cells(answer, NAME)
    shown = f"`{name.replace('`', chr(39))}`".replace("|", "\\|")
    return [shown, *cells[:-1], f"**{answer.verdict}**" if answer.verdict == WORSE else answer.verdict]


def _rows(rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in rows]


def _line(cells: list[str]) -> str:
    kinds = "<>>>>><"
    return " ".join(f"{cell:{kind}{width}}" for cell, kind, (_, width) in zip(cells, kinds, COLUMNS)).rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False)
