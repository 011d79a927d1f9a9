"""The catalogue of techniques, and each as a function; written by ``python -m docs.generator.stub``, never by hand."""

from typing import Any, Literal

from dlbench.techniques.constructors import Constructor as Constructor
from dlbench.techniques.constructors import Constructors as Constructors
from dlbench.techniques.declaration import Paper as Paper
from dlbench.techniques.declaration import Parameter as Parameter
from dlbench.techniques.declaration import Technique as Technique
from dlbench.techniques.hooking import hooked as hooked
from dlbench.values.catalogue import Catalogue

FAMILIES: tuple[Any, ...]
CATALOGUE: Catalogue[Technique]
CONSTRUCTORS: Constructors

def technique(name: str) -> Technique: ...

def crop(
    *,
    pad: int | list[int] | None = None,
) -> dict[str, Any]:
    """Pad with zeros on every side, then cut the original size out at a uniform whole-pixel offset.

    x'[i, j] = x₀[i + a, j + b], a, b ~ U{-pad, …, pad}, x₀ = x padded with 0

    Args:
        pad: border added before cutting; by size where unset: 1, 2 (over 8 px) or 4 (over 28 px); a whole number in [1, ∞) (px).

    Source: K. He, X. Zhang, S. Ren, J. Sun, “Deep residual learning for image recognition”, 2016,
    https://doi.org/10.1109/CVPR.2016.90.
    """

def rotate(
    *,
    degrees: float | list[float] = 15.0,
) -> dict[str, Any]:
    """Rotate about the centre (W-1)/2 by an angle uniform in ±degrees, size kept.

    x'(q) = x(R(φ)(q - c) + c), φ ~ U[-degrees, degrees], c = ((W-1)/2, (H-1)/2)

    Args:
        degrees: largest angle; a number in (0, 180] (degrees).

    Source: P. Y. Simard, D. Steinkraus, J. C. Platt, “Best practices for convolutional neural networks applied to visual document
    analysis”, 2003, https://doi.org/10.1109/ICDAR.2003.1227801.
    """

def flip(
    *,
    horizontal: bool | list[bool] = True,
    vertical: bool | list[bool] = False,
    p: float | list[float] = 0.5,
) -> dict[str, Any]:
    """Mirror with probability p, each direction on its own.

    x'[i, j] = x[i, W-1-j] with probability p (horizontal); x[H-1-i, j] with probability p (vertical)

    Args:
        horizontal: mirror left and right; true or false.
        vertical: mirror top and bottom; true or false.
        p: probability of each; a number in (0, 1].

    Source: A. Krizhevsky, I. Sutskever, G. E. Hinton, “ImageNet classification with deep convolutional neural networks”, 2012,
    https://doi.org/10.1145/3065386.
    """

def alternating_flip() -> dict[str, Any]:
    """Mirror half of the images left and right in the first epoch, the other half in the next, and so on.

    x'[i, j] = x[i, W-1-j] where (b + e) mod 2 = 1, b ~ Bernoulli(1/2) once for each image, e: the epoch, from 0

    Source: K. Jordan, “94% on CIFAR-10 in 3.29 seconds on a single GPU”, 2024, https://arxiv.org/abs/2404.00498.
    """

def shift(
    *,
    pixels: float | list[float] = 1.0,
) -> dict[str, Any]:
    """Translate by uniform ±pixels in each direction (bilinear).

    x'(q) = x(q + d), d ~ U[-pixels, pixels]²

    Args:
        pixels: largest translation in each direction; a number in (0, ∞) (px).

    Source: P. Y. Simard, D. Steinkraus, J. C. Platt, “Best practices for convolutional neural networks applied to visual document
    analysis”, 2003, https://doi.org/10.1109/ICDAR.2003.1227801.
    """

def elastic_distortion(
    *,
    alpha: float | list[float] = 34.0,
    sigma: float | list[float] = 4.0,
) -> dict[str, Any]:
    """Move each pixel by a smooth random displacement of its own (bilinear): uniform numbers, smoothed by a Gaussian.

    x'(q) = x(q + d(q)), d = alpha · (G ∗ u), u ~ U[-1, 1]² for each pixel, G: a Gaussian of deviation sigma whose sum is 1

    Args:
        alpha: scale of the displacements, which are far smaller; small images need less; a number in (0, ∞) (px).
        sigma: standard deviation of the Gaussian; a number in [0.5, ∞) (px).

    Source: P. Y. Simard, D. Steinkraus, J. C. Platt, “Best practices for convolutional neural networks applied to visual document
    analysis”, 2003, https://doi.org/10.1109/ICDAR.2003.1227801.
    """

def zoom(
    *,
    amount: float | list[float] = 0.1,
) -> dict[str, Any]:
    """Scale about the centre by a factor uniform in 1 ± amount.

    x'(q) = x((q - c) / s + c), s ~ U[1 - amount, 1 + amount]

    Args:
        amount: largest relative change of scale; a number in (0, 0.9].

    Source: C. Shorten, T. M. Khoshgoftaar, “A survey on image data augmentation for deep learning”, 2019,
    https://doi.org/10.1186/s40537-019-0197-0.
    """

def brightness(
    *,
    amount: float | list[float] = 0.2,
) -> dict[str, Any]:
    """Add a shift uniform in ±amount of the full range of values.

    x' = clip(x + b · range), b ~ U[-amount, amount]

    Args:
        amount: largest shift, as a share of the full range; a number in (0, 1].

    Source: A. Krizhevsky, I. Sutskever, G. E. Hinton, “ImageNet classification with deep convolutional neural networks”, 2012,
    https://doi.org/10.1145/3065386.
    """

