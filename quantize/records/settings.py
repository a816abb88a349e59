"""How a picture is converted, and the names that options choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from quantize.records.palette import Palette

EFFORTS = ("fast", "balanced", "best")
SPACES = ("rgb", "linear", "oklab", "lab")
DITHERS = ("none", "floyd-steinberg", "atkinson", "sierra-lite", "bayer", "blue-noise")
FORMATS = ("png", "gif", "webp")
REPORTS = ("none", "basic", "full")
SHARES = ("equal", "pixels")
SORTS = ("hue", "lightness", "share")
PALETTE_ENDINGS = ("gpl", "hex", "pal", "act", "ase", "css", "scss", "json")
"""What the name of a result ends in that is a palette and no picture."""

EXPORTS = ("gpl", "hex", "pal", "act", "ase", "css", "scss", "json", "png")

TARGETS = ("psnr", "ssim", "delta-e", "size")

MAX_PIXELS = 178_956_970
"""Twice the number from which Pillow warns of a decompression bomb, where Pillow itself refuses."""


class Target(NamedTuple):
    """What a palette should reach with the fewest colors; or for "size", the bytes to stay within with the most.

    `measure` is one of `TARGETS`. `value` is in dB for psnr, up to 1 for ssim, the mean CIEDE2000 for delta-e.
    """

    measure: str
    value: float

    def __str__(self) -> str:
        return f"{self.measure}={self.value:g}"


@dataclass(frozen=True)
class Settings:
    """How one picture is converted.

    Parameters
    ----------
    n_colors : int
        Palette entries at most, 1 to 4096; above 256 the result is true color.
    palette : Palette or None
        This palette instead of finding one.
    own_palette : bool
        Whether an indexed picture keeps the palette that it came with, and its labels.
    transparent_index : int or None
        The palette row of the transparent entry, which then is there whether or not a pixel is transparent, and counts
        among `n_colors`; of a given palette this entry becomes the transparent one.
    candidates : Palette or None
        This palette's best `n_colors` entries for the picture, instead of finding other colors.
    keep : tuple of (red, green, blue)
        Colors that are in the palette, whatever else is found, and count among `n_colors`.
    target : Target or None
        Chooses `n_colors` from 2 to 256.
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
    dither_strength : float or None
        0 to 1; 0 is no dither, None is what suits palette and picture.
    format : str or None
        One of `FORMATS`; None is the picture's own for an animation, and png for any other.
    bits : int or None
        Bits per pixel of an indexed PNG, 1, 2, 4 or 8; None is the fewest that its palette needs.
    optimize : bool
        Whether to spend time on a smaller file.
    background : str or None
        ``#rrggbb`` that transparency is laid on; None keeps it.
    keep_metadata : bool
        Whether what the source says beside its pixels is written too.
    max_pixels : int
        Pixels, of all frames together, above which a picture is refused.
    n_threads : int
        Threads that one conversion may use. The result does not depend on it.
    """

    n_colors: int = 16
    palette: Palette | None = None
    own_palette: bool = False
    transparent_index: int | None = None
    candidates: Palette | None = None
    keep: tuple[tuple[int, int, int], ...] = ()
    target: Target | None = None
    space: str = "rgb"
    effort: str = "balanced"
    seed: int = 0
    engine: Mapping[str, Any] = field(default_factory=dict)
    dither: str = "none"
    dither_strength: float | None = None
    format: str | None = None
    bits: int | None = None
    optimize: bool = False
    background: str | None = None
    keep_metadata: bool = False
    max_pixels: int = MAX_PIXELS
    n_threads: int = 1
