"""Folders of WAV files: every format is read as what it stands for, what is converted is said, and what is broken is named."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from scipy.io import wavfile

from dlbench.datasets.disk import keep, mapped
from dlbench.datasets.folder import listing
from dlbench.datasets.sounds import Sounds, decode, demand_fitting_keys, resampled
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data

RATE_HZ = 4000
TONES_HZ = {"high": 900, "low": 300}


def tone(hz, steps=400, rate_hz=RATE_HZ):
    """A sine of half the full range, [steps]."""
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(steps) / rate_hz)


def in_24_bits(values, rate_hz=RATE_HZ):
    """The bytes of a WAV file of one channel and 24 bits, written by hand."""
    data = b"".join(round(value * (2**23 - 1)).to_bytes(3, "little", signed=True) for value in values)
    head = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate_hz, 3 * rate_hz, 3, 24)
    return b"RIFF" + struct.pack("<I", 4 + len(head) + 8 + len(data)) + b"WAVE" + head + b"data" + struct.pack("<I", len(data)) + data


def made(root, count=3, **written):
    """Class folders of tones, 16 bits; ``written`` maps a name in class low to (rate, array) or to bytes."""
    for name, hz in TONES_HZ.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            wavfile.write(root / name / f"{number}.wav", RATE_HZ, (tone(hz + number) * 32767).astype(np.int16))
    for name, content in written.items():
        path = root / "low" / f"{name}.wav"
        path.write_bytes(content) if isinstance(content, bytes) else wavfile.write(path, *content)
    return root


def read(root, **keys):
    data, found = Data(source="folder:sounds", **keys), listing("folder:sounds", root)
    demand_fitting_keys(data, found)
    return mapped(keep(data.source, Sounds(data, root, found).examples(), root.parent / "kept"))


@pytest.mark.parametrize("dtype, scale, shift, exact", [
    (np.uint8, 2**7, 128, 2**-7), (np.int16, 2**15, 0, 2**-15), (np.int32, 2**31, 0, 1e-7), (np.float32, 1, 0, 1e-7),
    (np.float64, 1, 0, 1e-7)])
def test_every_format_gives_the_values_that_were_written(dtype, scale, shift, exact, tmp_path):
    values = tone(440)
    wavfile.write(tmp_path / "a.wav", RATE_HZ, (values * scale + shift).astype(dtype))
    sound = decode(tmp_path / "a.wav")
    assert (sound.rate_hz, sound.values.dtype, sound.values.shape) == (RATE_HZ, np.float32, (400, 1))
    np.testing.assert_allclose(sound.values[:, 0], values, atol=exact)


def test_24_bits_are_read_and_named(tmp_path):
    (tmp_path / "a.wav").write_bytes(in_24_bits(tone(440)))
    sound = decode(tmp_path / "a.wav")
    np.testing.assert_allclose(sound.values[:, 0], tone(440), atol=1e-6)
    assert sound.kind == "24 bits"


def test_a_folder_of_sounds_is_a_dataset_of_sequences_with_what_was_taken(tmp_path):
    (made(tmp_path / "sounds") / "low" / "notes.md").write_text("words")
    arrays = read(tmp_path / "sounds")
    assert (arrays.kind, arrays.x.shape, arrays.names, arrays.y.tolist()) == ("sequence", (6, 400, 1), ("high", "low"), [0, 0, 0, 1, 1, 1])
    np.testing.assert_allclose(arrays.x[3, :, 0], tone(300), atol=1e-4)
    assert "6 sounds (6 of 16 bits) at 4,000 Hz, 0.1 s each" in arrays.notes
    assert any("1 file of other kinds (1 .md)" in note for note in arrays.notes)


def test_channels_are_averaged_rates_and_lengths_brought_to_the_study_s_and_said(tmp_path):
    left = tone(300, 400)
    root = made(tmp_path / "sounds", stereo=(RATE_HZ, np.stack([left, 0 * left], 1).astype(np.float32)),
                fast=(2 * RATE_HZ, tone(300, 800, 2 * RATE_HZ).astype(np.float32)), long=(RATE_HZ, tone(300, 900).astype(np.float32)),
                short=(RATE_HZ, tone(300, 100).astype(np.float32)))
    arrays = read(root, rate=RATE_HZ, seconds=0.1)
    fast, long, short, stereo = arrays.x[6:10, :, 0]  # after "0", "1", "2"
    np.testing.assert_allclose(stereo, left / 2, atol=1e-6)
    np.testing.assert_allclose(fast[50:-50], tone(300)[50:-50], atol=0.01)
    np.testing.assert_allclose(long, tone(300), atol=1e-6)
    np.testing.assert_allclose(short, np.pad(tone(300, 100), (0, 300)), atol=1e-6)
    told = " ".join(arrays.notes)
    for words in ("of several channels, of which the mean is taken: 1 sound", "resampled from 8,000 Hz to 4,000 Hz: 1 sound",
                  "cut behind 0.1 s: 1 sound", "filled up with silence to 0.1 s: 1 sound"):
        assert words in told


def test_resampling_removes_what_the_new_rate_cannot_hold():
    high = tone(1800, 4000, 4000).astype(np.float32)[:, None]
    assert np.abs(resampled(high, 4000, 2000)[100:-100]).max() < 0.05


def test_other_rates_and_lengths_are_refused_with_the_key_that_mends_them(tmp_path):
    with pytest.raises(InputError, match=r"fast\.wav.*8,000 Hz.*`rate = 4000`"):
        read(made(tmp_path / "one" / "sounds", fast=(8000, tone(300, 800).astype(np.float32))))
    with pytest.raises(InputError, match=r"long\.wav.*0\.225 s.*`seconds = 0\.225`"):
        read(made(tmp_path / "two" / "sounds", long=(RATE_HZ, tone(300, 900).astype(np.float32))))


@pytest.mark.parametrize("content, words", [
    ((RATE_HZ, np.zeros(0, np.int16)), "no sample"), (b"", "broken, or no WAV file"), (b"ID3\x03 words", "broken, or no WAV file"),
    (in_24_bits(tone(300))[:-300], "broken, or no WAV file"), (in_24_bits(tone(300), 0), "a rate of 0 Hz"),
    ((RATE_HZ, np.full(400, np.nan, np.float32)), "not a finite number")])
def test_what_is_no_sound_is_refused_by_its_name(content, words, tmp_path):
    with pytest.raises(InputError, match=rf"odd\.wav.*{words}"):
        read(made(tmp_path / "sounds", odd=content))


def test_a_header_that_claims_gigabytes_takes_no_memory(tmp_path):
    claimed = bytearray(in_24_bits(tone(300)))
    claimed[40:44] = claimed[4:8] = b"\xf0\xff\xff\xff"
    with pytest.raises(InputError, match=r"odd\.wav"):
        read(made(tmp_path / "sounds", odd=bytes(claimed)))


def test_keys_of_sounds_are_for_sounds(tmp_path):
    with pytest.raises(InputError, match="size: it holds sounds"):
        read(made(tmp_path / "sounds"), size=(8, 8))
    for name in ("a", "b"):
        (tmp_path / "texts" / name).mkdir(parents=True)
        (tmp_path / "texts" / name / "1.txt").write_text("words")
    with pytest.raises(InputError, match="seconds: it holds texts"):
        demand_fitting_keys(Data(source="folder:texts", seconds=1.0), listing("folder:texts", tmp_path / "texts"))
