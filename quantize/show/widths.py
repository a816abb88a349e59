"""Text in the cells of a terminal: an ideogram takes two of them, and an accent on the letter before it none."""

from __future__ import annotations

import re
import unicodedata


def printable(text: str) -> str:
    """Spell out what a terminal would obey: line breaks, escape codes, bytes that are no text."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def measure_width(text: str) -> int:
    """Tell how many cells a text takes."""
    return sum(_measure_character(character) for character in text)


def shorten(text: str, width: int) -> str:
    """Cut the beginning of a text that is too wide: how a name ends is what tells it from others."""
    if measure_width(text) <= width:
        return text
    dots = "..."[: max(0, width - 1)]
    while text and measure_width(text) > width - len(dots):
        text = text[1:]
    return dots + text


def pad(text: str, width: int) -> str:
    """Cut or fill up a text to exactly a width."""
    text = shorten(text, width)
    return text + " " * (width - measure_width(text))


def wrap(text: str, width: int) -> str:
    """Break a text between words into lines of at most a width; what follows the first is indented."""
    indent = "  " + " " * (len(text) - len(text.lstrip()))
    lines = [""]
    for word in re.findall(r"\s*\S+", text):
        if lines[-1].strip() and measure_width(lines[-1] + word) > width:
            lines.append(indent + word.lstrip())
        else:
            lines[-1] += word
    return "\n".join(lines)


def _measure_character(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
