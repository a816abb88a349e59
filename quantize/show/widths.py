"""Text in the cells of a terminal: an ideogram takes two of them, and an accent on the letter before it none."""

from __future__ import annotations

import re
import unicodedata

_LONGEST_MESSAGE = 300
"""Characters of a message: four lines of a terminal."""

_LEAST_OF_WORD = 40
"""Characters of a word that are kept: a name can still be found by its beginning and its end."""


def printable(text: str) -> str:
    """Spell out what a terminal would obey: line breaks, escape codes, bytes that are no text."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def measure_width(text: str) -> int:
    """Tell how many cells a text takes."""
    return sum(_measure_character(character) for character in text)


def shorten(text: str, width: int, *, keeps_end: bool = True) -> str:
    """Cut a text that is too wide: its beginning, since how a file's name ends tells it from others, or its end."""
    if measure_width(text) <= width:
        return text
    dots = "..."[: max(0, width - 1)]
    while text and (excess := measure_width(text) - width + len(dots)) > 0:
        n_cut = max(1, excess // 2)  # a character is at most two cells wide: as many are too many in any case
        text = text[n_cut:] if keeps_end else text[:-n_cut]
    return dots + text if keeps_end else text.rstrip() + dots


def tell_shortly(text: str, most: int = _LONGEST_MESSAGE) -> str:
    """Spell out a message on one line, and cut the middle of its longest words, which are paths, where it is long."""
    words = printable(text).split(" ")
    while (excess := len(" ".join(words)) - most) > 0:
        longest = max(range(len(words)), key=lambda place: len(words[place]))
        word = words[longest]
        kept = max(len(word) - excess - 3, _LEAST_OF_WORD)
        if kept + 3 >= len(word):  # a text of short words
            return f"{' '.join(words)[: most - 3]}..."
        words[longest] = f"{word[: kept // 2]}...{word[-(kept - kept // 2) :]}"
    return " ".join(words)


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
