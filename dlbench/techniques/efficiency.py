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
BITS = (8, 16, 32)


def mixed_precision(recipe: Recipe, kind: str) -> Recipe:
    """Compute in 16 bits, keep weights and output in 32; float16 scales the loss so that small gradients survive."""
    return edit(recipe, model__precision=f"mixed_{kind}")


def xla(recipe: Recipe) -> Recipe:
    """Compile each training step with XLA, which fuses its operations."""
    return edit(recipe, training__xla=True)


def pruning(recipe: Recipe, sparsity: float) -> Recipe:
    """Set the smallest kernel weights of each layer to zero, more of them from epoch to epoch, and train on."""
    return edit(recipe, compression__sparsity=sparsity)


def quantization(recipe: Recipe, bits: int) -> Recipe:
    """Convert the trained network with the LiteRT converter: int8 arithmetic, float16 weights, or (32) only converted."""
    return edit(recipe, compression__bits=bits)


def _technique(apply, paper, touches, parameters=()) -> Technique:
    return Technique(apply.__name__, "efficiency", apply.__doc__.rstrip("."), paper, touches, apply, parameters)


TECHNIQUES = (
    _technique(mixed_precision, MIXED, ("model.precision",), (
        Parameter("kind", str, "the 16-bit format", "bfloat16", choices=("bfloat16", "float16")),)),
    _technique(xla, XLA, ("training.xla",)),
    _technique(pruning, PRUNE, ("compression.sparsity",), (
        Parameter("sparsity", float, "share of each kernel's weights that ends at zero", 0.8, low=0, high=1, open_low=True,
                  open_high=True),)),
    _technique(quantization, INTEGER, ("compression.bits",), (
        Parameter("bits", int, "of stored weights; 8 computes in integers too, with ranges from the training split", 8, choices=BITS),)),
)
