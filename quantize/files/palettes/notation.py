"""A color as people write it: hexadecimal digits, CSS names and the functions of CSS Color 4.

https://www.w3.org/TR/css-color-4/: what each function takes, and what a percentage of it is. The numbers are only read
here: `quantize.color.models` says what they look like.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from PIL import ImageColor

from quantize.errors import UsageError
from quantize.files.palettes.entries import RGBA, Color, ModelColor

_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_FUNCTION = re.compile(r"([a-z]+)\((.*)\)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%|deg|grad|rad|turn)?", re.IGNORECASE)
_BREAK = re.compile(r"[(),]")
_LONGEST = 32
"""Characters that a number may have: more than any program writes."""
_SHOWN = 40
"""Characters of what is no color that a sentence repeats."""

_TURNS = {"": 360, "deg": 360, "grad": 400, "rad": 2 * math.pi, "turn": 1}


class _Component(NamedTuple):
    """A number that a function takes: what 100% of it is, and its range. An angle is in degrees, and has no range."""

    full: float
    low: float = -math.inf
    high: float = math.inf
    is_angle: bool = False


_LEVEL = _Component(255, 0, 255)
_PERCENT = _Component(100, 0, 100)
_FRACTION = _Component(1)
_ALPHA = _Component(1, 0, 1)
_HUE = _Component(math.nan, is_angle=True)
_CHROMA = _Component(150, 0)
_OK_CHROMA = _Component(0.4, 0)

_FUNCTIONS: dict[str, tuple[_Component, ...]] = {
    "rgb": (_LEVEL,) * 3,
    "hsl": (_HUE, _PERCENT, _PERCENT),
    "hsv": (_HUE, _PERCENT, _PERCENT),
    "hwb": (_HUE, _PERCENT, _PERCENT),
    "lab": (_PERCENT, _Component(125), _Component(125)),
    "lch": (_PERCENT, _CHROMA, _HUE),
    "oklab": (_ALPHA, _Component(0.4), _Component(0.4)),
    "oklch": (_ALPHA, _OK_CHROMA, _HUE),
    "cmyk": (_ALPHA,) * 4,
}
_ALIASES = {"rgba": "rgb", "hsla": "hsl", "hsb": "hsv", "device-cmyk": "cmyk"}

_COLOR_SPACES = {
    **{name: name for name in ("srgb", "srgb-linear", "display-p3", "a98-rgb", "prophoto-rgb", "rec2020", "xyz-d50")},
    "xyz": "xyz-d65",
    "xyz-d65": "xyz-d65",
}
"""What ``color()`` may name, and its model."""


def read_color(text: str) -> Color:
    """Read a color.

    Parameters
    ----------
    text : str
        Hexadecimal digits with or without ``#``, a CSS name, or a function of CSS Color 4, with its older commas or
        its spaces: ``#e4002b``, ``tomato``, ``rgb(228 0 43 / 50%)``, ``oklch(63.7% 0.237 25.331)``.

    Returns
    -------
    Color
        Red, green, blue and alpha, 0 to 255; or the numbers of another model.

    Raises
    ------
    UsageError
        It is none of these, or a number is out of range.
    """
    plain = text.strip()
    if found := _HEX.fullmatch(plain):
        return _from_digits(found[1])
    if (name := plain.lower()) == "transparent":
        return 0, 0, 0, 0
    if name in ImageColor.colormap:
        red, green, blue = ImageColor.getrgb(name)[:3]
        return red, green, blue, 255
    if found := _FUNCTION.fullmatch(plain.lower().replace("device-cmyk", "cmyk")):
        color = _from_function(found[1], found[2])
        if color is not None:
            return color
    shown = plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "..."
    raise UsageError(f"{shown!r} is not a color; write it as #e4002b, #e40, 'rgb(228,0,43)' or a CSS name like tomato")


def split_colors(text: str, breaks: re.Pattern[str] = _BREAK) -> list[str]:
    """Part a list of colors at its commas outside of brackets, or where else a pattern of brackets and breaks says."""
    parts, start, depth = [], 0, 0
    for found in breaks.finditer(text):
        if found[0] in ("(", ")"):
            depth = max(0, depth + (1 if found[0] == "(" else -1))
        elif not depth:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def _from_digits(digits: str) -> RGBA:
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue, alpha = (*bytes.fromhex(digits), 255)[:4]
    return red, green, blue, alpha


def _from_function(name: str, arguments: str) -> Color | None:
    name = _ALIASES.get(name, name)
    before, slash, after = arguments.partition("/")
    words = before.split(",") if "," in before else before.split()
    if name == "color":
        model = _COLOR_SPACES.get(words[0] if words else "")
        components: Sequence[_Component] = (_FRACTION,) * 3
        words = words[1:]
    else:
        model, components = name, _FUNCTIONS.get(name, ())
    if "," in before and not slash and len(words) == len(components) + 1:
        *words, after = words
        slash = ","
    if model is None or not components or len(words) != len(components):
        return None
    numbers = [_read_number(word, component) for word, component in zip(words, components, strict=True)]
    alpha = _read_number(after, _ALPHA) if slash else 1.0
    values = tuple(number for number in numbers if number is not None)
    if alpha is None or len(values) < len(components):
        return None
    if model == "rgb":
        red, green, blue = (int(value + 0.5) for value in values)
        return red, green, blue, int(255 * alpha + 0.5)
    return ModelColor(model, values, alpha)


def _read_number(word: str, component: _Component) -> float | None:
    word = word.strip()
    if word == "none":
        return 0.0
    found = _NUMBER.fullmatch(word) if len(word) <= _LONGEST else None
    if found is None:
        return None
    value, unit = float(found[1]), found[2] or ""
    if not math.isfinite(value):
        return None
    if component.is_angle:
        return None if unit not in _TURNS else value % _TURNS[unit] * 360 / _TURNS[unit]
    if unit not in ("", "%"):
        return None
    value = value * component.full / 100 if unit else value
    return value if component.low <= value <= component.high else None
