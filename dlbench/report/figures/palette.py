"""Colours and marks that readers of every kind of colour vision can tell apart.

Hues are those of Okabe and Ito, darkened to a contrast of at least 4.5:1 on white. Every verdict also has a mark of its own.

Source: M. Okabe and K. Ito, "Color universal design", 2008, https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from dataclasses import dataclass

INK = "#1c1e22"
MUTED = "#5b6068"
GRID = "#d9dce1"
BAND = "#e9edf2"
PAPER = "#ffffff"


@dataclass(frozen=True)
class Look:
    """How a verdict is drawn: colour on paper, colour on a dark page, matplotlib marker, and a sign for text."""

    colour: str
    dark: str
    marker: str
    sign: str


VERDICTS = {
    "helps": Look("#0067a8", "#62b5f0", "^", "▲"),
    "hurts": Look("#b34a00", "#ff9d5c", "v", "▼"),
    "no meaningful effect": Look("#4d5259", "#b4bac3", "s", "="),
    "inconclusive": Look("#8a4a86", "#d9a1d4", "o", "?"),
    "no verdict": Look("#6a6f77", "#989fa9", "D", "–"),
}

THEME = {INK: "ink", MUTED: "muted", GRID: "grid", BAND: "band", PAPER: "paper"} | {
    look.colour: name.replace(" ", "-") for name, look in VERDICTS.items()
}
"""Colour -> the style-sheet variable that stands for it where a figure is part of a page."""


def look(verdict: object) -> Look:
    """Return how a verdict is drawn; an unknown one like no verdict."""
    return VERDICTS.get(str(verdict), VERDICTS["no verdict"])
