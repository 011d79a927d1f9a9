"""The formula of each technique, in one notation: x an image or input, y a target, w weights, g their gradient, η the learning rate,
t the share of the steps done, h an activation, z logits, p a prediction, U uniform random numbers, ⊙ the product by element.
"""

from __future__ import annotations

FORMULAS = {
    "crop": "x'[i, j] = x₀[i + a, j + b], a, b ~ U{-pad, …, pad}, x₀ = x padded with 0",
    "rotate": "x'(q) = x(R(φ)(q - c) + c), φ ~ U[-degrees, degrees], c = ((W-1)/2, (H-1)/2)",
    "flip": "x'[i, j] = x[i, W-1-j] with probability p (horizontal); x[H-1-i, j] with probability p (vertical)",
    "shift": "x'(q) = x(q + d), d ~ U[-pixels, pixels]²",
    "zoom": "x'(q) = x((q - c) / s + c), s ~ U[1 - amount, 1 + amount]",
    "brightness": "x' = clip(x + b · range), b ~ U[-amount, amount]",
    "contrast": "x' = clip(mean(x) + f · (x - mean(x))), f ~ U[1 - amount, 1 + amount]",
    "saturation": "x' = clip(grey + f · (x - grey)), f ~ U[1 - amount, 1 + amount], grey = 0.299 R + 0.587 G + 0.114 B",
    "hue": "x' = clip(YIQ⁻¹ · R(2πa) · YIQ · x), a ~ U[-amount, amount], R turns I and Q",
    "rand_augment": "x' = f_k(… f_1(x)), f_i ~ U{operations}, each of strength magnitude / 10",
    "cutout": "x'[q] = 0 where |q - c|∞ ≤ pixels / 2, c ~ U{pixels of x}",
    "random_erasing": "x'[q] ~ U[range] in a box of share a ~ U[0.02, area] and aspect log r ~ U[log 0.3, log 1/0.3], with probability p",
    "mixup": "x' = λx + (1-λ)x̃, loss = λ·L(y) + (1-λ)·L(ỹ), λ ~ Beta(α, α)",
    "cutmix": "x' = x outside of a box and x̃ inside, loss = λ·L(y) + (1-λ)·L(ỹ), λ = 1 - share of the box, 1 - λ ~ Beta(α, α)",
    "article_augment": "x'(q) = x(R(90°)(q - c) · 124/224 + c), c = ((W-1)/2, (H-1)/2), in every epoch alike",
    "article_normalize": "x' = (x - min x) / (max x - min x), of each image by itself; NaN where max x = min x",
    "normalize": "x' = (x - a) / b, with a, b fitted on the training split: none (0, 1), scale (0, range), minmax (min, max - min),\n"
                 "minmax_signed ((min + max) / 2, (max - min) / 2), zscore (mean, sd); 0 where b = 0",
    "l1": "loss + λ Σ|w| (subgradient), or w ← sign(w) · max(|w| - ηλ, 0) after each step (proximal)",
    "l2": "loss + λ Σw², so the gradient gains 2λw",
    "l1_l2": "loss + λ₁ Σ|w| + λ₂ Σw²",
    "weight_decay": "w ← w · (1 - η · strength) before each step",
    "dropout": "h' = m ⊙ h / (1 - rate), m ~ Bernoulli(1 - rate) for each unit; h' = h at inference",
    "spatial_dropout": "h' = m ⊙ h / (1 - rate), m ~ Bernoulli(1 - rate) for each feature map; h' = h at inference",
    "stochastic_depth": "h' = x + m · f(x) / (1 - rate), m ~ Bernoulli(1 - rate) for each block and example",
    "label_smoothing": "y' = (1 - amount) · y + amount / K",
    "early_stopping": "stop at the first epoch after which v was not below its best - min_delta for patience epochs; v: validation loss",
    "batch_size": "η' = η (none), η · size / size₀ (linear), η · √(size / size₀) (sqrt)",
    "learning_rate": "η = value",
    "lr_schedule": "cosine: floor + (1 - floor)(1 + cos πt) / 2; step: factor^⌊epoch / every⌋; exponential: factor^t;\n"
                   "warmup_cosine: t / warmup, then cosine; one_cycle: up to 1 at warmup, down to floor;\n"
                   "plateau: · factor after patience epochs without improvement (all times η)",
    "optimizer": "sgd: w ← w - ηg; momentum: v ← 0.9v - ηg, w ← w + v; nesterov: w ← w + 0.9v - ηg; rmsprop: w ← w - ηg / √E[g²];\n"
                 "adam: w ← w - η m̂ / (√v̂ + ε); adamw: the same, and w ← w · (1 - η · weight_decay); lion: w ← w - η sign(c)",
    "gradient_clipping": "g' = g · min(1, norm / ‖g‖₂), over all weights together",
    "averaging": "w̄ ← decay · w̄ + (1 - decay) · w after each step; w̄ is scored",
    "activation": "relu max(0, h); tanh h; sigmoid 1 / (1 + e⁻ʰ); gelu h · Φ(h)",
    "init": "w ~ U[-a, a], a = √(6 / (n_in + n_out)) (glorot), √(6 / n_in) (he), √(3 / n_in) (lecun)",
    "separable_conv": "y[c] = Σ_m pw[m, c] · (dw[m] ∗ x)[m]; cost ratio to a convolution 1 / N + 1 / k²",
    "normalization": "h' = γ (h - mean) / √(variance + ε) + β, over the batch (batch), channels (layer), all (layer_all), each map\n"
                     "(instance), or groups of maps (group)",
    "pooling": "flatten: h as one vector; average: mean over places; max: maximum over places",
    "width": "units' = max(1, round(factor · units)) of every hidden layer",
    "depth": "f(x) = f_n(… f_1(x)), with so many layers more",
    "transfer": "w_base = w of the pretraining; frozen: stays; finetune: learns at base_learning_rate; scratch: w_base drawn anew",
    "distillation": "loss = (1 - weight) · L(y) + weight · T² · KL(softmax(z_teacher / T) ‖ softmax(z / T))",
    "reseed": "seed' = hash(seed, stream, redrawn)",
    "mixed_precision": "float16 or bfloat16 in layers, float32 in weights and loss",
    "pruning": "w ← w ⊙ m, m = 0 for the share sparsity of the smallest |w| of each kernel",
    "quantization": "w ≈ s · round(w / s) in so many bits, s from the range of each kernel",
    "clean_text": "text' = text without what the form takes out",
    "vocabulary": "tokens: the words most frequent in the training split; every other word is one token",
}
"""Technique -> formula. What is missing here is said in words by its summary."""
