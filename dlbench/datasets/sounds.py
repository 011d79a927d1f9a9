"""Sounds behind ``folder:PATH``: class folders of WAV files, read as sequences of one channel."""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import resample_poly

from dlbench.datasets.classes import ordered
from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.folder import Listing, group_of, pattern_of
from dlbench.values.data import HIGHEST_RATE_HZ
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import listed, plural

CHUNK_BYTES = 2**25
LONGEST_STEPS = 2**24
"""Values of a sound as it is trained on, at most: 64 MiB."""
LONGEST_READ_STEPS = 2**27
"""Values of a sound before it is cut, at most."""
UNREADABLE = (OSError, EOFError, ValueError, TypeError, ArithmeticError, MemoryError, UnboundLocalError, struct.error,
              wavfile.WavFileWarning)
"""What scipy raises over a damaged file, or one whose header says what cannot be."""
HARMLESS = "Chunk \\(non-data\\) not understood"
"""How scipy's warning of titles and the like in a file begins; its other warnings are of files that are cut off."""
ACCEPTED = "accepted: WAV files of 8, 16, 24 or 32 bits, or of floating-point numbers"


@dataclass(frozen=True)
class Sound:
    """What a file holds.

    Attributes:
        rate_hz: values a second.
        values: [steps, channels], float32; whole numbers are brought to -1 to 1.
        kind: of its numbers, in words.
    """

    rate_hz: int
    values: NDArray[np.float32]
    kind: str


@dataclass(frozen=True)
class Header:
    """What is known of a file before all are read: rate in Hz, number of steps and channels, kind of its numbers."""

    rate_hz: int
    steps: int
    channels: int
    kind: str


def demand_fitting_keys(data: Data, listing: Listing) -> None:
    """Refuse keys of sounds where a folder holds none, and those of images where it holds sounds.

    Raises:
        InputError: naming the key.
    """
    fitting = ("rate", "seconds") if listing.sound else ("size", "alpha")
    for key in ("size", "alpha", "rate", "seconds"):
        if key not in fitting and getattr(data, key) is not None:
            holds = "sounds" if listing.sound else "texts" if listing.text else "images"
            if key != "size" or listing.sound:
                raise InputError(f"dataset '{data.source}': {key}: it holds {holds}, which have no {key}; accepted: "
                                 f"{' and '.join(fitting) if listing.sound else 'size and alpha, of images'}")


