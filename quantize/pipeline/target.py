"""A search over the stages: the palette that reaches a target, in as many colors as it takes.

`quantize.pipeline.choose` knows how to search. Here stands what a number of colors costs: first on a sketch of the
picture, then for the few numbers that this leads to as in any other conversion, so that the palette is that of ``-k``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from quantize.color.measure.metrics import measure_error
from quantize.color.measure.quality import delta_e, psnr, ssim
from quantize.color.sketch import Sketch, draw_sketch
from quantize.files.writing.saving import encode_picture
from quantize.pipeline.choose import COSTS, RISING, choose_n_colors
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.quantized import Quantized
from quantize.records.report import CurvePoint, SearchFacts
from quantize.records.settings import Settings

MEASURES: dict[str, Callable[[Quantized], float]] = {
    "psnr": psnr,
    "ssim": ssim,
    "delta-e": delta_e,
    "size": lambda quantized: len(encode_picture(quantized).data),
}

_TRIALS = {"psnr": 3, "ssim": 2, "delta-e": 3, "size": 4}
"""Conversions that a search may take: so that it lasts at most three times as long as one, five times for bytes."""

_FEW_COLORS = 64
"""A picture that has no more gets them all: it comes back as it was, and that reaches every target but a size."""

Find = Callable[[Histogram, Settings], Palette]
Apply = Callable[[Picture, Histogram, Palette, Settings], Quantized]


def reach_target(picture: Picture, histogram: Histogram, settings: Settings, find: Find, apply: Apply) -> Palette:
    """Find the palette of the fewest colors, from 2 to 256, that reaches the target; or of the most within a size.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
        The unique colors of the picture.
    settings : Settings
        With a `target`.
    find, apply : callable
        `find_palette` and `apply_palette`.

    Returns
    -------
    Palette
        With what the search saw. If no number of colors reaches the target, that with the number that comes nearest.
    """
    if settings.target is None:
        raise ValueError("settings without a target")
    name, target = settings.target
    trials = _Trials(name, find, apply)
    measure = partial(trials.measure_cost, part=Sketch(histogram, picture, histogram), settings=settings)
    limit = COSTS[name](target, picture.keys.size)
    n_clear = int(histogram.has_clear or settings.transparent_index is not None)
    n_unique = len(histogram) + len(settings.keep) + n_clear - histogram.has_clear
    if settings.candidates is not None:
        n_unique = len(settings.candidates) + len(settings.keep) + n_clear
    if settings.candidates is None and n_unique <= _FEW_COLORS and measure(n_unique) <= limit:
        n_colors, reached = n_unique, True
    else:
        n_colors, reached = choose_n_colors(
            measure,
            partial(
                trials.sketch_cost,
                part=draw_sketch(name, settings, picture, histogram),
                settings=replace(settings, effort="fast", engine={}),
            ),
            limit,
            rises=name in RISING,
            least=min(n_unique, max(2, len(settings.keep) + n_clear)),
            most=min(n_unique, 1 << (settings.bits or 8)),
            n_trials=_TRIALS[name],
        )
    palette, value = trials.palettes[n_colors]
    facts: SearchFacts = {
        "measure": name,
        "target": target,
        "value": value if math.isfinite(value) else None,
        "reached": reached,
        "curve": sorted(trials.curve, key=lambda point: (point["colors"], point["sketched"])),
    }
    return replace(palette, search=facts)


@dataclass(frozen=True)
class _Trials:
    """What was seen of each number of colors: the whole curve, and the palettes that were measured."""

    measure: str
    find: Find
    apply: Apply
    curve: list[CurvePoint] = field(default_factory=list)
    palettes: dict[int, tuple[Palette, float]] = field(default_factory=dict)

    def measure_cost(self, n_colors: int, part: Sketch, settings: Settings) -> float:
        """Find a palette as in any other conversion, keep it, and tell what it costs."""
        palette, value = self._convert(n_colors, part, settings, sketched=False)
        self.palettes[n_colors] = palette, value
        return COSTS[self.measure](value, part.picture.keys.size)

    def sketch_cost(self, n_colors: int, part: Sketch, settings: Settings) -> float:
        """Tell what a quick palette of a part of the picture costs."""
        _, value = self._convert(n_colors, part, settings, sketched=True)
        return COSTS[self.measure](value, part.picture.keys.size)

    def _convert(self, n_colors: int, part: Sketch, settings: Settings, sketched: bool) -> tuple[Palette, float]:
        palette = self.find(part.colors, replace(settings, n_colors=n_colors))
        quantized = self.apply(part.picture, part.histogram, palette, settings)
        value = MEASURES[self.measure](quantized)
        self.curve.append(_plot(quantized, self.measure, value, sketched))
        return palette, value


def _plot(quantized: Quantized, name: str, value: float, sketched: bool) -> CurvePoint:
    error = measure_error(quantized)
    return {
        "colors": len(quantized.palette),
        "sketched": sketched,
        "mse": error["mse"],
        "psnr": error["psnr"],
        "ssim": value if name == "ssim" else None,
        "delta_e": value if name == "delta-e" else None,
        "bytes": int(value) if name == "size" else None,
    }
