"""How far apart two colors are to the eye, over the unique pairs of a source color and what it became.

One measure has a name in reports, CIEDE2000. Beside it stands a space in which distances are quick: Oklab in hundredths
of the way from black to white, with a and b doubled, which fits observers best (B. Ottosson, A perceptual color space
for image processing, 2020, and his comment of 2021 on w3c/csswg-drafts #6642), under the light that a real screen adds
to every color (without it, nearly black colors stand apart that nobody can tell). On photographs a distance in it is
about CIEDE2000 divided by 1.3.

A color with alpha has no look of its own. It is laid on black and on white, and the root mean square of both
differences counts: so all fully transparent colors are equal, and for opaque ones nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import sum_by_label
from quantize.color.measure.ciede2000 import square_ciede2000, to_lab
from quantize.color.spaces import CONES, OPPONENTS
from quantize.parallel.progress import counted
from quantize.records.srgb import decode, lay_on

if TYPE_CHECKING:
    from quantize.records.report import Spread

Colors = NDArray[np.uint8]
Floats = NDArray[Any]

_CHUNK = 1 << 14
"""Colors converted at a time: what they need in between stays in the second-level cache."""

_SUMMED = 1 << 18
"""Differences that are summed up at a time."""

_ROUNDING = 1e-3
_SHARE = 0.95
_BINS = 65535

_FLARE = 0.01
"""Viewing flare of the reference environment of sRGB, as a fraction of white: IEC 61966-2-1."""

_LIGHT = ((decode(np.arange(256) / 255) + _FLARE) / (1 + _FLARE)).astype(np.float32)
"""Linear light that reaches the eye for each 8-bit value."""

_CONES = CONES.astype(np.float32)
_OPPONENTS = OPPONENTS.astype(np.float32) * np.array([[100], [200], [200]], np.float32)


def to_oklab(colors: Colors) -> Floats:
    """Place opaque colors in the Oklab of this module.

    Parameters
    ----------
    colors : ndarray of shape (n, 3), dtype uint8

    Returns
    -------
    ndarray of shape (n, 3), dtype float32
        L from 21 to 100, a and b from about -60 to 55.
    """
    # One channel after the other, and "clip" for what cannot be out of bounds: a third of the time.
    light = _LIGHT.take(colors.T, mode="clip")
    points: Floats = (_OPPONENTS @ np.cbrt(_CONES @ light)).T
    return points


def ciede2000_difference(colors: Colors, labels: NDArray[Any], palette: Colors) -> Floats:
    """Measure CIEDE2000 between colors and what they became: from 0 to about 119.

    Parameters
    ----------
    colors : ndarray of shape (n, 3) or (n, 4), dtype uint8
    labels : ndarray of shape (n,)
        Rows of `palette` that the colors became.
    palette : ndarray of shape (n_colors, 3) or (n_colors, 4), dtype uint8

    Returns
    -------
    ndarray of shape (n,), dtype float32
    """
    entries = [to_lab(look) for look in lay_on_black_and_white(palette)]
    differences = np.empty(len(colors), np.float32)
    for start in counted(range(0, len(colors), _CHUNK), 1):
        chunk = slice(start, start + _CHUNK)
        looks = map(to_lab, lay_on_black_and_white(colors[chunk]))
        became = (entry.take(labels[chunk], axis=1, mode="clip") for entry in entries)
        differences[chunk] = np.sqrt(sum(map(square_ciede2000, looks, became)) / len(entries))
    # No two 8-bit colors are so near: it is one color, rounded in two ways.
    differences[differences < _ROUNDING] = 0
    return differences


def summarize_differences(differences: Floats, counts: NDArray[Any]) -> Spread:
    """Sum up the differences of colors that stand for many pixels each.

    Parameters
    ----------
    differences : ndarray of shape (n,)
        At least 0.
    counts : ndarray of shape (n,)
        Pixels of each.

    Returns
    -------
    Spread
        Over the pixels: the mean, the least difference that 95% of them do not exceed, and the maximum.
    """
    worst = differences.max()
    total = sum(float(differences[some] @ counts[some].astype(np.float64)) for some in _slices(len(counts)))
    return {
        "mean": total / float(counts.sum()),
        "p95": _percentile(differences, counts, worst),
        "max": float(worst),
    }


def _percentile(differences: Floats, counts: NDArray[Any], worst: float) -> float:
    # The bin that the percentile falls into is found first, so that its members alone have to be sorted.
    bins = np.empty(len(differences), np.uint16)
    for some in _slices(len(differences)):
        bins[some] = differences[some] * (_BINS / worst if worst else 0)
    seen = np.cumsum(sum_by_label(bins, _BINS + 1, counts))
    place = np.searchsorted(seen, _SHARE * seen[-1])
    members = np.flatnonzero(bins == place)
    order = members[np.argsort(differences[members])]
    before = seen[place] - counts[order].sum()
    row = np.searchsorted(before + np.cumsum(counts[order]), _SHARE * seen[-1])
    return float(differences[order[min(row, len(order) - 1)]])


def _slices(n: int) -> Iterator[slice]:
    # What is summed up is widened to eight bytes, which a large picture has no room for.
    return (slice(start, start + _SUMMED) for start in range(0, n, _SUMMED))


def lay_on_black_and_white(colors: Colors) -> list[Colors]:
    """Give the looks of colors, each of shape (n, 3): themselves, or with alpha, laid on black and on white."""
    return [colors] if colors.shape[1] == 3 else [lay_on(colors, ground) for ground in (0, 255)]


def place_looks(colors: Colors) -> Floats:
    """Place colors in Oklab: of shape (n, 3), or with alpha (n, 6), where distances are means of both grounds."""
    pieces = (colors[start : start + _CHUNK] for start in range(0, len(colors), _CHUNK))
    looks = [[to_oklab(look) for look in lay_on_black_and_white(piece)] for piece in pieces]
    return np.vstack([np.hstack(each) / np.float32(len(each) ** 0.5) for each in looks])
