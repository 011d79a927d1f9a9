"""Random transforms of the training images, drawn anew for each example and epoch."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

SHORTEN = Paper(
    "C. Shorten, T. M. Khoshgoftaar", "A survey on image data augmentation for deep learning", 2019,
    "https://doi.org/10.1186/s40537-019-0197-0",
)
ALEXNET = Paper(
    "A. Krizhevsky, I. Sutskever, G. E. Hinton", "ImageNet classification with deep convolutional neural networks", 2012,
    "https://doi.org/10.1145/3065386",
)
RESNET = Paper(
    "K. He, X. Zhang, S. Ren, J. Sun", "Deep residual learning for image recognition", 2016,
    "https://doi.org/10.1109/CVPR.2016.90",
)
SIMARD = Paper(
    "P. Y. Simard, D. Steinkraus, J. C. Platt",
    "Best practices for convolutional neural networks applied to visual document analysis", 2003,
    "https://doi.org/10.1109/ICDAR.2003.1227801",
)

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


def crop(recipe: Recipe, pad: int | None) -> Recipe:
    """Pad with zeros on every side, then cut the original size out at a uniform whole-pixel offset."""
    return edit(recipe, augmentation__crop_px="auto" if pad is None else pad)


def rotate(recipe: Recipe, degrees: float) -> Recipe:
    """Rotate about the centre (W-1)/2 by an angle uniform in ±degrees, size kept."""
    return edit(recipe, augmentation__rotate_degrees=degrees)


def flip(recipe: Recipe, horizontal: bool, vertical: bool, p: float) -> Recipe:
    """Mirror with probability p, each direction on its own."""
    wanted = {"augmentation__flip_horizontal": horizontal, "augmentation__flip_vertical": vertical}
    return edit(recipe, **{path: p for path, on in wanted.items() if on})


def shift(recipe: Recipe, pixels: float) -> Recipe:
    """Translate by uniform ±pixels in each direction (bilinear)."""
    return edit(recipe, augmentation__shift_px=pixels)


def zoom(recipe: Recipe, amount: float) -> Recipe:
    """Scale about the centre by a factor uniform in 1 ± amount."""
    return edit(recipe, augmentation__zoom=amount)


def brightness(recipe: Recipe, amount: float) -> Recipe:
    """Add a shift uniform in ±amount of the full range of values."""
    return edit(recipe, augmentation__brightness=amount)


def contrast(recipe: Recipe, amount: float) -> Recipe:
    """Scale the distance from the image's mean by a factor uniform in 1 ± amount."""
    return edit(recipe, augmentation__contrast=amount)


def saturation(recipe: Recipe, amount: float) -> Recipe:
    """Scale the distance from each pixel's grey value by a factor uniform in 1 ± amount."""
    return edit(recipe, augmentation__saturation=amount)


def hue(recipe: Recipe, amount: float) -> Recipe:
    """Rotate the hues by a share of the full circle uniform in ±amount."""
    return edit(recipe, augmentation__hue=amount)


def rand_augment(recipe: Recipe, ops: int, magnitude: float) -> Recipe:
    """Apply a few operations of one magnitude, drawn from a list: rotate, shear, translate, brightness, contrast, saturation, none."""
    return edit(recipe, augmentation__rand_augment_ops=ops, augmentation__rand_augment_magnitude=magnitude)


def cutout(recipe: Recipe, pixels: int) -> Recipe:
    """Set a square around a uniform pixel to zero in the scaled input; it is clipped at the border."""
    return edit(recipe, augmentation__cutout_px=pixels)


def random_erasing(recipe: Recipe, p: float, area: float) -> Recipe:
    """Replace a box of random size and aspect by uniform noise, with probability p."""
    return edit(recipe, augmentation__erasing=p, augmentation__erasing_area=area)


def mixup(recipe: Recipe, alpha: float) -> Recipe:
    """Blend each image and its label with another example's; the share is drawn from Beta(α, α)."""
    return edit(recipe, augmentation__mixup=alpha)


def cutmix(recipe: Recipe, alpha: float) -> Recipe:
    """Paste a box of another image in, and share the label by area; 1 - area is drawn from Beta(α, α)."""
    return edit(recipe, augmentation__cutmix=alpha)



def article_augment(recipe: Recipe) -> Recipe:
    """The article's augmentation: each image turned by 90 degrees and cut to its middle 124/224, in every epoch alike; not random."""
    return edit(recipe, augmentation__article=True)


def _alpha(default: float) -> tuple[Parameter, ...]:
    return (Parameter("alpha", float, "α of the Beta(α, α) distribution of the share", default, low=0, open_low=True),)


def _amount(doc: str, high: float = 1.0) -> tuple[Parameter, ...]:
    return (Parameter("amount", float, doc, 0.2, low=0, high=high, open_low=True),)


def _transform(apply, paper, fields, parameters, requires="images") -> Technique:
    summary = apply.__doc__.rstrip(".")
    touches = tuple(f"augmentation.{name}" for name in fields)
    return Technique(apply.__name__, "augmentation", summary, paper, touches, apply, parameters, (requires,))


TECHNIQUES = (
    _transform(crop, RESNET, ("crop_px",), (
        Parameter("pad", int, "border added before cutting; by size where unset: 1, 2 (over 8 px) or 4 (over 28 px)",
                  None, low=1, unit="px"),
    )),
    _transform(rotate, SIMARD, ("rotate_degrees",), (
        Parameter("degrees", float, "largest angle", 15.0, low=0, high=180, open_low=True, unit="degrees"),
    )),
    _transform(flip, ALEXNET, ("flip_horizontal", "flip_vertical"), (
        Parameter("horizontal", bool, "mirror left and right", True),
        Parameter("vertical", bool, "mirror top and bottom", False),
        Parameter("p", float, "probability of each", 0.5, low=0, high=1, open_low=True),
    )),
    _transform(shift, SIMARD, ("shift_px",), (
        Parameter("pixels", float, "largest translation in each direction", 1.0, low=0, open_low=True, unit="px"),
    )),
    _transform(zoom, SHORTEN, ("zoom",), (
        Parameter("amount", float, "largest relative change of scale", 0.1, low=0, high=0.9, open_low=True),
    )),
    _transform(brightness, ALEXNET, ("brightness",), _amount("largest shift, as a share of the full range")),
    _transform(contrast, SHORTEN, ("contrast",), _amount("largest relative change of contrast")),
    _transform(saturation, SHORTEN, ("saturation",), _amount("largest relative change of saturation"), "colour"),
    _transform(hue, SHORTEN, ("hue",), _amount("largest turn, as a share of the full circle", 0.5), "colour"),
    _transform(rand_augment, RAND_AUGMENT, ("rand_augment_ops", "rand_augment_magnitude"), (
        Parameter("ops", int, "operations an image", 2, low=1, high=10),
        Parameter("magnitude", float, "strength of each; 10 is 30 degrees, or 0.9 in colour", 9.0, low=0, high=10, open_low=True),
    )),
    _transform(cutout, CUTOUT, ("cutout_px",), (Parameter("pixels", int, "side of the square", 8, low=1, unit="px"),)),
    _transform(random_erasing, ERASING, ("erasing", "erasing_area"), (
        Parameter("p", float, "probability", 0.5, low=0, high=1, open_low=True),
        Parameter("area", float, "largest share of the image", 0.4, low=0.02, high=1, open_low=True),
    )),
    _transform(mixup, MIXUP, ("mixup",), _alpha(0.2)),
    _transform(cutmix, CUTMIX, ("cutmix",), _alpha(1.0)),
    _transform(article_augment, SHORTEN, ("article",), ()),
)
