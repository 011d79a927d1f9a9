"""What is decided: three studies, each on little data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.cases import settings
from dlbench.study import Plan, load, plan
from dlbench.values.errors import InputError, unknown
from dlbench.values.recipe import Recipe, edit

FOLDER = Path(__file__).parent
LOOPED = ("baseline", "dropout 0.5")
"""The arms that the Keras loop is timed with: it trains each by itself, so that more of them tell nothing more."""
TIMED = ("dropout 0.5", "L2 0.001", "cosine")
"""The arms that dlbench is timed with, beside the baseline: what a study prepares once is shared by them."""


@dataclass(frozen=True)
class Case:
    """A study that both ways of deciding are held against.

    Attributes:
        name: on the command line, and of the study file.
        title: in the report.
        goal: how many times sooner dlbench should decide.
        folds: that dlbench tests in turn; 0: there is a test part that is large enough.
        trained, tested: images that are drawn from MNIST's two parts; None: the study names the data itself.
    """

    name: str
    title: str
    goal: float
    folds: int = 0
    trained: int | None = None
    tested: int | None = None

    @property
    def study(self) -> Path:
        """The study file."""
        return FOLDER / f"{self.name}.toml"

    @property
    def layouts(self) -> dict[str, int]:
        """Layout of the pilot -> its number of folds."""
        return {"fixed": 0} | ({"folds": self.folds} if self.folds else {})


CASES = (
    Case("digits", "8x8 handwritten digits, 500 training examples", goal=40, folds=4),
    Case("mnist_500", "MNIST, 500 training examples", goal=10, trained=500, tested=2000),
    Case("mnist_1000", "MNIST, 1,000 training examples", goal=10, trained=1000, tested=2000),
)


def find(name: str) -> Case:
    """Look a case up by name.

    Raises:
        InputError: there is none of that name.

    >>> find("digits").goal
    40
    """
    for known in CASES:
        if known.name == name:
            return known
    raise InputError(unknown("case", name, [known.name for known in CASES]))


def planned(case: Case) -> Plan:
    """Plan a case's study."""
    return plan(load(str(case.study)))


def described(case: Case) -> dict[str, Any]:
    """Return what the Keras loop trains, JSON-ready, computed from the study: its arms with their settings.

    >>> [arm["dropout"] for arm in described(find("digits"))["arms"]]
    [0.0, 0.5]
    """
    study = planned(case)
    recipe = study.study.baseline
    return {"name": case.name, "model": recipe.model.name, "epochs": int(recipe.budget.amount),
            "arms": [{"name": arm.name, **settings(of_peers(arm.recipe))} for arm in study.arms if arm.name in LOOPED]}


def of_peers(recipe: Recipe) -> Recipe:
    """Return a recipe without what the exported arrays and the scoring of a loop settle: subset, folds, and the averaged score."""
    return edit(recipe, data__examples=None, score_over=Recipe().score_over)
