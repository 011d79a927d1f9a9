"""The answer: what helps, what hurts and what is still open, in a sentence and by arm."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.analysis.diagnosis import diagnose
from dlbench.report import answers, budgets, frames
from dlbench.report.arms import axis, compared_arms, groups
from dlbench.report.document import Answers, Block, Section, Tally, Text
from dlbench.values.text import listed


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the study's answer, what must be known before it is trusted, and the answer of each arm."""
    by_verdict = groups((arm.verdict, arm.answer) for arm in compared_arms(analysis))
    yield Text(sentence(analysis), "lead")
    if by_verdict:
        yield Tally(by_verdict)
    if findings := diagnose(analysis):
        yield Text(f"Can this be trusted? {listed([found.subject for found in findings], most=4).capitalize()}.", "note")
    partial = answers.partial(analysis.results)
    yield from (Text(note, "note") for note in answers.notes(analysis) if note != partial)
    if by_verdict:
        yield Answers(by_verdict, axis(frames.verdicts(analysis)))


def sentence(analysis: Analysis) -> str:
    """Return a study's answer, those of its factors and of its shorter budgets included."""
    return " ".join(filter(None, (answers.answer(analysis), answers.factors(analysis), budgets.sentence(analysis))))


SECTION = Section("answer", "Answer", build)
