"""How weights are updated: batch size, learning rate, schedules, optimizers, clipping, activation and initialisation."""

from __future__ import annotations

import math

from dlbench.techniques.declaration import Paper, Parameter, Technique
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
ULMFIT = Paper("J. Howard, S. Ruder", "Universal language model fine-tuning for text classification", 2018,
               "https://arxiv.org/abs/1801.06146")
NEELAKANTAN = Paper("A. Neelakantan, L. Vilnis, Q. V. Le, I. Sutskever, L. Kaiser, K. Kurach, J. Martens",
                    "Adding gradient noise improves learning for very deep networks", 2015, "https://arxiv.org/abs/1511.06807")
POLYAK = Paper("B. T. Polyak, A. B. Juditsky", "Acceleration of stochastic approximation by averaging", 1992,
               "https://doi.org/10.1137/0330046")
RELU = Paper("X. Glorot, A. Bordes, Y. Bengio", "Deep sparse rectifier neural networks", 2011,
             "https://proceedings.mlr.press/v15/glorot11a.html")
HE = Paper("K. He, X. Zhang, S. Ren, J. Sun", "Delving deep into rectifiers", 2015, "https://arxiv.org/abs/1502.01852")

FAMILY = "optimisation"
RULES = {"none": lambda ratio: 1.0, "linear": lambda ratio: ratio, "sqrt": math.sqrt}
OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lion")
SCHEDULES = {
    "constant": (), "step": ("factor", "every"), "exponential": ("factor",), "cosine": ("floor",),
    "warmup_cosine": ("warmup", "floor"), "one_cycle": ("warmup", "floor"),
    "plateau": ("factor", "patience", "min_delta", "floor"),
}
"""Kind -> the parameters that it uses."""


def _batch_size(recipe: Recipe, size: int, lr_rule: str) -> Recipe:
    rate = recipe.training.learning_rate * RULES[lr_rule](size / recipe.training.batch_size)
    return edit(recipe, training__batch_size=size, training__learning_rate=rate)


def _lr_schedule(recipe: Recipe, kind: str, **parameters: float) -> Recipe:
    fields = {"every": "every_epochs", "patience": "patience_epochs"}
    used = {f"training__schedule__{fields.get(name, name)}": parameters[name] for name in SCHEDULES[kind]}
    return edit(recipe, training__schedule__kind=kind, **used)


def _optimizer(recipe: Recipe, kind: str, weight_decay: float) -> Recipe:
    recipe = edit(recipe, training__optimizer="adam" if kind == "adamw" else kind)
    return edit(recipe, regularization__weight_decay=weight_decay) if kind == "adamw" else recipe


