"""Reduce a picture to a few well-chosen colors, with a mini-batch k-means engine in plain numpy.

The public names are loaded when first used, so that ``quantize --help`` need not wait for numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quantize.errors import InputError, OutputError, QuantizeError, UsageError
    from quantize.files.loading import load_picture
    from quantize.files.palettes import load_palette
    from quantize.files.saving import save_picture
    from quantize.kmeans import MiniBatchKMeans
    from quantize.pipeline import apply_palette, find_palette, quantize_picture
    from quantize.records import Histogram, Palette, Picture, Quantized, Settings
    from quantize.target import Target

__version__ = "0.1.0"

_HOMES = {
    "quantize.errors": ("QuantizeError", "InputError", "OutputError", "UsageError"),
    "quantize.files.loading": ("load_picture",),
    "quantize.files.palettes": ("load_palette",),
    "quantize.files.saving": ("save_picture",),
    "quantize.kmeans": ("MiniBatchKMeans",),
    "quantize.pipeline": ("apply_palette", "find_palette", "quantize_picture"),
    "quantize.records": ("Histogram", "Palette", "Picture", "Quantized", "Settings"),
    "quantize.target": ("Target",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: RUF022 - in the order in which one meets them
    "load_picture",
    "load_palette",
    "quantize_picture",
    "save_picture",
    "find_palette",
    "apply_palette",
    "Settings",
    "Target",
    "Picture",
    "Histogram",
    "Palette",
    "Quantized",
    "MiniBatchKMeans",
    "QuantizeError",
    "InputError",
    "OutputError",
    "UsageError",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
