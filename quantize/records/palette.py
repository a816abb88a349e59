"""A palette: colors in the order in which they are stored, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from quantize.records.report import SearchFacts

MAX_INDEXED = 256
"""Colors of an indexed picture: PNG, GIF and Pillow's mode P name a palette entry with one byte."""

MAX_COLORS = 4096
"""Colors of a true color picture that still deserves the name of a palette."""


Origin = Literal["found", "given", "shared"]
"""Where a palette came from: found in the picture itself, given by a person, or found in several pictures together."""


class Fit(NamedTuple):
    """How the engine came to its centers: its passes over the colors, and its mini-batches."""

    n_iter: int
    n_steps: int


_MOST_NAMED = 8
"""Colors that its repr names."""


@dataclass(frozen=True, eq=False, repr=False)
class Palette:
    """Colors in the order in which they are stored.

    Parameters
    ----------
    colors : ndarray of shape (n_colors, 3) or (n_colors, 4), dtype uint8
        sRGB, with straight alpha as a fourth column where the picture has any.
    origin : str
        One of "found", "given" and "shared". What was not found in the picture itself may not suit its transparency.
    fit : Fit or None
        None where nothing was clustered: given palettes, and pictures that have few colors anyway.
    names : tuple of str
        One per color, some perhaps empty; or none at all.
    title : str
        What a given palette goes by, such as its file's name without the ending.
    search : SearchFacts or None
        How its number of colors was chosen, where a target chose it.
    asked_bits : int or None
        Bits per pixel of an indexed picture; None is the fewest that it needs.
    """

    colors: NDArray[np.uint8]
    origin: Origin = "given"
    fit: Fit | None = None
    names: tuple[str, ...] = ()
    title: str = ""
    search: SearchFacts | None = None
    asked_bits: int | None = None

    @property
    def hex(self) -> list[str]:
        """``#rrggbb``, or ``#rrggbbaa`` where a color is not opaque, one per color."""
        codes = ["#" + row.tobytes().hex() for row in self.colors]
        return [code[:7] if code[7:] == "ff" else code for code in codes]

    def take(self, rows: NDArray[Any]) -> Palette:
        """Some of the colors, in this order, with their names."""
        return replace(self, colors=self.colors[rows], names=self.names and tuple(self.names[row] for row in rows))

    @property
    def bits(self) -> int:
        """Bits per pixel before compression: 1, 2, 4 or 8 of a label, 24 or 32 of true color above 256 colors."""
        if len(self) > MAX_INDEXED:
            return 8 * int(self.colors.shape[1])
        return self.asked_bits or next(bits for bits in (1, 2, 4, 8) if len(self) <= 1 << bits)

    def __repr__(self) -> str:
        codes = self.hex if len(self) <= _MOST_NAMED else [*self.hex[: _MOST_NAMED - 1], "..."]
        return f"Palette({len(self):,} colors: {', '.join(codes)})"

    def __len__(self) -> int:
        return len(self.colors)

    def _repr_html_(self) -> str:
        """Show the colors in a notebook, each with its code and its name."""
        from html import escape

        names = self.names or ("",) * len(self)
        return "".join(
            f'<span title="{escape(f"{code} {name}".strip())}" style="display:inline-block;vertical-align:top;'
            f'width:2em;height:2em;background:{code};outline:1px solid #8888"></span>'
            for code, name in zip(self.hex, names, strict=True)
        )