def contrast(
    *,
    amount: float | list[float] = 0.2,
) -> dict[str, Any]:
    """Scale the distance from the image's mean by a factor uniform in 1 ± amount.

    x' = clip(mean(x) + f · (x - mean(x))), f ~ U[1 - amount, 1 + amount]

    Args:
        amount: largest relative change of contrast; a number in (0, 1].

    Source: C. Shorten, T. M. Khoshgoftaar, “A survey on image data augmentation for deep learning”, 2019,
    https://doi.org/10.1186/s40537-019-0197-0.
    """

def saturation(
    *,
    amount: float | list[float] = 0.2,
) -> dict[str, Any]:
    """Scale the distance from each pixel's grey value by a factor uniform in 1 ± amount.

    x' = clip(grey + f · (x - grey)), f ~ U[1 - amount, 1 + amount], grey = 0.299 R + 0.587 G + 0.114 B

    Args:
        amount: largest relative change of saturation; a number in (0, 1].

    Source: C. Shorten, T. M. Khoshgoftaar, “A survey on image data augmentation for deep learning”, 2019,
    https://doi.org/10.1186/s40537-019-0197-0.
    """

def hue(
    *,
    amount: float | list[float] = 0.2,
) -> dict[str, Any]:
    """Rotate the hues by a share of the full circle uniform in ±amount.

    x' = clip(YIQ⁻¹ · R(2πa) · YIQ · x), a ~ U[-amount, amount], R turns I and Q

    Args:
        amount: largest turn, as a share of the full circle; a number in (0, 0.5].

    Source: C. Shorten, T. M. Khoshgoftaar, “A survey on image data augmentation for deep learning”, 2019,
    https://doi.org/10.1186/s40537-019-0197-0.
    """

def rand_augment(
    *,
    ops: int | list[int] = 2,
    magnitude: float | list[float] = 9.0,
) -> dict[str, Any]:
    """Apply a few operations of one magnitude, drawn from a list: rotate, shear, translate, brightness, contrast, saturation, none.

    x' = f_k(… f_1(x)), f_i ~ U{operations}, each of strength magnitude / 10

    Args:
        ops: operations an image; a whole number in [1, 10].
        magnitude: strength of each; 10 is 30 degrees, or 0.9 in colour; a number in (0, 10].

    Source: E. D. Cubuk, B. Zoph, J. Shlens, Q. V. Le, “RandAugment: practical automated data augmentation with a reduced search
    space”, 2020, https://arxiv.org/abs/1909.13719.
    """

def cutout(
    *,
    pixels: int | list[int] = 8,
) -> dict[str, Any]:
    """Set a square around a uniform pixel to zero in the scaled input; it is clipped at the border.

    x'[q] = 0 where |q - c|∞ ≤ pixels / 2, c ~ U{pixels of x}

    Args:
        pixels: side of the square; a whole number in [1, ∞) (px).

    Source: T. DeVries, G. W. Taylor, “Improved regularization of convolutional neural networks with cutout”, 2017,
    https://arxiv.org/abs/1708.04552.
    """

def random_erasing(
    *,
    p: float | list[float] = 0.5,
    area: float | list[float] = 0.4,
) -> dict[str, Any]:
    """Replace a box of random size and aspect by uniform noise, with probability p.

    x'[q] ~ U[range] in a box of share a ~ U[0.02, area] and aspect log r ~ U[log 0.3, log 1/0.3], with probability p

    Args:
        p: probability; a number in (0, 1].
        area: largest share of the image; a number in (0.02, 1].

    Source: Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang, “Random erasing data augmentation”, 2020, https://arxiv.org/abs/1708.04896.
    """

def mixup(
    *,
    alpha: float | list[float] = 0.2,
) -> dict[str, Any]:
    """Blend each image or sequence and its label with another example's; the share is drawn from Beta(α, α).

    x' = λx + (1-λ)x̃, loss = λ·L(y) + (1-λ)·L(ỹ), λ ~ Beta(α, α)

    Args:
        alpha: α of the Beta(α, α) distribution of the share; a number in (0, ∞).

    Source: H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz, “mixup: beyond empirical risk minimization”, 2018,
    https://arxiv.org/abs/1710.09412.
    """

def cutmix(
    *,
    alpha: float | list[float] = 1.0,
) -> dict[str, Any]:
    """Paste a box of another image in, and share the label by area; 1 - area is drawn from Beta(α, α).

    x' = x outside of a box and x̃ inside, loss = λ·L(y) + (1-λ)·L(ỹ), λ = 1 - share of the box, 1 - λ ~ Beta(α, α)

    Args:
        alpha: α of the Beta(α, α) distribution of the share; a number in (0, ∞).

    Source: S. Yun, D. Han, S. J. Oh, S. Chun, J. Choe, Y. Yoo, “CutMix: regularization strategy to train strong classifiers with
    localizable features”, 2019, https://arxiv.org/abs/1905.04899.
    """

def article_augment() -> dict[str, Any]:
    """The article's augmentation: each image turned by 90 degrees and cut to its middle 124/224, in every epoch alike; not random.

    x'(q) = x(R(90°)(q - c) · 124/224 + c), c = ((W-1)/2, (H-1)/2), in every epoch alike

    Source: C. Shorten, T. M. Khoshgoftaar, “A survey on image data augmentation for deep learning”, 2019,
    https://doi.org/10.1186/s40537-019-0197-0.
    """

def time_shift(
    *,
    amount: float | list[float] = 0.1,
) -> dict[str, Any]:
    """Move each sequence in time by whole steps, uniform in ±amount of its length; what moves in is 0.

    x'[t] = x[t + s], 0 outside of x, s = round(a · T), a ~ U[-amount, amount], T steps

    Args:
        amount: largest shift, as a share of the length; a number in (0, 1].

    Source: Y. Zhang, N. Suda, L. Lai, V. Chandra, “Hello Edge: keyword spotting on microcontrollers”, 2017,
    https://arxiv.org/abs/1711.07128.
    """

