"""Which changes of its layers a model can take; planning and building both ask here."""

from __future__ import annotations

from dataclasses import fields

from dlbench.values.field import Purpose, fields_for
from dlbench.values.inspection import Build
from dlbench.values.recipe import Model

_CHOOSES = fields_for(Model, Purpose.CHOOSE_MODEL)


def misfit(wanted: Model, build: Build) -> str | None:
    """Say why a model, made of ``build``, cannot take the changes that a recipe's model wants; None where it can.

    Example:
        >>> misfit(Model("mine:net", separable="all"), Build(convs=0))
        "it needs a convolution, and model 'mine:net' has none"
        >>> misfit(Model("mine:net", dropout=0.5), Build("subclassed"))
        "it changes layers (dropout), and those of model 'mine:net' cannot be changed from outside: it is a subclass of keras.Model"
    """
    changed = [item.name for item in fields(Model) if item.name not in _CHOOSES and getattr(wanted, item.name) != item.default]
    if build.kind == "subclassed" and changed:
        return (f"it changes layers ({', '.join(changed)}), and those of model '{wanted.name}' cannot be changed from outside: it is a "
                "subclass of keras.Model")
    lacking = next((what for what, lacks in _needs(wanted, build).items() if lacks), None)
    return f"it needs {lacking}, and model '{wanted.name}' has none" if lacking else None


def _needs(wanted: Model, build: Build) -> dict[str, bool]:
    """Map what the changes need to whether the model lacks it."""
    which = (wanted.separable or "").removeprefix("article_")
    places = {"conv": build.convs, "head": build.dense, "both": build.convs + build.dense}
    return {
        "a convolution": bool(which or wanted.spatial_dropout) and not build.convs,
        "a mel spectrogram": bool(wanted.mask_time or wanted.mask_frequency) and not build.spectrograms,
        "a second convolution": which == "all_but_first" and build.convs < 2,
        "a residual connection": bool(wanted.stochastic_depth) and not build.residual,
        "a hidden layer": bool(wanted.depth or wanted.width != 1) and not build.convs + build.dense,
        "a flattening or global pooling layer": wanted.pooling is not None and not build.pool,
        "feature maps before its pooling head": wanted.pooling is not None and not build.maps,
        "normalisation layers to take out": wanted.normalization == "none" and not build.norms,
        f"a hidden layer ({wanted.normalization_place})": wanted.normalization not in (None, "none") and not build.norms
        and not places[wanted.normalization_place],
        "a hidden convolution": bool(wanted.dropout) and wanted.dropout_place == "conv" and not build.convs,
    }
