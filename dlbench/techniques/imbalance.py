"""What is done where some classes are rare."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique

RARE = Paper("G. King, L. Zeng", "Logistic regression in rare events data", 2001, "https://doi.org/10.1093/oxfordjournals.pan.a004868")
FOCAL = Paper("T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár", "Focal loss for dense object detection", 2017,
              "https://arxiv.org/abs/1708.02002")

LONG_TAIL = Paper("B. Kang, S. Xie, M. Rohrbach, Z. Yan, A. Gordo, J. Feng, Y. Kalantidis",
                  "Decoupling representation and classifier for long-tailed recognition", 2020, "https://arxiv.org/abs/1910.09217")
ADJUSTED = Paper("A. K. Menon, S. Jayasumana, A. S. Rawat, H. Jain, A. Veit, S. Kumar", "Long-tail learning via logit adjustment", 2021,
                 "https://arxiv.org/abs/2007.07314")

FAMILY = "imbalance"

TECHNIQUES = (
    Technique(
        "class_weights", FAMILY, "Weigh the loss of each training example by the inverse frequency of its class", RARE,
        parameters=(Parameter("power", float, "of the inverse frequency: 1 gives each class the same share of the loss, 0.5 is halfway",
                              1.0, low=0, high=2, open_low=True, sets="imbalance.class_weights"),),
        requires=("classes",),
        formula="loss = Σᵢ wᵢ · L(yᵢ) / b, w = (n / (K · n_y))^power over its mean; n_y of the n training examples have class y"),
    Technique(
        "focal_loss", FAMILY, "Let examples count less the surer their right class is already: (1-p)^gamma times the cross-entropy", FOCAL,
        parameters=(Parameter("gamma", float, "how much less", 2.0, low=0, open_low=True, sets="imbalance.focal_gamma"),),
        requires=("classes",), formula="L(y) = -Σ_k y_k (1 - p_k)^gamma log p_k"),
    Technique(
        "balanced_sampling", FAMILY, "Draw the examples of an epoch so that each class is equally likely; an epoch has as many as before",
        LONG_TAIL,
        parameters=(Parameter("power", float, "of the inverse frequency: 1 draws all classes alike, 0.5 by the root of their number",
                              1.0, low=0, high=1, open_low=True, sets="imbalance.sampling"),),
        requires=("classes",), formula="n'_k = n · n_k^(1 - power) / Σ_j n_j^(1 - power) of the n examples of an epoch have class k"),
    Technique(
        "threshold_moving", FAMILY, "Decide, after training, as if all classes were equally frequent: their logits are corrected", ADJUSTED,
        parameters=(Parameter("power", float, "of the inverse frequency: 1 takes the frequencies out of the decision", 1.0,
                              low=0, high=2, open_low=True, sets="imbalance.thresholds"),),
        requires=("classes",), formula="z'_k = z_k - power · log(n_k / n), n_k of the n training examples have class k"),
    Technique(
        "positive_weights", FAMILY, "Weigh the loss of each label, where an example has it, by the odds against that label", RARE,
        parameters=(Parameter("power", float, "of the odds: 1 gives examples with and without a label the same share of the loss, 0.5 is "
                              "halfway", 1.0, low=0, high=2, open_low=True, sets="imbalance.positive_weights"),),
        requires=("several",),
        formula="L(y) = -Σ_k (w_k · y_k · log p_k + (1-y_k) · log(1-p_k)) / K, w_k = ((n - n_k) / n_k)^power; n_k of the n training "
                "examples have label k"),
)
