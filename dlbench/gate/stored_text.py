"""What a comparison of two stored files says."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from dlbench.gate.show import WIDTH, duration, elided, percent
from dlbench.gate.stored import WEAKER, Change, Comparison


def text(found: Comparison) -> str:
    """A line a case for a terminal, then what it rests on."""
    lines = [_line("case", "old", "new", "change", "interval, %", "verdict"), _line(*["-" * width for width in (27, 8, 8, 8, 14, 10)])]
    lines += [_row(change) for change in found.changes]
    lines += [f"{name}: only in the new file" for name in found.appeared] + [f"{name}: only in the old file" for name in found.vanished]
    return "\n".join([*lines, "", *(part for note in _notes(found) for part in textwrap.wrap(note, WIDTH))])


def as_json(found: Comparison) -> dict[str, Any]:
    """The same as data; ratios of the new to the old, normalised."""
    return {
        "note": WEAKER, "machines": list(found.machines), "machine_ratio": round(math.exp(found.factor), 6),
        "calibration": {name: round(math.exp(value), 6) for name, value in found.calibration.items()},
        "cases": [{"name": change.name, "verdict": change.verdict, "old_s": change.old_s, "new_s": change.new_s,
                   **{key: round(math.exp(value), 6) for key, value in
                      (("ratio", change.log_ratio), ("low", change.low), ("high", change.high))}} for change in found.changes],
        "appeared": list(found.appeared), "vanished": list(found.vanished),
    }


def _row(change: Change) -> str:
    return _line(elided(change.name, 27), duration(change.old_s), duration(change.new_s), f"{percent(change.log_ratio)} %",
                 f"{percent(change.low)} to {percent(change.high)}", change.verdict)


def _line(*cells: str) -> str:
    name, old, new, change, limits, verdict = cells
    return f"{name:27} {old:>8} {new:>8} {change:>8} {limits:>14} {verdict}"


def _notes(found: Comparison) -> list[str]:
    values = found.calibration.values()
    spread = f"{percent(min(values))} to {percent(max(values))} %"
    old, new = found.machines
    return [f"Old: {old}.", f"New: {new}.",
            f"Changes are after calibration: in the new session the {len(values)} calibration cases take {percent(found.factor)} % "
            f"more time ({spread}); what they disagree by is in the intervals.", WEAKER]
