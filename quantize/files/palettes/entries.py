"""A color as a file says it, an entry of a palette file that was read, and one that will be written."""

from __future__ import annotations

from typing import NamedTuple

RGBA = tuple[int, int, int, int]


class ModelColor(NamedTuple):
    """A color in numbers of another model than 8-bit sRGB: `quantize.color.models` knows what they look like.

    `values` have the units of the model there; `alpha` is 0 to 1.
    """

    model: str
    values: tuple[float, ...]
    alpha: float = 1


Color = RGBA | ModelColor


class Entry(NamedTuple):
    """A color of a palette file, and its name where it has one."""

    color: Color
    name: str = ""


class ExportEntry(NamedTuple):
    """A color to write: its name where it has one, its share of the pixels where that is known."""

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
