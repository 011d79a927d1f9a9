"""The engine of scripts: a run is a fresh process of any program, whose scores are read from what it writes."""

from __future__ import annotations

from dlbench.engines.protocol import Capability, Description

FRAMEWORKS = ("torch", "tensorflow", "jax", "flax", "keras", "scikit-learn", "numpy", "lightning", "transformers")
"""Packages of a script's own environment whose versions must agree for two results to be compared."""
FUNCTION, SCORE = "DLBENCH_FUNCTION", "score"
"""The variable that names the file of a run's Python function, and the score that a plain number is."""
ENGINE = Description(
    name="command", start="dlbench.engines.command.engine:start", capabilities=frozenset({Capability.PREPARE}),
    method="spawn", decisive=("interpreter", *(f"script {name}" for name in FRAMEWORKS)),
    describe="dlbench.engines.command.interpreter:describe")
