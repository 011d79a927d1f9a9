"""What a whole study computes in."""

from __future__ import annotations

FLOAT32, BFLOAT16, AUTO = "float32", "bfloat16", "auto"
"""``auto``: in bfloat16 to begin with, and the arms that are decided in float32 again."""
SCREENED = "screened"
"""What results in float32 keep of runs in bfloat16 that chose their arms: those that these ``decided``, and left ``open``."""
WORDS = {
    FLOAT32: "float32", BFLOAT16: "bfloat16; weights, output, loss and scores in float32",
    AUTO: "bfloat16 to screen; the arms that are decided are run in float32 on other seeds, and these verdicts count"}
"""How a study's precision is told."""