def input_noise(
    *,
    deviation: float | list[float] = 0.1,
) -> dict[str, Any]:
    """Add Gaussian noise to the scaled values of each sequence, whose standard deviation is 1.

    x' = x + deviation · n, n ~ N(0, 1)

    Args:
        deviation: standard deviation of the noise; a number in (0, ∞).

    Source: C. M. Bishop, “Training with noise is equivalent to Tikhonov regularization”, 1995,
    https://doi.org/10.1162/neco.1995.7.1.108.
    """

def test_time_augmentation(
    *,
    flip: bool | list[bool] = True,
    pad: int | list[int] = 0,
) -> dict[str, Any]:
    """Average predictions over views wherever the network is scored: the image, its mirror image, crops around it; it trains as before.

    p = mean over views v of p(v), v: x, mirrored x; with pad: each also cut at (±pad, ±pad) of x padded by reflection;
    p: probabilities (softmax, or sigmoid of each label), or the predicted number

    Args:
        flip: whether each view is also seen mirrored left and right; true or false.
        pad: border, reflected, in whose four corners the image is cut too; 0: no crops; a whole number in [0, ∞) (px).

    Source: A. Krizhevsky, I. Sutskever, G. E. Hinton, “ImageNet classification with deep convolutional neural networks”, 2012,
    https://doi.org/10.1145/3065386.
    """

def spec_augment(
    *,
    time: float | list[float] = 0.2,
    frequency: float | list[float] = 0.3,
    masks: int | list[int] = 2,
) -> dict[str, Any]:
    """Set random stretches of time and bands of frequency of each mel spectrogram to its mean.

    x'[k, t] = mean(x) where k₀ ≤ k < k₀ + f or t₀ ≤ t < t₀ + s, f ~ U{0, …, frequency · K}, s ~ U{0, …, time · T}, k₀ and t₀ uniform
    where they fit

    Args:
        time: longest stretch, as a share of the frames; a number in [0, 1].
        frequency: widest band, as a share of the bands; a number in [0, 1].
        masks: stretches, and as many bands; a whole number in [1, 20].

    Source: D. S. Park, W. Chan, Y. Zhang, C.-C. Chiu, B. Zoph, E. D. Cubuk, Q. V. Le, “SpecAugment: a simple data augmentation method
    for automatic speech recognition”, 2019, https://arxiv.org/abs/1904.08779.
    """

def examples(
    *,
    count: int | list[int] = 1000,
) -> dict[str, Any]:
    """Train on a stratified subset: with others in a factorial, whether they help more where examples are few.

    Args:
        count: training examples, the validation split apart; a whole number in [1, ∞) (examples).

    Source: J. Hestness et al., “Deep learning scaling is predictable, empirically”, 2017, https://arxiv.org/abs/1712.00409.
    """

def normalize(
    *,
    kind: Literal['none', 'scale', 'bytes', 'minmax', 'minmax_signed', 'zscore', 'zscore_channel', 'application'] | list[Literal['none', 'scale', 'bytes', 'minmax', 'minmax_signed', 'zscore', 'zscore_channel', 'application']],
) -> dict[str, Any]:
    """Scale inputs: values as they are, /full range, to 0 to 255, min-max to [0, 1] or [-1, 1], z-score of all or per channel.

    x' = (x - a) / b, with a, b fitted on the training split: none (0, 1), scale (0, range), bytes (0, range/255),
    minmax (min, max - min), minmax_signed ((min + max) / 2, (max - min) / 2), zscore (mean, sd); 0 where b = 0

    Args:
        kind: how inputs are scaled; a constant input becomes 0; application: as the base of keras.applications was trained; one of
            none, scale, bytes, minmax, minmax_signed, zscore, zscore_channel, application.

    Source: Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, “Efficient BackProp”, 1998, https://doi.org/10.1007/3-540-49430-8_2.
    """

def article_normalize() -> dict[str, Any]:
    """The article's min-max scaling: of whatever it is handed, here each image by its own extremes; a constant image becomes NaN.

    x' = (x - min x) / (max x - min x), of each image by itself; NaN where max x = min x

    Source: Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, “Efficient BackProp”, 1998, https://doi.org/10.1007/3-540-49430-8_2.
    """

def clean_text(
    *,
    kind: Literal['article', 'proper'] | list[Literal['article', 'proper']] = 'proper',
) -> dict[str, Any]:
    """Clean sentences: NFC, lower case, a space for punctuation; or the article's way, which deletes punctuation and joins words.

    text' = text without what the form takes out

    Args:
        kind: how sentences are cleaned; one of article, proper.

    Source: A. K. Uysal, S. Gunal, “The impact of preprocessing on text classification”, 2014,
    https://doi.org/10.1016/j.ipm.2013.08.006.
    """

def vocabulary(
    *,
    size: int | list[int] = 5000,
    words: int | list[int] = 50,
) -> dict[str, Any]:
    """How many different words are known, the most frequent of the training split, and how many of a sentence are used.

    tokens: the words most frequent in the training split; every other word is one token

    Args:
        size: different words; a whole number in [2, 1e+06] (words).
        words: of a sentence; a whole number in [1, 10000] (words).

    Source: A. K. Uysal, S. Gunal, “The impact of preprocessing on text classification”, 2014,
    https://doi.org/10.1016/j.ipm.2013.08.006.
    """

def l1(
    *,
    strength: float | list[float] = 0.0001,
    form: Literal['subgradient', 'proximal'] | list[Literal['subgradient', 'proximal']] = 'subgradient',
    scope: Literal['all', 'conv'] | list[Literal['all', 'conv']] = 'all',
) -> dict[str, Any]:
    """Penalise λ·Σ|w|: by subgradient, or by the proximal step S(w, ηλ) that reaches exact zeros.

    loss + λ Σ|w| (subgradient), or w ← sign(w) · max(|w| - ηλ, 0) after each step (proximal)

    Args:
        strength: the penalty's factor; a number in (0, ∞).
        form: how it is optimised; one of subgradient, proximal.
        scope: which kernels; one of all, conv.

    Source: R. Tibshirani, “Regression shrinkage and selection via the lasso”, 1996,
    https://doi.org/10.1111/j.2517-6161.1996.tb02080.x.
    """

