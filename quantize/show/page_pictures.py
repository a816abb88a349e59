"""Pictures small enough to stand in a page: before and after, the error map, and centers as rows of pixels.

The file that came in is never shown as it is: it may say where and by whom it was made, be sideways, or of a kind that
no browser knows.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.records.palette import MAX_INDEXED
from quantize.records.quantized import Quantized
from quantize.records.report import Box
from quantize.records.step import Step

LONGEST = 1600
"""Pixels of a preview's longer side."""

_QUALITIES = (95, 90, 80, 65, 50, 30, 10)
"""Of WebP. The first that is no larger than the source is taken, where a lossless one is larger."""

_CELLS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Sides of the error map's cells that are tried, in pixels."""

_CELLS_PER_BYTE = 6
"""Cells of an error map in a byte, at most, to begin with: photographs have about 2."""

_SHADES = 64
"""Steps of the error map's scale: more cannot be told apart on the page, and take room."""

_STRIP = 1 << 18
"""Pixels of the error map that are shaded at a time."""


class Preview(NamedTuple):
    """One frame, thinned to a preview where it is large: the rows and columns of it that are shown."""

    frame: int
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    scale: float

    def take(self, frames: NDArray[Any]) -> NDArray[Any]:
        """Take what is shown of frames: an array whose first three axes are frame, row and column."""
        frame: NDArray[Any] = frames[self.frame]
        return frame if self.scale == 1 else frame[self.rows[:, np.newaxis], self.columns]

    def place(self, box: Box | None) -> list[int] | None:
        """Place a box of the picture on the view: left, top, width and height, if it is on this frame."""
        if box is None or box["frame"] != self.frame:
            return None
        left, top = int(box["x"] / self.scale), int(box["y"] / self.scale)
        right, bottom = ((box[at] + box[by]) / self.scale for at, by in (("x", "width"), ("y", "height")))  # type: ignore[literal-required]
        return [left, top, max(1, round(right) - left), max(1, round(bottom) - top)]


def make_preview(size: tuple[int, int], frame: int = 0) -> Preview:
    """Choose what is shown of a picture: one pixel in the middle of each cell, so that no color is blended."""
    width, height = size
    scale = max(1.0, max(size) / LONGEST)
    columns, rows = (_pick(side, max(1, round(side / scale))) for side in (width, height))
    return Preview(frame, rows, columns, scale)


def _pick(side: int, n: int) -> NDArray[np.intp]:
    return ((np.arange(n) + 0.5) * side / n).astype(np.intp)


def as_frames(pixels: NDArray[Any], quantized: Quantized) -> NDArray[Any]:
    """Preview what there is of each pixel as frames, rows and columns, whether the picture is animated or not."""
    width, height = quantized.picture.size
    return pixels.reshape(quantized.picture.n_frames, height, width, *pixels.shape[quantized.labels.ndim :])


def encode_before(quantized: Quantized, view: Preview) -> tuple[bytes, int | None]:
    """Encode what is shown of the original: WebP, and its quality, or None for all that was there."""
    image = Image.fromarray(view.take(as_frames(quantized.picture.pixels, quantized)))
    data = _encode(image, "WEBP", lossless=True, quality=30, method=2, exact=True)
    limit, quality = quantized.picture.source.n_bytes, None
    for candidate in _QUALITIES:
        if limit is None or len(data) <= limit:
            break
        data, quality = _encode(image, "WEBP", quality=candidate, method=4), candidate
    return data, quality


def encode_after(quantized: Quantized, view: Preview) -> bytes:
    """Encode what is shown of the result as a PNG, pixel for pixel."""
    labels, colors = view.take(as_frames(quantized.labels, quantized)), quantized.palette.colors
    if len(colors) > MAX_INDEXED:
        return _encode(Image.fromarray(colors[labels]), "PNG", optimize=True)
    image = Image.fromarray(labels.astype(np.uint8), "P")
    image.putpalette(colors[:, :3].tobytes())
    transparency = {"transparency": colors[:, 3].tobytes()} if colors.shape[1] == 4 else {}
    return _encode(image, "PNG", bits=_bits(len(colors)), **transparency)


def _bits(n_colors: int) -> int:
    return next(bits for bits in (1, 2, 4, 8) if n_colors <= 1 << bits)


def encode_errors(errors: NDArray[Any], most: float, room: int) -> tuple[bytes, int]:
    """Encode an error map as gray PNG, white at `most` and beyond, in as small cells as `room` bytes hold.

    Returns
    -------
    data : bytes
        None at all where not even the largest cells fit.
    cell : int
        The side of a cell in pixels; each has the mean of its pixels.
    """
    least = errors.size / _CELLS_PER_BYTE  # bytes of a map of single pixels, until one is tried
    for cell in _CELLS:
        if least / cell**2 > room:
            continue
        data = _encode(Image.fromarray(_shade(errors, most, cell)), "PNG", optimize=True)
        if len(data) <= room:
            return data, cell
        least = 0.9 * len(data) * cell**2  # larger cells differ more, and take more bytes each
    return b"", 0


def _shade(errors: NDArray[Any], most: float, cell: int) -> NDArray[np.uint8]:
    height, width = errors.shape
    step = max(1, _STRIP // (width * cell)) * cell
    strips = []
    for top in range(0, height, step):
        shares = (_block_means(errors[top : top + step], cell) / most).clip(0, 1)
        strips.append(np.rint(np.rint(shares * (_SHADES - 1)) * (255 / (_SHADES - 1))).astype(np.uint8))
    return np.concatenate(strips)


def _block_means(errors: NDArray[Any], cell: int) -> NDArray[Any]:
    starts = [np.arange(0, side, cell) for side in errors.shape]
    sums = np.add.reduceat(np.add.reduceat(errors.astype(np.float64), starts[0], axis=0), starts[1], axis=1)
    heights, widths = (np.diff(start, append=side) for start, side in zip(starts, errors.shape, strict=True))
    means: NDArray[Any] = sums / np.outer(heights, widths)
    return means


def encode_steps(steps: Sequence[Step], room: int) -> tuple[bytes, list[int]]:
    """Encode the centers of steps as a PNG, a row for each step and a pixel for each center.

    Returns
    -------
    data : bytes
    kept : list of int
        The steps that it shows: the first, the last, and as many evenly between as `room` bytes hold; none where even
        those two are too many.
    """
    n_kept = len(steps)
    while True:
        kept = sorted(set(np.linspace(0, len(steps) - 1, n_kept).round().astype(int).tolist()))
        data = _encode(Image.fromarray(np.stack([steps[i].centers[:, :3] for i in kept])), "PNG", optimize=True)
        if len(data) <= room:
            return data, kept
        if n_kept <= 2:
            return b"", []
        n_kept = max(2, min(n_kept - 1, int(n_kept * room / len(data))))


def _encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def to_uri(data: bytes) -> str:
    """Write a PNG, GIF or WebP as a data URI."""
    kind = "png" if data.startswith(b"\x89PNG") else "gif" if data.startswith(b"GIF8") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
