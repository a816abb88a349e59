"""Large pictures from photographs: mirrored and laid side by side, each lighter or darker than the one before."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.bench.photos import find_photos

TILE = 512
_GAINS = (1.0, 0.97, 1.03, 0.94, 1.06)


class Mosaic:
    """A picture of any size whose rows are made when they are asked for."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        paths = find_photos(folder, large=True) or find_photos(folder)
        self.size = size
        self._photos = [np.asarray(Image.open(path).convert("RGB")) for path in paths]

    def read_rows(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """Make some rows, of shape (bottom - top, width, 3)."""
        rows = np.empty((bottom - top, self.size[0], 3), np.uint8)
        for y in range(top, bottom):
            number, place = divmod(y, self._photos[0].shape[0])
            rows[y - top] = self._make_row(number, place)
        return rows

    def _make_row(self, number: int, y: int) -> NDArray[np.uint8]:
        parts: list[NDArray[np.uint8]] = []
        n_made, place = 0, 0
        while n_made < self.size[0]:
            photo = self._photos[(number + place) % len(self._photos)]
            line = photo[-1 - y % len(photo) if number % 2 else y % len(photo)]
            gain = np.float32(_GAINS[(2 * number + place) % len(_GAINS)])
            line = line if gain == 1 else np.minimum(line * gain, 255).astype(np.uint8)
            parts.append(line[::-1] if place % 2 else line)
            n_made, place = n_made + len(line), place + 1
        return np.concatenate(parts)[: self.size[0]]

    def strips(self, height: int = TILE) -> Iterator[NDArray[np.uint8]]:
        """Make the whole picture, some rows at a time."""
        for top in range(0, self.size[1], height):
            yield self.read_rows(top, min(top + height, self.size[1]))

    def save(self, path: Path, *, fades: bool = False) -> None:
        """Write it as a PNG or a JPEG, with an alpha that fades to the left if asked."""
        image = Image.new("RGBA" if fades else "RGB", self.size)
        alpha = np.clip(np.arange(self.size[0]) // 4, 0, 255).astype(np.uint8)
        top = 0
        for rows in self.strips():
            if fades:
                rows = np.dstack([rows, np.broadcast_to(alpha, rows.shape[:2])])
            image.paste(Image.fromarray(rows), (0, top))
            top += len(rows)
        image.save(path, quality=92) if path.suffix == ".jpg" else image.save(path, compress_level=1)

    def save_tiled(self, path: Path) -> None:
        """Write it as a TIFF of JPEG tiles, as maps and scanners do."""
        width, height = self.size
        offsets: list[int] = []
        lengths: list[int] = []
        with path.open("wb") as file:
            file.write(b"II*\0\0\0\0\0")
            for rows in self.strips(TILE):
                padded = np.zeros((TILE, -(-width // TILE) * TILE, 3), np.uint8)
                padded[: len(rows), :width] = rows
                for left in range(0, width, TILE):
                    buffer = BytesIO()
                    Image.fromarray(padded[:, left : left + TILE]).save(buffer, "JPEG", quality=90, subsampling=0)
                    offsets.append(file.tell())
                    lengths.append(buffer.tell())
                    file.write(buffer.getvalue())
            _write_directory(file, width, height, offsets, lengths)


def _write_directory(file, width: int, height: int, offsets: Sequence[int], lengths: Sequence[int]) -> None:  # type: ignore[no-untyped-def]
    """TIFF 6.0, sections 2 and 15, and Technical Note 2: one directory at the end, long values before it."""

    def put(kind: str, values: Sequence[int]) -> int:
        place = file.tell()
        file.write(struct.pack(f"<{len(values)}{kind}", *values))
        return place

    bits, starts, sizes = put("H", (8, 8, 8, 0)), put("I", offsets), put("I", lengths)
    short, long = 3, 4
    entries = [
        (256, long, 1, width),
        (257, long, 1, height),
        (258, short, 3, bits),
        (259, short, 1, 7),
        (262, short, 1, 6),
        (277, short, 1, 3),
        (322, short, 1, TILE),
        (323, short, 1, TILE),
        (324, long, len(offsets), starts),
        (325, long, len(lengths), sizes),
    ]
    place = put("H", (len(entries),))
    for entry in entries:
        file.write(struct.pack("<HHII", *entry))
    file.write(b"\0\0\0\0")
    file.seek(4)
    file.write(struct.pack("<I", place))
