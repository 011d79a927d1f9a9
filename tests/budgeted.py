"""Results of a study at several budgets that no training was paid for: dropout helps up to 10 epochs, L2 hurts at 20 alone."""

from pathlib import Path
from unittest.mock import patch

import numpy as np

from dlbench.execution import driver as driver_module
from dlbench.execution.driver import Driver, Options
from dlbench.store.read import read
from dlbench.study import load, plan
from tests.execution.fakes import FakePool, Silent

STUDY = {"question": "Does more training change the answer?", "margin": 0.01, "seeds": 10, "budget": {"epochs": [5, 10, 20]},
         "scope": "this_test_set",
         "arms": [{"technique": "dropout", "rate": 0.5}, {"technique": "l2", "strength": 0.01},
                  {"technique": "lr_schedule", "kind": "cosine"}]}
EFFECTS = {"dropout": {5: 0.04, 10: 0.04, 20: 0.0}, "l2": {5: 0.0, 10: 0.0, 20: -0.04}, "cosine": {5: 0.0, 10: 0.0, 20: 0.0}}


def score(fields, seed):
    """A test accuracy: the arm's effect after so many epochs, a part that seeds share, and noise."""
    arm = "dropout" if "model.dropout" in fields else "l2" if "regularization.l2" in fields else ""
    arm, epochs = "cosine" if "training.schedule.kind" in fields else arm, int(fields.get("budget.amount", 20))
    noise = np.random.default_rng([seed, epochs, len(arm)]).normal(0, 0.002) if arm else 0.0
    return float(0.8 + EFFECTS.get(arm, {}).get(epochs, 0.0) + np.random.default_rng(seed).normal(0, 0.01) + noise)


def made(folder: Path, **changes):
    """Run the study with these changes of its keys, and return its results."""
    with patch.object(driver_module, "Pool", FakePool(score)):
        Driver(plan(load({**STUDY, **changes})), Options(folder, "dlbench run study.toml", 2, None, "", rounds=0), Silent()).execute()
    return read(folder)
