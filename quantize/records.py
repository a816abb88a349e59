"""The frozen records that travel between the stages, and the names that options choose from.

They may compute what they are; they load, save and print nothing. numpy is imported where arrays are
made, so that ``quantize --help`` can read the names without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from quantize.facts import SearchFacts
    from quantize.target import Target

EFFORTS = ("fast", "balanced", "best")
SPACES = ("rgb", "linear", "oklab", "lab")
DITHERS = ("none", "floyd-steinberg", "atkinson", "sierra-lite", "bayer", "blue-noise")
FORMATS = ("png", "gif", "webp")
REPORTS = ("none", "basic", "full")
SHARES = ("equal", "pixels")
EXPORTS = ("gpl", "hex", "pal", "act", "ase", "css", "json", "png")

DITHER_STRENGTH = 0.95

MAX_INDEXED = 256
"""Colors of an indexed picture: PNG, GIF and Pillow's mode P name a palette entry with one byte."""

MAX_COLORS = 4096
"""Colors of a true color picture that still deserves the name of a palette."""

MAX_PIXELS = 178_956_970
"""Pillow's own limit against decompression bombs: a quarter of a gigabyte at three bytes per pixel."""

REPORT_SCHEMA = "quantize-report"
"""The mark of our own reports."""


@dataclass(frozen=True)
class Settings:
    """How one picture is converted.

    Parameters
    ----------
    n_colors : int
        Palette entries at most, 1 to 4096; above 256 the result is true color.
    palette : Palette or None
        This palette instead of finding one.
    keep : tuple of (red, green, blue)
        Colors that are in the palette, whatever else is found, and count among `n_colors`.
    target : Target or None
        Chooses `n_colors` from 2 to 256.
    shared : str or None
        One of `SHARES`: all pictures of a batch get one palette, in which each picture, or each pixel, counts the same.
    space : str
        One of `SPACES`: where colors are clustered and compared.
    effort : str
        One of `EFFORTS`: a named set of engine values.
    seed : int
        Seed of the engine's random generator.
    engine : mapping
        Engine parameters that override the effort's, by the names of `MiniBatchKMeans`.
    dither : str
        One of `DITHERS`.
    dither_strength : float
        0 to 1; 0 is no dither.
    report : str
        One of `REPORTS`.
    format : str or None
        One of `FORMATS`; None is the picture's own for an animation, and png for any other.
    optimize : bool
        Whether to spend time on a smaller file.
    background : str or None
        ``#rrggbb`` that transparency is laid on; None keeps it.
    keep_metadata : bool
        Whether what the source says beside its pixels is written too.
    max_pixels : int
        Pixels, of all frames together, above which a picture is refused.
    skip_if_larger : bool
        Whether a result with more bytes than its source is dropped.
    n_threads : int
        Threads that one conversion may use. The result does not depend on it.
    """

    n_colors: int = 16
    palette: Palette | None = None
    keep: tuple[tuple[int, int, int], ...] = ()
    target: Target | None = None
    shared: str | None = None
    space: str = "rgb"
    effort: str = "balanced"
    seed: int = 0
    engine: Mapping[str, Any] = field(default_factory=dict)
    dither: str = "none"
    dither_strength: float = DITHER_STRENGTH
    report: str = "basic"
    format: str | None = None
    optimize: bool = False
    background: str | None = None
    keep_metadata: bool = False
    max_pixels: int = MAX_PIXELS
    skip_if_larger: bool = False
    n_threads: int = 1


class Source(NamedTuple):
    """Where a picture came from, as the report tells it: `n_bytes` is its size on disk."""

    name: str
    format: str | None = None
    n_bytes: int | None = None
    notices: tuple[str, ...] = ()


class Animation(NamedTuple):
    """When the frames of a picture are shown: milliseconds each, and how often all of them (0 is forever)."""

    durations: tuple[float, ...]
    plays: int = 0


class Metadata(NamedTuple):
    """What a file says beside its pixels: `dpi` is pixels per inch, `modified` seconds since 1970."""

    exif: bytes = b""
    texts: Mapping[str, str] = {}
    icc: bytes = b""
    dpi: tuple[float, float] | None = None
    modified: float | None = None


_NO_SOURCE = Source("picture")


@dataclass(frozen=True, eq=False)
class Picture:
    """Upright 8-bit sRGB, with alpha where the source has any.

    Parameters
    ----------
    keys : ndarray of shape (height, width), or (n_frames, height, width), dtype little-endian uint32
        One key per pixel: the bytes R, G, B and alpha in this order. The fourth byte is 0 throughout where
        `has_alpha` is false, so that a key indexes a table of 2^24 entries; where it is true, a fully
        transparent pixel has the key 0.
    has_alpha : bool
        Whether the fourth byte is alpha (0 transparent, 255 opaque).
    source : Source
    animation : Animation or None
        None where there is one frame.
    metadata : Metadata or None
        None unless it was asked for.
    """

    keys: NDArray[np.uint32]
    has_alpha: bool = False
    source: Source = _NO_SOURCE
    animation: Animation | None = None
    metadata: Metadata | None = None

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """View of the shape of `keys` and a last axis of 3 channels, or 4 with alpha, dtype uint8."""
        channels: NDArray[np.uint8] = self.keys.view("u1").reshape(*self.keys.shape, 4)
        return channels if self.has_alpha else channels[..., :3]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.keys.shape[-2:]
        return width, height

    @property
    def n_frames(self) -> int:
        """Frames of an animation; 1 for any other picture."""
        return self.keys.shape[0] if self.keys.ndim == 3 else 1


