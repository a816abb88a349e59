"""Peak memory on the pictures that need most: of noise, of all colors, and a photograph under what takes room."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.bench.photos import find_photos, pixels, print_table
from tests.bench.processes import QUANTIZE, measure
from tests.bench.scaling import BASE, PER_PIXEL

_MIXER = 0x9E3779B1
"""Odd, so that its products with 0 to 2^32 - 1 are all different."""


def _all_different(side: int, n_channels: int) -> Image.Image:
    """Draw a square whose pixels all differ: up to 4096 pixels a side without alpha, 65536 with it."""
    keys = np.arange(side * side, dtype=np.uint32)
    channels = (keys * np.uint32(_MIXER) if n_channels == 4 else keys).view(np.uint8).reshape(side, side, 4)
    return Image.fromarray(np.ascontiguousarray(channels[..., :n_channels]))


def _noise(side: int, n_channels: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, n_channels), np.uint8))


MADE: dict[str, Callable[[], Image.Image]] = {
    "1 megapixel of RGBA noise": lambda: _noise(1000, 4),
    "4 megapixels of RGBA noise": lambda: _noise(2048, 4),
    "16 megapixels of RGB noise": lambda: _noise(4000, 3),
    "all RGB colors": lambda: _all_different(4096, 3),
    "16 megapixels of RGBA noise": lambda: _noise(4000, 4),
    "64 megapixels of RGBA, all different": lambda: _all_different(8192, 4),
}
PHOTO = (
    ("-k", "4096"),
    ("-k", "256", "--report", "full"),
    ("--plot",),
    ("--page",),
    ("--despeckle", "20"),
    ("-k", "256", "--dither", "floyd-steinberg"),
    ("-k", "256", "--dither", "blue-noise"),
    ("--format", "webp"),
    ("--format", "webp", "--optimize"),
)


def run(folder: Path) -> dict[str, object]:
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, draw in MADE.items():
            path = Path(scratch, "made.png")
            image = draw()
            image.save(path, compress_level=1)
            # Twice the minutes for the same peak: what the search holds does not grow with the number of colors.
            rows.append([name, *_measure(path, image.size, (), scratch)])
            del image
        photo = max(find_photos(folder, large=True) or find_photos(folder), key=pixels)
        with Image.open(photo) as image:
            size = image.size
        for options in PHOTO:
            rows.append([f"{photo.name}, {' '.join(options)}", *_measure(photo, size, options, scratch)])
    print_table(["picture", "seconds", "peak MB", "of what is allowed"], rows)
    return {str(name): {"seconds": seconds, "peak_megabytes": peak} for name, seconds, peak, _ in rows}


def _measure(path: Path, size: tuple[int, int], options: tuple[str, ...], scratch: str) -> list[float]:
    cost = measure([QUANTIZE, str(path), "-d", scratch, "-q", "-f", *options])
    return [cost.seconds, cost.peak / 1e6, cost.peak / (BASE + PER_PIXEL * size[0] * size[1])]
