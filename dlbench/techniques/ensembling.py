"""Means over the predictions of several networks, or of several passes of one."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique

BAYES = Paper("Y. Gal, Z. Ghahramani", "Dropout as a Bayesian approximation: representing model uncertainty in deep learning", 2016,
              "https://arxiv.org/abs/1506.02142")
FAMILY = "ensembling"

TECHNIQUES = (
    Technique(
        "mc_dropout", FAMILY,
        "Keep dropout on wherever the network is scored, and average its predictions over several passes; it trains as before", BAYES,
        parameters=(Parameter("passes", int, "passes over each example, each with dropout of its own", 20, low=1, high=10_000,
                              sets="scoring.passes"),),
        formula="p = 1/T Σ_t p(x; m_t), m_t ~ Bernoulli(1 - rate) for each unit and pass, T = passes;\n"
                "p: probabilities (softmax, or sigmoid of each label), or the predicted number"),
)