@dataclass(frozen=True, eq=False)
class Histogram:
    """The unique colors of some pixels and how often each occurs. Histograms add up.

    Parameters
    ----------
    keys : ndarray of shape (n_unique,), dtype little-endian uint32
        Ascending keys, packed as in `Picture`.
    counts : ndarray of shape (n_unique,)
        Pixels of each color; any positive weights serve.
    has_alpha : bool
        Whether the fourth byte of a key is alpha.
    """

    keys: NDArray[np.uint32]
    counts: NDArray[Any]
    has_alpha: bool = False

    @property
    def colors(self) -> NDArray[np.uint8]:
        """View of shape (n_unique, 3), or (n_unique, 4) with alpha, dtype uint8."""
        channels: NDArray[np.uint8] = self.keys.view("u1").reshape(-1, 4)
        return channels if self.has_alpha else channels[:, :3]

    @cached_property
    def is_gray(self) -> bool:
        """Whether all colors are gray."""
        red, green, blue = self.colors[:, :3].T
        return bool((red == green).all() and (green == blue).all())

    @property
    def has_clear(self) -> bool:
        """Whether fully transparent pixels are among them; their key is the first."""
        return self.has_alpha and len(self) > 0 and not self.keys[0]

    @cached_property
    def total(self) -> float:
        """The sum of all counts."""
        return float(self.counts.sum())

    def __len__(self) -> int:
        return len(self.keys)

    def __add__(self, other: Histogram) -> Histogram:
        import numpy as np

        has_alpha = self.has_alpha or other.has_alpha
        keys = np.concatenate([self._keys_with(has_alpha), other._keys_with(has_alpha)])
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], np.concatenate([self.counts, other.counts])[order]
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        return Histogram(keys[first], np.add.reduceat(counts, first), has_alpha)

    def _keys_with(self, has_alpha: bool) -> NDArray[np.uint32]:
        if self.has_alpha == has_alpha:
            return self.keys
        opaque: NDArray[np.uint32] = self.keys + self.keys.dtype.type(0xFF000000)
        return opaque


class Fit(NamedTuple):
    """How the engine came to its centers: its passes over the colors, and its mini-batches."""

    n_iter: int
    n_steps: int


@dataclass(frozen=True, eq=False)
class Palette:
    """Colors in the order in which they are stored.

    Parameters
    ----------
    colors : ndarray of shape (n_colors, 3) or (n_colors, 4), dtype uint8
        sRGB, with straight alpha as a fourth column where the picture has any.
    fit : Fit or None
        None where nothing was clustered: given palettes, and pictures that have few colors anyway.
    names : tuple of str
        One per color, some perhaps empty; or none at all.
    title : str
        What a given palette goes by, such as its file's name without the ending.
    search : SearchFacts or None
        How its number of colors was chosen, where a target chose it.
    """

    colors: NDArray[np.uint8]
    fit: Fit | None = None
    names: tuple[str, ...] = ()
    title: str = ""
    search: SearchFacts | None = None

    @property
    def hex(self) -> list[str]:
        """``#rrggbb``, or ``#rrggbbaa`` with alpha, one per color."""
        return ["#" + row.tobytes().hex() for row in self.colors]

    def __len__(self) -> int:
        return len(self.colors)


@dataclass(frozen=True, eq=False)
class Quantized:
    """A picture, its palette, and the palette row of every pixel.

    Parameters
    ----------
    labels : ndarray of the picture's shape, dtype uint8, or uint16 above 256 colors
        Palette row of each pixel.
    color_labels : ndarray of shape (n_unique,), or None
        Palette row of each color of the histogram; None where a dither gave one color several rows.
    counts : ndarray of shape (n_colors,), dtype int64
        Pixels of each palette row.
    timing : mapping of str to float
        Milliseconds per stage, in order.
    """

    picture: Picture
    histogram: Histogram
    palette: Palette
    labels: NDArray[Any]
    color_labels: NDArray[Any] | None
    counts: NDArray[np.int64]
    settings: Settings
    timing: Mapping[str, float] = field(default_factory=dict)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Fraction of the pixels that each palette row has, 0 to 1."""
        shares: NDArray[np.float64] = self.counts / self.counts.sum()
        return shares

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The recolored pixels: the shape of `labels` and a last axis of 3 channels, or 4 with alpha."""
        pixels: NDArray[np.uint8] = self.palette.colors[self.labels]
        return pixels
