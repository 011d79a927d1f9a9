"""Sounds of six kinds, half a second at 4,000 Hz: chirps that rise, fall, rise and fall, fall and rise, a tone, and a trill of two tones.

Each begins anywhere in the first tenth of a second, at a pitch, a speed and a loudness of its own, in louder noise. The pitches
of all kinds overlap, so only the course of the pitch tells them apart. ``python chirps.py FOLDER`` writes them as WAV files of 16 bits in
class folders, which ``dataset = "folder:FOLDER"`` reads.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.io import wavfile

RATE_HZ, STEPS = 4000, 2000
COURSES = {"rise": (0, 1), "fall": (1, 0), "peak": (0, 1, 0), "dip": (1, 0, 1), "tone": (0.5, 0.5), "trill": (0, 0.6) * 4}
"""Kind -> pitches, as shares of the range, that it goes through at even distances."""
TRAIN, TEST = 40, 200
"""Examples of each kind."""


def sound(course: tuple[float, ...], draw: np.random.Generator) -> np.ndarray:
    """Return one sound of a course of pitches, [steps], float32 within ±1."""
    low_hz, range_hz, length_s, onset_s = draw.uniform((300, 300, 0.25, 0), (900, 600, 0.4, 0.1))
    t = np.arange(STEPS) / RATE_HZ - onset_s
    hz = low_hz + range_hz * np.interp(t / length_s, np.linspace(0, 1, len(course)), course)
    inside = (t >= 0) & (t < length_s)
    wave = inside * np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ + draw.uniform(0, 2 * np.pi))
    return (draw.uniform(0.02, 0.2) * (wave + draw.normal(scale=1.0, size=STEPS))).clip(-1, 1).astype(np.float32)


def part(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return so many sounds of each kind, [n, steps], and the numbers of their kinds in alphabetical order, [n]."""
    draw, kinds = np.random.default_rng(seed), sorted(COURSES)
    return np.stack([sound(COURSES[kind], draw) for kind in kinds for _ in range(count)]), np.repeat(np.arange(len(kinds)), count)


def sounds() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the training part and the test part."""
    return part(TRAIN, 0), part(TEST, 1)


def write(folder: Path) -> None:
    """Write both parts as WAV files of 16 bits: ``train/rise/00.wav`` and so on."""
    for name, (x, y) in zip(("train", "test"), sounds()):
        for row, (values, kind) in enumerate(zip(x, y)):
            path = folder / name / sorted(COURSES)[kind] / f"{row:04}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            wavfile.write(path, RATE_HZ, (values * 2**15).round().clip(-(2**15), 2**15 - 1).astype(np.int16))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
