"""What is trained on, and how inputs are scaled. Whatever is fitted is fitted on the training split only."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

EFFICIENT = Paper("Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller", "Efficient BackProp", 1998,
                  "https://doi.org/10.1007/3-540-49430-8_2")
HESTNESS = Paper("J. Hestness et al.", "Deep learning scaling is predictable, empirically", 2017, "https://arxiv.org/abs/1712.00409")
KINDS = ("none", "scale", "minmax", "minmax_signed", "zscore", "zscore_channel")


def normalize(recipe: Recipe, kind: str) -> Recipe:
    """Scale inputs: values as they are, /full range, min-max [0, 1] or [-1, 1], z-score over all or per channel."""
    return edit(recipe, data__normalization=kind)


def examples(recipe: Recipe, count: int) -> Recipe:
    """Train on a stratified subset: with others in a factorial, whether they help more where examples are few."""
    return edit(recipe, data__examples=count)


TECHNIQUES = (
    Technique(
        "examples", "preprocessing", examples.__doc__.rstrip("."), HESTNESS, ("data.examples",), examples,
        (Parameter("count", int, "training examples, the validation split apart", 1000, low=1, unit="examples"),),
    ),
    Technique(
        "normalize", "preprocessing", normalize.__doc__.rstrip("."), EFFICIENT, ("data.normalization",), normalize,
        (Parameter("kind", str, "how inputs are scaled; a constant input becomes 0", choices=KINDS),),
    ),
)
