"""Controls: arms that should make no difference."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit
from dlbench.values.seeds import STREAMS

BOUTHILLIER = Paper("X. Bouthillier et al.", "Accounting for variance in machine learning benchmarks", 2021,
                    "https://arxiv.org/abs/2103.03098")



def _reseed(recipe: Recipe, stream: str) -> Recipe:
    return edit(recipe, redrawn=tuple(sorted({*recipe.redrawn, stream})))


TECHNIQUES = (
    Technique("reseed", "control", "The A/A control: the same recipe with one random stream redrawn", BOUTHILLIER, ("redrawn",), _reseed,
              (Parameter("stream", str, "which stream", choices=STREAMS, example="order"),),
              formula="seed' = hash(seed, stream, redrawn)"),
)
