"""The colors of a picture before and after, as clouds of points; of a gray picture, as histograms.

As in J. VanderPlas, Python Data Science Handbook, 2016: each pixel stays where it was, and takes its new color.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantize.records.quantized import Quantized
from quantize.show.plot_sheet import GAP, INK, MARGIN, PALE, PAPER, ROOM, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HALF = (ROOM - GAP) // 2
_HEIGHT = 420
_N_DOTS = 8000
_MOST_PIXELS = 1 << 20
"""Pixels that dots and shares of gray levels are drawn from."""
_RING_AREA = 2500
"""Square points of the ring of a color that all pixels have."""
_LEAST_RING = 36
_CHANNELS = ("red", "green", "blue")


def draw_clouds(sheet: Sheet, quantized: Quantized) -> None:
    """Draw the cloud before, and beside it the same places in the new colors with the palette as rings."""
    pixels, labels = _draw_visible(quantized)
    palette = quantized.palette.colors[:, :3]
    counts = np.where(quantized.palette.colors[:, 3:].min(axis=1, initial=255), quantized.counts, 0)
    before, after = len(quantized.histogram), len(palette)
    titles = (f"Colors before: {before:,}", f"Colors after: {after:,}, each pixel at its place")
    panels = [sheet.add(MARGIN + column * (_HALF + GAP), _HALF, _HEIGHT, titles[column]) for column in range(2)]
    if quantized.histogram.visible.is_gray:
        _draw_histograms(panels, pixels[:, 0], labels, palette, counts)
    elif len(pixels):
        _draw_scatter(panels, pixels, labels, palette, counts)
    sheet.move_down(_HEIGHT + 90)


def _draw_visible(quantized: Quantized) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """List the pixels that are not fully transparent, and their labels; of many pixels a sample."""
    picture, labels = quantized.picture, quantized.labels.reshape(-1)
    pixels = picture.pixels.reshape(len(labels), -1)
    if len(labels) > _MOST_PIXELS:
        some = np.sort(np.random.default_rng(0).integers(0, len(labels), _MOST_PIXELS))
        pixels, labels = pixels[some], labels[some]
    if picture.has_alpha:
        seen = pixels[:, 3] > 0
        pixels, labels = pixels[seen], labels[seen]
    return pixels[:, :3], labels


def _draw_scatter(
    panels: list[Axes],
    pixels: NDArray[np.uint8],
    labels: NDArray[Any],
    palette: NDArray[np.uint8],
    counts: NDArray[np.int64],
) -> None:
    rows = np.random.default_rng(0).choice(len(pixels), min(_N_DOTS, len(pixels)), replace=False)
    dots, became = pixels[rows] / 255, palette[labels[rows]] / 255
    x, y = _choose_channels(dots)
    for axes, colors in zip(panels, (dots, became), strict=True):
        axes.scatter(dots[:, x], dots[:, y], s=7, c=colors, linewidths=0)
        axes.set(xlabel=_CHANNELS[x], ylabel=_CHANNELS[y], xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
    used = np.flatnonzero(counts)
    used = used[np.argsort(-counts[used], kind="stable")]  # small rings over large ones
    areas = np.maximum(_LEAST_RING, _RING_AREA * counts[used] / counts.sum())
    places = palette[used] / 255
    panels[1].scatter(places[:, x], places[:, y], areas * 1.3, c=PAPER, linewidths=0, clip_on=False)
    panels[1].scatter(places[:, x], places[:, y], areas, c=places, edgecolors=INK, linewidths=1, clip_on=False)


def _choose_channels(dots: NDArray[Any]) -> tuple[int, int]:
    """Choose the two channels in which the cloud covers the largest area."""
    pairs = combinations(range(3), 2)
    covariance = np.cov(dots.T) if len(dots) > 1 else np.zeros((3, 3))
    return max(pairs, key=lambda pair: (float(np.linalg.det(covariance[np.ix_(pair, pair)])), pair == (0, 1)))


def _draw_histograms(
    panels: list[Axes],
    grays: NDArray[np.uint8],
    labels: NDArray[Any],
    palette: NDArray[np.uint8],
    counts: NDArray[np.int64],
) -> None:
    levels = np.arange(256, dtype=np.uint8)
    shares = np.bincount(grays, minlength=256) / len(grays)
    # One level may tower over all others, as the black of a border does: it is cut.
    highest = 1.2 * max(float(np.percentile(shares, 98)), float(shares.max()) / 10)
    owners = np.zeros(256, np.intp)
    owners[grays] = labels
    grays_of_levels = np.repeat(levels[:, np.newaxis], 3, axis=1)
    for axes, colors in zip(panels, (grays_of_levels, palette[owners]), strict=True):
        axes.bar(levels, shares, width=1, color=colors / 255)
        # The axis has room for short numbers and no name: both panels stand close to the edge and to each other.
        axes.set(xlabel="gray level, and its share of the pixels", xlim=(-1, 256), ylim=(0, highest))
        axes.yaxis.set_major_formatter(lambda share, _: f"{share:.1%}")
    for color in palette[counts > 0]:
        panels[1].axvline(float(color[0]), color=PALE, lw=0.8, ymax=0.03)