TECHNIQUES = (
    Technique(
        "batch_size", FAMILY, "Examples a step, with the rule by which the learning rate follows", GOYAL,
        ("training.batch_size", "training.learning_rate"), _batch_size,
        (
            Parameter("size", int, "examples a step", low=1, unit="examples", example=64),
            Parameter("lr_rule", str, "how the learning rate follows the size", choices=tuple(RULES), example="linear"),
        ),
        formula="η' = η (none), η · size / size₀ (linear), η · √(size / size₀) (sqrt)"),
    Technique(
        "learning_rate", FAMILY, "The learning rate that the schedule starts from or peaks at", BENGIO,
        parameters=(
            Parameter("value", float, "the learning rate", low=0, open_low=True, example=3e-3, sets="training.learning_rate"),),
        formula="η = value"),
    Technique(
        "layerwise_learning_rate", FAMILY,
        "Let each layer learn slower than the next one by a factor (discriminative fine-tuning); the last one learns at the learning rate",
        ULMFIT,
        parameters=(
            Parameter("factor", float, "ratio of the next layer's rate to a layer's; near 1 for deep networks", 2.6, low=1, open_low=True,
                      sets="training.layer_factor"),),
        formula="η_l = η · factor^-(L - l), l = 1, …, L: layers with a kernel; a normalisation counts with the layer before it;\n"
                "of fine-tuned weights, the base's last layer learns at base_learning_rate, and those below it slower"),
    Technique(
        "lr_schedule", FAMILY, "How the learning rate goes over the run's steps, or falls when the validation loss stalls", SGDR,
        tuple(f"training.schedule.{name}" for name in (
            "kind", "warmup", "factor", "every_epochs", "patience_epochs", "min_delta", "floor")), _lr_schedule,
        (
            Parameter("kind", str, "the course of the learning rate", choices=tuple(SCHEDULES)[1:], example="cosine"),
            Parameter("warmup", float, "share of the steps spent rising", 0.1, low=0, high=1, open_high=True),
            Parameter("factor", float, "ratio of a cut (step, plateau), or of last to first rate (exponential)", 0.2,
                      low=0, high=1, open_low=True, open_high=True),
            Parameter("every", int, "epochs between cuts (step)", 10, low=1, unit="epochs"),
            Parameter("patience", int, "epochs without improvement before a cut (plateau)", 5, low=1, unit="epochs"),
            Parameter("min_delta", float, "smallest decrease of the loss that counts (plateau)", 1e-4, low=0, unit="nats"),
            Parameter("floor", float, "share of the learning rate that is never gone below", 0.0, low=0, high=1, open_high=True),
        ),
        formula="cosine: floor + (1 - floor)(1 + cos πt) / 2; step: factor^⌊epoch / every⌋; exponential: factor^t;\n"
                "warmup_cosine: t / warmup, then cosine; one_cycle: up to 1 at warmup, down to floor;\n"
                "plateau: · factor after patience epochs without improvement (all times η)"),
    Technique(
        "optimizer", FAMILY, "The update rule; adamw is adam with decoupled weight decay", ADAM,
        ("training.optimizer", "regularization.weight_decay"), _optimizer,
        (
            Parameter("kind", str, "the update rule", choices=OPTIMIZERS),
            Parameter("weight_decay", float, "decoupled decay of adamw", 4e-3, low=0, open_low=True),
        ),
        formula="sgd: w ← w - ηg; momentum: v ← 0.9v - ηg, w ← w + v; nesterov: w ← w + 0.9v - ηg; rmsprop: w ← w - ηg / √E[g²];\n"
                "adam: w ← w - η m̂ / (√v̂ + ε); adamw: the same, and w ← w · (1 - η · weight_decay); lion: w ← w - η sign(c)"),
    Technique(
        "gradient_clipping", FAMILY, "Scale the gradient down where its global norm is larger", PASCANU,
        parameters=(Parameter("norm", float, "largest global norm", 1.0, low=0, open_low=True, sets="training.clip_norm"),),
        formula="g' = g · min(1, norm / ‖g‖₂), over all weights together"),
    Technique(
        "gradient_noise", FAMILY, "Add Gaussian noise to the gradient, after clipping, whose variance falls over the steps", NEELAKANTAN,
        parameters=(
            Parameter("eta", float, "variance in the first step; the paper tries 0.01, 0.3 and 1", 0.01, low=0, open_low=True,
                      sets="training.gradient_noise"),
            Parameter("gamma", float, "power with which it falls", 0.55, low=0, sets="training.gradient_noise_decay"),
        ),
        formula="g' = g + n, n ~ N(0, σ²) for each weight, σ² = eta / (1 + s)^gamma, s: steps done"),
    Technique(
        "averaging", FAMILY, "Score an exponential moving average of the weights over the steps (EMA): a ← decay·a + (1-decay)·w", POLYAK,
        parameters=(Parameter("decay", float, "share of the average that a step keeps", 0.99, low=0, high=1, open_low=True,
                              open_high=True, sets="training.averaging"),),
        formula="w̄ ← decay · w̄ + (1 - decay) · w after each step; w̄ is scored"),
    Technique(
        "activation", FAMILY, "The nonlinearity of every hidden layer", RELU,
        parameters=(Parameter("kind", str, "the nonlinearity", choices=("relu", "tanh", "sigmoid", "gelu"), example="tanh",
                              sets="model.activation"),),
        formula="relu max(0, h); tanh h; sigmoid 1 / (1 + e⁻ʰ); gelu h · Φ(h)"),
    Technique(
        "init", FAMILY, "The distribution of initial kernels (uniform glorot, he, lecun)", HE,
        parameters=(Parameter("kind", str, "the distribution", choices=("glorot", "he", "lecun"), example="he", sets="model.init"),),
        formula="w ~ U[-a, a], a = √(6 / (n_in + n_out)) (glorot), √(6 / n_in) (he), √(3 / n_in) (lecun)"),
)
