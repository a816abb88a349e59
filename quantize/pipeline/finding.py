"""The ways to a palette, by name: all take a histogram and settings, and give at most as many colors as those ask.

What only one way needs is imported there: most runs go by area, and all would be loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from quantize.color.exact import settle_exact
from quantize.color.histogram import draw_colors, list_colors
from quantize.color.remap import is_opaque
from quantize.color.rounding import make_palette, polish_palette, take_colors
from quantize.color.spaces import to_points
from quantize.color.transparency import with_alpha
from quantize.kmeans import EFFORTS, GRID_ROUNDS, MiniBatchKMeans
from quantize.kmeans.minibatch import Callback
from quantize.records.palette import Fit, Palette
from quantize.records.picture import Histogram
from quantize.records.settings import Settings

Finder = Callable[[Histogram, Settings, Callback | None], Palette]

_MOST_POINTS = 1 << 21
"""Colors that a palette is found from. Of more, a systematic sample of the pixels costs k / 2^21 of the error: 0.01% at
256 colors."""

_MOST_STARTS, _FEW_POINTS, _WORK, _ROUNDS = 6, 1 << 15, 1_500_000, 10
"""Starts at most, points that one start is enough for, products of points, coordinates and colors that all starts may
come to, and rounds of refinement, times the root of the starts. In 2 to 64 colors, 16 icons, sprites, letters and
fades end at 1.0014 of the best of 40 long searches in the mean, 1.014 at worst; by the engine's own values, which take
as long, at 1.0026 and 1.029, and with effort best at 1.48 at worst. Sixteen starts end at 1.0008, for 2.3 times that
time, which is more than a photograph takes."""


def find_by_area(histogram: Histogram, settings: Settings, callback: Callback | None = None) -> Palette:
    """Find the colors of least error, where each pixel has a vote; the histogram's own where it has no more."""
    kept = list_colors(settings.keep, histogram.has_alpha)
    histogram = histogram + kept if len(kept) else histogram
    if len(histogram) <= settings.n_colors:
        return take_colors(histogram)
    # Fully transparent pixels have no vote. They have an entry of their own, which the others are found beside.
    n_clear = int(histogram.has_clear)
    if histogram.has_alpha and n_clear < settings.n_colors and is_opaque(histogram.visible.colors).all():
        return _find_opaque(histogram, settings, callback)
    voting = draw_colors(histogram.visible, _MOST_POINTS)
    points = to_points(voting.colors, settings.space)
    # On one thread: its looks at a batch are too short to be worth sharing out.
    engine = MiniBatchKMeans(
        settings.n_colors,
        random_state=settings.seed,
        compute_labels=histogram.has_alpha,
        **_read_effort(settings, points.shape),
    )
    held = np.vstack([histogram.colors[:n_clear], kept.colors])
    fixed = to_points(held, settings.space) if len(held) else None
    engine.fit(points, sample_weight=voting.counts, fixed=fixed, callback=callback)
    fit = Fit(engine.n_iter_, engine.n_steps_)
    centers = engine.cluster_centers_
    if histogram.has_alpha:
        from quantize.color.opacity import keep_opaque

        centers = keep_opaque(centers, engine.labels_, points, voting, len(held), settings.n_threads)
    palette = make_palette(centers, settings.space, fit, gray=histogram.is_gray)
    palette, settled = settle_exact(palette, histogram, kept, settings.space, settings.n_threads)
    if settings.space == "rgb" and not histogram.has_alpha:
        palette = polish_palette(palette, voting, settled, GRID_ROUNDS[settings.effort], settings.n_threads)
    return palette


def _find_opaque(histogram: Histogram, settings: Settings, callback: Callback | None) -> Palette:
    """Find the colors of what is opaque as without alpha: what is clear is alike, and no color is near to it."""
    n_clear = int(histogram.has_clear)
    opaque = replace(histogram.visible, keys=histogram.visible.keys & np.uint32(0xFFFFFF), has_alpha=False)
    palette = find_by_area(opaque, replace(settings, n_colors=settings.n_colors - n_clear), callback)
    return replace(palette, colors=np.vstack([np.zeros((n_clear, 4), np.uint8), with_alpha(palette.colors)]))


def _read_effort(settings: Settings, shape: tuple[int, ...]) -> Mapping[str, Any]:
    """Return the engine's values for points of a shape: of few, more starts and rounds cost next to nothing."""
    values = dict(EFFORTS[settings.effort])
    n_starts = min(_MOST_STARTS, _FEW_POINTS // shape[0], _WORK // (shape[0] * shape[1] * settings.n_colors))
    if n_starts > 1:
        values["n_init"] = max(n_starts, values.get("n_init", 1))
        values["refine_rounds"] = max(round(_ROUNDS * n_starts**0.5), values.get("refine_rounds", 0))
    return {**values, **settings.engine}


def find_with_accents(histogram: Histogram, settings: Settings, callback: Callback | None = None) -> Palette:
    """Find a palette by area, and move its entries to what is small and far from all others."""
    from quantize.color.accents import settle_accents

    palette = find_by_area(histogram, settings, callback)
    kept = list_colors(settings.keep, histogram.has_alpha)
    accented = settle_accents(palette, histogram, kept, settings.space, settings.accents)
    if accented is palette:
        return palette
    return settle_exact(accented, histogram, kept, settings.space, settings.n_threads)[0]


def choose_candidates(histogram: Histogram, settings: Settings, callback: Callback | None = None) -> Palette:
    """Choose the best of the entries that there are to choose from: no engine runs, and nobody is told of steps."""
    from quantize.color.palette_choice import choose_entries

    if settings.candidates is None:
        raise ValueError("settings without candidates")
    kept = list_colors(settings.keep, histogram.has_alpha)
    return choose_entries(histogram, settings.candidates, settings.n_colors, kept, settings.space)


FINDERS: dict[str, Finder] = {
    "area": find_by_area,
    "accents": find_with_accents,
    "candidates": choose_candidates,
}
