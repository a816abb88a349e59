"""A picture as keys of its pixels, and the histogram of its colors.

numpy is imported where arrays are made, so that ``quantize --help`` can read the records without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Source(NamedTuple):
    """Where a picture came from, as the report tells it: `n_bytes` is its size on disk, `sha256` of its bytes."""

    name: str
    format: str | None = None
    n_bytes: int | None = None
    notices: tuple[str, ...] = ()
    sha256: str | None = None


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


class Indexed(NamedTuple):
    """What an indexed file has stored: `colors` (n_colors, 4), dtype uint8, and each pixel's row of them."""

    colors: NDArray[np.uint8]
    labels: NDArray[np.uint8]


_MIXER = 0x9E3779B1
"""2^32 over the golden ratio, made a prime: D. E. Knuth, The Art of Computer Programming 3, 6.4, on hashing by
multiplication."""

_NO_SOURCE = Source("picture")


@dataclass(frozen=True, eq=False, repr=False)
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
    indexed : Indexed or None
        None unless the source is indexed, and a palette is given that its labels may suit.
    """

    keys: NDArray[np.uint32]
    has_alpha: bool = False
    source: Source = _NO_SOURCE
    animation: Animation | None = None
    metadata: Metadata | None = None
    indexed: Indexed | None = None

    def __repr__(self) -> str:
        width, height = self.size
        facts = [f"{width} x {height}", *([f"{self.n_frames} frames"] if self.n_frames > 1 else [])]
        return f"Picture({', '.join([*facts, *(['with alpha'] if self.has_alpha else []), repr(self.source.name)])})"

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


def harden_alpha(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Make each key with alpha opaque from one half on, and fully transparent below, where its color is gone, too."""
    import numpy as np

    hard: NDArray[np.uint32] = np.where(keys >= np.uint32(0x80000000), keys | np.uint32(0xFF000000), np.uint32(0))
    return hard


def coarsen(keys: NDArray[np.uint32], n_bits: int) -> NDArray[np.uint32]:
    """Give each key the one that stands for its cell, which is all keys of the same leading bits in each channel.

    The least and the highest value of a channel are cells of their own: black, white, clear and opaque stay as they
    are. The others are drawn from their cells, as middles would be half a level off. A cell of fewer bits is one of
    whole cells of more.
    """
    import numpy as np

    if n_bits == 8:
        return keys
    below = np.uint32(0x01010101 * ((1 << (8 - n_bits)) - 1))
    cells: NDArray[np.uint32] = keys & ~below
    drawn = cells * _MIXER
    drawn ^= drawn >> np.uint32(16)
    drawn *= _MIXER
    drawn ^= drawn >> np.uint32(16)
    drawn &= below
    cells |= drawn
    before, after = keys.view("u1"), cells.view("u1")
    np.clip(after, 1, 254, out=after)
    ends = (before == 0) | (before == 255)
    after[ends] = before[ends]
    return cells


@dataclass(frozen=True, eq=False, repr=False)
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
    n_bits : int
        Of each channel, that tell colors apart: 8, or fewer where a picture has too many colors to hold. Then each key
        stands for those in its cell.
    """

    keys: NDArray[np.uint32]
    counts: NDArray[Any]
    has_alpha: bool = False
    n_bits: int = 8

    def __repr__(self) -> str:
        return f"Histogram({len(self):,} colors of {self.total:,.0f} pixels)"

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
    def is_exact(self) -> bool:
        """Whether each key is a color, rather than a cell of like colors."""
        return self.n_bits == 8

    @property
    def has_clear(self) -> bool:
        """Whether fully transparent pixels are among them; their key is the first."""
        return self.has_alpha and len(self) > 0 and not self.keys[0]

    @property
    def visible(self) -> Histogram:
        """Those that are not fully transparent."""
        return replace(self, keys=self.keys[1:], counts=self.counts[1:]) if self.has_clear else self

    @cached_property
    def total(self) -> float:
        """The sum of all counts."""
        return float(self.counts.sum())

    def __len__(self) -> int:
        return len(self.keys)

    def __add__(self, other: Histogram) -> Histogram:
        import numpy as np

        has_alpha, n_bits = self.has_alpha or other.has_alpha, min(self.n_bits, other.n_bits)
        keys = np.concatenate([coarsen(each._keys_with(has_alpha), n_bits) for each in (self, other)])
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], np.concatenate([self.counts, other.counts])[order]
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        return Histogram(keys[first], np.add.reduceat(counts, first), has_alpha, n_bits)

    def _keys_with(self, has_alpha: bool) -> NDArray[np.uint32]:
        if self.has_alpha == has_alpha:
            return self.keys
        opaque: NDArray[np.uint32] = self.keys + self.keys.dtype.type(0xFF000000)
        return opaque
