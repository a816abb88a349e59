"""How far Pillow has come in a file: it decodes a picture in one call, and reads the file bit by bit meanwhile."""

from __future__ import annotations

import io
from typing import IO, Any

from PIL import Image

from quantize.parallel.progress import tell


def load_tracked(image: Image.Image) -> None:
    """Load an image, and let whoever listens hear how much of its file has been read.

    What libtiff decodes is not heard of: it reads the file by itself.
    """
    file = getattr(image, "fp", None)
    if file is None:
        image.load()
        return
    image.fp = tracked = _TrackedFile(file)  # type: ignore[attr-defined]
    try:
        image.load()
    finally:
        if getattr(image, "fp", None) is tracked:
            image.fp = file  # type: ignore[attr-defined]


class _TrackedFile:
    """A file that tells how far it has been read; otherwise as it is."""

    def __init__(self, file: IO[bytes]) -> None:
        place = file.tell()
        self._file, self._n_bytes = file, file.seek(0, io.SEEK_END)
        file.seek(place)

    def read(self, n_bytes: int = -1) -> bytes:
        data = self._file.read(n_bytes)
        tell(self._file.tell() / max(1, self._n_bytes), 1)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
