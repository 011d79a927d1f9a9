"""Two hundred proposals to a small network on the digits: 180 change nothing that matters, 20 help or hurt; judged by real trainings."""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from dlbench.datasets.digits import load
from dlbench.stats.proposals import LOOKS, OPEN, ErrorControl, judge, one_sided_p

IDLE = ("another order of the examples", "variables renamed", "a branch that is never taken")
TRUTH = 60
"""Fresh seeds that say whether what was kept is truly better."""
BUDGET = 200
"""Trainings in a comparison with equal ones: greedy takes so many for all proposals."""
CONFIRMING = 5
REPEATED = range(3, 11)
RESAMPLES = np.array(np.meshgrid(*[range(3)] * 3)).reshape(3, -1)


@dataclass(frozen=True)
class Network:
    """What decides a training of a network with one hidden layer, trained by stochastic gradient descent with momentum.

    Attributes:
        rate: learning rate.
        momentum: of the gradient.
        hidden: units.
        epochs: over 1,400 examples, in batches of 32.
        decay: of the weights.
        scale: of the first weights.
        order: salts the order of the examples.
    """

    rate: float = 0.02
    momentum: float = 0.5
    hidden: int = 24
    epochs: int = 6
    decay: float = 0.0
    scale: float = 1.0
    order: int = 0


REAL = ({"rate": 1.5}, {"rate": 1.5}, {"momentum": 1.3}, {"hidden": 1.5}, {"epochs": 1.34}, {"rate": 1.15}, {"hidden": 1.25},
        {"scale": 0.7}, {"epochs": 1.17}, {"momentum": 1.1}, {"rate": 0.5}, {"rate": 0.8}, {"momentum": 0.5}, {"hidden": 0.5},
        {"epochs": 0.67}, {"scale": 3.0}, {"decay": 0.02}, {"decay": 0.005}, {"hidden": 0.75}, {"scale": 1.8})
"""Proposals that help or hurt: factors of the incumbent's values; a decay is added."""


@lru_cache(1)
def digits():
    """Training and test pictures with their labels, the same split for every seed."""
    data = load()
    pick = np.random.default_rng(0).permutation(len(data.y))
    pictures, labels = data.x[pick].reshape(len(pick), -1) / data.full_range, data.y[pick]
    return pictures[:1400], labels[:1400], pictures[1400:], labels[1400:]


