"""Loads folders of images, sounds or texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from dlbench.datasets import sounds, texts
from dlbench.datasets.classes import ordered
from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.folder import Listing, group_of, listing, pattern_of
from dlbench.datasets.places import Places
from dlbench.engines.keras.data.imagefiles import ImageFiles
from dlbench.values.recipe import Data


def load(data: Data, places: Places) -> Examples:
    """Load the images of ``folder:PATH`` in the study's ``size = [height, width]`` or ``[height, width, channels]``.

    They are read as :class:`dlbench.engines.keras.data.imagefiles.ImageFiles` does. A folder of CLASS.txt files is a dataset of sentences,
    one of CLASS folders of .txt files a dataset of documents, and one of CLASS folders of .wav files a dataset of sounds
    (:class:`dlbench.datasets.sounds.Sounds`).

    Raises:
        InputError: naming the file that is no image or has another size, or the class that is empty.
    """
    listed = listing(data.source, places.find(data.source))
    parts = [part for part in (listed.train, listed.test) if part is not None]
    sounds.demand_fitting_keys(data, listed)
    if listed.sound:
        return sounds.Sounds(data, places.find(data.source), listed).examples()
    if listed.text:
        sentences = ({name: files[0] for name, files in part.items()} for part in parts)
        examples = texts.documents(*parts) if listed.documents else texts.load(*sentences)
        examples.notes.extend(listed.notes)
        return examples
    return _Images(data, places.find(data.source), listed, parts).examples()


class _Images:
    """The images of class folders.

    Args:
        data: the recipe's data fields.
        root: the folder.
        listed: its files.
        parts: class -> files, of training and of testing.
    """

    def __init__(self, data: Data, root: Path, listed: Listing, parts: list[dict[str, list[Path]]]) -> None:
        self.data, self.root, self.listed, self.parts = data, root, listed, parts
        self.pattern = pattern_of(data)
        self.images = ImageFiles(data, [file for part in parts for files in part.values() for file in files])

    def examples(self) -> Examples:
        """Return the images in chunks, with what is said of them."""
        names = ordered(self.listed.train)
        return Examples(*(self._chunks(part, names) for part in self.parts), names=names, notes=[*self.listed.notes, *self.images.notes()],
                        size_bytes=self.images.size_bytes,
                        changed=self.images.changed or self.listed.nested or names != tuple(sorted(names)))

    def _chunks(self, classes: Mapping[str, list[Path]], names: tuple[str, ...]) -> Iterator[Chunk]:
        for label, name in enumerate(names):
            for first in range(0, len(classes[name]), self.images.rows):
                files = classes[name][first : first + self.images.rows]
                yield Chunk(self.images.read(files), np.full(len(files), label), lambda row, files=files: str(files[row]),
                            [group_of(self.data, self.pattern, file.relative_to(self.root).as_posix()) for file in files]
                            if self.data.group else None)
