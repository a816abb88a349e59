"""Time and peak memory of one process, from 0.4 to 40 megapixels."""

import tempfile
from pathlib import Path

from PIL import Image

from tests.bench.photos import find_photos, pixels, print_table
from tests.bench.processes import QUANTIZE, measure

SIZES = ((768, 512), (1920, 1280), (3840, 2560), (7680, 5120))
BASE, PER_PIXEL = 130e6, 14
"""The bound on peak memory: 130 MB, and 14 bytes per pixel."""


def run(folder: Path) -> dict[str, object]:
    source = max(find_photos(folder, large=True) or find_photos(folder), key=pixels)
    rows, figures, first = [], {}, 0.0
    with tempfile.TemporaryDirectory() as scratch, Image.open(source) as image:
        for size in SIZES:
            path = Path(scratch, f"{size[0]}.png")
            image.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(path, compress_level=1)
            command = [QUANTIZE, str(path), "-k", "64", "-d", scratch, "-q"]
            cost = min(measure(command) for _ in range(3))
            n_pixels = size[0] * size[1]
            allowed = BASE + PER_PIXEL * n_pixels
            figures[f"{n_pixels / 1e6:.1f} megapixels"] = {"seconds": cost.seconds, "peak_bytes": cost.peak}
            first = first or cost.seconds
            rows.append([f"{n_pixels / 1e6:.1f}", cost.seconds / first, cost.peak / 1e6, cost.peak / allowed])
    print_table([f"{source.name}, megapixels", "time over the first", "peak MB", "of what is allowed"], rows)
    return figures
