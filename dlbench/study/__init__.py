"""Layer 2: what a study file asks for, and the runs that answer it. Pure, without TensorFlow."""

from dlbench.study.parse import load
from dlbench.study.plan import Arm, Plan, Run, part, plan
from dlbench.study.schema import Entry, Study
from dlbench.study.shipped import find, members, shipped
from dlbench.study.stages import advance, only, undecided
from dlbench.study.tuning import Trial

__all__ = [
    "Arm", "Entry", "Plan", "Run", "Study", "Trial", "advance", "find", "load", "members", "only", "part", "plan", "shipped", "undecided"]