def l2(
    *,
    strength: float | list[float] = 0.001,
    scope: Literal['all', 'conv'] | list[Literal['all', 'conv']] = 'all',
) -> dict[str, Any]:
    """Penalise λ·Σw² (no ½: its gradient is 2λw).

    loss + λ Σw², so the gradient gains 2λw

    Args:
        strength: the penalty's factor; a number in (0, ∞).
        scope: which kernels; one of all, conv.

    Source: A. Krogh, J. A. Hertz, “A simple weight decay can improve generalization”, 1991,
    https://papers.nips.cc/paper/563-a-simple-weight-decay-can-improve-generalization.
    """

def l1_l2(
    *,
    l1: float | list[float] = 0.0001,
    l2: float | list[float] = 0.001,
    scope: Literal['all', 'conv'] | list[Literal['all', 'conv']] = 'all',
) -> dict[str, Any]:
    """Penalise λ₁·Σ|w| + λ₂·Σw².

    loss + λ₁ Σ|w| + λ₂ Σw²

    Args:
        l1: the penalty's factor; a number in (0, ∞).
        l2: the penalty's factor; a number in (0, ∞).
        scope: which kernels; one of all, conv.

    Source: H. Zou, T. Hastie, “Regularization and variable selection via the elastic net”, 2005,
    https://doi.org/10.1111/j.1467-9868.2005.00503.x.
    """

def weight_decay(
    *,
    strength: float | list[float] = 0.01,
) -> dict[str, Any]:
    """Shrink kernels by η·strength each step, apart from the gradient (AdamW where the optimizer is Adam).

    w ← w · (1 - η · strength) before each step

    Args:
        strength: the penalty's factor; a number in (0, ∞).

    Source: I. Loshchilov, F. Hutter, “Decoupled weight decay regularization”, 2019, https://arxiv.org/abs/1711.05101.
    """

def max_norm(
    *,
    norm: float | list[float] = 3.0,
) -> dict[str, Any]:
    """Scale the weights into each unit down after each step where their norm is larger.

    w ← w · min(1, norm / |w|) after each step, w: the weights into one unit

    Args:
        norm: largest Euclidean norm of the weights into a unit or feature map; a number in (0, ∞).

    Source: N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, “Dropout: a simple way to prevent neural networks
    from overfitting”, 2014, https://jmlr.org/papers/v15/srivastava14a.html.
    """

def dropout(
    *,
    rate: float | list[float] = 0.5,
    place: Literal['conv', 'head', 'both'] | list[Literal['conv', 'head', 'both']] = 'head',
) -> dict[str, Any]:
    """Zero each unit with probability rate in training and scale the rest by 1/(1-rate).

    h' = m ⊙ h / (1 - rate), m ~ Bernoulli(1 - rate) for each unit; h' = h at inference

    Args:
        rate: probability of being dropped; a number in (0, 1).
        place: after hidden convolutions, before the output layer, or both; one of conv, head, both.

    Source: N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, “Dropout: a simple way to prevent neural networks
    from overfitting”, 2014, https://jmlr.org/papers/v15/srivastava14a.html.
    """

def spatial_dropout(
    *,
    rate: float | list[float] = 0.2,
) -> dict[str, Any]:
    """Drop whole feature maps after every hidden convolution.

    h' = m ⊙ h / (1 - rate), m ~ Bernoulli(1 - rate) for each feature map; h' = h at inference

    Args:
        rate: probability of being dropped; a number in (0, 1).

    Source: J. Tompson, R. Goroshin, A. Jain, Y. LeCun, C. Bregler, “Efficient object localization using convolutional networks”,
    2015, https://arxiv.org/abs/1411.4280.
    """

def stochastic_depth(
    *,
    rate: float | list[float] = 0.2,
) -> dict[str, Any]:
    """Leave residual branches out in training: with probability rate the last one, the others in proportion to their depth.

    h' = x + m · f(x) / (1 - rate), m ~ Bernoulli(1 - rate) for each block and example

    Args:
        rate: probability of being dropped; a number in (0, 1).

    Source: G. Huang, Y. Sun, Z. Liu, D. Sedra, K. Weinberger, “Deep networks with stochastic depth”, 2016,
    https://arxiv.org/abs/1603.09382.
    """

def label_smoothing(
    *,
    amount: float | list[float] = 0.1,
) -> dict[str, Any]:
    """Mix the one-hot target with the uniform distribution: (1-amount)·y + amount/K.

    y' = (1 - amount) · y + amount / K; of several labels, each y' = (1 - amount) · y + amount / 2

    Args:
        amount: share of the uniform distribution; a number in (0, 1).

    Source: C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna, “Rethinking the Inception architecture for computer vision”,
    2016, https://arxiv.org/abs/1512.00567.
    """

def early_stopping(
    *,
    patience: int | list[int] = 10,
    min_delta: float | list[float] = 0.0,
    restore_best: bool | list[bool] = True,
) -> dict[str, Any]:
    """Stop when the validation loss has not improved for patience epochs.

    stop at the first epoch after which v was not below its best - min_delta for patience epochs; v: validation loss

    Args:
        patience: epochs without improvement before it stops; a whole number in [1, ∞) (epochs).
        min_delta: smallest decrease of the loss that counts; a number in [0, ∞) (nats).
        restore_best: go back to the weights of the best epoch; true or false.

    Source: L. Prechelt, “Early stopping, but when?”, 1998, https://doi.org/10.1007/3-540-49430-8_3.
    """