@lru_cache(None)
def score(network, seed):
    """Train once and return minus the test loss; one network and seed have one score, to the last bit."""
    pictures, labels, held_out, answers = digits()
    draws, order = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 2, network.order])
    sizes = (64, network.hidden, 10)
    weights = [draws.normal(scale=network.scale * np.sqrt(2 / a), size=(a, b)) for a, b in pairwise(sizes)]
    biases = [np.zeros(size) for size in sizes[1:]]
    speed = [np.zeros_like(one) for one in (*weights, *biases)]
    for _ in range(network.epochs):
        for batch in np.array_split(order.permutation(len(labels)), len(labels) // 32):
            gradients = gradient(pictures[batch], labels[batch], weights, biases)
            for value, change, slope in zip((*weights, *biases), speed, gradients):
                change[...] = network.momentum * change - network.rate * (slope + network.decay * value)
                value[...] += change
    return float(np.log(chances(held_out, weights, biases)[1][np.arange(len(answers)), answers] + 1e-12).mean())


def chances(pictures, weights, biases):
    """Return the hidden units and the probability of each class."""
    hidden = np.maximum(pictures @ weights[0] + biases[0], 0)
    logits = hidden @ weights[1] + biases[1]
    each = np.exp(logits - logits.max(axis=1, keepdims=True))
    return hidden, each / each.sum(axis=1, keepdims=True)


def gradient(pictures, labels, weights, biases):
    """Return the gradients of weights and biases."""
    hidden, error = chances(pictures, weights, biases)
    error = (error - np.eye(10)[labels]) / len(labels)
    below = (error @ weights[1].T) * (hidden > 0)
    return pictures.T @ below, hidden.T @ error, below.sum(axis=0), error.sum(axis=0)


def changed(network, change, number):
    """Return the incumbent's network with a proposal: a kind of idle change, or factors of its values."""
    if change == IDLE[0]:
        return replace(network, order=number + 1)
    if change in IDLE:
        return network
    values = {name: factor if name == "decay" else getattr(network, name) * factor for name, factor in change.items()}
    return replace(network, **{name: fitting(name, value) for name, value in values.items()})


def fitting(name, value):
    """A value that the network can have: whole numbers of units and epochs, a momentum below 1."""
    if name == "momentum":
        return min(value, 0.9)
    return round(value) if name in ("hidden", "epochs") else value


def proposals(rng, count=200):
    """Return the stream: the 20 real changes among idle ones, in random order."""
    stream = [*REAL, *(IDLE[number % 3] for number in range(count - len(REAL)))]
    return [stream[place] for place in rng.permutation(len(stream))]


class Stream:
    """The incumbent of one judge, and the trainings that it has paid for.

    Args:
        seeded: whether trainings with one seed share their draws; if not, a proposal's are drawn anew.
    """

    def __init__(self, seeded):
        self.network, self.first, self.runs, self.seeded = Network(), 0, 0, seeded

    def both(self, new, number, seeds):
        """Return the scores of a proposal, which has a number, and of the incumbent on seeds."""
        shift = 0 if self.seeded else 100_000 * (number + 1)
        return [np.array([score(network, seed + by) for seed in seeds]) for network, by in ((new, shift), (self.network, 0))]


def greedy(stream, new, number, state):
    """One run, better than the one that the incumbent was kept for."""
    mine, old = stream.both(new, number, [0])
    best = state.setdefault("best", old[0])
    stream.runs += 1
    state["best"] = max(mine[0], best)
    return mine[0] > best


def twice_floor(stream, new, number, state):
    """One run, better than the mean of two runs of the incumbent by twice their difference."""
    mine, old = stream.both(new, number, [0, 1])
    old = state.setdefault("old", old)
    kept = mine[0] > old.mean() + 2 * np.ptp(old)
    stream.runs += 1 + kept
    if kept:
        state["old"] = mine
    return kept


def bootstrap(stream, new, number, state):
    """Three seeds of each, 95 % of the bootstrapped differences above 0."""
    mine, old = stream.both(new, number, [0, 1, 2])
    old = state.setdefault("old", old)
    stream.runs += 3
    kept = (mine[RESAMPLES].mean(axis=0)[:, None] > old[RESAMPLES].mean(axis=0)[None, :]).mean() >= 0.95
    if kept:
        state["old"] = mine
    return kept


def repeated_t(stream, new, number, state):
    """A paired t-test after every seed until it is significant."""
    mine, old = stream.both(new, number, range(REPEATED[-1]))
    old = state.setdefault("old", old)
    for seeds in REPEATED:
        p = one_sided_p((mine - old)[:seeds])
        if p < 0.025 or p > 0.975:
            break
    stream.runs += seeds
    if p < 0.025:
        state["old"] = mine
    return p < 0.025


def ours(control):
    """dlbench: declared looks at the level of the stream; a new incumbent is trained on fresh seeds."""
    def keeps(stream, new, number, state):
        levels = state.setdefault("control", ErrorControl(control))
        for seeds in LOOKS:
            mine, old = stream.both(new, number, range(stream.first, stream.first + seeds))
            look = judge(mine - old, levels.level)
            if look.verdict != OPEN:
                break
        stream.runs += seeds + max(seeds - state.get("trained", 0), 0)
        state["trained"] = max(seeds, state.get("trained", 0))
        kept = levels.add(look.p)
        if kept:
            stream.first, state["trained"] = stream.first + LOOKS[-1], CONFIRMING
            stream.runs += 2 * CONFIRMING
        return kept
    return keeps


JUDGES = {"greedy, one run": greedy, "twice the floor of two runs": twice_floor, "3 seeds, bootstrap 95 %": bootstrap,
          "repeated paired t": repeated_t, "dlbench, fdr": ours("fdr"), "dlbench, fwer": ours("fwer")}


def real_streams(rng, orders, count=200):
    """Judge the same proposals, in several orders, by every judge, with seeds that are fixed and that are not.

    Returns:
        A row a judge: for all proposals, and for as many as a budget of trainings pays for.
    """
    streams = [proposals(rng, count) for _ in range(orders)]
    return table(streams, None).drop(columns="proposals"), table(streams, BUDGET)


def table(streams, budget):
    """Return a row a judge, means over the streams."""
    rows = []
    for seeded in (True, False):
        for name, keeps in JUDGES.items():
            found = pd.DataFrame([judged(keeps, stream, seeded, budget) for stream in streams]).mean()
            ratio = found["gains found"] / found["false keeps"] if found["false keeps"] else np.inf if found["gains found"] else np.nan
            rows.append({"seed": "fixed" if seeded else "not fixed", "judge": name, **found, "gains a false keep": ratio})
    return pd.DataFrame(rows)


def judged(keeps, proposed, seeded, budget=None):
    """One judge on one stream, as far as a budget of trainings pays: keeps, trainings, and what the last incumbent truly scores."""
    stream, state, false, true, spent, seen = Stream(seeded), {}, 0, 0, 0, 0
    for number, change in enumerate(proposed):
        new = changed(stream.network, change, number)
        kept = keeps(stream, new, number, state)
        if budget is not None and stream.runs > budget:
            break
        spent, seen = stream.runs, seen + 1
        if kept:
            better = change not in IDLE and fresh(new) > fresh(stream.network)
            false, true = false + (not better), true + better
            stream.network = new
    return {"proposals": seen, "false keeps": false, "gains found": true, "FDR": false / max(false + true, 1), "runs": spent,
            "true loss of the last incumbent": -fresh(stream.network)}


def fresh(network):
    """The mean score on seeds that no judge uses."""
    return np.mean([score(network, 10_000_000 + seed) for seed in range(TRUTH)])
