"""Palette files that are text: GPL, HEX, JASC-PAL, CSS custom properties and JSON.

Readers take the text and give entries; a line that they cannot read is an `InputError` that starts with its number.
Writers take entries and give text. Colors come with alpha, which is 255 throughout where the format has no place for
it.

- GPL: https://developer.gimp.org/core/standards/gpl, and Aseprite's extension of it to alpha.
- HEX: one ``rrggbb`` in a line, as https://lospec.com/palette-list offers them.
- JASC-PAL: Paint Shop Pro's; there is no publication by its makers. http://www.cryer.co.uk/file-types/p/pal.htm
- CSS: custom properties, https://www.w3.org/TR/css-variables-1/
- JSON: our own, and the palette of our reports.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from quantize.errors import InputError, UsageError
from quantize.files.palettes.entries import RGBA, Entry, parse_color
from quantize.version import MARK, PALETTE_SCHEMA

_GPL_HEADER = "GIMP Palette"
_PAL_HEADER = "JASC-PAL"
_CSS_PROPERTY = re.compile(r"--([\w-]+)\s*:\s*([^;{}]+)")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_NAME = re.compile(r"[A-Za-z_][\w-]*")
_COLOR_START = re.compile(r"#|rgb|hs[lv]", re.IGNORECASE)


def is_gpl(text: str) -> bool:
    return text.startswith(_GPL_HEADER)


def read_gpl(text: str) -> list[Entry]:
    """Read a GIMP palette: names after the numbers, comments and blank lines skipped."""
    lines = _numbered(text)
    number, header = next(lines, (1, ""))
    if not header.startswith(_GPL_HEADER):
        raise InputError(f"line {number}: should be {_GPL_HEADER!r}, not {header!r}")
    n_channels = 3
    entries = []
    for number, line in lines:
        if field := re.match(r"([A-Za-z]+):\s*(.*)", line):
            n_channels = 4 if field.groups() == ("Channels", "RGBA") else n_channels
        elif not line.startswith("#"):
            *values, name = [*line.split(maxsplit=n_channels), ""][: n_channels + 1]
            entries.append(Entry(_to_color(values, n_channels, number), name))
    return entries


def write_gpl(entries: Sequence[Entry]) -> str:
    # Pillow reads 256 entries only where no more than three lines stand between the first line and them.
    lines = [_GPL_HEADER, "Name: quantize", "Columns: 16", f"# {MARK}"]
    lines += ["{:3} {:3} {:3}\t{}".format(*entry.color[:3], _one_line(entry.label)) for entry in entries]
    return _join(lines)


def is_pal(text: str) -> bool:
    return text.startswith(_PAL_HEADER)


def read_pal(text: str) -> list[Entry]:
    """Read a Paint Shop Pro palette, whose third line counts its colors."""
    lines = _numbered(text)
    for expected in (_PAL_HEADER, "0100"):
        number, line = next(lines, (1, ""))
        if line != expected:
            raise InputError(f"line {number}: should be {expected!r}, not {line!r}")
    number, count = next(lines, (3, ""))
    if not count.isdecimal():
        raise InputError(f"line {number}: should be the number of colors, not {count!r}")
    entries = []
    for number, line in lines:
        values = line.split()
        entries.append(Entry(_to_color(values, 4 if len(values) == 4 else 3, number)))
    if len(entries) != int(count):
        raise InputError(f"line 3: announces {count} colors, but {len(entries)} follow")
    return entries


def write_pal(entries: Sequence[Entry]) -> str:
    lines = [_PAL_HEADER, "0100", str(len(entries)), *("{} {} {}".format(*entry.color[:3]) for entry in entries)]
    return _join(lines, "\r\n")


def is_hex(text: str) -> bool:
    return bool(re.match(r"\s*#?([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})\s*$", text, re.IGNORECASE | re.MULTILINE))


def read_hex(text: str) -> list[Entry]:
    """Read hexadecimal colors, one in a line."""
    return [Entry(_parse(line, number)) for number, line in _numbered(text)]


def write_hex(entries: Sequence[Entry]) -> str:
    return _join([entry.hex[1:] for entry in entries])


def is_css(text: str) -> bool:
    return bool(_CSS_PROPERTY.search(_CSS_COMMENT.sub("", text)))


def read_css(text: str) -> list[Entry]:
    """Read the custom properties that are colors, by their names; others, and all else in the file, are skipped."""
    text = _CSS_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    entries = []
    for found in _CSS_PROPERTY.finditer(text):
        name, value = found[1], found[2].strip()
        try:
            entries.append(Entry(parse_color(value), name))
        except UsageError as error:
            if _COLOR_START.match(value):
                raise InputError(f"line {text.count(chr(10), 0, found.start()) + 1}: {error}") from None
    return entries


def write_css(entries: Sequence[Entry]) -> str:
    names = [entry.name for entry in entries]
    usable = len(set(names)) == len(names) and all(map(_CSS_NAME.fullmatch, names))
    lines = [f"/* {MARK} */", ":root {"]
    for number, entry in enumerate(entries, start=1):
        comment = "" if entry.share is None else f" /* {entry.share:.2%} */"
        lines.append(f"  --{entry.name if usable else f'color-{number}'}: {entry.hex};{comment}")
    return _join([*lines, "}"])


def is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def read_json(text: str) -> list[Entry]:
    """Read our own JSON or a report of ours, by index; or a plain list of colors as strings or lists of numbers."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"line {error.lineno}: {error.msg}") from None
    items = document.get("palette") if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise InputError("should have its colors in a list called 'palette'")
    if all(isinstance(item, dict) and isinstance(item.get("index"), int) for item in items):
        items = sorted(items, key=lambda item: item["index"])
    return [_read_item(item, number) for number, item in enumerate(items, start=1)]


