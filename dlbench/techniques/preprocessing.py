"""What is trained on, and how inputs are scaled. Whatever is fitted is fitted on the training split only."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

EFFICIENT = Paper("Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller", "Efficient BackProp", 1998,
                  "https://doi.org/10.1007/3-540-49430-8_2")
HESTNESS = Paper("J. Hestness et al.", "Deep learning scaling is predictable, empirically", 2017, "https://arxiv.org/abs/1712.00409")
UYSAL = Paper("A. K. Uysal, S. Gunal", "The impact of preprocessing on text classification", 2014,
              "https://doi.org/10.1016/j.ipm.2013.08.006")
FAMILY = "preprocessing"
ARTICLE = "article"
BY_COLUMN = "zscore_channel"
"""How rows of numbers are scaled unless the study states it."""
SCALINGS = {
    "none": "as they are", "scale": "divided by their full range", "bytes": "brought to 0 to 255, whatever their full range",
    "minmax": "to [0, 1] by their smallest and largest value",
    "minmax_signed": "to [-1, 1] by their smallest and largest value", "zscore": "to mean 0 and standard deviation 1 over all values",
    BY_COLUMN: "each column or channel to mean 0 and standard deviation 1", "application": "as the base of keras.applications was trained",
}
"""Kind of scaling -> what becomes of the inputs; what is fitted is fitted on the training split."""


def _article_normalize(recipe: Recipe) -> Recipe:
    return edit(recipe, data__normalization=ARTICLE)


TECHNIQUES = (
    Technique(
        "examples", FAMILY, "Train on a stratified subset: with others in a factorial, whether they help more where examples are few",
        HESTNESS, parameters=(Parameter("count", int, "training examples, the validation split apart", 1000, low=1, unit="examples",
                                        sets="data.examples"),)),
    Technique(
        "normalize", FAMILY, "Scale inputs: values as they are, /full range, to 0 to 255, min-max to [0, 1] or [-1, 1], z-score of all or "
        "per channel",
        EFFICIENT,
        parameters=(
            Parameter("kind", str, "how inputs are scaled; a constant input becomes 0; application: as the base of keras.applications "
                      "was trained", choices=tuple(SCALINGS), example="zscore", sets="data.normalization"),),
        formula="x' = (x - a) / b, with a, b fitted on the training split: none (0, 1), scale (0, range), bytes (0, range/255),\n"
                "minmax (min, max - min), minmax_signed ((min + max) / 2, (max - min) / 2), zscore (mean, sd); 0 where b = 0"),
    Technique(
        "article_normalize", FAMILY,
        "The article's min-max scaling: of whatever it is handed, here each image by its own extremes; a constant image becomes NaN",
        EFFICIENT, ("data.normalization",), _article_normalize, requires=("images", "one_input"),
        formula="x' = (x - min x) / (max x - min x), of each image by itself; NaN where max x = min x"),
    Technique(
        "clean_text", FAMILY,
        "Clean sentences: NFC, lower case, a space for punctuation; or the article's way, which deletes punctuation and joins words", UYSAL,
        parameters=(Parameter("kind", str, "how sentences are cleaned", "proper", choices=("article", "proper"), sets="data.clean"),),
        requires=("text",), formula="text' = text without what the form takes out"),
    Technique(
        "vocabulary", FAMILY,
        "How many different words are known, the most frequent of the training split, and how many of a sentence are used", UYSAL,
        parameters=(
            Parameter("size", int, "different words", 5000, low=2, high=1_000_000, unit="words", sets="data.vocabulary"),
            Parameter("words", int, "of a sentence", 50, low=1, high=10_000, unit="words", sets="data.words"),
        ),
        requires=("text",), formula="tokens: the words most frequent in the training split; every other word is one token"),
)