def decode(path: Path) -> Sound:
    """Read a WAV file.

    Raises:
        InputError: it is broken, cut off, empty, or no WAV file; the message names it.

    Source: the formats are those of :func:`scipy.io.wavfile.read`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", wavfile.WavFileWarning)
            warnings.filterwarnings("ignore", HARMLESS, wavfile.WavFileWarning)
            content = io.BytesIO(path.read_bytes())  # of a file, scipy would take as much memory as its header asks for
            rate_hz, stored = wavfile.read(content)
    except UNREADABLE as error:
        raise InputError(f"{path} is broken, or no WAV file that can be read: {error}; {ACCEPTED}") from None
    if not stored.size:
        raise InputError(f"{path} has no sample; accepted: at least one, or leave the file out")
    if not 1 <= rate_hz <= HIGHEST_RATE_HZ:
        raise InputError(f"{path} has a rate of {rate_hz:,} Hz; accepted: 1 to {HIGHEST_RATE_HZ:,}")
    return Sound(rate_hz, as_float(stored).reshape(len(stored), -1), _kind(stored, _bits(content.getvalue())))


def as_float(stored: NDArray[np.generic]) -> NDArray[np.float32]:
    """Bring whole numbers to -1 to 1, by a power of two; floating-point numbers keep their value.

    Example:
        >>> as_float(np.array([0, 128, 255], np.uint8)).tolist(), as_float(np.array([-32768, 16384], np.int16)).tolist()
        ([-1.0, 0.0, 0.9921875], [-1.0, 0.5])
    """
    if stored.dtype.kind == "f":
        with np.errstate(over="ignore"):  # what is infinite then is refused, as all that is not finite
            return stored.astype(np.float32)
    half = 2.0 ** (8 * stored.dtype.itemsize - 1)
    return ((stored.astype(np.float64) - (half if stored.dtype.kind == "u" else 0)) / half).astype(np.float32)


def _bits(content: bytes) -> int:
    """Return what the header says of the bits of a value, as scipy gives 24 of them in 32."""
    place = content.find(b"fmt ")
    return int.from_bytes(content[place + 22 : place + 24], "big" if content.startswith(b"RIFX") else "little")


def _kind(stored: NDArray[np.generic], bits: int) -> str:
    return f"{8 * stored.dtype.itemsize}-bit floating-point numbers" if stored.dtype.kind == "f" else f"{bits} bits"


def resampled(values: NDArray[np.float32], rate_hz: int, wanted_hz: int) -> NDArray[np.float32]:
    """Bring a sound to another rate, without aliasing.

    Args:
        values: [steps, channels].
        rate_hz, wanted_hz: values a second, before and after.

    Returns:
        [ceil(steps · wanted / rate), channels].

    Example:
        >>> resampled(np.ones((100, 1), np.float32), 8000, 4000).shape
        (50, 1)

    Source: the polyphase filter of :func:`scipy.signal.resample_poly`.
    """
    if rate_hz == wanted_hz:
        return values
    ratio = Fraction(wanted_hz, rate_hz)
    return resample_poly(values, ratio.numerator, ratio.denominator, axis=0).astype(np.float32)


def of_length(values: NDArray[np.float32], steps: int) -> NDArray[np.float32]:
    """Cut a sound, [any, channels], behind so many steps, or fill it up with silence.

    Example:
        >>> of_length(np.ones((2, 1), np.float32), 3)[:, 0].tolist()
        [1.0, 1.0, 0.0]
    """
    return np.pad(values[:steps], ((0, max(steps - len(values), 0)), (0, 0)))


class Sounds:
    """The sounds of a folder.

    Args:
        data: the recipe's data fields; ``rate`` in Hz and ``seconds`` say what all are brought to.
        root: the folder.
        listing: its files.

    Raises:
        InputError: a file is broken, or rates or lengths differ and the study does not say what to bring them to.
    """

    def __init__(self, data: Data, root: Path, listing: Listing) -> None:
        self.data, self.root, self.listing, self.pattern = data, root, listing, pattern_of(data)
        self.parts = [part for part in (listing.train, listing.test) if part is not None]
        self.headers = {file: _header(decode(file)) for part in self.parts for files in part.values() for file in files}
        self.rate_hz = data.rate or self._one_rate()
        self.steps = round(data.seconds * self.rate_hz) if data.seconds else self._one_length()
        self._demand_trainable()

    def examples(self) -> Examples:
        """Return the sounds in chunks, with what is said of them."""
        names = ordered(self.listing.train)
        return Examples(*(self._chunks(part, names) for part in self.parts), names=names, notes=[*self.listing.notes, *self._notes()],
                        size_bytes=4 * len(self.headers) * self.steps)

    def _notes(self) -> Iterator[str]:
        """Yield what was taken and what is converted, with counts."""
        known = list(self.headers.values())
        kinds = listed([f"{count:,} of {kind}" for kind, count in sorted(Counter(one.kind for one in known).items())])
        yield f"{plural(len(known), 'sound')} ({kinds}) at {self.rate_hz:,} Hz, {self.steps / self.rate_hz:g} s each"
        lengths = [self._length(one) for one in known]
        others = sorted({one.rate_hz for one in known} - {self.rate_hz})
        rates = listed([f"{rate:,} Hz" for rate in others])
        for count, what in (
            (sum(one.channels > 1 for one in known), "of several channels, of which the mean is taken: {}"),
            (sum(one.rate_hz != self.rate_hz for one in known), f"resampled from {rates} to {self.rate_hz:,} Hz: {{}}"),
            (sum(length > self.steps for length in lengths), f"cut behind {self.steps / self.rate_hz:g} s: {{}}"),
            (sum(length < self.steps for length in lengths), f"filled up with silence to {self.steps / self.rate_hz:g} s: {{}}"),
        ):
            if count:
                yield what.format(plural(count, "sound"))

    def _one_rate(self) -> int:
        rates = {header.rate_hz: file for file, header in self.headers.items()}
        if len(rates) > 1:
            (one, first), (two, second) = list(rates.items())[:2]
            raise InputError(f"dataset '{self.data.source}': {second} has {two:,} Hz, {first} {one:,} Hz ({len(rates)} rates in all); "
                             f"`rate = {min(rates)}` in the study resamples them")
        return next(iter(rates))

    def _one_length(self) -> int:
        lengths = {self._length(header): file for file, header in self.headers.items()}
        if len(lengths) > 1:
            (one, first), (two, second) = list(lengths.items())[:2]
            raise InputError(f"dataset '{self.data.source}': {second} has {two / self.rate_hz:g} s, {first} {one / self.rate_hz:g} s "
                             f"({len(lengths)} lengths in all); `seconds = {max(lengths) / self.rate_hz:.6g}` in the study cuts longer "
                             "ones, and fills shorter ones up with silence")
        return next(iter(lengths))

    def _length(self, header: Header) -> int:
        return math.ceil(Fraction(header.steps * self.rate_hz, header.rate_hz))

    def _demand_trainable(self) -> None:
        longest = max(self.headers, key=lambda file: self._length(self.headers[file]))
        if self._length(self.headers[longest]) > LONGEST_READ_STEPS:
            raise InputError(f"dataset '{self.data.source}': {longest} has {self._length(self.headers[longest]):,} values at "
                             f"{self.rate_hz:,} Hz; accepted: up to {LONGEST_READ_STEPS:,}; cut it into parts")
        if not 1 <= self.steps <= LONGEST_STEPS:
            raise InputError(f"dataset '{self.data.source}': sounds of {self.steps:,} steps ({self.steps / self.rate_hz:g} s at "
                             f"{self.rate_hz:,} Hz); accepted: 1 to {LONGEST_STEPS:,}, by `rate` and `seconds` in the study")

    def _chunks(self, classes: Mapping[str, list[Path]], names: tuple[str, ...]) -> Iterator[Chunk]:
        rows = max(1, CHUNK_BYTES // (4 * self.steps))
        for label, name in enumerate(names):
            for first in range(0, len(classes[name]), rows):
                files = classes[name][first : first + rows]
                yield Chunk(np.stack([self._read(file) for file in files]), np.full(len(files), label),
                            lambda row, files=files: str(files[row]),
                            [group_of(self.data, self.pattern, file.relative_to(self.root).as_posix()) for file in files]
                            if self.data.group else None)

    def _read(self, file: Path) -> NDArray[np.float32]:
        """Read one sound, [steps, 1] float32, as the study wants it."""
        sound = decode(file)
        mono = sound.values.mean(axis=1, keepdims=True, dtype=np.float32)
        return of_length(resampled(mono, sound.rate_hz, self.rate_hz), self.steps)


def _header(sound: Sound) -> Header:
    steps, channels = sound.values.shape
    return Header(sound.rate_hz, steps, channels, sound.kind)
