"""A whole tiny study, from its file to its verdict."""

from __future__ import annotations

from dlbench.values.case import Case, Work

TINY = ("seeds = 2", "examples = 100", "budget = { epochs = 1 }")
RUNS = 4
EXAMPLES = 100

CASES = (
    Case("study[digits-2-arms-2-seeds]", "training", "dlbench.execution.study_case:prepare",
         {"study": "quickstart", "arms": ("l2 strength=0.001",), "overrides": TINY}, Work(RUNS * EXAMPLES)),
)
