"""Penalties, noise and stopping rules against over-fitting."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

LASSO = Paper("R. Tibshirani", "Regression shrinkage and selection via the lasso", 1996,
              "https://doi.org/10.1111/j.2517-6161.1996.tb02080.x")
DECAY = Paper("A. Krogh, J. A. Hertz", "A simple weight decay can improve generalization", 1991,
              "https://papers.nips.cc/paper/563-a-simple-weight-decay-can-improve-generalization")
ELASTIC = Paper("H. Zou, T. Hastie", "Regularization and variable selection via the elastic net", 2005,
                "https://doi.org/10.1111/j.1467-9868.2005.00503.x")
ADAMW = Paper("I. Loshchilov, F. Hutter", "Decoupled weight decay regularization", 2019, "https://arxiv.org/abs/1711.05101")
DROPOUT = Paper("N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov",
                "Dropout: a simple way to prevent neural networks from overfitting", 2014,
                "https://jmlr.org/papers/v15/srivastava14a.html")
SPATIAL = Paper("J. Tompson, R. Goroshin, A. Jain, Y. LeCun, C. Bregler",
                "Efficient object localization using convolutional networks", 2015, "https://arxiv.org/abs/1411.4280")
DEPTH = Paper("G. Huang, Y. Sun, Z. Liu, D. Sedra, K. Weinberger", "Deep networks with stochastic depth", 2016,
              "https://arxiv.org/abs/1603.09382")
SMOOTHING = Paper("C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna",
                  "Rethinking the Inception architecture for computer vision", 2016, "https://arxiv.org/abs/1512.00567")
STOPPING = Paper("L. Prechelt", "Early stopping, but when?", 1998, "https://doi.org/10.1007/3-540-49430-8_3")


def l1(recipe: Recipe, strength: float, form: str, scope: str) -> Recipe:
    """Penalise λ·Σ|w|: by subgradient, or by the proximal step S(w, ηλ) that reaches exact zeros."""
    return edit(recipe, regularization__l1=strength, regularization__l1_form=form, regularization__l1_scope=scope)


def l2(recipe: Recipe, strength: float, scope: str) -> Recipe:
    """Penalise λ·Σw² (no ½: its gradient is 2λw)."""
    return edit(recipe, regularization__l2=strength, regularization__l2_scope=scope)


def l1_l2(recipe: Recipe, l1: float, l2: float, scope: str) -> Recipe:
    """Penalise λ₁·Σ|w| + λ₂·Σw²."""
    fields = {"regularization__l1": l1, "regularization__l2": l2}
    return edit(recipe, regularization__l1_scope=scope, regularization__l2_scope=scope, **fields)


def weight_decay(recipe: Recipe, strength: float) -> Recipe:
    """Shrink kernels by η·strength each step, apart from the gradient (AdamW where the optimizer is Adam)."""
    return edit(recipe, regularization__weight_decay=strength)


def dropout(recipe: Recipe, rate: float, place: str) -> Recipe:
    """Zero each unit with probability rate in training and scale the rest by 1/(1-rate)."""
    return edit(recipe, model__dropout=rate, model__dropout_place=place)


def spatial_dropout(recipe: Recipe, rate: float) -> Recipe:
    """Drop whole feature maps after every hidden convolution."""
    return edit(recipe, model__spatial_dropout=rate)


def stochastic_depth(recipe: Recipe, rate: float) -> Recipe:
    """Leave residual branches out in training: with probability rate the last one, the others in proportion to their depth."""
    return edit(recipe, model__stochastic_depth=rate)


def label_smoothing(recipe: Recipe, amount: float) -> Recipe:
    """Mix the one-hot target with the uniform distribution: (1-amount)·y + amount/K."""
    return edit(recipe, regularization__label_smoothing=amount)


def early_stopping(recipe: Recipe, patience: int, min_delta: float, restore_best: bool) -> Recipe:
    """Stop when the validation loss has not improved for patience epochs."""
    prefix = "training__early_stopping__"
    values = {"patience_epochs": patience, "min_delta": min_delta, "restore_best": restore_best}
    return edit(recipe, **{prefix + name: value for name, value in values.items()})


def article_early_stopping(recipe: Recipe, patience: int) -> Recipe:
    """The article's early stopping: it keeps the weights of the last epoch, patience epochs after the best."""
    return early_stopping(recipe, patience, 0.0, False)


def _strength(name: str, default: float) -> Parameter:
    return Parameter(name, float, "the penalty's factor", default, low=0, open_low=True)


def _rate(default: float) -> Parameter:
    return Parameter("rate", float, "probability of being dropped", default, low=0, high=1, open_low=True, open_high=True)


PATIENCE = Parameter("patience", int, "epochs without improvement before it stops", 10, low=1, unit="epochs")
STOPPING_FIELDS = tuple(f"training.early_stopping.{name}" for name in ("patience_epochs", "min_delta", "restore_best"))
SCOPE = Parameter("scope", str, "which kernels", "all", choices=("all", "conv"))


def _technique(apply, paper, touches, parameters, requires=()) -> Technique:
    return Technique(apply.__name__, "regularisation", apply.__doc__.rstrip("."), paper, touches, apply, parameters, requires)


TECHNIQUES = (
    _technique(l1, LASSO, tuple(f"regularization.{name}" for name in ("l1", "l1_form", "l1_scope")), (
        _strength("strength", 1e-4),
        Parameter("form", str, "how it is optimised", "subgradient", choices=("subgradient", "proximal")),
        SCOPE,
    )),
    _technique(l2, DECAY, ("regularization.l2", "regularization.l2_scope"), (_strength("strength", 1e-3), SCOPE)),
    _technique(l1_l2, ELASTIC, tuple(f"regularization.{name}" for name in ("l1", "l1_scope", "l2", "l2_scope")),
               (_strength("l1", 1e-4), _strength("l2", 1e-3), SCOPE)),
    _technique(weight_decay, ADAMW, ("regularization.weight_decay",), (_strength("strength", 1e-2),)),
    _technique(dropout, DROPOUT, ("model.dropout", "model.dropout_place"), (
        _rate(0.5),
        Parameter("place", str, "after hidden convolutions, before the output layer, or both", "head",
                  choices=("conv", "head", "both")),
    )),
    _technique(spatial_dropout, SPATIAL, ("model.spatial_dropout",), (_rate(0.2),), ("conv",)),
    _technique(stochastic_depth, DEPTH, ("model.stochastic_depth",), (_rate(0.2),), ("residual",)),
    _technique(label_smoothing, SMOOTHING, ("regularization.label_smoothing",), (
        Parameter("amount", float, "share of the uniform distribution", 0.1, low=0, high=1, open_low=True, open_high=True),
    )),
    _technique(early_stopping, STOPPING, STOPPING_FIELDS, (
        PATIENCE,
        Parameter("min_delta", float, "smallest decrease of the loss that counts", 0.0, low=0, unit="nats"),
        Parameter("restore_best", bool, "go back to the weights of the best epoch", True),
    ), ("validation",)),
    _technique(article_early_stopping, STOPPING, STOPPING_FIELDS, (PATIENCE,), ("validation",)),
)
