"""Error diffusion: the difference between a pixel and its palette color is passed on to pixels that come after it.

R. W. Floyd and L. Steinberg: An adaptive algorithm for spatial greyscale, 1976; B. Atkinson's variant for the
Macintosh, 1984; F. Sierra's Filter Lite, 1990.

A pixel depends on its neighbors to the left and above. Pixels with the same x + 2y do not depend on one another: they
form a front, which is computed at once, and the fronts cross the picture as a wave (P. T. Metaxas: Parallel digital
halftoning by error-diffusion, 2003). The result is that of the scan line by line, to the last pixel.

Rows are all scanned from the left. Alternating directions leave fewer worms in flat areas near black and white (squared
error after blur 4 for 13 at gray 16), and more in between (15 for 2 at gray 64).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.dither.light import (
    Values,
    is_light,
    light_of,
    make_projection,
    place_light,
    to_light,
    to_nearest_colors,
)
from quantize.color.dither.strength import measure_steps, strength_of_steps
from quantize.color.remap import exact_points, is_opaque, remap
from quantize.color.rounding import measure_spacing
from quantize.kmeans.distances import lift
from quantize.parallel.progress import counted
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

Kernel = tuple[tuple[int, int, float], ...]
"""The pixels that get a share of an error: steps to the right, steps down, share."""

KERNELS: dict[str, Kernel] = {
    "floyd-steinberg": ((1, 0, 7 / 16), (-1, 1, 3 / 16), (0, 1, 5 / 16), (1, 1, 1 / 16)),
    "atkinson": ((1, 0, 1 / 8), (2, 0, 1 / 8), (-1, 1, 1 / 8), (0, 1, 1 / 8), (1, 1, 1 / 8), (0, 2, 1 / 8)),
    "sierra-lite": ((1, 0, 2 / 4), (-1, 1, 1 / 4), (0, 1, 1 / 4)),
}
"""By the names of their dithers."""

_ERROR_LIMIT = 2
"""Largest error of a channel that is passed on, in distances from the palette color to the nearest other. A color that
no mixture of the palette reaches would smear its error over its surroundings. Of 1, 2, 3 and no limit, 2 gives the
lowest error after blur at full strength over photographs."""

_OVERSHOOT = 0.5
"""What a color may have beyond black and white, of white, when errors are added. A pink face in the 16 colors of CGA
needs red that lies beyond: without, it gets patches of plain gray. On four photographs in CGA's colors the error after
blur is 58 at 0, 22 from 0.25 on; in those of PICO-8 326, 146 at 0.25, 73 from 0.5 on; in found ones always the same."""

_ALPHA_OVERSHOOT = 1
"""What alpha may have beyond clear and opaque, of opaque. Lost errors of alpha brighten or darken a fade on white: the
error after blur of two vignettes in 4 colors, over that without a dither, is 1.25 at 0, 0.94 at 0.5, 0.71 from 1 on."""

_ROWS_AT_ONCE = 1 << 13
"""Rows of all frames that are computed at once: the errors of a front stay in a core's cache."""

_LEAST_WIDTH = 16
"""Frames are counted as at least this wide: errors take memory for each row, however short it is."""


