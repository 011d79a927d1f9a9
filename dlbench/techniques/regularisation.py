"""Penalties, noise and stopping rules against over-fitting."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import EarlyStopping, Recipe, edit

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


FAMILY = "regularisation"


def _l1_l2(recipe: Recipe, l1: float, l2: float, scope: str) -> Recipe:
    both = {"regularization__l1": l1, "regularization__l2": l2}
    return edit(recipe, regularization__l1_scope=scope, regularization__l2_scope=scope, **both)


def _article_early_stopping(recipe: Recipe, patience: int) -> Recipe:
    return edit(recipe, training__early_stopping=EarlyStopping(patience, restore_best=False))


def _strength(name: str, default: float, sets: str = "") -> Parameter:
    return Parameter(name, float, "the penalty's factor", default, low=0, open_low=True, sets=sets)


def _scope(sets: str = "") -> Parameter:
    return Parameter("scope", str, "which kernels", "all", choices=("all", "conv"), sets=sets)


def _rate(default: float, sets: str) -> Parameter:
    return Parameter("rate", float, "probability of being dropped", default, low=0, high=1, open_low=True, open_high=True, sets=sets)


def _patience(sets: str = "") -> Parameter:
    return Parameter("patience", int, "epochs without improvement before it stops", 10, low=1, unit="epochs", sets=sets)


TECHNIQUES = (
    Technique(
        "l1", FAMILY, "Penalise λ·Σ|w|: by subgradient, or by the proximal step S(w, ηλ) that reaches exact zeros", LASSO,
        parameters=(
            _strength("strength", 1e-4, "regularization.l1"),
            Parameter("form", str, "how it is optimised", "subgradient", choices=("subgradient", "proximal"),
                      sets="regularization.l1_form"),
            _scope("regularization.l1_scope"),
        ),
        formula="loss + λ Σ|w| (subgradient), or w ← sign(w) · max(|w| - ηλ, 0) after each step (proximal)"),
    Technique(
        "l2", FAMILY, "Penalise λ·Σw² (no ½: its gradient is 2λw)", DECAY,
        parameters=(_strength("strength", 1e-3, "regularization.l2"), _scope("regularization.l2_scope")),
        formula="loss + λ Σw², so the gradient gains 2λw"),
    Technique(
        "l1_l2", FAMILY, "Penalise λ₁·Σ|w| + λ₂·Σw²", ELASTIC,
        tuple(f"regularization.{name}" for name in ("l1", "l1_scope", "l2", "l2_scope")), _l1_l2,
        (_strength("l1", 1e-4), _strength("l2", 1e-3), _scope()), formula="loss + λ₁ Σ|w| + λ₂ Σw²"),
    Technique(
        "weight_decay", FAMILY, "Shrink kernels by η·strength each step, apart from the gradient (AdamW where the optimizer is Adam)",
        ADAMW, parameters=(_strength("strength", 1e-2, "regularization.weight_decay"),),
        formula="w ← w · (1 - η · strength) before each step"),
    Technique(
        "max_norm", FAMILY, "Scale the weights into each unit down after each step where their norm is larger", DROPOUT,
        parameters=(Parameter("norm", float, "largest Euclidean norm of the weights into a unit or feature map", 3.0, low=0, open_low=True,
                              sets="regularization.max_norm"),),
        formula="w ← w · min(1, norm / |w|) after each step, w: the weights into one unit"),
    Technique(
        "dropout", FAMILY, "Zero each unit with probability rate in training and scale the rest by 1/(1-rate)", DROPOUT,
        parameters=(
            _rate(0.5, "model.dropout"),
            Parameter("place", str, "after hidden convolutions, before the output layer, or both", "head",
                      choices=("conv", "head", "both"), sets="model.dropout_place"),
        ),
        formula="h' = m ⊙ h / (1 - rate), m ~ Bernoulli(1 - rate) for each unit; h' = h at inference"),
    Technique(
        "spatial_dropout", FAMILY, "Drop whole feature maps after every hidden convolution", SPATIAL,
        parameters=(_rate(0.2, "model.spatial_dropout"),), requires=("conv",),
        formula="h' = m ⊙ h / (1 - rate), m ~ Bernoulli(1 - rate) for each feature map; h' = h at inference"),
    Technique(
        "stochastic_depth", FAMILY,
        "Leave residual branches out in training: with probability rate the last one, the others in proportion to their depth", DEPTH,
        parameters=(_rate(0.2, "model.stochastic_depth"),), requires=("residual",),
        formula="h' = x + m · f(x) / (1 - rate), m ~ Bernoulli(1 - rate) for each block and example"),
    Technique(
        "label_smoothing", FAMILY, "Mix the one-hot target with the uniform distribution: (1-amount)·y + amount/K", SMOOTHING,
        parameters=(Parameter("amount", float, "share of the uniform distribution", 0.1, low=0, high=1, open_low=True, open_high=True,
                              sets="regularization.label_smoothing"),),
        requires=("labels",), formula="y' = (1 - amount) · y + amount / K; of several labels, each y' = (1 - amount) · y + amount / 2"),
    Technique(
        "early_stopping", FAMILY, "Stop when the validation loss has not improved for patience epochs", STOPPING,
        parameters=(
            _patience("training.early_stopping.patience_epochs"),
            Parameter("min_delta", float, "smallest decrease of the loss that counts", 0.0, low=0, unit="nats",
                      sets="training.early_stopping.min_delta"),
            Parameter("restore_best", bool, "go back to the weights of the best epoch", True, sets="training.early_stopping.restore_best"),
        ),
        requires=("validation",),
        formula="stop at the first epoch after which v was not below its best - min_delta for patience epochs; v: validation loss"),
    Technique(
        "article_early_stopping", FAMILY,
        "The article's early stopping: it keeps the weights of the last epoch, patience epochs after the best", STOPPING,
        tuple(f"training.early_stopping.{name}" for name in ("patience_epochs", "min_delta", "restore_best")), _article_early_stopping,
        (_patience(),), ("validation",)),
)
