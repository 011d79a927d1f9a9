"""Means over the predictions of several networks, or of several passes of one."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique

BAYES = Paper("Y. Gal, Z. Ghahramani", "Dropout as a Bayesian approximation: representing model uncertainty in deep learning", 2016,
              "https://arxiv.org/abs/1506.02142")
DEEP = Paper("B. Lakshminarayanan, A. Pritzel, C. Blundell",
             "Simple and scalable predictive uncertainty estimation using deep ensembles", 2017, "https://arxiv.org/abs/1612.01474")
FAMILY = "ensembling"

TECHNIQUES = (
    Technique(
        "mc_dropout", FAMILY,
        "Keep dropout on wherever the network is scored, and average its predictions over several passes; it trains as before", BAYES,
        parameters=(Parameter("passes", int, "passes over each example, each with dropout of its own", 20, low=1, high=10_000,
                              sets="scoring.passes"),),
        formula="p = 1/T Σ_t p(x; m_t), m_t ~ Bernoulli(1 - rate) for each unit and pass, T = passes;\n"
                "p: probabilities (softmax, or sigmoid of each label), or the predicted number"),
    Technique(
        "ensemble", FAMILY,
        "Train several networks that differ in their seed (initial weights, orders, draws), and average their predictions at the end", DEEP,
        parameters=(Parameter("members", int, "networks; the first is trained as the run without the others is", 5, low=2, high=1000,
                              sets="scoring.members"),),
        formula="p = 1/M Σ_m p_m(x), p_m of a training with seed_m = hash(seed, m), seed_0 = seed, M = members;\n"
                "p: probabilities (softmax, or sigmoid of each label), or the predicted number"),
)
