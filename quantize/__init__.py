"""Reduce a picture to a few well-chosen colors, with a mini-batch k-means engine in plain numpy.

The public names are loaded when first used, so that ``quantize --help`` need not wait for numpy.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from quantize.records.settings import READERS
from quantize.version import __version__ as __version__

if TYPE_CHECKING:
    from quantize.errors import InputError, OutputError, QuantizeError, UsageError
    from quantize.files.histogram_files import load_histogram, save_histogram
    from quantize.files.reading.loading import load_picture
    from quantize.files.writing.saving import save_picture
    from quantize.kmeans import KMeans, MiniBatchKMeans
    from quantize.pipeline.counting import count_colors
    from quantize.pipeline.given_palette import load_palette
    from quantize.pipeline.presenting import render_page
    from quantize.pipeline.quantize import apply_palette, find_palette, quantize_picture
    from quantize.records.palette import Palette
    from quantize.records.picture import Histogram, Picture
    from quantize.records.quantized import Quantized
    from quantize.records.settings import Settings, Target
    from quantize.show.page import render_steps


_HOMES = {
    "quantize.errors": ("QuantizeError", "InputError", "OutputError", "UsageError"),
    "quantize.files.histogram_files": ("load_histogram", "save_histogram"),
    "quantize.files.reading.loading": ("load_picture",),
    "quantize.pipeline.counting": ("count_colors",),
    "quantize.pipeline.given_palette": ("load_palette",),
    "quantize.files.writing.saving": ("save_picture",),
    "quantize.kmeans": ("KMeans", "MiniBatchKMeans"),
    "quantize.pipeline.presenting": ("render_page",),
    "quantize.pipeline.quantize": ("apply_palette", "find_palette", "quantize_picture"),
    "quantize.records.palette": ("Palette",),
    "quantize.records.picture": ("Histogram", "Picture"),
    "quantize.records.quantized": ("Quantized",),
    "quantize.records.settings": ("Settings", "Target"),
    "quantize.show.page": ("render_steps",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: RUF022 - in the order in which one meets them
    "load_picture",
    "load_palette",
    "quantize_picture",
    "save_picture",
    "count_colors",
    "save_histogram",
    "load_histogram",
    "find_palette",
    "apply_palette",
    "render_page",
    "render_steps",
    "Settings",
    "Target",
    "Picture",
    "Histogram",
    "Palette",
    "Quantized",
    "KMeans",
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


def _load_reader(name: str) -> Callable[[Any], Any]:
    return lambda given: getattr(import_module("quantize.pipeline.given_palette"), name)(given)


# Here, because this module runs before any other of the package: there are no settings that cannot read text.
READERS.update(palette=_load_reader("load_palette"), color=_load_reader("parse_color"))
