"""``python -m tests.faults.folders --count 3000``: random folders of images, read as ``folder:PATH``.

Each has classes of images of random formats, kinds, sizes and depths, with the litter that systems leave. Whatever is in it, the counts add
up: images that are taken, that are left out with a note, or one sentence that refuses the folder; never another exception. What is read
equals what Pillow says of each file. Prints one JSON object; a folder that fails is named by its number, which makes it again.
"""

import argparse
import json
import re
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from dlbench.datasets import Places
from dlbench.datasets.folder import listing
from dlbench.datasets.images import is_image
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from tests.faults.report import commit

FORMATS = {"png": ("RGB", "L", "RGBA", "LA", "P", "1", "I;16"), "jpg": ("RGB", "L", "CMYK"), "bmp": ("RGB", "L", "P"), "gif": ("P", "L"),
           "webp": ("RGB", "RGBA"), "tif": ("RGB", "L", "RGBA", "I;16"), "ppm": ("RGB",)}
LITTER = ("Thumbs.db", "ehthumbs.db", ".DS_Store", "Icon\r", "desktop.ini", "@eaDir/a.jpg", "__MACOSX/a.jpg")
OTHERS = ("notes.txt", "a.xml", "labels.csv", "a.jpg:Zone.Identifier", "clip.mp4")
NAMES = ("cat", "dog", "caf\u00e9", "cafe\u0301", "0", "1", "10", "a b", "UPPER", "x.y", "\u732b")


def made(folder, seed):
    """Make the folder of a seed, and return what it holds: images in classes, others in classes, and whether a file is broken."""
    draws = np.random.default_rng(seed)
    counts, plain = Counter(), draws.random() < 0.4
    names = draws.choice(len(NAMES), draws.integers(1, 5), replace=False)
    parts = [("train", "test"), ("Training", "testing"), ("",), ("",), ("deep/photos",)][draws.integers(5)]
    size = (int(draws.integers(1, 12)), int(draws.integers(1, 12)))
    for part in parts:
        for name in (NAMES[position] for position in names):
            place = folder / part / name
            place.mkdir(parents=True)
            for number in range(draws.integers(0 if draws.random() < 0.05 else 1, 4)):
                deeper = place / "deeper" if draws.random() < 0.1 else place
                deeper.mkdir(exist_ok=True)
                _image(draws, deeper / f"{number}", size if plain or draws.random() < 0.9 else (3, 5), plain, counts)
                counts["images"] += 1
            for file in (*LITTER, *OTHERS):
                if draws.random() < 0.04:
                    (place / file).parent.mkdir(exist_ok=True)
                    (place / file).write_bytes(b"text")
                    counts["others"] += file in OTHERS
            if draws.random() < 0.04:
                (place / "nowhere.png").symlink_to(folder / "missing.png")
                counts["links"] += 1
    return counts


def _image(draws, path, size, plain, counts):
    ending = ("png", "jpg")[draws.integers(2)] if plain else list(FORMATS)[draws.integers(len(FORMATS))]
    mode = "RGB" if plain else FORMATS[ending][draws.integers(len(FORMATS[ending]))]
    values = draws.integers(0, 256, (*size, 4)).astype(np.uint8)
    if mode == "I;16":
        image = Image.fromarray(draws.integers(0, 2**16, size).astype(np.uint16))
    else:
        image = Image.fromarray(values, "RGBA").convert("RGBA" if mode in ("RGBA", "LA") else "RGB").convert(mode)
    options = {}
    if ending in ("jpg", "webp") and not plain and draws.random() < 0.3:
        exif = Image.Exif()
        exif[274] = int(draws.integers(1, 9))
        options["exif"] = exif
    path = path.with_suffix(f".{ending}" if draws.random() < 0.8 else f".{ending.upper()}")
    image.save(path, **options)
    if draws.random() < 0.004:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        counts["broken"] += 1


def problem(folder, seed):
    """Say what a folder violates; None where all is as it should be."""
    counts = made(folder / "x", seed)
    size = (4, 4, 1 + 2 * (seed % 2)) if seed % 3 else None
    try:
        found = listing("folder:x", folder / "x")
        arrays = fetch(Data(source="folder:x", size=size), Places(str(folder)), str(folder / "cache"))
    except InputError as refused:
        return None if re.fullmatch(r"[^\n]{20,}", str(refused)) else f"refused with {str(refused)!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    files = [file for part in (found.train, found.test or {}) for some in part.values() for file in some]
    left_out = sum(int(number.replace(",", "")) for number in re.findall(r"left out: ([\d,]+)", " ".join(found.notes)))
    if len(files) != counts["images"] or len(arrays.y) != len(files):
        return f"{counts['images']} images, {len(files)} listed, {len(arrays.y)} read"
    if left_out < counts["others"] + counts["links"]:
        return f"{counts['others']} others and {counts['links']} links, {left_out} said: {found.notes}"
    return _different(arrays, files, found) if size is None else None


def _different(arrays, files, found):
    """Compare what was read with what Pillow says of each file, where no conversion but the orientation is asked for."""
    if arrays.x.dtype != np.uint8:
        return None
    by_name = [file for part in (found.train, found.test) if part for name in arrays.names for file in part[name]]
    for row, file in enumerate(by_name):
        image = ImageOps.exif_transpose(Image.open(file))
        if image.mode in ("RGB", "L", "P", "1") and "transparency" not in image.info and is_image(file):
            wanted = np.asarray(image.convert("RGB"), int)
            if np.abs(arrays.x[row] - wanted).max() > 8:
                return f"{file.name} ({image.mode}) is read otherwise, by {np.abs(arrays.x[row] - wanted).max()}"
    return None


def main():
    """Try as many folders as are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--first", type=int, default=0)
    asked, began, failures = parser.parse_args(), time.monotonic(), []
    for seed in range(asked.first, asked.first + asked.count):
        with tempfile.TemporaryDirectory() as folder:
            if (what := problem(Path(folder), seed)) is not None:
                failures.append({"seed": seed, "problem": what})
    print(json.dumps({"commit": commit(), "target": "folders of images", "engine": "files drawn at random", "inputs": asked.count,
                      "failures": failures[:20], "failed": len(failures), "seconds": round(time.monotonic() - began)}))
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