def diffuse_errors(
    picture: Picture, histogram: Histogram, palette: Palette, settings: Settings, *, kernel: Kernel
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Give every pixel the palette color that is nearest to the sum of its own color and the errors passed to it.

    Errors are those of 8-bit sRGB, or of light in the space "linear", premultiplied where there is alpha; the nearest
    color is that of the settings' space. What no mixture of palette colors can have, as a hue in black and white, is
    no error; the luma is kept. A pixel whose color is in the palette takes no error and passes none on, as fully
    transparent pixels do. An opaque pixel takes no error of alpha.

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
        a smooth place takes, 0 to 1; among edges and texture it takes less, unless the strength is 1.
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
    quantizer = _Quantizer(palette, settings.space)
    labels = np.empty(frames.shape, np.min_scalar_type(len(palette) - 1))
    n_frames = max(1, _ROWS_AT_ONCE // min(height, max(width, _LEAST_WIDTH)))
    for start in counted(range(0, len(frames), n_frames), len(frames)):
        part = slice(start, start + n_frames)
        _cross(frames[part], strengths, steps[part], quantizer, kernel, labels[part])
    return labels.reshape(picture.keys.shape), None


def _cross(
    frames: NDArray[np.uint32],
    strengths: Values,
    steps: NDArray[np.uint8],
    quantizer: "_Quantizer",
    kernel: Kernel,
    labels: NDArray[Any],
) -> None:
    """Fill the labels of some frames. All sums are exact: of integers, times shares that are powers of two."""
    n_frames, height, width = frames.shape
    pixels = frames.view("u1").reshape(n_frames, height * width, 4)[..., : quantizer.n_channels]
    steps, labels = steps.reshape(n_frames, -1), labels.reshape(n_frames, -1)
    errors = _Errors(kernel, quantizer.n_channels, frames.shape)
    for number in counted(range(width + 2 * height - 2), 1):
        front = _find_front(number, height, width)
        taken = errors.gather(front)
        taken *= strengths.take(steps[:, front.pixels])
        nearest, passed = quantizer.quantize(pixels[:, front.pixels], np.rint(taken, out=taken))
        labels[:, front.pixels] = nearest
        errors.scatter(front, passed)


class _Front(NamedTuple):
    """The pixels with x + 2y = number: one in each row from `top` to before `bottom`, at `pixels` of a flat frame."""

    number: int
    top: int
    bottom: int
    pixels: slice


def _find_front(number: int, height: int, width: int) -> _Front:
    stride = max(width - 2, 1)
    top, bottom = max(0, (number - width + 2) // 2), min(height, number // 2 + 1)
    first = number + top * (width - 2)
    return _Front(number, top, bottom, slice(first, first + (bottom - top - 1) * stride + 1, stride))


class _Errors:
    """The errors of the last fronts, as many as a kernel reaches back.

    Parameters
    ----------
    kernel : Kernel
    n_channels : int
    shape : (n_frames, height, width)
    """

    def __init__(self, kernel: Kernel, n_channels: int, shape: tuple[int, ...]) -> None:
        n_frames, self.height, width = shape
        self.is_high = self.height > width
        self.depth = max(down for _, down, _ in kernel)
        self.period = max(right + 2 * down for right, down, _ in kernel)
        # A ring: the errors of front number n lie at place n % period, on the axes place, channel, frame, row.
        # There are `depth` rows more above the first, whose errors are 0.
        self.ring = np.zeros((self.period, n_channels, n_frames, self.depth + self.height), np.float32)
        # For a front at `place`, shares[place, down, other] is the share of the errors at place `other` that goes to
        # the row that is `down` steps below.
        self.shares = np.zeros((self.period, self.depth + 1, self.period), np.float32)
        for right, down, share in kernel:
            for place in range(self.period):
                self.shares[place, down, (place - right - 2 * down) % self.period] = share

    def gather(self, front: _Front) -> Values:
        """Sum up what is passed to each pixel of a front: axes channel, frame, row."""
        # The product of all rows needs no copy; but in a high picture the rows that pass something on are few.
        first, last = (front.top, front.bottom) if self.is_high else (0, self.height)
        passing = self.ring[..., first : self.depth + last]
        sums = self.shares[front.number % self.period] @ passing.reshape(self.period, -1)
        sums = sums.reshape(self.depth + 1, *passing.shape[1:])
        start, stop = self.depth + front.top - first, self.depth + front.bottom - first
        taken: Values = sums[0, ..., start:stop]
        for down in range(1, self.depth + 1):
            taken = taken + sums[down, ..., start - down : stop - down]
        return taken

    def scatter(self, front: _Front, errors: Values) -> None:
        """Keep the errors of a front in place of those of the oldest: axes channel, frame, row."""
        place = self.ring[front.number % self.period]
        place[..., front.top : self.depth + front.top] = 0  # what the oldest left in the rows above
        place[..., self.depth + front.top : self.depth + front.bottom] = errors


class _Quantizer:
    """A palette, ready to be compared with many colors."""

    def __init__(self, palette: Palette, space: str) -> None:
        self.space = space
        self.n_channels = palette.colors.shape[1]
        self.planes = to_light(palette.colors, space).T.copy()
        self.white = light_of(space)[-1]
        self.limits = np.rint(_ERROR_LIMIT * measure_spacing(self.planes.T))
        overshoots = np.array([_OVERSHOOT] * 3 + [_ALPHA_OVERSHOOT], np.float32)
        self.overshoot = np.rint(self.white * overshoots[: self.n_channels, np.newaxis, np.newaxis])
        # Whole numbers are exact in float32, up to squares of 24 bits.
        self.dtype = np.float32 if self.n_channels == 3 and self.white == 255 else np.float64
        self.in_light = lift(place_light(self.planes.T).astype(self.dtype)).T.copy()
        self.in_space = None if is_light(space) else lift(exact_points(palette.colors, space)).T.copy()
        opaque = is_opaque(palette.colors)
        self.translucent = np.flatnonzero(~opaque) if opaque.any() else np.empty(0, np.intp)
        self.project = make_projection(palette.colors, space)

    def quantize(self, pixels: NDArray[np.uint8], errors: Values) -> tuple[NDArray[np.intp], Values]:
        """Find the rows of pixels (frame, row, channel) that take errors (channel, frame, row), and what these pass on.

        A pixel that is opaque takes no error of alpha and has an opaque row. One that errors make opaque may have any.
        """
        light = self.project(to_light(pixels, self.space)).transpose(2, 0, 1)
        is_solid = np.ones(light.shape[1:], bool)
        if self.n_channels == 4:
            is_solid = light[3] == self.white
            errors[3][is_solid] = 0
        errors += light
        wanted: Values = np.minimum(errors, self.white + self.overshoot, out=errors)
        np.maximum(wanted, -self.overshoot, out=wanted)
        nearest = self._find_nearest(wanted.reshape(len(wanted), -1), is_solid.reshape(-1)).reshape(is_solid.shape)
        return nearest, self._measure_errors(wanted, nearest)

    def _find_nearest(self, planes: Values, is_solid: NDArray[np.bool_]) -> NDArray[np.intp]:
        if self.in_space is None:
            return self._compare_light(planes, is_solid)
        # What is darker than black, lighter than white or more than opaque has no place in the space, but in light.
        most = np.minimum(planes[3], self.white) if self.n_channels == 4 else self.white
        is_inside = ((planes > -0.5) & (planes < most + 0.5)).all(axis=0)
        inside, others = planes[:, is_inside], planes[:, ~is_inside]
        points = exact_points(to_nearest_colors(inside, self.space), self.space)
        nearest = np.empty(len(is_inside), np.intp)
        nearest[is_inside] = self._compare(points, self.in_space, is_solid[is_inside])
        nearest[~is_inside] = self._compare_light(others, is_solid[~is_inside])
        return nearest

    def _compare_light(self, planes: Values, is_solid: NDArray[np.bool_]) -> NDArray[np.intp]:
        return self._compare(place_light(planes.T).astype(self.dtype, copy=False), self.in_light, is_solid)

    def _compare(self, points: NDArray[Any], lifted: NDArray[Any], is_solid: NDArray[np.bool_]) -> NDArray[np.intp]:
        # |x - c|² but for |x|², as in the engine; with all distances of a pixel in a row, which argmin is fastest with.
        columns = np.ones((len(points), len(lifted)), points.dtype)
        columns[:, :-1] = points
        distances = columns @ lifted
        if len(self.translucent):
            distances[np.ix_(is_solid, self.translucent)] = np.inf
        nearest: NDArray[np.intp] = distances.argmin(axis=1)
        return nearest

    def _measure_errors(self, wanted: Values, nearest: NDArray[np.intp]) -> Values:
        """Subtract the palette colors from the wanted ones, in place, and limit the difference."""
        wanted -= self.planes.take(nearest, axis=1)
        limits = self.limits.take(nearest)
        np.minimum(np.rint(wanted, out=wanted), limits, out=wanted)
        errors: Values = np.maximum(wanted, -limits, out=wanted)
        return errors
