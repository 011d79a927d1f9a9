"""Layer 2: what a study file asks for, and the runs that answer it. Pure, without TensorFlow."""

from dlbench.study.parse import load
from dlbench.study.parts import plan_of_arms, plan_of_cells
from dlbench.study.plan import Arm, Plan, Run, plan
from dlbench.study.shipped import find, shipped, studies_in
from dlbench.study.stages import advance, undecided_runs
from dlbench.study.study import Entry, Study
from dlbench.study.tuning import Trial

__all__ = [
    "Arm", "Entry", "Plan", "Run", "Study", "Trial", "advance", "find", "load", "plan", "plan_of_arms",
    "plan_of_cells", "shipped", "studies_in", "undecided_runs"]
