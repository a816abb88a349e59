"""Error diffusion: what a pixel's palette color lacks is handed on to pixels that come after it.

R. W. Floyd and L. Steinberg: An adaptive algorithm for spatial greyscale, 1976; B. Atkinson's variant for the
Macintosh, 1984; F. Sierra's Filter Lite, 1990.

A pixel waits for its neighbors to the left and above. All those with the same x + 2y wait for none of each other: they
are one front, which is computed at once, and crosses the picture as a wave (P. T. Metaxas: Parallel digital halftoning
by error-diffusion, 2003). The result is that of the scan line by line, to the last pixel.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.color.remap import exact_points, is_opaque, look_up, remap
from quantize.color.rounding import measure_spacing
from quantize.color.spaces import premultiply
from quantize.kmeans.distances import lift
from quantize.parallel.progress import counted
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

Kernel = tuple[tuple[int, int, float], ...]
"""The pixels that get a share of an error: steps to the right, steps down, share."""

Values = NDArray[np.float32]

FLOYD_STEINBERG: Kernel = ((1, 0, 7 / 16), (-1, 1, 3 / 16), (0, 1, 5 / 16), (1, 1, 1 / 16))
ATKINSON: Kernel = ((1, 0, 1 / 8), (2, 0, 1 / 8), (-1, 1, 1 / 8), (0, 1, 1 / 8), (1, 1, 1 / 8), (0, 2, 1 / 8))
SIERRA_LITE: Kernel = ((1, 0, 2 / 4), (-1, 1, 1 / 4), (0, 1, 1 / 4))

_REACH = 2
"""Error that is handed on, at most, in distances from a palette color to the nearest other: beyond, a color outside of
what the palette can mix smears into its surroundings. Of 1 to 3, and of no limit, the one with the lowest error after
blur at full strength over photographs."""

_STEP = 2
"""Difference between neighboring pixels, in 8-bit luma, that is half way from calm to busy."""

_CALM = 12
"""The power by which the strength falls where a picture is busy: the dots are there to smooth gradients, and are only
noise among edges and texture. Of a strength of 0.95, 0.51 is left there."""

_STILL = np.uint8(255)
"""The step of a pixel that takes nothing: its color is in the palette already."""

_BLACK, _WHITE = np.float32(0), np.float32(255)

_FRONT = 1 << 13
"""Rows of frames that are computed at once: the errors of a front stay in a core's cache."""

_NARROW = 16
"""Width up to which a front counts as that wide: the errors take memory for each row of a picture."""


