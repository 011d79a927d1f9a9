"""Random transforms of the training images and sequences, drawn anew for each example and epoch; and views of images that are scored."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

SHORTEN = Paper("C. Shorten, T. M. Khoshgoftaar", "A survey on image data augmentation for deep learning", 2019,
                "https://doi.org/10.1186/s40537-019-0197-0")
ALEXNET = Paper("A. Krizhevsky, I. Sutskever, G. E. Hinton", "ImageNet classification with deep convolutional neural networks", 2012,
                "https://doi.org/10.1145/3065386")
RESNET = Paper("K. He, X. Zhang, S. Ren, J. Sun", "Deep residual learning for image recognition", 2016,
               "https://doi.org/10.1109/CVPR.2016.90")
SIMARD = Paper("P. Y. Simard, D. Steinkraus, J. C. Platt",
               "Best practices for convolutional neural networks applied to visual document analysis", 2003,
               "https://doi.org/10.1109/ICDAR.2003.1227801")

CUTOUT = Paper("T. DeVries, G. W. Taylor", "Improved regularization of convolutional neural networks with cutout", 2017,
               "https://arxiv.org/abs/1708.04552")
ERASING = Paper("Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang", "Random erasing data augmentation", 2020,
                "https://arxiv.org/abs/1708.04896")
MIXUP = Paper("H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz", "mixup: beyond empirical risk minimization", 2018,
              "https://arxiv.org/abs/1710.09412")
CUTMIX = Paper("S. Yun, D. Han, S. J. Oh, S. Chun, J. Choe, Y. Yoo",
               "CutMix: regularization strategy to train strong classifiers with localizable features", 2019,
               "https://arxiv.org/abs/1905.04899")
RAND_AUGMENT = Paper("E. D. Cubuk, B. Zoph, J. Shlens, Q. V. Le",
                     "RandAugment: practical automated data augmentation with a reduced search space", 2020,
                     "https://arxiv.org/abs/1909.13719")
HELLO_EDGE = Paper("Y. Zhang, N. Suda, L. Lai, V. Chandra", "Hello Edge: keyword spotting on microcontrollers", 2017,
                   "https://arxiv.org/abs/1711.07128")
NOISE = Paper("C. M. Bishop", "Training with noise is equivalent to Tikhonov regularization", 1995,
              "https://doi.org/10.1162/neco.1995.7.1.108")
SPEC_AUGMENT = Paper("D. S. Park, W. Chan, Y. Zhang, C.-C. Chiu, B. Zoph, E. D. Cubuk, Q. V. Le",
                     "SpecAugment: a simple data augmentation method for automatic speech recognition", 2019,
                     "https://arxiv.org/abs/1904.08779")
AIRBENCH = Paper("K. Jordan", "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, "https://arxiv.org/abs/2404.00498")


FAMILY = "augmentation"
IMAGES, SEQUENCES = ("images",), ("sequences",)


def _crop(recipe: Recipe, pad: int | None) -> Recipe:
    return edit(recipe, augmentation__crop_px="auto" if pad is None else pad)


def _flip(recipe: Recipe, horizontal: bool, vertical: bool, p: float) -> Recipe:
    wanted = {"augmentation__flip_horizontal": horizontal, "augmentation__flip_vertical": vertical}
    return edit(recipe, **{path: p for path, on in wanted.items() if on})


def _alternating_flip(recipe: Recipe) -> Recipe:
    return edit(recipe, augmentation__alternating_flip=True)


def _article_augment(recipe: Recipe) -> Recipe:
    return edit(recipe, augmentation__article=True)


def _alpha(default: float, sets: str) -> tuple[Parameter, ...]:
    return (Parameter("alpha", float, "α of the Beta(α, α) distribution of the share", default, low=0, open_low=True, sets=sets),)


def _amount(sets: str, doc: str, default: float = 0.2, high: float = 1.0) -> tuple[Parameter, ...]:
    return (Parameter("amount", float, doc, default, low=0, high=high, open_low=True, sets=sets),)


TECHNIQUES = (
    Technique(
        "crop", FAMILY, "Pad with zeros on every side, then cut the original size out at a uniform whole-pixel offset", RESNET,
        ("augmentation.crop_px",), _crop,
        (Parameter("pad", int, "border added before cutting; by size where unset: 1, 2 (over 8 px) or 4 (over 28 px)", None, low=1,
                   unit="px"),), IMAGES,
        "x'[i, j] = x₀[i + a, j + b], a, b ~ U{-pad, …, pad}, x₀ = x padded with 0"),
    Technique(
        "rotate", FAMILY, "Rotate about the centre (W-1)/2 by an angle uniform in ±degrees, size kept", SIMARD,
        parameters=(Parameter("degrees", float, "largest angle", 15.0, low=0, high=180, open_low=True, unit="degrees",
                              sets="augmentation.rotate_degrees"),), requires=IMAGES,
        formula="x'(q) = x(R(φ)(q - c) + c), φ ~ U[-degrees, degrees], c = ((W-1)/2, (H-1)/2)"),
    Technique(
        "flip", FAMILY, "Mirror with probability p, each direction on its own", ALEXNET,
        ("augmentation.flip_horizontal", "augmentation.flip_vertical"), _flip,
        (
            Parameter("horizontal", bool, "mirror left and right", True),
            Parameter("vertical", bool, "mirror top and bottom", False),
            Parameter("p", float, "probability of each", 0.5, low=0, high=1, open_low=True),
        ), IMAGES,
        "x'[i, j] = x[i, W-1-j] with probability p (horizontal); x[H-1-i, j] with probability p (vertical)"),
    Technique(
        "alternating_flip", FAMILY, "Mirror half of the images left and right in the first epoch, the other half in the next, and so on",
        AIRBENCH, ("augmentation.alternating_flip",), _alternating_flip, requires=IMAGES,
        formula="x'[i, j] = x[i, W-1-j] where (b + e) mod 2 = 1, b ~ Bernoulli(1/2) once for each image, e: the epoch, from 0"),
    Technique(
        "shift", FAMILY, "Translate by uniform ±pixels in each direction (bilinear)", SIMARD,
        parameters=(Parameter("pixels", float, "largest translation in each direction", 1.0, low=0, open_low=True, unit="px",
                              sets="augmentation.shift_px"),), requires=IMAGES,
        formula="x'(q) = x(q + d), d ~ U[-pixels, pixels]²"),
    Technique(
        "elastic_distortion", FAMILY,
        "Move each pixel by a smooth random displacement of its own (bilinear): uniform numbers, smoothed by a Gaussian", SIMARD,
        parameters=(
            Parameter("alpha", float, "scale of the displacements, which are far smaller; small images need less", 34.0,
                      low=0, open_low=True, unit="px", sets="augmentation.elastic_alpha_px"),
            Parameter("sigma", float, "standard deviation of the Gaussian", 4.0, low=0.5, unit="px", sets="augmentation.elastic_sigma_px"),
        ), requires=IMAGES,
        formula="x'(q) = x(q + d(q)), d = alpha · (G ∗ u), u ~ U[-1, 1]² for each pixel, G: a Gaussian of deviation sigma whose sum is 1"),
    Technique(
        "zoom", FAMILY, "Scale about the centre by a factor uniform in 1 ± amount", SHORTEN,
        parameters=_amount("augmentation.zoom", "largest relative change of scale", 0.1, 0.9), requires=IMAGES,
        formula="x'(q) = x((q - c) / s + c), s ~ U[1 - amount, 1 + amount]"),
    Technique(
        "brightness", FAMILY, "Add a shift uniform in ±amount of the full range of values", ALEXNET,
        parameters=_amount("augmentation.brightness", "largest shift, as a share of the full range"), requires=IMAGES,
        formula="x' = clip(x + b · range), b ~ U[-amount, amount]"),
    Technique(
        "contrast", FAMILY, "Scale the distance from the image's mean by a factor uniform in 1 ± amount", SHORTEN,
        parameters=_amount("augmentation.contrast", "largest relative change of contrast"), requires=IMAGES,
        formula="x' = clip(mean(x) + f · (x - mean(x))), f ~ U[1 - amount, 1 + amount]"),
    Technique(
        "saturation", FAMILY, "Scale the distance from each pixel's grey value by a factor uniform in 1 ± amount", SHORTEN,
        parameters=_amount("augmentation.saturation", "largest relative change of saturation"), requires=("colour",),
        formula="x' = clip(grey + f · (x - grey)), f ~ U[1 - amount, 1 + amount], grey = 0.299 R + 0.587 G + 0.114 B"),
    Technique(
        "hue", FAMILY, "Rotate the hues by a share of the full circle uniform in ±amount", SHORTEN,
        parameters=_amount("augmentation.hue", "largest turn, as a share of the full circle", high=0.5), requires=("colour",),
        formula="x' = clip(YIQ⁻¹ · R(2πa) · YIQ · x), a ~ U[-amount, amount], R turns I and Q"),
    Technique(
        "rand_augment", FAMILY,
        "Apply a few operations of one magnitude, drawn from a list: rotate, shear, translate, brightness, contrast, saturation, none",
        RAND_AUGMENT,
        parameters=(
            Parameter("ops", int, "operations an image", 2, low=1, high=10, sets="augmentation.rand_augment_ops"),
            Parameter("magnitude", float, "strength of each; 10 is 30 degrees, or 0.9 in colour", 9.0, low=0, high=10, open_low=True,
                      sets="augmentation.rand_augment_magnitude"),
        ), requires=IMAGES,
        formula="x' = f_k(… f_1(x)), f_i ~ U{operations}, each of strength magnitude / 10"),
    Technique(
        "cutout", FAMILY, "Set a square around a uniform pixel to zero in the scaled input; it is clipped at the border", CUTOUT,
        parameters=(Parameter("pixels", int, "side of the square", 8, low=1, unit="px", sets="augmentation.cutout_px"),), requires=IMAGES,
        formula="x'[q] = 0 where |q - c|∞ ≤ pixels / 2, c ~ U{pixels of x}"),
    Technique(
        "random_erasing", FAMILY, "Replace a box of random size and aspect by uniform noise, with probability p", ERASING,
        parameters=(
            Parameter("p", float, "probability", 0.5, low=0, high=1, open_low=True, sets="augmentation.erasing"),
            Parameter("area", float, "largest share of the image", 0.4, low=0.02, high=1, open_low=True, sets="augmentation.erasing_area"),
        ), requires=IMAGES,
        formula="x'[q] ~ U[range] in a box of share a ~ U[0.02, area] and aspect log r ~ U[log 0.3, log 1/0.3], with probability p"),
    Technique(
        "mixup", FAMILY, "Blend each image or sequence and its label with another example's; the share is drawn from Beta(α, α)", MIXUP,
        parameters=_alpha(0.2, "augmentation.mixup"), requires=("signals", "labels"),
        formula="x' = λx + (1-λ)x̃, loss = λ·L(y) + (1-λ)·L(ỹ), λ ~ Beta(α, α)"),
    Technique(
        "cutmix", FAMILY, "Paste a box of another image in, and share the label by area; 1 - area is drawn from Beta(α, α)", CUTMIX,
        parameters=_alpha(1.0, "augmentation.cutmix"), requires=(*IMAGES, "labels", "one_input"),
        formula="x' = x outside of a box and x̃ inside, loss = λ·L(y) + (1-λ)·L(ỹ), λ = 1 - share of the box, 1 - λ ~ Beta(α, α)"),
    Technique(
        "article_augment", FAMILY,
        "The article's augmentation: each image turned by 90 degrees and cut to its middle 124/224, in every epoch alike; not random",
        SHORTEN, ("augmentation.article",), _article_augment, requires=IMAGES,
        formula="x'(q) = x(R(90°)(q - c) · 124/224 + c), c = ((W-1)/2, (H-1)/2), in every epoch alike"),
    Technique(
        "time_shift", FAMILY, "Move each sequence in time by whole steps, uniform in ±amount of its length; what moves in is 0", HELLO_EDGE,
        parameters=_amount("augmentation.time_shift", "largest shift, as a share of the length", 0.1), requires=SEQUENCES,
        formula="x'[t] = x[t + s], 0 outside of x, s = round(a · T), a ~ U[-amount, amount], T steps"),
    Technique(
        "input_noise", FAMILY, "Add Gaussian noise to the scaled values of each sequence, whose standard deviation is 1", NOISE,
        parameters=(Parameter("deviation", float, "standard deviation of the noise", 0.1, low=0, open_low=True,
                              sets="augmentation.input_noise"),), requires=SEQUENCES,
        formula="x' = x + deviation · n, n ~ N(0, 1)"),
    Technique(
        "test_time_augmentation", FAMILY,
        "Average predictions over views wherever the network is scored: the image, its mirror image, crops around it; it trains as before",
        ALEXNET,
        parameters=(
            Parameter("flip", bool, "whether each view is also seen mirrored left and right", True, sets="scoring.flip"),
            Parameter("pad", int, "border, reflected, in whose four corners the image is cut too; 0: no crops", 0, low=0, unit="px",
                      sets="scoring.crop_px"),
        ), requires=IMAGES,
        formula="p = mean over views v of p(v), v: x, mirrored x; with pad: each also cut at (±pad, ±pad) of x padded by reflection;\n"
                "p: probabilities (softmax, or sigmoid of each label), or the predicted number"),
    Technique(
        "spec_augment", FAMILY, "Set random stretches of time and bands of frequency of each mel spectrogram to its mean", SPEC_AUGMENT,
        parameters=(
            Parameter("time", float, "longest stretch, as a share of the frames", 0.2, low=0, high=1, sets="model.mask_time"),
            Parameter("frequency", float, "widest band, as a share of the bands", 0.3, low=0, high=1, sets="model.mask_frequency"),
            Parameter("masks", int, "stretches, and as many bands", 2, low=1, high=20, sets="model.masks"),
        ), requires=("spectrogram",),
        formula="x'[k, t] = mean(x) where k₀ ≤ k < k₀ + f or t₀ ≤ t < t₀ + s, f ~ U{0, …, frequency · K}, s ~ U{0, …, time · T}, "
                "k₀ and t₀ uniform where they fit"),
)
