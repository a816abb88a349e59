"""What happened to a picture, drawn: its colors and itself before and after, where it went wrong, and why these colors.

Everything is placed in pixels, so that text is as large as it was meant when the picture is seen at 100%. The figure is
made without pyplot, whose state all threads share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.records.quantized import Quantized
from quantize.records.report import CurvePoint, Region
from quantize.show.figures import change_of, format_bytes
from quantize.show.words import judge_difference

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 1240
_MARGIN = 60
_GAP = 60
_HALF = (_WIDTH - 2 * _MARGIN - _GAP) // 2
_TALLEST = 640
_DPI = 100
_N_DOTS = 10_000
_RING_AREA = 2500
"""Square points of the ring of a color that all pixels have."""
_LEAST_RING = 30
_PERCENTILE = 99.5
"""Of the errors: where the scale of the error map ends, so that a few pixels do not darken the rest."""
_CHECKER = 8

_PAPER, _PANEL, _INK, _PALE, _ACCENT = "#faf8f4", "#ece9e2", "#1d1c1a", "#57544e", "#b3261e"
_STYLE = {
    "font.size": 10,
    "text.color": _INK,
    "text.parse_math": False,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.facecolor": _PANEL,
    "axes.edgecolor": _PANEL,
    "axes.labelcolor": _PALE,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _PAPER,
    "xtick.color": _PALE,
    "ytick.color": _PALE,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
}


def render_plot(
    quantized: Quantized,
    errors: NDArray[Any],
    regions: Sequence[Region],
    n_bytes: int,
    curve: Sequence[CurvePoint] = (),
) -> Image.Image:
    """Draw what happened to a picture.

    Parameters
    ----------
    quantized : Quantized
    errors : ndarray, in the shape of the labels
        CIEDE2000 of each pixel.
    regions : sequence of Region
        Where it is largest. Of an animation, the frame of the first is shown.
    n_bytes : int
        Size of the encoded result.
    curve : sequence of CurvePoint
        What was measured while the number of colors was chosen, if it was.

    Returns
    -------
    PIL.Image.Image
        RGB, 1240 pixels wide.
    """
    canvas: Any = draw_figure(quantized, errors, regions, n_bytes, curve).canvas
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())


def draw_figure(
    quantized: Quantized,
    errors: NDArray[Any],
    regions: Sequence[Region],
    n_bytes: int,
    curve: Sequence[CurvePoint] = (),
) -> Figure:
    """Draw the figure that `render_plot` renders."""
    import matplotlib

    frame = regions[0]["box"]["frame"] if regions else 0
    with matplotlib.rc_context(_STYLE):
        sheet = _Sheet()
        _draw_clouds(sheet, quantized)
        _draw_pictures(sheet, quantized, frame, n_bytes)
        _draw_errors(sheet, errors.reshape(-1, *errors.shape[-2:])[frame], _boxes_in(regions, frame))
        if curve:
            _draw_curve(sheet, curve, len(quantized.palette))
        return sheet.finish()


class _Sheet:
    """A figure whose parts are placed in pixels, one under the other, before its height is known."""

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self._figure = Figure(dpi=_DPI, facecolor=_PAPER)
        FigureCanvasAgg(self._figure)
        self._places: list[tuple[Axes, tuple[int, int, int, int]]] = []
        self.top = _MARGIN

    def add(self, left: int, width: int, height: int, title: str = "") -> Axes:
        """Add a part at the present top."""
        axes = self._figure.add_axes((0, 0, 1, 1), label=str(len(self._places)))
        axes.set_title(title)
        self._places.append((axes, (left, self.top, width, height)))
        return axes

    def move_down(self, height: int) -> None:
        """Go below parts of this height."""
        self.top += height

    def finish(self) -> Figure:
        """Fix the height, put every part in its place, and draw."""
        height = self.top
        self._figure.set_size_inches(_WIDTH / _DPI, height / _DPI)
        for axes, (left, top, width, part) in self._places:
            axes.set_position((left / _WIDTH, 1 - (top + part) / height, width / _WIDTH, part / height))
        self._figure.canvas.draw()
        return self._figure


def _draw_clouds(sheet: _Sheet, quantized: Quantized) -> None:
    # As in J. VanderPlas, Python Data Science Handbook, 2016: red against green and red against blue.
    before, after = _sample(quantized)
    palette, shares = quantized.palette.colors[:, :3] / 255, quantized.shares
    n_unique, n_colors = len(quantized.histogram), len(quantized.palette)
    for channel, name in ((1, "green"), (2, "blue")):
        for column, (dots, area, title) in enumerate(
            ((before, 7, f"Colors before: {n_unique:,}"), (after, _LEAST_RING, f"Colors after: {n_colors:,}"))
        ):
            axes = sheet.add(_MARGIN + column * (_HALF + _GAP), _HALF, 380, title if channel == 1 else "")
            axes.scatter(dots[:, 0], dots[:, channel], s=area, c=dots, linewidths=0.15, edgecolors=_PALE)
            areas = np.maximum(_LEAST_RING, _RING_AREA * shares)
            for width, color in ((3, _PAPER), (1.2, _INK)):
                axes.scatter(
                    palette[:, 0], palette[:, channel], areas, facecolors="none", edgecolors=color, linewidths=width
                )
            axes.set(xlabel="red", ylabel=name, xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
        sheet.move_down(380 + (50 if channel == 1 else 90))


def _sample(quantized: Quantized) -> tuple[NDArray[Any], NDArray[Any]]:
    """Draw some pixels that can be seen, and what they became: two arrays of sRGB in 0..1."""
    picture, labels = quantized.picture, quantized.labels.reshape(-1)
    pixels = picture.pixels.reshape(len(labels), -1)
    rows = np.flatnonzero(pixels[:, 3]) if picture.has_alpha else np.arange(len(labels))
    if len(rows) > _N_DOTS:
        rows = np.random.default_rng(0).choice(rows, _N_DOTS, replace=False)
    return pixels[rows, :3] / 255, quantized.palette.colors[labels[rows], :3] / 255


def _draw_pictures(sheet: _Sheet, quantized: Quantized, frame: int, n_bytes: int) -> None:
    picture = quantized.picture
    width, height = picture.size
    labels = quantized.labels.reshape(-1, height, width)
    before = picture.pixels.reshape(len(labels), height, width, -1)[frame]
    source = picture.source.n_bytes
    size = "" if source is None else f", {format_bytes(source)}"
    change = "" if source is None else f" ({change_of(source, n_bytes)})"
    where = f", frame {frame + 1} of {len(labels)}" if len(labels) > 1 else ""
    titles = (
        f"Original{where}: {width} x {height}{size}",
        f"{len(quantized.palette)} colors: {format_bytes(n_bytes)}{change}",
    )
    shown = _fit(width, height, _HALF)
    for column, pixels in enumerate((before, quantized.palette.colors[labels[frame]])):
        axes = sheet.add(_MARGIN + column * (_HALF + _GAP), *shown, titles[column])
        image = Image.fromarray(_flatten(pixels))
        larger = shown[0] > width
        axes.imshow(image.resize(shown, Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS))
        axes.set_axis_off()
    sheet.move_down(shown[1] + 80)


def _flatten(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay pixels on a checkerboard where they are not opaque."""
    if pixels.shape[-1] == 3:
        return pixels
    y, x = np.indices(pixels.shape[:2]) // _CHECKER
    board = np.where((y + x) % 2, 216.0, 255.0)[..., np.newaxis]
    alpha = pixels[..., 3:] / 255
    flat: NDArray[np.uint8] = np.rint(pixels[..., :3] * alpha + board * (1 - alpha)).astype(np.uint8)
    return flat


