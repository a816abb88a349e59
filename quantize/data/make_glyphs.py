"""Draw the characters of a swatch into glyphs.json: ``python quantize/data/make_glyphs.py``.

The font is Aileron (Sora Sagano, CC0), which Pillow carries. A character is its rows, two hexadecimal digits a pixel:
how much of it is covered, 0 to 255.
"""

import json
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_CHARACTERS = "0123456789abcdef#.%<"
_FONT_SIZE = 13
_LINE = 17
_BASELINE = 13


def draw_glyph(character: str) -> list[str]:
    """Draw one character, as wide as it is."""
    font = ImageFont.load_default(_FONT_SIZE)
    image = Image.new("L", (round(font.getlength(character)), _LINE))
    ImageDraw.Draw(image).text((0, _BASELINE), character, 255, font, anchor="ls")
    coverage = image.tobytes()
    return [coverage[start : start + image.width].hex() for start in range(0, len(coverage), image.width)]


if __name__ == "__main__":
    glyphs = {character: draw_glyph(character) for character in _CHARACTERS}
    Path(__file__).with_name("glyphs.json").write_text(json.dumps(glyphs, indent=1) + "\n")
