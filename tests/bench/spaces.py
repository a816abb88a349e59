"""Color difference and squared error of each color space over those of rgb, and all sRGB colors there and back."""

from pathlib import Path

import numpy as np

from quantize import Settings, load_picture, quantize_picture
from quantize.color.measure.metrics import measure_error
from quantize.color.measure.quality import delta_e
from quantize.color.spaces import SPACES, to_colors, to_points
from tests.bench.photos import find_photos, print_table

COLORS = (16, 64, 256)


def measure(path: Path, space: str, n_colors: int) -> tuple[float, float]:
    """Mean CIEDE2000 and MSE of a photograph."""
    result = quantize_picture(load_picture(path), Settings(n_colors=n_colors, space=space))
    return delta_e(result), measure_error(result)["mse"]


def count_lost(space: str) -> int:
    """Count the 8-bit sRGB colors that do not come back from a space."""
    rest = np.stack(np.meshgrid(*[np.arange(256, dtype=np.uint8)] * 2), axis=-1).reshape(-1, 2)
    lost = 0
    for red in range(256):
        colors = np.column_stack([np.full(len(rest), red, np.uint8), rest])
        lost += int((to_colors(to_points(colors, space), space) != colors).any(axis=1).sum())
    return lost


def run(folder: Path) -> dict[str, object]:
    photos = find_photos(folder)
    means = {
        (space, k): np.array([measure(photo, space, k) for photo in photos]).mean(axis=0)
        for space in SPACES
        for k in COLORS
    }
    lost = {space: count_lost(space) for space in SPACES}
    rows = [
        [space, *(float(means[space, k][i] / means["rgb", k][i]) for i in (0, 1) for k in COLORS), lost[space]]
        for space in SPACES
    ]
    head = [
        f"over rgb, {len(photos)} photographs",
        *(f"{what}, k = {k}" for what in ("CIEDE2000", "MSE") for k in COLORS),
    ]
    print_table([*head, "colors lost of 2^24"], rows)
    return {str(row[0]): row[1:] for row in rows}