def _fit(width: int, height: int, widest: int) -> tuple[int, int]:
    """Make small pictures larger by a whole number, and large ones smaller, to fit."""
    scale = min(widest / width, _TALLEST / height)
    scale = int(scale) if scale >= 1 else scale
    return max(1, round(width * scale)), max(1, round(height * scale))


def _boxes_in(regions: Sequence[Region], frame: int) -> list[Region]:
    return [region for region in regions if region["box"]["frame"] == frame]


def _draw_errors(sheet: _Sheet, errors: NDArray[Any], regions: Sequence[Region]) -> None:
    from matplotlib.patches import Rectangle

    height, width = errors.shape
    shown = _fit(width, height, _WIDTH - 2 * _MARGIN - 200)
    axes = sheet.add(_MARGIN, *shown, "Where it went wrong: CIEDE2000 of each pixel, and the mean of the worst regions")
    resampling = Image.Resampling.NEAREST if shown[0] > width else Image.Resampling.BOX
    picture = np.asarray(Image.fromarray(errors.astype(np.float32)).resize(shown, resampling))
    most = max(5.0, float(np.percentile(errors, _PERCENTILE)))
    drawn = axes.imshow(picture, cmap="magma", vmin=0, vmax=most)
    axes.set_axis_off()
    scale = shown[0] / width
    for region in regions:
        box = region["box"]
        left, top = box["x"] * scale, box["y"] * scale
        for line, color in ((3, _INK), (1.2, _PAPER)):
            size = box["width"] * scale, box["height"] * scale
            axes.add_patch(Rectangle((left, top), *size, fill=False, lw=line, ec=color, clip_on=False))
        label = {"fc": _PAPER, "ec": "none", "pad": 1.5}
        side = "bottom" if top > 20 else "top"
        axes.text(left, top, f"{region['ciede2000']:.0f}", fontsize=9, va=side, bbox=label)
    bar = sheet.add(_MARGIN + shown[0] + 20, 18, max(shown[1], 120))
    bar.figure.colorbar(drawn, cax=bar, ticks=_ticks(most, max(shown[1], 120)), format=_name_error)
    bar.grid(visible=False)
    sheet.move_down(max(shown[1], 120) + 90)


