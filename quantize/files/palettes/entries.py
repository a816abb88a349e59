"""A color as people write it, and an entry of a palette file as all formats see it."""

from __future__ import annotations

import re
from typing import NamedTuple

from PIL import ImageColor

from quantize.errors import UsageError

RGBA = tuple[int, int, int, int]

_BARE_HEX = re.compile(r"[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}", re.IGNORECASE)
_COMMA_OUTSIDE_BRACKETS = re.compile(r",(?![^()]*\))")
_SPACE_BETWEEN_NUMBERS = re.compile(r"(?<=[\d%])\s+(?=\d)")


class Entry(NamedTuple):
    """A color of a palette file: its name where it has one, its share of the pixels where that is known."""

    color: RGBA
    name: str = ""
    share: float | None = None

    @property
    def hex(self) -> str:
        """``#rrggbb``, or ``#rrggbbaa`` where it is not opaque."""
        return "#" + bytes(self.color).hex()[: 6 if self.color[3] == 255 else 8]

    @property
    def label(self) -> str:
        """Its name, or else what there is to say about it."""
        return self.name or (self.hex if self.share is None else f"{self.hex} {self.share:.2%}")


def parse_color(text: str) -> RGBA:
    """Read a color.

    Parameters
    ----------
    text : str
        What Pillow's `ImageColor` reads (``#e4002b``, ``#e40``, ``rgb(228,0,43)``, a CSS name); hexadecimal
        digits also without ``#``, and numbers also parted by spaces, as browsers show them.

    Returns
    -------
    tuple of int
        Red, green, blue and alpha, 0 to 255.

    Raises
    ------
    UsageError
        It is none of these.
    """
    plain = text.strip()
    if _BARE_HEX.fullmatch(plain):
        plain = f"#{plain}"
    try:
        red, green, blue, alpha = (*ImageColor.getrgb(_SPACE_BETWEEN_NUMBERS.sub(",", plain)), 255)[:4]
        if all(0 <= value <= 255 for value in (red, green, blue, alpha)):
            return red, green, blue, alpha
    except ValueError:
        pass
    raise UsageError(f"{plain!r} is not a color; write it as #e4002b, #e40, 'rgb(228,0,43)' or a CSS name like tomato")


def parse_colors(text: str) -> list[RGBA]:
    """Read a list of colors, parted by commas outside of brackets.

    Raises
    ------
    UsageError
        One of them is no color.
    """
    return [parse_color(item) for item in _COMMA_OUTSIDE_BRACKETS.split(text)]
