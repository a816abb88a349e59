"""Text on a drawing, in the font that Pillow carries: Aileron (Sora Sagano, CC0).

Each character is drawn once in a run, and copied from then on: to draw a word takes FreeType 0.2 ms, and a swatch of
256 colors has 500.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Coverage = NDArray[np.uint8]

_GLYPHS: dict[tuple[int, str], Coverage] = {}
"""How much of its pixels each character covers, 0 to 255, by its size."""


class Lettering:
    """A size of the font.

    Parameters
    ----------
    size : int
        In pixels.
    texts : iterable of str
        All that will be written, so that the characters are drawn together.
    """

    def __init__(self, size: int, texts: Iterable[str]) -> None:
        self.size = size
        self.height = round(1.3 * size)
        self._draw(sorted(set().union("...", *texts) - {character for size, character in _GLYPHS if size == self.size}))

    def measure(self, text: str) -> int:
        """Tell how wide a text is, in pixels."""
        return sum(_GLYPHS[self.size, character].shape[1] for character in text)

    def shorten(self, text: str, width: int) -> str:
        """Cut the end of a text that is too wide."""
        if self.measure(text) <= width:
            return text
        kept, left = 0, width - self.measure("...")
        while kept < len(text) and (left := left - self.measure(text[kept])) >= 0:
            kept += 1
        return text[:kept] + "..."

    def write(self, canvas: Coverage, left: int, top: int, text: str) -> None:
        """Write a text that fits on the canvas from there on."""
        line = canvas[top : top + self.height]
        for character in text:
            glyph = _GLYPHS[self.size, character]
            right = left + glyph.shape[1]
            line[:, left:right] = glyph
            left = right

    def _draw(self, characters: list[str]) -> None:
        if not characters:
            return
        font = _load_font(self.size)
        # In one go, and parted by spaces, so that none reaches into the next.
        mask, (left, top) = font.getmask2(" ".join(characters), "L", anchor="ls")
        ink = np.array(mask, np.uint8).reshape(mask.size[1], mask.size[0])
        widths = [round(font.getlength(character)) for character in (*characters, " ")]
        line = np.zeros((self.height, sum(widths) + widths[-1] * len(characters)), np.uint8)
        top += self.size
        line[top : top + len(ink), left : left + ink.shape[1]] = ink
        start = 0
        for character, width in zip(characters, widths, strict=False):
            _GLYPHS[self.size, character] = line[:, start : start + width]
            start += width + widths[-1]


def spell_plainly(name: str) -> str:
    """Spell a name in the characters that the font has: accents go, and what has no letter in ASCII goes too."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip()


@functools.cache
def _load_font(size: int):  # type: ignore[no-untyped-def]
    # Its import takes 4 ms, which a run without a swatch has no use for.
    from PIL import ImageFont

    return ImageFont.load_default(size)