def diffuse(
    picture: Picture, histogram: Histogram, palette: Palette, settings: Settings, *, kernel: Kernel
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Give every pixel the palette color that is nearest to its own and the errors handed to it.

    Errors are those of 8-bit sRGB, premultiplied where there is alpha; the nearest color is that of the settings'
    space, exactly. A pixel whose color is in the palette takes and hands on nothing, and a fully transparent one is
    such a pixel. An opaque pixel takes no error of alpha.

    Parameters
    ----------
    picture : Picture
        Each frame of an animation is dithered by itself.
    histogram : Histogram
        The unique colors of the picture.
    palette : Palette
        At most 4096 colors.
    settings : Settings
        Its `space`, `dither_strength` and `n_threads` are used. The strength is the part of the errors that a pixel in
        a calm place takes, 0 to 1; among edges and texture it takes less, unless the strength is 1.
    kernel : sequence of (right, down, share)

    Returns
    -------
    labels : ndarray of the picture's shape, dtype uint8, or uint16 above 256 colors
    color_labels : None
        A color has no one label; but at strength 0, it has the labels of `remap`.
    """
    if not settings.dither_strength:
        return remap(picture, histogram, palette, settings)
    height, width = picture.keys.shape[-2:]
    frames = picture.keys.reshape(-1, height, width)
    steps = measure_steps(picture, histogram, palette, settings.n_threads).reshape(frames.shape)
    strengths = strength_of_steps(settings.dither_strength)
    wave = _Wave(palette, settings.space, kernel)
    labels = np.empty(frames.shape, np.min_scalar_type(len(palette) - 1))
    n_frames = max(1, _FRONT // min(height, max(width, _NARROW)))
    for start in counted(range(0, len(frames), n_frames), len(frames)):
        part = slice(start, start + n_frames)
        wave.cross(frames[part], steps[part], strengths, labels[part])
    return labels.reshape(picture.keys.shape), None


def measure_steps(picture: Picture, histogram: Histogram, palette: Palette, n_threads: int = 1) -> NDArray[np.uint8]:
    """Measure how much each pixel differs from those beside, above and below it.

    Returns
    -------
    ndarray of the picture's shape, dtype uint8
        The largest difference in luma, at most 254; 255 for a pixel whose color is in the palette.
    """
    luma = picture.pixels[..., 0].astype(np.int16)
    for channel in (1, 1, 2):  # in place: a large picture has no room for more
        luma += picture.pixels[..., channel]
    luma >>= 2
    steps = np.zeros(luma.shape, np.uint8)
    for axis in (-1, -2):
        difference = np.diff(luma, axis=axis)
        difference = np.minimum(np.abs(difference, out=difference), _STILL - 1, dtype=np.int16).astype(np.uint8)
        before, after = np.moveaxis(steps, axis, 0)[:-1], np.moveaxis(steps, axis, 0)[1:]
        rises = np.moveaxis(difference, axis, 0)
        np.maximum(before, rises, out=before)
        np.maximum(after, rises, out=after)
    is_still = np.isin(histogram.keys, pack_colors(palette.colors))
    if is_still.any():
        steps[look_up(picture, histogram, is_still, n_threads)] = _STILL
    return steps


def strength_of_steps(strength: float) -> Values:
    """Return the strength at each step from 0 to 255."""
    squares = (np.arange(256) / _STEP) ** 2
    strengths = strength ** (1 + _CALM * squares / (1 + squares))
    strengths[_STILL] = 0
    return strengths.astype(np.float32)


class _Wave:
    """What every front needs, whatever picture it crosses."""

    def __init__(self, palette: Palette, space: str, kernel: Kernel) -> None:
        self.space = space
        self.planes = premultiply(palette.colors).T.astype(np.float32)
        self.reach = np.rint(_REACH * measure_spacing(self.planes.T)).astype(np.float32)
        self.lifted = lift(exact_points(palette.colors, space)).T.copy()
        opaque = is_opaque(palette.colors)
        self.barred = np.flatnonzero(~opaque) if opaque.any() else np.empty(0, np.intp)
        self.depth = max(down for _, down, _ in kernel)
        self.period = max(right + 2 * down for right, down, _ in kernel)
        # The errors of the last fronts lie in a ring. For a front that is number `turn` in it, weights[turn, down]
        # says which share of the errors of each front there is handed on to the row that is so many steps down.
        self.weights = np.zeros((self.period, self.depth + 1, self.period), np.float32)
        for right, down, share in kernel:
            for turn in range(self.period):
                self.weights[turn, down, (turn - right - 2 * down) % self.period] = share

    def cross(
        self, frames: NDArray[np.uint32], steps: NDArray[np.uint8], strengths: Values, labels: NDArray[Any]
    ) -> None:
        """Fill the labels of some frames. All sums are exact: of integers, times shares that are powers of two."""
        n_frames, height, width = frames.shape
        n_channels, depth = len(self.planes), self.depth
        pixels = frames.view("u1").reshape(n_frames, height * width, 4)
        steps, labels = steps.reshape(n_frames, -1), labels.reshape(n_frames, -1)
        errors = np.zeros((self.period, n_channels, n_frames, depth + height), np.float32)
        for number, top, bottom, front in _list_fronts(height, width):
            turn = number % self.period
            # All rows at once need no copy; but in a high picture those that hand on to this front are few.
            first, last = (top, depth + bottom) if height > width else (0, depth + height)
            near = errors[..., first:last]
            handed = (self.weights[turn] @ near.reshape(self.period, -1)).reshape(depth + 1, *near.shape[1:])
            start, stop = depth + top - first, depth + bottom - first
            taken = handed[0, ..., start:stop]
            for down in range(1, depth + 1):
                taken = taken + handed[down, ..., start - down : stop - down]
            taken *= strengths.take(steps[:, front])
            wanted = self.want(pixels[:, front, :n_channels], np.rint(taken, out=taken))
            nearest = self.find_nearest(wanted)
            labels[:, front] = nearest
            wanted -= self.planes.take(nearest, axis=1)
            reach = self.reach.take(nearest)
            np.minimum(np.rint(wanted, out=wanted), reach, out=wanted)
            errors[turn, :, :, top : depth + top] = 0
            np.maximum(wanted, np.negative(reach, out=reach), out=errors[turn, :, :, depth + top : depth + bottom])

    def want(self, pixels: NDArray[np.uint8], taken: Values) -> Values:
        """Add what is handed to some pixels to their colors (n_frames, n, channels): (channels, n_frames, n)."""
        planes = pixels.transpose(2, 0, 1)
        if len(planes) == 3:
            taken += planes
            return np.maximum(np.minimum(taken, _WHITE, out=taken), _BLACK, out=taken)
        wanted: Values = premultiply(pixels).transpose(2, 0, 1).astype(np.float32)
        taken[3][planes[3] == 255] = 0
        wanted += taken
        wanted[3].clip(0, 255, out=wanted[3])
        return wanted.clip(0, wanted[3], out=wanted)

    def find_nearest(self, wanted: Values) -> NDArray[np.intp]:
        """Find the palette row that is nearest to each wanted color, rounded to 8 bits; to an opaque one an opaque."""
        if len(wanted) == 4:
            with np.errstate(invalid="ignore", divide="ignore"):
                straight = np.nan_to_num(wanted[:3] * 255 / wanted[3])
            wanted = np.rint(np.concatenate([straight, wanted[3:]]))
        colors = wanted.reshape(len(wanted), -1).astype(np.uint8).T
        points = exact_points(colors, self.space)
        # |x - c|² but for |x|², as in the engine; with all distances of a pixel in a row, which argmin is fastest with.
        columns = np.ones((len(points), len(self.lifted)), points.dtype)
        columns[:, :-1] = points
        distances = columns @ self.lifted
        if len(self.barred):
            distances[np.ix_(is_opaque(colors), self.barred)] = np.inf
        nearest: NDArray[np.intp] = distances.argmin(axis=1)
        return nearest.reshape(wanted.shape[1:])


def _list_fronts(height: int, width: int) -> Iterator[tuple[int, int, int, slice]]:
    """List the fronts x + 2y = number, with their first row, the row after their last, and where their pixels lie."""
    stride = max(width - 2, 1)
    for number in range(width + 2 * height - 2):
        top, bottom = max(0, (number - width + 2) // 2), min(height, number // 2 + 1)
        first = number + top * (width - 2)
        yield number, top, bottom, slice(first, first + (bottom - top - 1) * stride + 1, stride)