def article_early_stopping(
    *,
    patience: int | list[int] = 10,
) -> dict[str, Any]:
    """The article's early stopping: it keeps the weights of the last epoch, patience epochs after the best.

    Args:
        patience: epochs without improvement before it stops; a whole number in [1, ∞) (epochs).

    Source: L. Prechelt, “Early stopping, but when?”, 1998, https://doi.org/10.1007/3-540-49430-8_3.
    """

def class_weights(
    *,
    power: float | list[float] = 1.0,
) -> dict[str, Any]:
    """Weigh the loss of each training example by the inverse frequency of its class.

    loss = Σᵢ wᵢ · L(yᵢ) / b, w = (n / (K · n_y))^power over its mean; n_y of the n training examples have class y

    Args:
        power: of the inverse frequency: 1 gives each class the same share of the loss, 0.5 is halfway; a number in (0, 2].

    Source: G. King, L. Zeng, “Logistic regression in rare events data”, 2001, https://doi.org/10.1093/oxfordjournals.pan.a004868.
    """

def focal_loss(
    *,
    gamma: float | list[float] = 2.0,
) -> dict[str, Any]:
    """Let examples count less the surer their right class is already: (1-p)^gamma times the cross-entropy.

    L(y) = -Σ_k y_k (1 - p_k)^gamma log p_k

    Args:
        gamma: how much less; a number in (0, ∞).

    Source: T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, “Focal loss for dense object detection”, 2017,
    https://arxiv.org/abs/1708.02002.
    """

def balanced_sampling(
    *,
    power: float | list[float] = 1.0,
) -> dict[str, Any]:
    """Draw the examples of an epoch so that each class is equally likely; an epoch has as many as before.

    n'_k = n · n_k^(1 - power) / Σ_j n_j^(1 - power) of the n examples of an epoch have class k

    Args:
        power: of the inverse frequency: 1 draws all classes alike, 0.5 by the root of their number; a number in (0, 1].

    Source: B. Kang, S. Xie, M. Rohrbach, Z. Yan, A. Gordo, J. Feng, Y. Kalantidis, “Decoupling representation and classifier for
    long-tailed recognition”, 2020, https://arxiv.org/abs/1910.09217.
    """

def threshold_moving(
    *,
    power: float | list[float] = 1.0,
) -> dict[str, Any]:
    """Decide, after training, as if all classes were equally frequent: their logits are corrected.

    z'_k = z_k - power · log(n_k / n), n_k of the n training examples have class k

    Args:
        power: of the inverse frequency: 1 takes the frequencies out of the decision; a number in (0, 2].

    Source: A. K. Menon, S. Jayasumana, A. S. Rawat, H. Jain, A. Veit, S. Kumar, “Long-tail learning via logit adjustment”, 2021,
    https://arxiv.org/abs/2007.07314.
    """

def positive_weights(
    *,
    power: float | list[float] = 1.0,
) -> dict[str, Any]:
    """Weigh the loss of each label, where an example has it, by the odds against that label.

    L(y) = -Σ_k (w_k · y_k · log p_k + (1-y_k) · log(1-p_k)) / K, w_k = ((n - n_k) / n_k)^power; n_k of the n training examples have
    label k

    Args:
        power: of the odds: 1 gives examples with and without a label the same share of the loss, 0.5 is halfway; a number in (0, 2].

    Source: G. King, L. Zeng, “Logistic regression in rare events data”, 2001, https://doi.org/10.1093/oxfordjournals.pan.a004868.
    """

def batch_size(
    *,
    size: int | list[int],
    lr_rule: Literal['none', 'linear', 'sqrt'] | list[Literal['none', 'linear', 'sqrt']],
) -> dict[str, Any]:
    """Examples a step, with the rule by which the learning rate follows.

    η' = η (none), η · size / size₀ (linear), η · √(size / size₀) (sqrt)

    Args:
        size: examples a step; a whole number in [1, ∞) (examples).
        lr_rule: how the learning rate follows the size; one of none, linear, sqrt.

    Source: P. Goyal et al., “Accurate, large minibatch SGD: training ImageNet in 1 hour”, 2017, https://arxiv.org/abs/1706.02677.
    """

def learning_rate(
    *,
    value: float | list[float],
) -> dict[str, Any]:
    """The learning rate that the schedule starts from or peaks at.

    η = value

    Args:
        value: the learning rate; a number in (0, ∞).

    Source: Y. Bengio, “Practical recommendations for gradient-based training of deep architectures”, 2012,
    https://arxiv.org/abs/1206.5533.
    """

def layerwise_learning_rate(
    *,
    factor: float | list[float] = 2.6,
) -> dict[str, Any]:
    """Let each layer learn slower than the next one by a factor (discriminative fine-tuning); the last one learns at the learning rate.

    η_l = η · factor^-(L - l), l = 1, …, L: layers with a kernel; a normalisation counts with the layer before it;
    of fine-tuned weights, the base's last layer learns at base_learning_rate, and those below it slower

    Args:
        factor: ratio of the next layer's rate to a layer's; near 1 for deep networks; a number in (1, ∞).

    Source: J. Howard, S. Ruder, “Universal language model fine-tuning for text classification”, 2018,
    https://arxiv.org/abs/1801.06146.
    """

