"""Logos in two colors, of which what is clear takes one: a stencil, which can be read on white and on black pages.

A black and white logo that keeps only one of its colors would be a blot: its letters and what they stand on would be
one gray. As in print of one color, what is white, or else what is black, is cut out instead, and shows the page. The
other color has to stand out from pages of either kind, so what is darker or lighter than that allows is moved there.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import count_colors, draw_colors, pack_colors
from quantize.color.remap import look_up
from quantize.color.spaces import encode
from quantize.kmeans import MiniBatchKMeans, nearest_center
from quantize.records.picture import Histogram, Picture
from quantize.records.srgb import LUMINANCE, decode

_N_DRAWS = 1 << 12
_HALF = np.uint32(0x80000000)

_MOST_ERROR = 0.17
"""The part of the variance of a logo that its two colors leave. Thin letters that are soft throughout leave 0.15, an
even gradient, with nothing to read in it, 0.25."""

_APART = 64
"""Difference of two colors, in one channel at least, that can be told apart."""

_LEAST_SHARE = 0.02
"""What each of two colors covers of a logo: letters some hundredths, dirt less."""

_MOST_EDGES = 0.3
"""The part of the pixels that may have an edge on their left: in letters of two pixels a quarter, in noise of two
colors nearly half. Noise has nothing to read, and stays opaque."""

_ALL_ONE = "all else is one, and nothing can be told apart in it; -k 3 keeps more"

_NEAR_PAGE = 50
"""How far what is cut out may be from white or black, in each channel: soft edges shift means by as much."""

_LUMINANCES = (0.103, 0.297)
"""What has a contrast of 3 with white and with black, as graphics need by the Web Content Accessibility Guidelines 2.1,
1.4.11, with a step of 8 bits to spare."""


def cut_stencil(picture: Picture) -> Picture:
    """Cut the white or black out of a logo with clear parts that has one other color, and tell so in a notice.

    Parameters
    ----------
    picture : Picture
        With alpha.

    Returns
    -------
    Picture
        With one color, which has the alpha that there was; as it was, where no pixel is clear or there is no such
        logo, with a notice where several colors will have to be one.
    """
    histogram = count_colors(picture)
    parts = _part(histogram) if histogram.has_clear and histogram.is_exact else None
    if parts is None:
        return picture
    centers, colors = parts
    pages = {"white": 255, "black": 0}
    near = {name: np.abs(centers - page).max(axis=1) <= _NEAR_PAGE for name, page in pages.items()}
    name = next((name for name, rows in near.items() if rows.any()), None)
    if name is None or colors is None:
        return _add_notice(picture, _ALL_ONE)
    gone = int(near[name].argmax())
    color = _stand_out(colors[1 - gone])
    keys = histogram.keys & np.uint32(0xFF000000)
    keys[keys > 0] |= pack_colors(color[np.newaxis])
    keys[nearest_center(histogram.colors[:, :3], centers)[0] == gone] = 0
    stencil = look_up(picture, histogram, keys)
    is_cut = stencil == 0
    if np.count_nonzero(is_cut[..., 1:] != is_cut[..., :-1]) > _MOST_EDGES * is_cut.size:
        return _add_notice(picture, _ALL_ONE)
    picture = replace(picture, keys=stencil)
    return _add_notice(picture, f"so {name} became clear, too, and all else one color; -k 3 keeps both")


def _part(histogram: Histogram) -> tuple[NDArray[Any], NDArray[np.uint8] | None] | None:
    """Part what is solid in two: the means, and of a logo the most frequent colors; None where it is all alike."""
    solid = histogram.keys >= _HALF
    seen = draw_colors(replace(histogram, keys=histogram.keys[solid], counts=histogram.counts[solid]), _N_DRAWS)
    points, counts = seen.colors[:, :3].astype(np.float64), seen.counts
    if len(points) < 2:
        return None
    engine = MiniBatchKMeans(2, random_state=0).fit(points, sample_weight=counts)
    variance = counts @ np.square(points - np.average(points, axis=0, weights=counts)).sum(axis=1)
    parts = [np.flatnonzero(engine.labels_ == label) for label in range(2)]
    if np.ptp(engine.cluster_centers_, axis=0).max() < _APART:
        return None
    least = min(counts[part].sum() for part in parts)
    is_logo = engine.inertia_ <= _MOST_ERROR * variance and least >= _LEAST_SHARE * counts.sum()
    modes = [part[counts[part].argmax()] for part in parts]
    return engine.cluster_centers_, seen.colors[modes, :3] if is_logo else None


def _stand_out(color: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mix a color with as much white or black as it takes to stand out from both."""
    light = decode(color / 255)
    luminance, (least, most) = float(light @ LUMINANCE), _LUMINANCES
    if luminance < least:
        light += (least - luminance) / (1 - luminance) * (1 - light)
    elif luminance > most:
        light *= most / luminance
    else:
        return color
    mixed: NDArray[np.uint8] = np.rint(encode(light) * 255).astype(np.uint8)
    return mixed


def _add_notice(picture: Picture, notice: str) -> Picture:
    notices = (*picture.source.notices, f"of 2 colors, what is clear takes one: {notice}")
    return replace(picture, source=picture.source._replace(notices=notices))
