"""How weights are updated: batch size, learning rate, schedules, optimizers, clipping, activation and initialisation."""

from __future__ import annotations

import math

from dlbench.techniques.declaration import REQUIRED, Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

GOYAL = Paper("P. Goyal et al.", "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017,
              "https://arxiv.org/abs/1706.02677")
BENGIO = Paper("Y. Bengio", "Practical recommendations for gradient-based training of deep architectures", 2012,
               "https://arxiv.org/abs/1206.5533")
SGDR = Paper("I. Loshchilov, F. Hutter", "SGDR: stochastic gradient descent with warm restarts", 2017,
             "https://arxiv.org/abs/1608.03983")
ADAM = Paper("D. P. Kingma, J. Ba", "Adam: a method for stochastic optimization", 2015, "https://arxiv.org/abs/1412.6980")
PASCANU = Paper("R. Pascanu, T. Mikolov, Y. Bengio", "On the difficulty of training recurrent neural networks", 2013,
                "https://arxiv.org/abs/1211.5063")
POLYAK = Paper("B. T. Polyak, A. B. Juditsky", "Acceleration of stochastic approximation by averaging", 1992,
               "https://doi.org/10.1137/0330046")
RELU = Paper("X. Glorot, A. Bordes, Y. Bengio", "Deep sparse rectifier neural networks", 2011,
             "https://proceedings.mlr.press/v15/glorot11a.html")
HE = Paper("K. He, X. Zhang, S. Ren, J. Sun", "Delving deep into rectifiers", 2015, "https://arxiv.org/abs/1502.01852")

RULES = {"none": lambda ratio: 1.0, "linear": lambda ratio: ratio, "sqrt": math.sqrt}
SCHEDULES = ("constant", "step", "exponential", "cosine", "warmup_cosine", "one_cycle", "plateau")
OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lion")


def batch_size(recipe: Recipe, size: int, lr_rule: str) -> Recipe:
    """Examples a step, with the rule by which the learning rate follows."""
    rate = recipe.training.learning_rate * RULES[lr_rule](size / recipe.training.batch_size)
    return edit(recipe, training__batch_size=size, training__learning_rate=rate)


def learning_rate(recipe: Recipe, value: float) -> Recipe:
    """The learning rate that the schedule starts from or peaks at."""
    return edit(recipe, training__learning_rate=value)


def lr_schedule(recipe: Recipe, kind: str, **parameters: float) -> Recipe:
    """How the learning rate goes over the run's steps, or falls when the validation loss stalls."""
    names = {"every": "every_epochs", "patience": "patience_epochs"}
    used = {name: parameters[name] for name in USED_BY[kind]}
    fields = {f"training__schedule__{names.get(name, name)}": value for name, value in used.items()}
    return edit(recipe, training__schedule__kind=kind, **fields)


USED_BY = {
    "constant": (), "step": ("factor", "every"), "exponential": ("factor",), "cosine": ("floor",),
    "warmup_cosine": ("warmup", "floor"), "one_cycle": ("warmup", "floor"),
    "plateau": ("factor", "patience", "min_delta", "floor"),
}


def optimizer(recipe: Recipe, kind: str, weight_decay: float) -> Recipe:
    """The update rule; adamw is adam with decoupled weight decay."""
    recipe = edit(recipe, training__optimizer="adam" if kind == "adamw" else kind)
    return edit(recipe, regularization__weight_decay=weight_decay) if kind == "adamw" else recipe


def gradient_clipping(recipe: Recipe, norm: float) -> Recipe:
    """Scale the gradient down where its global norm is larger."""
    return edit(recipe, training__clip_norm=norm)


def averaging(recipe: Recipe, decay: float) -> Recipe:
    """Score an exponential moving average of the weights over the steps (EMA): a ← decay·a + (1-decay)·w."""
    return edit(recipe, training__averaging=decay)


def activation(recipe: Recipe, kind: str) -> Recipe:
    """The nonlinearity of every hidden layer."""
    return edit(recipe, model__activation=kind)


def init(recipe: Recipe, kind: str) -> Recipe:
    """The distribution of initial kernels (uniform glorot, he, lecun)."""
    return edit(recipe, model__init=kind)


def _technique(apply, paper, touches, parameters, requires=()) -> Technique:
    return Technique(apply.__name__, "optimisation", apply.__doc__.rstrip("."), paper, touches, apply, parameters, requires)


def _positive(name: str, doc: str, default: object = REQUIRED, unit: str = "") -> Parameter:
    return Parameter(name, float, doc, default, low=0, open_low=True, unit=unit)


TECHNIQUES = (
    _technique(batch_size, GOYAL, ("training.batch_size", "training.learning_rate"), (
        Parameter("size", int, "examples a step", low=1, unit="examples", example=64),
        Parameter("lr_rule", str, "how the learning rate follows the size", choices=tuple(RULES), example="linear"),
    )),
    _technique(learning_rate, BENGIO, ("training.learning_rate",), (
        Parameter("value", float, "the learning rate", low=0, open_low=True, example=3e-3),)),
    _technique(lr_schedule, SGDR, tuple(f"training.schedule.{name}" for name in (
        "kind", "warmup", "factor", "every_epochs", "patience_epochs", "min_delta", "floor")), (
        Parameter("kind", str, "the course of the learning rate", choices=SCHEDULES[1:], example="cosine"),
        Parameter("warmup", float, "share of the steps spent rising", 0.1, low=0, high=1, open_high=True),
        Parameter("factor", float, "ratio of a cut (step, plateau), or of last to first rate (exponential)", 0.2,
                  low=0, high=1, open_low=True, open_high=True),
        Parameter("every", int, "epochs between cuts (step)", 10, low=1, unit="epochs"),
        Parameter("patience", int, "epochs without improvement before a cut (plateau)", 5, low=1, unit="epochs"),
        Parameter("min_delta", float, "smallest decrease of the loss that counts (plateau)", 1e-4, low=0, unit="nats"),
        Parameter("floor", float, "share of the learning rate that is never gone below", 0.0, low=0, high=1, open_high=True),
    )),
    _technique(optimizer, ADAM, ("training.optimizer", "regularization.weight_decay"), (
        Parameter("kind", str, "the update rule", choices=OPTIMIZERS),
        Parameter("weight_decay", float, "decoupled decay of adamw", 4e-3, low=0, open_low=True),
    )),
    _technique(gradient_clipping, PASCANU, ("training.clip_norm",), (_positive("norm", "largest global norm", 1.0),)),
    _technique(averaging, POLYAK, ("training.averaging",), (
        Parameter("decay", float, "share of the average that a step keeps", 0.99, low=0, high=1, open_low=True, open_high=True),)),
    _technique(activation, RELU, ("model.activation",), (
        Parameter("kind", str, "the nonlinearity", choices=("relu", "tanh", "sigmoid", "gelu"), example="tanh"),)),
    _technique(init, HE, ("model.init",), (
        Parameter("kind", str, "the distribution", choices=("glorot", "he", "lecun"), example="he"),)),
)