def lr_schedule(
    *,
    kind: Literal['step', 'exponential', 'cosine', 'warmup_cosine', 'one_cycle', 'plateau'] | list[Literal['step', 'exponential', 'cosine', 'warmup_cosine', 'one_cycle', 'plateau']],
    warmup: float | list[float] = 0.1,
    factor: float | list[float] = 0.2,
    every: int | list[int] = 10,
    patience: int | list[int] = 5,
    min_delta: float | list[float] = 0.0001,
    floor: float | list[float] = 0.0,
) -> dict[str, Any]:
    """How the learning rate goes over the run's steps, or falls when the validation loss stalls.

    cosine: floor + (1 - floor)(1 + cos πt) / 2; step: factor^⌊epoch / every⌋; exponential: factor^t;
    warmup_cosine: t / warmup, then cosine; one_cycle: up to 1 at warmup, down to floor;
    plateau: · factor after patience epochs without improvement (all times η)

    Args:
        kind: the course of the learning rate; one of step, exponential, cosine, warmup_cosine, one_cycle, plateau.
        warmup: share of the steps spent rising; a number in [0, 1).
        factor: ratio of a cut (step, plateau), or of last to first rate (exponential); a number in (0, 1).
        every: epochs between cuts (step); a whole number in [1, ∞) (epochs).
        patience: epochs without improvement before a cut (plateau); a whole number in [1, ∞) (epochs).
        min_delta: smallest decrease of the loss that counts (plateau); a number in [0, ∞) (nats).
        floor: share of the learning rate that is never gone below; a number in [0, 1).

    Source: I. Loshchilov, F. Hutter, “SGDR: stochastic gradient descent with warm restarts”, 2017, https://arxiv.org/abs/1608.03983.
    """

def optimizer(
    *,
    kind: Literal['sgd', 'momentum', 'nesterov', 'rmsprop', 'adam', 'adamw', 'lion'] | list[Literal['sgd', 'momentum', 'nesterov', 'rmsprop', 'adam', 'adamw', 'lion']],
    weight_decay: float | list[float] = 0.004,
) -> dict[str, Any]:
    """The update rule; adamw is adam with decoupled weight decay.

    sgd: w ← w - ηg; momentum: v ← 0.9v - ηg, w ← w + v; nesterov: w ← w + 0.9v - ηg; rmsprop: w ← w - ηg / √E[g²];
    adam: w ← w - η m̂ / (√v̂ + ε); adamw: the same, and w ← w · (1 - η · weight_decay); lion: w ← w - η sign(c)

    Args:
        kind: the update rule; one of sgd, momentum, nesterov, rmsprop, adam, adamw, lion.
        weight_decay: decoupled decay of adamw; a number in (0, ∞).

    Source: D. P. Kingma, J. Ba, “Adam: a method for stochastic optimization”, 2015, https://arxiv.org/abs/1412.6980.
    """

def gradient_clipping(
    *,
    norm: float | list[float] = 1.0,
) -> dict[str, Any]:
    """Scale the gradient down where its global norm is larger.

    g' = g · min(1, norm / ‖g‖₂), over all weights together

    Args:
        norm: largest global norm; a number in (0, ∞).

    Source: R. Pascanu, T. Mikolov, Y. Bengio, “On the difficulty of training recurrent neural networks”, 2013,
    https://arxiv.org/abs/1211.5063.
    """

def gradient_noise(
    *,
    eta: float | list[float] = 0.01,
    gamma: float | list[float] = 0.55,
) -> dict[str, Any]:
    """Add Gaussian noise to the gradient, after clipping, whose variance falls over the steps.

    g' = g + n, n ~ N(0, σ²) for each weight, σ² = eta / (1 + s)^gamma, s: steps done

    Args:
        eta: variance in the first step; the paper tries 0.01, 0.3 and 1; a number in (0, ∞).
        gamma: power with which it falls; a number in [0, ∞).

    Source: A. Neelakantan, L. Vilnis, Q. V. Le, I. Sutskever, L. Kaiser, K. Kurach, J. Martens, “Adding gradient noise improves
    learning for very deep networks”, 2015, https://arxiv.org/abs/1511.06807.
    """

def averaging(
    *,
    decay: float | list[float] = 0.99,
) -> dict[str, Any]:
    """Score an exponential moving average of the weights over the steps (EMA): a ← decay·a + (1-decay)·w.

    w̄ ← decay · w̄ + (1 - decay) · w after each step; w̄ is scored

    Args:
        decay: share of the average that a step keeps; a number in (0, 1).

    Source: B. T. Polyak, A. B. Juditsky, “Acceleration of stochastic approximation by averaging”, 1992,
    https://doi.org/10.1137/0330046.
    """

def activation(
    *,
    kind: Literal['relu', 'tanh', 'sigmoid', 'gelu'] | list[Literal['relu', 'tanh', 'sigmoid', 'gelu']],
) -> dict[str, Any]:
    """The nonlinearity of every hidden layer.

    relu max(0, h); tanh h; sigmoid 1 / (1 + e⁻ʰ); gelu h · Φ(h)

    Args:
        kind: the nonlinearity; one of relu, tanh, sigmoid, gelu.

    Source: X. Glorot, A. Bordes, Y. Bengio, “Deep sparse rectifier neural networks”, 2011,
    https://proceedings.mlr.press/v15/glorot11a.html.
    """

def init(
    *,
    kind: Literal['glorot', 'he', 'lecun'] | list[Literal['glorot', 'he', 'lecun']],
) -> dict[str, Any]:
    """The distribution of initial kernels (uniform glorot, he, lecun).

    w ~ U[-a, a], a = √(6 / (n_in + n_out)) (glorot), √(6 / n_in) (he), √(3 / n_in) (lecun)

    Args:
        kind: the distribution; one of glorot, he, lecun.

    Source: K. He, X. Zhang, S. Ren, J. Sun, “Delving deep into rectifiers”, 2015, https://arxiv.org/abs/1502.01852.
    """

def separable_conv(
    *,
    layers: Literal['all_but_first', 'all'] | list[Literal['all_but_first', 'all']] = 'all_but_first',
    depth_multiplier: int | list[int] = 1,
) -> dict[str, Any]:
    """Replace convolutions by a filter per channel and a pointwise mix: cost ratio 1/N + 1/k².

    y[c] = Σ_m pw[m, c] · (dw[m] ∗ x)[m]; cost ratio to a convolution 1 / N + 1 / k²

    Args:
        layers: which convolutions; one of all_but_first, all.
        depth_multiplier: filters a channel; a whole number in [1, 16].

    Source: F. Chollet, “Xception: deep learning with depthwise separable convolutions”, 2017, https://arxiv.org/abs/1610.02357.
    """

