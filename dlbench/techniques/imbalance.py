"""What is done where some classes are rare."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique

RARE = Paper("G. King, L. Zeng", "Logistic regression in rare events data", 2001, "https://doi.org/10.1093/oxfordjournals.pan.a004868")
FOCAL = Paper("T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár", "Focal loss for dense object detection", 2017,
              "https://arxiv.org/abs/1708.02002")

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
        "positive_weights", FAMILY, "Weigh the loss of each label, where an example has it, by the odds against that label", RARE,
        parameters=(Parameter("power", float, "of the odds: 1 gives examples with and without a label the same share of the loss, 0.5 is "
                              "halfway", 1.0, low=0, high=2, open_low=True, sets="imbalance.positive_weights"),),
        requires=("several",),
        formula="L(y) = -Σ_k (w_k · y_k · log p_k + (1-y_k) · log(1-p_k)) / K, w_k = ((n - n_k) / n_k)^power; n_k of the n training "
                "examples have label k"),
)
