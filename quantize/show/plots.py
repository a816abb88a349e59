"""What happened to a picture, drawn: itself before and after, where it went wrong, its colors, and why these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.records.quantized import Quantized
from quantize.records.report import CurvePoint, Region
from quantize.records.srgb import lay_on
from quantize.show.figures import change_of, format_bytes
from quantize.show.plot_clouds import draw_clouds
from quantize.show.plot_sheet import ACCENT, GAP, INK, MARGIN, PALE, PAPER, ROOM, STYLE, Sheet
from quantize.show.swatch import CHECKS
from quantize.show.widths import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAR = 18
_BAR_ROOM = 130
"""Pixels that the bar of the error map and its words take."""
_THIRD = (ROOM - _BAR_ROOM - 2 * (GAP // 2)) // 3
_TALLEST = 520
_PERCENTILE = 99.5
"""Of the errors: where the scale of the error map ends, so that a few pixels do not darken the rest."""
_CHECKER = 8
_LONGEST_TITLE = 100
_STRIP = 1 << 17
"""Pixels whose colors are held at a time: with alpha a hundred bytes each."""
_MOST_ERRORS = 1 << 20
"""Errors that the scale of their map is found from."""


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
        CIEDE2000 of each pixel; of a dithered picture, what remains after the eye's blur.
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
    inside = [region for region in regions if region["box"]["frame"] == frame]
    with matplotlib.rc_context(STYLE):
        sheet = Sheet()
        _write_title(sheet, quantized, frame, n_bytes)
        _draw_pictures(sheet, quantized, frame, errors.reshape(-1, *errors.shape[-2:])[frame], inside)
        _draw_strip(sheet, quantized)
        draw_clouds(sheet, quantized)
        if curve:
            _draw_curve(sheet, curve, len(quantized.palette))
        return sheet.finish()


def _write_title(sheet: Sheet, quantized: Quantized, frame: int, n_bytes: int) -> None:
    picture = quantized.picture
    width, height = picture.size
    name = printable(PurePath(picture.source.name).name)
    name = name if len(name) <= _LONGEST_TITLE else name[: _LONGEST_TITLE - 3] + "..."
    where = f", frame {frame + 1} of {picture.n_frames}" if picture.n_frames > 1 else ""
    before = picture.source.n_bytes
    sizes = format_bytes(n_bytes)
    if before is not None:
        sizes = f"{format_bytes(before)} -> {sizes} ({change_of(before, n_bytes)})"
    _add_line(sheet, name, fontsize=16)
    sheet.move_down(28)
    _add_line(sheet, f"{width} x {height}{where}, {sizes}", fontsize=10, fontweight="normal", color=PALE)
    sheet.move_down(50)


def _add_line(sheet: Sheet, text: str, **style: Any) -> None:
    axes = sheet.add(MARGIN, ROOM, 1)
    axes.set_axis_off()
    axes.set_title(text, **style)


def _draw_pictures(
    sheet: Sheet, quantized: Quantized, frame: int, errors: NDArray[Any], regions: Sequence[Region]
) -> None:
    """Draw the picture before and after and its errors, in one row and at one scale."""
    width, height = quantized.picture.size
    shown = _fit(width, height, _THIRD)
    n_after = len(quantized.palette)
    titles = ("Original", f"In {n_after:,} color{'s' * (n_after > 1)}")
    step = max(shown[0], min(_THIRD, 250)) + GAP // 2
    resampling = Image.Resampling.NEAREST if shown[0] > width else Image.Resampling.LANCZOS
    for column, (pixels, title) in enumerate(zip((_list_before, _list_after), titles, strict=True)):
        axes = sheet.add(MARGIN + column * step, *shown, title)
        axes.imshow(_collect(quantized, frame, pixels).resize(shown, resampling), aspect="auto")
        axes.set_axis_off()
    is_blurred = quantized.settings.dither != "none"
    axes = sheet.add(MARGIN + 2 * step, *shown, "CIEDE2000, after the eye's blur" if is_blurred else "CIEDE2000")
    _draw_errors(sheet, axes, MARGIN + 2 * step + shown[0] + 16, errors, regions, shown)
    sheet.move_down(max(shown[1], 120) + 56)


Strip = Callable[[Quantized, int, slice], NDArray[np.uint8]]


def _list_before(quantized: Quantized, frame: int, rows: slice) -> NDArray[np.uint8]:
    width, height = quantized.picture.size
    pixels = quantized.picture.pixels
    return pixels.reshape(-1, height, width, pixels.shape[-1])[frame, rows]


def _list_after(quantized: Quantized, frame: int, rows: slice) -> NDArray[np.uint8]:
    width, height = quantized.picture.size
    after: NDArray[np.uint8] = quantized.palette.colors[quantized.labels.reshape(-1, height, width)[frame, rows]]
    return after


def _collect(quantized: Quantized, frame: int, list_pixels: Strip) -> Image.Image:
    """Collect the pixels of a frame, strip by strip: looking up colors takes ten times the memory of the labels."""
    width, height = quantized.picture.size
    image = Image.new("RGB", (width, height))
    step = max(1, _STRIP // (width * 2 * _CHECKER)) * 2 * _CHECKER  # so that the checkerboard goes on
    for top in range(0, height, step):
        image.paste(Image.fromarray(_flatten(list_pixels(quantized, frame, slice(top, top + step)))), (0, top))
    return image


def _flatten(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay pixels on a checkerboard where they are not opaque."""
    if pixels.shape[-1] == 3:
        return pixels
    y, x = np.indices(pixels.shape[:2]) // _CHECKER
    board = np.where((y + x) % 2, CHECKS[1], CHECKS[0])[..., np.newaxis]
    return lay_on(pixels, board)


