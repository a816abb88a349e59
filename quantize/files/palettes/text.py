"""Palette files that are text: GPL, HEX, JASC-PAL and JSON.

Readers take the text and give entries; a line that they cannot read is an `InputError` that starts with its number.
Writers take entries and give text. Colors come with alpha, which is 255 throughout where the format has no place for
it.

- GPL: https://developer.gimp.org/core/standards/gpl, and Aseprite's extension of it to alpha.
- HEX: one ``rrggbb`` in a line, as https://lospec.com/palette-list offers them; ``aarrggbb`` in the palettes of
  Paint.NET, https://www.getpaint.net/doc/latest/WorkingWithPalettes.html
- JASC-PAL: Paint Shop Pro's; there is no publication by its makers. http://www.cryer.co.uk/file-types/p/pal.htm
- JSON: our own, and the palette of our reports; Lospec's, with ``colors``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quantize.errors import InputError, UsageError
from quantize.files.palettes.entries import RGBA, Color, Entry, ExportEntry
from quantize.files.palettes.notation import read_color
from quantize.version import MARK, PALETTE_SCHEMA

_GPL_HEADER = "GIMP Palette"
_PAL_HEADER = "JASC-PAL"
_HEX_CODE = re.compile(r"(#?)([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_LONGEST = 8
"""Digits that any number of these files has, at most."""
_ALPHA_FIRST = re.compile(r"paint\.net|aarrggbb|argb", re.IGNORECASE)
_ALPHA_LAST = re.compile(r"rrggbbaa|rgba", re.IGNORECASE)


def is_gpl(text: str) -> bool:
    return text.startswith(_GPL_HEADER)


def read_gpl(text: str) -> Iterator[Entry]:
    """Read a GIMP palette: names after the numbers, comments and blank lines skipped."""
    lines = _numbered(text)
    number, header = next(lines, (1, ""))
    if not header.startswith(_GPL_HEADER):
        raise InputError(f"line {number}: should be {_GPL_HEADER!r}, not {header[:40]!r}")
    n_channels = 3
    for number, line in lines:
        if field := re.match(r"([A-Za-z]+):\s*(.*)", line):
            n_channels = 4 if field.groups() == ("Channels", "RGBA") else n_channels
        elif not line.startswith("#"):
            *values, name = [*line.split(maxsplit=n_channels), ""][: n_channels + 1]
            yield Entry(_to_color(values, n_channels, number), name)


def write_gpl(entries: Sequence[ExportEntry], title: str) -> str:
    # Pillow reads 256 entries only where no more than three lines stand between the first line and them.
    lines = [_GPL_HEADER, "Name: quantize", "Columns: 16", f"# {MARK}"]
    lines += ["{:3} {:3} {:3}\t{}".format(*entry.color[:3], _one_line(entry.label)) for entry in entries]
    return _join(lines)


def is_pal(text: str) -> bool:
    return text.startswith(_PAL_HEADER)


def read_pal(text: str) -> Iterator[Entry]:
    """Read a Paint Shop Pro palette, whose third line counts its colors."""
    lines = _numbered(text)
    for expected in (_PAL_HEADER, "0100"):
        number, line = next(lines, (1, ""))
        if line != expected:
            raise InputError(f"line {number}: should be {expected!r}, not {line[:40]!r}")
    number, count = next(lines, (3, ""))
    if not count.isdecimal():
        raise InputError(f"line {number}: should be the number of colors, not {count[:40]!r}")
    n_entries = 0
    for number, line in lines:
        values = line.split()
        yield Entry(_to_color(values, 4 if len(values) == 4 else 3, number))
        n_entries += 1
    if n_entries != int(count[:_LONGEST]):
        raise InputError(f"line 3: announces {count[:_LONGEST]} colors, but {n_entries} follow")


def write_pal(entries: Sequence[ExportEntry], title: str) -> str:
    lines = [_PAL_HEADER, "0100", str(len(entries)), *("{} {} {}".format(*entry.color[:3]) for entry in entries)]
    return _join(lines, "\r\n")


def is_hex(text: str) -> bool:
    """Tell by the first line that is no comment."""
    line = next((line for _, line in _numbered(text) if not line.startswith(";")), "")
    code = line.partition(";")[0].replace(",", " ").split(maxsplit=1)
    return bool(code and _HEX_CODE.fullmatch(code[0]))


def read_hex(text: str) -> Iterator[Entry]:
    """Read hexadecimal colors, one or more in a line; comments, after a semicolon, may say where alpha stands."""
    for number, line in _numbered(text):
        for code in line.partition(";")[0].replace(",", " ").split():
            yield Entry(_read_digits(code, text, f"line {number}"))


def _read_digits(code: str, text: str, place: str) -> Color:
    """Read digits, of which eight have alpha where a comment says; or last, as in CSS, where they begin with #."""
    if (found := _HEX_CODE.fullmatch(code)) and len(found[2]) == 8:
        said = _read_comments(text)
        if _ALPHA_FIRST.search(said):
            code = "#" + found[2][2:] + found[2][:2]
        elif not found[1] and not _ALPHA_LAST.search(said):
            raise InputError(
                f"{place}: {code!r} may have its alpha first or last; write #rrggbbaa, or say '; AARRGGBB' in a comment"
            )
    return _parse(code, place)


