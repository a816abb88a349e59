"""How a picture is converted, and the names that options choose from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from quantize.errors import UsageError
from quantize.records.palette import MAX_COLORS

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
        Colors that are in the palette, whatever else is found, and count among `n_colors`. Codes like ``#e4002b`` and
        names are read.
    accents : float
        0 to 1: how much goes to colors that are small and far from the others; at 0, each pixel has a vote.
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
    despeckle : int
        Pixels from which a patch of one color stays; smaller ones join a neighbor.
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
    accents: float = 0.0
    target: Target | None = None
    space: str = "rgb"
    effort: str = "balanced"
    seed: int = 0
    engine: Mapping[str, Any] = field(default_factory=dict)
    dither: str = "none"
    dither_strength: float | None = None
    despeckle: int = 0
    format: str | None = None
    bits: int | None = None
    optimize: bool = False
    background: str | None = None
    keep_metadata: bool = False
    max_pixels: int = MAX_PIXELS
    n_threads: int = 1

    def __post_init__(self) -> None:
        """See that names and numbers are among those that there are, and read kept colors that are names.

        Raises
        ------
        UsageError
            The sentence names the field.
        """
        if not 1 <= self.n_colors <= MAX_COLORS:
            raise UsageError(f"n_colors={self.n_colors}: should be from 1 to {MAX_COLORS}")
        for field_name, names in _CHOICES.items():
            value = getattr(self, field_name)
            if value is not None and value not in names:
                raise UsageError(f"{field_name}={value!r}: there is none; there are {', '.join(names)}")
        if isinstance(self.keep, str) or any(isinstance(color, str) for color in self.keep):
            kept: Sequence[Any] = (self.keep,) if isinstance(self.keep, str) else self.keep
            object.__setattr__(self, "keep", tuple(_read_color(color) for color in kept))
        if self.background is not None and (len(self.background) != 7 or self.background[0] != "#"):
            object.__setattr__(self, "background", "#" + bytes(_read_color(self.background)).hex())
        if self.target is not None and not isinstance(self.target, Target):
            raise UsageError(f"target={self.target!r}: should be like Target('psnr', 34)")

    @property
    def finder(self) -> str:
        """The name of the way in which a palette is found."""
        if self.candidates is not None:
            return "candidates"
        return "accents" if self.accents else "area"

    def __repr__(self) -> str:
        fields = dataclasses.fields(self)
        changed = [field.name for field in fields if getattr(self, field.name) != _default_of(field)]
        return f"Settings({', '.join(f'{name}={getattr(self, name)!r}' for name in changed)})"


_CHOICES = {"space": SPACES, "effort": EFFORTS, "dither": DITHERS, "format": FORMATS}
"""The names that fields choose from."""


def _default_of(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _read_color(color: str | tuple[int, int, int]) -> tuple[int, int, int]:
    if not isinstance(color, str):
        return color
    from PIL import ImageColor

    try:
        red, green, blue, *alpha = ImageColor.getrgb(color)
    except ValueError:
        raise UsageError(f"{color!r} is not a color; write it as '#e4002b', (228, 0, 43) or 'tomato'") from None
    if alpha not in ([], [255]):
        raise UsageError(f"{color!r}: is not opaque, as it should be here; leave its alpha out")
    return red, green, blue