def _fit(width: int, height: int, widest: int) -> tuple[int, int]:
    """Make small pictures larger by a whole number, and large ones smaller, to fit."""
    scale = min(widest / width, _TALLEST / height)
    scale = int(scale) if scale >= 1 else scale
    return max(1, round(width * scale)), max(1, round(height * scale))


def _draw_errors(
    sheet: Sheet, axes: Axes, bar_left: int, errors: NDArray[Any], regions: Sequence[Region], shown: tuple[int, int]
) -> None:
    from matplotlib.patches import Rectangle

    width = errors.shape[1]
    resampling = Image.Resampling.NEAREST if shown[0] > width else Image.Resampling.BOX
    picture = np.asarray(Image.fromarray(errors.astype(np.float32, copy=False)).resize(shown, resampling))
    some = errors.reshape(-1)[:: -(-errors.size // _MOST_ERRORS)]
    most = max(5.0, float(np.percentile(some, _PERCENTILE)))
    drawn = axes.imshow(picture, cmap="magma", vmin=0, vmax=most, aspect="auto")
    axes.set_axis_off()
    scale = shown[0] / width
    for number, region in enumerate(regions):
        box = region["box"]
        left, top = box["x"] * scale, box["y"] * scale
        size = box["width"] * scale, box["height"] * scale
        for line, color in ((2.5, INK), (1, PAPER)):
            axes.add_patch(Rectangle((left, top), *size, fill=False, lw=line, ec=color, clip_on=False))
        if number == 0:
            label = {"fc": PAPER, "ec": "none", "pad": 1.5}
            is_left = left < shown[0] / 2
            axes.text(
                left if is_left else left + size[0],
                top,
                f"worst: {region['ciede2000']:.0f}",
                fontsize=9,
                ha="left" if is_left else "right",
                va="bottom" if top > 20 else "top",
                bbox=label,
            )
    height = max(shown[1], 120)
    bar = sheet.add(bar_left, _BAR, height)
    bar.figure.colorbar(drawn, cax=bar, ticks=_ticks(most, height), format=_name_error)
    bar.grid(visible=False)


def _ticks(most: float, height: int) -> list[float]:
    """Choose the marks of a bar: limits that have names first, and none so close that their texts would touch."""
    chosen: list[float] = []
    for tick in (0, 3.5, 5, 2, 10, 20, 40, 80, 1):
        if tick <= most and all(abs(tick - other) * height / most >= 18 for other in chosen):
            chosen.append(tick)
    return chosen


def _name_error(tick: float, _: int) -> str:
    words = {2: "visible to any eye", 3.5: "clearly visible", 5: "another color"}
    return f"{tick:g}  {words[tick]}" if tick in words else f"{tick:g}"


def _draw_strip(sheet: Sheet, quantized: Quantized) -> None:
    """Draw the palette as one strip, from dark to light, each color as wide as its share of what can be seen."""
    colors = quantized.palette.colors
    counts = np.where(colors[:, -1] > 0, quantized.counts, 0) if colors.shape[1] == 4 else quantized.counts
    order = np.argsort(colors[:, :3] @ np.array([0.299, 0.587, 0.114]), kind="stable")
    edges = np.rint(np.cumsum([0, *counts[order]]) * (ROOM / max(1, counts.sum()))).astype(int).tolist()
    strip = np.zeros((1, ROOM, 3), np.uint8)
    for row, (left, right) in zip(order, pairwise(edges), strict=True):
        strip[:, left:right] = colors[row, :3]
    axes = sheet.add(MARGIN, ROOM, 28, "Palette")
    axes.imshow(strip, aspect="auto", interpolation="nearest")
    axes.set_axis_off()
    sheet.move_down(28 + 56)


def _draw_curve(sheet: Sheet, curve: Sequence[CurvePoint], chosen: int) -> None:
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
    width = (ROOM - 2 * GAP) // 3
    for column, (name, values) in enumerate(drawn[:3]):
        measured = sorted((k, value) for k, value, sketched in values if not sketched)
        k, value = min(measured, key=lambda point: abs(point[0] - chosen))
        axes = sheet.add(MARGIN + column * (width + GAP), width, 300, f"{name}: {value:,.3g} with {k} colors")
        for x, y in ((k, value) for k, value, sketched in values if sketched):
            axes.plot(x, y, "o", color=PALE, ms=4)
        axes.plot(*zip(*measured, strict=True), color=INK, lw=1.5, marker="o", ms=6, mfc=PAPER)
        axes.plot(k, value, "o", color=ACCENT, ms=9)
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(lambda k, _: f"{k:g}")
        axes.margins(0.1)
        axes.set_xlabel("colors: measured, and smaller, sketched")
    sheet.move_down(300 + 80 if drawn else 0)
