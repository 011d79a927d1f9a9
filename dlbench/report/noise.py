"""Test-set noise: what a difference is worth on new test examples too, and which classes it comes from."""

from __future__ import annotations

from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.noise import MOST_CLASSES, Noise, shown_classes
from dlbench.report import wording
from dlbench.report.wording import NOTHING, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, missing, one_line


def rows(found: Noise, analysis: Analysis) -> list[dict[str, Any]]:
    """The table of intervals as text: ``id, arm, examples, difference, seeds, crossed, resampled``."""
    unit, ids = unit_of(analysis.metric), analysis.ids
    return [{
        "id": ids[row.arm], "arm": row.arm, "examples": f"{row.n} × {row.examples:,}",
        "difference": wording.bare(row.difference, unit),
        "seeds": wording.interval(row.low, row.high, unit),
        "crossed": wording.interval(row.crossed_low, row.crossed_high, unit),
        "resampled": wording.interval(row.resampled_low, row.resampled_high, unit),
    } for row in found.arms.itertuples()]


def class_rows(found: Noise, analysis: Analysis) -> list[dict[str, Any]]:
    """The table of classes as text: ``id, arm`` and ``cells``, one a shown class; an asterisk where adjusted p < 0.05."""
    labels, made = shown_classes(found), []
    for arm, table in found.classes.groupby("arm", sort=False):
        cells = {row.label: _class_cell(row, analysis) for row in table.itertuples()}
        made.append({"id": analysis.ids[arm], "arm": arm, "cells": [cells.get(label, NOTHING) for label in labels]})
    return made


def _class_cell(row: Any, analysis: Analysis) -> str:
    sure = not missing(row.p_adjusted) and row.p_adjusted < METHOD.alpha
    return wording.number(row.difference * unit_of(analysis.metric).scale, 1, sign=True) + ("*" if sure else "")


def captions(found: Noise, analysis: Analysis) -> dict[str, str]:
    """How to read both tables: ``arms`` and ``classes``."""
    unit = unit_of(analysis.metric).difference
    of, all_classes = found.of, found.classes["label"].nunique()
    left = f" Shown: the {len(found.arms)} of {of} arms that differ most." if len(found.arms) < of else ""
    some = f" Shown: {MOST_CLASSES} of {all_classes} classes, those in which the arms differ most." if all_classes > MOST_CLASSES else ""
    return {
        "arms": (
            f"{METHOD.confidence} intervals of the difference in {unit}: over new seeds on this very test set, and over new seeds and "
            "new test examples "
            "together, by a t interval on both (the one to quote) and by resampling both. The verdict rests on the first."
            f"{_turned(found)}{left}"
        ),
        "classes": (
            f"Difference in {unit} on the test examples of each class of the arm's task, counted from 0. Asterisk: p below "
            f"{METHOD.alpha:g} over "
            f"seeds and test examples, {METHOD.adjusted} over the classes of the arm; not part of the verdicts' family."
            f"{some}"
        ),
    }


def _turned(found: Noise) -> str:
    """The arms whose interval over seeds excludes 0 while that over seeds and test examples holds it, in a sentence."""
    table = found.arms
    inside, outside = (table["crossed_low"] <= 0) & (table["crossed_high"] >= 0), (table["low"] > 0) | (table["high"] < 0)
    names = [one_line(arm, 60) for arm in table.loc[inside & outside, "arm"]]
    return f" Shown on this test set, but not beyond it: {listed(names, most=8)}." if names else ""


def content(analysis: Analysis) -> dict[str, Any] | None:
    """Both tables and their captions, for a page or a Markdown file: ``rows, labels, classes, captions``; None without noise."""
    found = analysis.noise
    if found is None:
        return None
    return {"rows": rows(found, analysis), "labels": shown_classes(found), "classes": class_rows(found, analysis),
            "captions": captions(found, analysis)}
