"""How a picture is converted, and the names that options choose from."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, NamedTuple

from quantize.errors import UsageError
from quantize.records.palette import MAX_COLORS, MAX_INDEXED, Palette

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


AUTO = Target("delta-e", 2)
"""What as few colors as nobody misses reach."""

_UNITS = {"": 1, "b": 1, "k": 1e3, "kb": 1e3, "kib": 2**10, "m": 1e6, "mb": 1e6, "mib": 2**20}


def parse_target(text: str, option: str = "target") -> Target:
    """Read a measure and its value, parted by an equals sign; bytes with or without a unit.

    Raises
    ------
    UsageError
        There is no such measure, or its value is no number or out of range. The sentence begins with the option.
    """
    measure, _, value = text.strip().lower().partition("=")
    number = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([a-z]*)", value.strip())
    unit = _UNITS.get(number[2]) if number and (measure == "size" or not number[2]) else None
    if measure not in TARGETS or number is None or unit is None:
        raise UsageError(f"{option} {text!r}: should be like psnr=34, ssim=0.95, delta-e=2 or size=40KB")
    amount = float(number[1]) * unit
    if not 0 < amount < (1 if measure == "ssim" else math.inf):
        raise UsageError(f"{option} {text!r}: should be above 0{', and below 1' if measure == 'ssim' else ''}")
    return Target(measure, amount)


READERS: dict[str, Callable[[Any], Any]] = {}
"""How fields are read that people write as text: "palette" and "color". The package puts the pipeline's readers here,
which knows the notations and files."""


@dataclass(frozen=True, repr=False)
class Settings:
    """How one picture is converted.

    Parameters
    ----------
    n_colors : int or "auto"
        Palette entries at most, 1 to 4096; above 256 the result is true color. "auto" is the target "delta-e=2".
    palette : Palette, what `load_palette` takes, or None
        This palette instead of finding one; "-" sets `own_palette`.
    own_palette : bool
        Whether an indexed picture keeps the palette that it came with, and its labels.
    transparent_index : int or None
        The palette row of the transparent entry, which then is there whether or not a pixel is transparent, and counts
        among `n_colors`; of a given palette this entry becomes the transparent one.
    candidates : Palette, what `load_palette` takes, or None
        This palette's best `n_colors` entries for the picture, instead of finding other colors.
    keep : tuple of (red, green, blue), or of text
        Colors that are in the palette, whatever else is found, and count among `n_colors`: ``#e4002b``, ``tomato`` or
        any other notation of CSS.
    accents : float
        0 to 1: how much a small color weighs that is far from all entries; at 0, each pixel has a vote and no more.
    target : Target, text like "psnr=34", or None
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
        Color that transparency is laid on, in any notation of CSS; None keeps it.
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
        """Read what people write as text, and see that names and numbers are among those that there are.

        Raises
        ------
        UsageError
            The sentence names the field.
        """
        for name, value in _read_texts(self).items():
            object.__setattr__(self, name, value)
        for name, names in _CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in names:
                raise UsageError(f"{name}={value!r}: there is none; there are {', '.join(map(str, names))}")
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not (isinstance(value, Real) and least <= float(value) <= most):
                limit = f"from {least} to {most}" if math.isfinite(most) else f"{least} or more"
                raise UsageError(f"{name}={value!r}: should be a number, {limit}")

    @property
    def leaves_one(self) -> bool:
        """Whether a palette is found in which an entry for what is clear leaves one other."""
        is_found = self.palette is None or self.palette.origin == "shared"
        return self.n_colors == 2 and self.target is None and is_found

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


_HEX = re.compile("#[0-9a-f]{6}")

_CHOICES = {"space": SPACES, "effort": EFFORTS, "dither": DITHERS, "format": FORMATS, "bits": (1, 2, 4, 8)}
"""What fields choose from."""

_RANGES = {
    "n_colors": (1, MAX_COLORS), "transparent_index": (0, MAX_INDEXED - 1), "accents": (0, 1), "seed": (0, 2**32 - 1),
    "dither_strength": (0, 1), "despeckle": (0, math.inf), "max_pixels": (1, math.inf), "n_threads": (1, math.inf),
}  # fmt: skip
"""The least and the most that fields may be."""


def _default_of(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _read_texts(settings: Settings) -> dict[str, Any]:
    """Read the fields that were given as text: their values, by their names."""
    read: dict[str, Any] = {}
    target: Any = settings.target
    if isinstance(settings.n_colors, str) and settings.n_colors == "auto":
        read["n_colors"], target = Settings.n_colors, AUTO if target is None else target
    if isinstance(target, str):
        target = parse_target(target)
    if target is not None and not isinstance(target, Target):
        raise UsageError(f"target={target!r}: should be like 'psnr=34' or Target('psnr', 34)")
    if target is not settings.target:
        read["target"] = target
    for name in ("palette", "candidates"):
        given: Any = getattr(settings, name)
        if isinstance(given, str) and given == "-" and name == "palette":
            read |= {"palette": None, "own_palette": True}
        elif given is not None and not isinstance(given, Palette):
            read[name] = READERS["palette"](given)
    kept: Sequence[Any] = (settings.keep,) if isinstance(settings.keep, str) else settings.keep
    if any(isinstance(color, str) for color in kept):
        read["keep"] = tuple(_read_opaque(color) if isinstance(color, str) else color for color in kept)
    if settings.background is not None and not _HEX.fullmatch(settings.background):
        read["background"] = "#" + bytes(_read_opaque(settings.background)).hex()
    return read


def _read_opaque(color: str) -> tuple[int, int, int]:
    red, green, blue, alpha = READERS["color"](color)
    if alpha < 255:
        raise UsageError(f"{color!r}: is not opaque, as it should be here; leave its alpha out")
    return red, green, blue