def article_separable_conv(
    *,
    layers: Literal['all_but_first', 'all'] | list[Literal['all_but_first', 'all']] = 'all_but_first',
) -> dict[str, Any]:
    """The article's separable convolution: a filter per channel and no pointwise step, so channels never mix.

    Args:
        layers: which convolutions; one of all_but_first, all.

    Source: F. Chollet, “Xception: deep learning with depthwise separable convolutions”, 2017, https://arxiv.org/abs/1610.02357.
    """

def normalization(
    *,
    kind: Literal['none', 'batch', 'layer', 'layer_all', 'instance', 'group'] | list[Literal['none', 'batch', 'layer', 'layer_all', 'instance', 'group']],
    place: Literal['conv', 'head', 'both'] | list[Literal['conv', 'head', 'both']] = 'conv',
) -> dict[str, Any]:
    """Normalise between a layer and its activation: over the batch, channels, all, each map, or groups of maps.

    h' = γ (h - mean) / √(variance + ε) + β, over the batch (batch), channels (layer), all (layer_all), each map
    (instance), or groups of maps (group)

    Args:
        kind: what is normalised over; none takes the model's own normalisation out; one of none, batch, layer, layer_all, instance,
            group.
        place: after convolutions, after hidden dense layers, or both; one of conv, head, both.

    Source: J. L. Ba, J. R. Kiros, G. E. Hinton, “Layer normalization”, 2016, https://arxiv.org/abs/1607.06450.
    """

def article_layer_norm(
    *,
    place: Literal['conv', 'head', 'both'] | list[Literal['conv', 'head', 'both']] = 'conv',
) -> dict[str, Any]:
    """The article's layer normalisation: it normalises each map of each example, which is instance normalisation.

    Args:
        place: after convolutions, after hidden dense layers, or both; one of conv, head, both.

    Source: J. L. Ba, J. R. Kiros, G. E. Hinton, “Layer normalization”, 2016, https://arxiv.org/abs/1607.06450.
    """

def pooling(
    *,
    kind: Literal['flatten', 'average', 'max'] | list[Literal['flatten', 'average', 'max']],
) -> dict[str, Any]:
    """What turns feature maps into a vector: flatten, global average or global maximum.

    flatten: h as one vector; average: mean over places; max: maximum over places

    Args:
        kind: the pooling head; one of flatten, average, max.

    Source: M. Lin, Q. Chen, S. Yan, “Network in network”, 2014, https://arxiv.org/abs/1312.4400.
    """

def width(
    *,
    factor: float | list[float] = 2.0,
) -> dict[str, Any]:
    """Multiply the filters and units of every hidden layer.

    units' = max(1, round(factor · units)) of every hidden layer

    Args:
        factor: of the hidden layers' widths; a number in (0, ∞).

    Source: S. Zagoruyko, N. Komodakis, “Wide residual networks”, 2016, https://arxiv.org/abs/1605.07146.
    """

def depth(
    *,
    layers: int | list[int] = 1,
) -> dict[str, Any]:
    """Follow the last hidden convolution (the last hidden dense layer where there is none) by more of its kind and size.

    f(x) = f_n(… f_1(x)), with so many layers more

    Args:
        layers: how many more; a whole number in [1, 100] (layers).

    Source: K. Simonyan, A. Zisserman, “Very deep convolutional networks for large-scale image recognition”, 2015,
    https://arxiv.org/abs/1409.1556.
    """

def embedding_width(
    *,
    width: int | list[int] = 8,
) -> dict[str, Any]:
    """Embed each word of a table's columns of words in so many numbers, instead of by the rule of its column.

    x' = (numbers, E_1[c_1], …, E_m[c_m]), E_i of (words of column i + 1) × width

    Args:
        width: numbers that stand for a word; a whole number in [1, 1000] (numbers).

    Source: C. Guo, F. Berkhahn, “Entity embeddings of categorical variables”, 2016, https://arxiv.org/abs/1604.06737.
    """

def transfer(
    *,
    mode: Literal['scratch', 'frozen', 'finetune', 'article'] | list[Literal['scratch', 'frozen', 'finetune', 'article']],
    source: list[int] | list[str] | list[Any] | None = None,
    target: list[int] | list[str] | list[Any] | None = None,
    dataset: str | list[str] | None = None,
    weights: str | list[str] | None = None,
    labels_per_class: int | list[int] | None = None,
    base_learning_rate: float | list[float] = 1e-05,
) -> dict[str, Any]:
    """Train from scratch, or from weights: of a run on other classes or on another dataset, of a file, or of ImageNet.

    w_base = w of the pretraining; frozen: stays; finetune: learns at base_learning_rate; scratch: w_base drawn anew

    Args:
        mode: scratch; base frozen; fine-tuned; the article's: nothing frozen, inputs not scaled; one of scratch, frozen, finetune,
            article.
        source: classes to pretrain on; where unset, all of dataset, else 0 to 4; a list of whole numbers in [0, ∞), or of names of
            classes.
        target: classes to train and test on; where unset, all with dataset or weights, else 5 to 9; a list of whole numbers in [0,
            ∞), or of names of classes.
        dataset: pretrain on another dataset, its images brought to the size of this one's; text.
        weights: a .keras or .weights.h5 file of the study's model, or imagenet; text.
        labels_per_class: training examples of each target class; all where unset; a whole number in [1, ∞) (examples).
        base_learning_rate: of the pretrained layers (finetune); a number in (0, ∞).

    Source: J. Yosinski, J. Clune, Y. Bengio, H. Lipson, “How transferable are features in deep neural networks?”, 2014,
    https://arxiv.org/abs/1411.1792.
    """