def _read_item(item: Any, number: int) -> Entry:
    place = f"color {number}"
    if isinstance(item, str):
        return Entry(_parse(item, place))
    if isinstance(item, list):
        return Entry(_to_color([str(value) for value in item], 4 if len(item) == 4 else 3, place))
    if isinstance(item, dict) and isinstance(item.get("hex"), str):
        return Entry(_parse(item["hex"], place), str(item.get("name") or ""))
    raise InputError(f"{place}: should be '#rrggbb', a list of three numbers, or an object with 'hex'")


def write_json(entries: Sequence[Entry]) -> str:
    palette = [
        {
            "index": index,
            "hex": entry.hex,
            "rgb": entry.color[:3],
            "alpha": entry.color[3],
            "name": entry.name or None,
            "share": entry.share,
        }
        for index, entry in enumerate(entries)
    ]
    document = {"schema": PALETTE_SCHEMA, "version": 1, "software": MARK, "palette": palette}
    return _join([json.dumps(document, indent=2, ensure_ascii=False)])


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    lines = enumerate(map(str.strip, text.splitlines()), start=1)
    return ((number, line) for number, line in lines if line)


def _to_color(values: Sequence[str], n_channels: int, place: int | str) -> RGBA:
    place = f"line {place}" if isinstance(place, int) else place
    if len(values) != n_channels or not all(value.isdecimal() and int(value) <= 255 for value in values):
        raise InputError(f"{place}: should be {n_channels} whole numbers up to 255, not {' '.join(values)!r}")
    red, green, blue, alpha = (*map(int, values), 255)[:4]
    return red, green, blue, alpha


def _parse(text: str, place: int | str) -> RGBA:
    try:
        return parse_color(text)
    except UsageError as error:
        raise InputError(f"{f'line {place}' if isinstance(place, int) else place}: {error}") from None


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _join(lines: Sequence[str], ending: str = "\n") -> str:
    return "".join(f"{line}{ending}" for line in lines)
