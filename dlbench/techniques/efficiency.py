"""The same network at less cost: arithmetic of fewer bits, compiled steps, and compression of what was trained."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

MIXED = Paper("P. Micikevicius et al.", "Mixed precision training", 2018, "https://arxiv.org/abs/1710.03740")
XLA = Paper("D. Snider, R. Liang", "Operator fusion in XLA: analysis and evaluation", 2023, "https://arxiv.org/abs/2301.13062")
PRUNE = Paper("M. Zhu, S. Gupta", "To prune, or not to prune: exploring the efficacy of pruning for model compression", 2017,
              "https://arxiv.org/abs/1710.01878")
INTEGER = Paper("B. Jacob et al.", "Quantization and training of neural networks for efficient integer-arithmetic-only inference",
                2018, "https://arxiv.org/abs/1712.05877")
GROWING = Paper("M. Tan, Q. V. Le", "EfficientNetV2: smaller models and faster training", 2021, "https://arxiv.org/abs/2104.00298")
FAMILY = "efficiency"


def _mixed_precision(recipe: Recipe, kind: str) -> Recipe:
    return edit(recipe, model__precision=f"mixed_{kind}")


def _xla(recipe: Recipe) -> Recipe:
    return edit(recipe, training__xla=True)


TECHNIQUES = (
    Technique(
        "mixed_precision", FAMILY,
        "Compute in 16 bits, keep weights and output in 32; float16 scales the loss so that small gradients survive", MIXED,
        ("model.precision",), _mixed_precision,
        (Parameter("kind", str, "the 16-bit format", "bfloat16", choices=("bfloat16", "float16")),),
        formula="float16 or bfloat16 in layers, float32 in weights and loss"),
    Technique("xla", FAMILY, "Compile each training step with XLA, which fuses its operations", XLA, ("training.xla",), _xla),
    Technique(
        "progressive_resizing", FAMILY,
        "Train on small images first, and on larger ones from stage to stage; the last stage, and all scores, have their own size", GROWING,
        parameters=(
            Parameter("start", float, "size in the first stage, as a share of each side", 0.5, low=0, high=1, open_low=True, open_high=True,
                      sets="training.resizing.start"),
            Parameter("stages", int, "stages of equal numbers of epochs, of which the budget needs one for each", 4, low=2, high=100,
                      sets="training.resizing.stages"),
        ), requires=("images", "one_input"),
        formula="side_s = round(side · (start + (1 - start) · s / (stages - 1))), s = ⌊stages · e / E⌋ in epoch e of E, both from 0;\n"
                "images are augmented at their own size, then brought to side_s by a triangle filter"),
    Technique(
        "pruning", FAMILY, "Set the smallest kernel weights of each layer to zero, more of them from epoch to epoch, and train on", PRUNE,
        parameters=(Parameter("sparsity", float, "share of each kernel's weights that ends at zero", 0.8, low=0, high=1, open_low=True,
                              open_high=True, sets="compression.sparsity"),),
        formula="w ← w ⊙ m, m = 0 for the share sparsity of the smallest |w| of each kernel"),
    Technique(
        "quantization", FAMILY,
        "Convert the trained network with the LiteRT converter: int8 arithmetic, float16 weights, or (32) only converted", INTEGER,
        parameters=(Parameter("bits", int, "of stored weights; 8 computes in integers too, with ranges from the training split", 8,
                              choices=(8, 16, 32), sets="compression.bits"),),
        formula="w ≈ s · round(w / s) in so many bits, s from the range of each kernel"),
)