def distillation(
    *,
    teacher: str | list[str] | None = None,
    teacher_width: float | list[float] = 2.0,
    temperature: float | list[float] = 4.0,
    weight: float | list[float] = 0.5,
) -> dict[str, Any]:
    """Learn from a teacher's softened answers too: (1-weight)·cross-entropy + weight·T²·KL(teacher ‖ student).

    loss = (1 - weight) · L(y) + weight · T² · KL(softmax(z_teacher / T) ‖ softmax(z / T))

    Args:
        teacher: a name from `dlbench list models`; the study's own model where unset; text.
        teacher_width: factor of the widths of the teacher's hidden layers; a number in (0, ∞).
        temperature: of the softened answers; a number in (0, ∞).
        weight: share of the teacher in the loss; a number in (0, 1].

    Source: G. Hinton, O. Vinyals, J. Dean, “Distilling the knowledge in a neural network”, 2015, https://arxiv.org/abs/1503.02531.
    """

def mixed_precision(
    *,
    kind: Literal['bfloat16', 'float16'] | list[Literal['bfloat16', 'float16']] = 'bfloat16',
) -> dict[str, Any]:
    """Compute in 16 bits, keep weights and output in 32; float16 scales the loss so that small gradients survive.

    float16 or bfloat16 in layers, float32 in weights and loss

    Args:
        kind: the 16-bit format; one of bfloat16, float16.

    Source: P. Micikevicius et al., “Mixed precision training”, 2018, https://arxiv.org/abs/1710.03740.
    """

def xla() -> dict[str, Any]:
    """Compile each training step with XLA, which fuses its operations.

    Source: D. Snider, R. Liang, “Operator fusion in XLA: analysis and evaluation”, 2023, https://arxiv.org/abs/2301.13062.
    """

def progressive_resizing(
    *,
    start: float | list[float] = 0.5,
    stages: int | list[int] = 4,
) -> dict[str, Any]:
    """Train on small images first, and on larger ones from stage to stage; the last stage, and all scores, have their own size.

    side_s = round(side · (start + (1 - start) · s / (stages - 1))), s = ⌊stages · e / E⌋ in epoch e of E, both from 0;
    images are augmented at their own size, then brought to side_s by a triangle filter

    Args:
        start: size in the first stage, as a share of each side; a number in (0, 1).
        stages: stages of equal numbers of epochs, of which the budget needs one for each; a whole number in [2, 100].

    Source: M. Tan, Q. V. Le, “EfficientNetV2: smaller models and faster training”, 2021, https://arxiv.org/abs/2104.00298.
    """

def pruning(
    *,
    sparsity: float | list[float] = 0.8,
) -> dict[str, Any]:
    """Set the smallest kernel weights of each layer to zero, more of them from epoch to epoch, and train on.

    w ← w ⊙ m, m = 0 for the share sparsity of the smallest |w| of each kernel

    Args:
        sparsity: share of each kernel's weights that ends at zero; a number in (0, 1).

    Source: M. Zhu, S. Gupta, “To prune, or not to prune: exploring the efficacy of pruning for model compression”, 2017,
    https://arxiv.org/abs/1710.01878.
    """

def quantization(
    *,
    bits: Literal[8, 16, 32] | list[Literal[8, 16, 32]] = 8,
) -> dict[str, Any]:
    """Convert the trained network with the LiteRT converter: int8 arithmetic, float16 weights, or (32) only converted.

    w ≈ s · round(w / s) in so many bits, s from the range of each kernel

    Args:
        bits: of stored weights; 8 computes in integers too, with ranges from the training split; one of 8, 16, 32.

    Source: B. Jacob et al., “Quantization and training of neural networks for efficient integer-arithmetic-only inference”, 2018,
    https://arxiv.org/abs/1712.05877.
    """

def mc_dropout(
    *,
    passes: int | list[int] = 20,
) -> dict[str, Any]:
    """Keep dropout on wherever the network is scored, and average its predictions over several passes; it trains as before.

    p = 1/T Σ_t p(x; m_t), m_t ~ Bernoulli(1 - rate) for each unit and pass, T = passes;
    p: probabilities (softmax, or sigmoid of each label), or the predicted number

    Args:
        passes: passes over each example, each with dropout of its own; a whole number in [1, 10000].

    Source: Y. Gal, Z. Ghahramani, “Dropout as a Bayesian approximation: representing model uncertainty in deep learning”, 2016,
    https://arxiv.org/abs/1506.02142.
    """

def ensemble(
    *,
    members: int | list[int] = 5,
) -> dict[str, Any]:
    """Train several networks that differ in their seed (initial weights, orders, draws), and average their predictions at the end.

    p = 1/M Σ_m p_m(x), p_m of a training with seed_m = hash(seed, m), seed_0 = seed, M = members;
    p: probabilities (softmax, or sigmoid of each label), or the predicted number

    Args:
        members: networks; the first is trained as the run without the others is; a whole number in [2, 1000].

    Source: B. Lakshminarayanan, A. Pritzel, C. Blundell, “Simple and scalable predictive uncertainty estimation using deep
    ensembles”, 2017, https://arxiv.org/abs/1612.01474.
    """

def reseed(
    *,
    stream: Literal['init', 'order', 'augment', 'dropout'] | list[Literal['init', 'order', 'augment', 'dropout']],
) -> dict[str, Any]:
    """The A/A control: the same recipe with one random stream redrawn.

    seed' = hash(seed, stream, redrawn)

    Args:
        stream: which stream; one of init, order, augment, dropout.

    Source: X. Bouthillier et al., “Accounting for variance in machine learning benchmarks”, 2021, https://arxiv.org/abs/2103.03098.
    """
