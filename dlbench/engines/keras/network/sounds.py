"""The front end of models of sound: the logarithm of the power in bands of the mel scale, in Keras' own layers."""

from __future__ import annotations

from keras import layers

from dlbench.values.errors import InputError

FLOOR = 1e-4
"""Power below which a band counts as silent, where a sound has the standard deviation 1."""
NO_LIMIT_DB = 1000.0
"""Keras cuts what is so far below the loudest of a batch; a limit that acts would make an example depend on its batch."""


def log_mel(input_shape: tuple[int, ...], rate_hz: int | None, window_ms: float = 25, hop_ms: float = 10,
            bands: int = 40) -> list[layers.Layer]:
    """Make the layers that turn a sound into its log-mel spectrogram, brought to mean 0 and standard deviation 1 by itself.

    Args:
        input_shape: steps, and 1 channel.
        rate_hz: steps a second.
        window_ms: of which each spectrum is taken (Hann).
        hop_ms: from one window to the next.
        bands: of the mel scale, from 20 Hz to half the rate.

    Returns:
        Layers from [b, steps, 1] to [b, bands, frames, 1], the lowest band first; frames = 1 + steps // hop, the first centred on the
        first step.

    Raises:
        InputError: it is no sound of one channel, its rate is not known, or it is shorter than a window.

    Example:
        >>> import keras
        >>> keras.Sequential([keras.Input((8000, 1)), *log_mel((8000, 1), rate_hz=8000)]).output_shape
        (None, 40, 101, 1)

    Source: S. B. Davis, P. Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in continuously spoken
    sentences", 1980, https://doi.org/10.1109/TASSP.1980.1163420; computed by ``keras.layers.MelSpectrogram``.
    """
    window, hop = _steps(input_shape, rate_hz, window_ms, hop_ms, bands)
    steps = input_shape[0]
    cut = 1 if (steps + 1) % hop == 0 else 0  # Keras counts a frame too many of such a length; the last step is left out
    mel = layers.MelSpectrogram(2 ** (window - 1).bit_length(), hop, window, sampling_rate=rate_hz, num_mel_bins=bands,
                                top_db=NO_LIMIT_DB, min_power=FLOOR)
    return [*([layers.Cropping1D((0, 1))] if cut else []), layers.Reshape((steps - cut,)), mel,
            layers.LayerNormalization(axis=[1, 2], center=False, scale=False), layers.Reshape((bands, 1 + (steps - cut) // hop, 1))]


def _steps(input_shape: tuple[int, ...], rate_hz: int | None, window_ms: float, hop_ms: float, bands: int) -> tuple[int, int]:
    """Return the steps of a window and of a hop, once they are known to fit the sound."""
    if len(input_shape) != 2 or input_shape[1] != 1:
        raise InputError(f"it takes sounds, of the shape [steps, 1], and those of this data are {list(input_shape)}")
    if rate_hz is None:
        raise InputError("the rate of the sounds is not known; accepted: `rate = 16000` in the study, to which a folder's sounds are "
                         "brought, or options = { rate_hz = 16000 } in its baseline")
    if bands < 1 or rate_hz < 100:
        raise InputError(f"bands = {bands}, rate_hz = {rate_hz}; accepted: from 1, and from 100")
    window, hop = round(window_ms * rate_hz / 1000), round(hop_ms * rate_hz / 1000)
    if not 2 <= hop <= window <= input_shape[0]:
        raise InputError(f"a window of {window_ms:g} ms is {window} steps at {rate_hz:,} Hz, a hop of {hop_ms:g} ms {hop}, and the sounds "
                         f"have {input_shape[0]:,}; accepted: 2 <= hop <= window <= {input_shape[0]:,} steps")
    return window, hop
