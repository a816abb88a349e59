"""What --accents buys, and for what color difference: ``python -m tests.bench FOLDER accents``."""

from pathlib import Path

import numpy as np

from quantize import Settings, load_picture
from quantize.color.histogram import count_colors
from quantize.color.measure.difference import ciede2000_difference, summarize_differences
from quantize.color.measure.lost import group_lost
from quantize.color.remap import find_nearest
from quantize.pipeline.quantize import find_palette
from quantize.records.settings import SPACES
from tests.bench.photos import find_photos, print_table

COLORS = (6, 8, 16)
STRENGTHS = (0.0, 0.5, 1.0)
ALL_GROUPS = 1000
"""The report has the ten that matter most."""


def measure(path: Path, k: int, strength: float, space: str) -> tuple[float, ...]:
    """Lost colors, those of them that the report has, the share of lost pixels, mean and 95th percentile."""
    histogram = count_colors(load_picture(path))
    palette = find_palette(histogram, Settings(n_colors=k, accents=strength, space=space))
    groups, n_lost = group_lost(histogram.colors, histogram.counts, palette.colors, ALL_GROUPS)
    labels = find_nearest(histogram.colors, palette, space)
    spread = summarize_differences(ciede2000_difference(histogram.colors, labels, palette.colors), histogram.counts)
    return len(groups), min(10, len(groups)), n_lost / histogram.total, spread["mean"], spread["p95"]


def run(folder: Path) -> dict[str, object]:
    photos = find_photos(folder)
    figures: dict[str, object] = {}
    rows = []
    for space in SPACES:
        for k in COLORS:
            by_strength = {s: np.array([measure(path, k, s, space) for path in photos]) for s in STRENGTHS}
            before = by_strength[0.0].mean(axis=0)
            for strength, each in by_strength.items():
                after = each.mean(axis=0)
                figures[f"{space}, k = {k}, S = {strength:g}"] = each.tolist()
                cells = [f"{value:.2f} ({value / base:.2f})" for value, base in zip(after, before, strict=True)]
                cells[2] = f"{100 * after[2]:.2f}% ({after[2] / before[2]:.2f})"
                worst = float((each[:, 3] / by_strength[0.0][:, 3]).max())
                rows.append([space, k, strength, *cells, worst])
    head = ["space", "k", "S", "lost colors", "in the report", "share", "mean CIEDE2000", "95%", "worst mean"]
    print_table([f"{head[0]}, {len(photos)} photographs", *head[1:]], rows)
    return figures
