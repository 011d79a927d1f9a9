"""What is trained on, and how inputs are scaled. Whatever is fitted is fitted on the training split only."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

EFFICIENT = Paper("Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller", "Efficient BackProp", 1998,
                  "https://doi.org/10.1007/3-540-49430-8_2")
HESTNESS = Paper("J. Hestness et al.", "Deep learning scaling is predictable, empirically", 2017, "https://arxiv.org/abs/1712.00409")
UYSAL = Paper("A. K. Uysal, S. Gunal", "The impact of preprocessing on text classification", 2014,
              "https://doi.org/10.1016/j.ipm.2013.08.006")
ARTICLE = "article"
KINDS = ("none", "scale", "minmax", "minmax_signed", "zscore", "zscore_channel", "application")


def normalize(recipe: Recipe, kind: str) -> Recipe:
    """Scale inputs: values as they are, /full range, min-max [0, 1] or [-1, 1], z-score over all or per channel."""
    return edit(recipe, data__normalization=kind)



def article_normalize(recipe: Recipe) -> Recipe:
    """The article's min-max scaling: of whatever it is handed, here each image by its own extremes; a constant image becomes NaN."""
    return edit(recipe, data__normalization=ARTICLE)


def examples(recipe: Recipe, count: int) -> Recipe:
    """Train on a stratified subset: with others in a factorial, whether they help more where examples are few."""
    return edit(recipe, data__examples=count)


def clean_text(recipe: Recipe, kind: str) -> Recipe:
    """Clean sentences: NFC, lower case, a space for punctuation; or the article's way, which deletes punctuation and joins words."""
    return edit(recipe, data__clean=kind)


def vocabulary(recipe: Recipe, size: int, words: int) -> Recipe:
    """How many different words are known, the most frequent of the training split, and how many of a sentence are used."""
    return edit(recipe, data__vocabulary=size, data__words=words)


def _technique(apply, paper, touches, parameters, requires=()) -> Technique:
    return Technique(apply.__name__, "preprocessing", apply.__doc__.rstrip("."), paper, touches, apply, parameters, requires)


TECHNIQUES = (
    _technique(examples, HESTNESS, ("data.examples",), (
        Parameter("count", int, "training examples, the validation split apart", 1000, low=1, unit="examples"),)),
    _technique(normalize, EFFICIENT, ("data.normalization",), (
        Parameter("kind", str, "how inputs are scaled; a constant input becomes 0; application: as the base of keras.applications "
                  "was trained", choices=KINDS, example="zscore"),)),
    _technique(article_normalize, EFFICIENT, ("data.normalization",), (), ("images",)),
    _technique(clean_text, UYSAL, ("data.clean",), (
        Parameter("kind", str, "how sentences are cleaned", "proper", choices=("article", "proper")),), ("text",)),
    _technique(vocabulary, UYSAL, ("data.vocabulary", "data.words"), (
        Parameter("size", int, "different words", 5000, low=2, high=1_000_000, unit="words"),
        Parameter("words", int, "of a sentence", 50, low=1, high=10_000, unit="words"),
    ), ("text",)),
)