def _ticks(most: float, height: int) -> list[float]:
    """Choose the marks of a bar: limits that have names first, and none so close that their texts would touch."""
    chosen: list[float] = []
    for tick in (0, 3.5, 5, 2, 10, 20, 40, 80, 1):
        if tick <= most and all(abs(tick - other) * height / most >= 18 for other in chosen):
            chosen.append(tick)
    return chosen


def _name_error(tick: float, _: int) -> str:
    return f"{tick:g}  {judge_difference(tick)}" if tick in (2, 3.5, 5) else f"{tick:g}"


def _draw_curve(sheet: _Sheet, curve: Sequence[CurvePoint], chosen: int) -> None:
    series = {
        "CIEDE2000": [(point, point["delta_e"]) for point in curve],
        "SSIM": [(point, point["ssim"]) for point in curve],
        "PSNR in dB": [(point, point["psnr"]) for point in curve],
        "kB": [(point, point["bytes"] / 1000 if point["bytes"] else None) for point in curve],
    }
    seen = {
        name: [(point["colors"], value, point["sketched"]) for point, value in values if value is not None]
        for name, values in series.items()
    }
    drawn = [(name, values) for name, values in seen.items() if not all(sketched for *_, sketched in values)]
    width = (_WIDTH - 2 * _MARGIN - 2 * _GAP) // 3
    for column, (name, values) in enumerate(drawn[:3]):
        measured = sorted((k, value) for k, value, sketched in values if not sketched)
        k, value = min(measured, key=lambda point: abs(point[0] - chosen))
        axes = sheet.add(_MARGIN + column * (width + _GAP), width, 300, f"{name}: {value:,.3g} with {k} colors")
        for x, y in ((k, value) for k, value, sketched in values if sketched):
            axes.plot(x, y, "o", color=_PALE, ms=4)
        axes.plot(*zip(*measured, strict=True), color=_INK, lw=1.5, marker="o", ms=6, mfc=_PAPER)
        axes.plot(k, value, "o", color=_ACCENT, ms=9)
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(lambda k, _: f"{k:g}")
        axes.margins(0.1)
        axes.set_xlabel("colors: measured, and smaller, sketched")
    sheet.move_down(300 + 80 if drawn else 0)
