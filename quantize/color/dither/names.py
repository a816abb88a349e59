"""The ways from pixels to labels, by name. All take what `remap` takes and give what it gives.

Each is behind an import of its own: one dither is used, most runs have none, and all would be loaded.
"""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from quantize.color.remap import remap
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

Labels = tuple[NDArray[Any], NDArray[Any] | None]
Ditherer = Callable[[Picture, Histogram, Palette, Settings], Labels]


def _diffuse(kernel: str) -> Ditherer:
    def dither(picture: Picture, histogram: Histogram, palette: Palette, settings: Settings) -> Labels:
        from quantize.color.dither import diffusion

        return diffusion.diffuse_errors(picture, histogram, palette, settings, kernel=diffusion.KERNELS[kernel])

    return dither


def _mix(mask: str) -> Ditherer:
    def dither(picture: Picture, histogram: Histogram, palette: Palette, settings: Settings) -> Labels:
        from quantize.color.dither import ordered

        return ordered.dither_by_mask(picture, histogram, palette, settings, make_mask=ordered.MASKS[mask])

    return dither


DITHERS: dict[str, Ditherer] = {
    "none": remap,
    **{kernel: _diffuse(kernel) for kernel in ("floyd-steinberg", "atkinson", "sierra-lite")},
    **{mask: _mix(mask) for mask in ("bayer", "blue-noise")},
}
