"""The ways from pixels to labels, by name. All take what `remap` takes and give what it gives."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from quantize.color.remap import remap
from quantize.records import Histogram, Palette, Picture, Settings

Ditherer = Callable[[Picture, Histogram, Palette, Settings], tuple[NDArray[Any], NDArray[Any] | None]]

DITHERS: dict[str, Ditherer] = {"none": remap}