@functools.lru_cache(maxsize=1)  # each color asks
def _read_comments(text: str) -> str:
    return " ".join(line.partition(";")[2] for _, line in _numbered(text))


def write_hex(entries: Sequence[ExportEntry], title: str) -> str:
    return _join([entry.hex[1:] for entry in entries])


def is_json(text: str) -> bool:
    return bool(re.match(r"\s*[\[{]\s*[\[{\"\]}\d]", text))


def read_json(text: str) -> Iterator[Entry]:
    """Read our own JSON or a report of ours, by index; a list of colors, or Lospec's; or colors by name."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise InputError("has brackets within brackets without end") from None
    if isinstance(document, dict):
        document = next((document[key] for key in ("palette", "colors") if key in document), document)
    if isinstance(document, dict):
        return _read_named(document, ())
    if not isinstance(document, list):
        raise InputError("should have its colors in a list called 'palette' or 'colors'")
    if all(isinstance(item, dict) and isinstance(item.get("index"), int) for item in document):
        document = sorted(document, key=lambda item: item["index"])
    return (_read_item(item, f"color {number}") for number, item in enumerate(document, start=1))


def _read_named(colors: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Entry]:
    for name, item in colors.items():
        here = (*path, name)
        if isinstance(item, dict) and "hex" not in item:
            yield from _read_named(item, here)
        else:
            entry = _read_item(item, f"color {'-'.join(here)!r}")
            yield entry._replace(name=entry.name or "-".join(part for part in here if part != "DEFAULT"))


def _read_item(item: Any, place: str) -> Entry:
    if isinstance(item, str):
        return Entry(_read_digits(item, "", place))
    if isinstance(item, list):
        return Entry(_to_color([str(value) for value in item], 4 if len(item) == 4 else 3, place))
    if isinstance(item, dict) and isinstance(item.get("hex"), str):
        return Entry(_parse(item["hex"], place), str(item.get("name") or ""))
    raise InputError(f"{place}: should be '#rrggbb', a list of three numbers, or an object with 'hex'")


def write_json(entries: Sequence[ExportEntry], title: str) -> str:
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
    if len(values) != n_channels or not all(map(_is_level, values)):
        shown = " ".join(values)[:40]
        raise InputError(f"{place}: should be {n_channels} whole numbers up to 255, not {shown!r}")
    red, green, blue, alpha = (*map(int, values), 255)[:4]
    return red, green, blue, alpha


def _is_level(value: str) -> bool:
    return value.isdecimal() and len(value) <= _LONGEST and int(value) <= 255


def _parse(text: str, place: str) -> Color:
    try:
        return read_color(text)
    except UsageError as error:
        raise InputError(f"{place}: {error}") from None


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _join(lines: Sequence[str], ending: str = "\n") -> str:
    return "".join(f"{line}{ending}" for line in lines)
