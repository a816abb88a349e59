"""One picture on one screen: its palette, its bytes before and after, and what was lost, in words.

Text only, in spans that may have a background: the terminal paints them.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from quantize.records.report import LossFacts, LostColor, PaletteEntry, Report
from quantize.show.figures import change_of, format_bytes, format_share
from quantize.show.measures import (
    BLURRED_CIEDE2000,
    BLURRED_PSNR,
    CIEDE2000,
    MEASURES,
    PSNR,
    judge_target,
    list_errors,
    name_target,
)
from quantize.show.widths import measure_width, pad, printable, shorten
from quantize.show.words import judge_difference, judge_psnr

RGB = tuple[int, int, int]

_INDENT = "  "
_LEAST_SHOWN = 16
"""Palette entries that are shown at any width: those of the default."""
_MAX_PALETTE_ROWS = 4
_WIDEST_NAME = 20
"""Cells that the name of a color takes at most: two such blocks stand on 80 columns, and one on 40."""
_BLOCKS = (8, 4, 2, 1)
"""Palette entries on a line, so that those of the usual palettes fill their lines."""
_LONGEST_BAR = 60
_MAX_LOST = 3
_ENOUGH_ACCENTS = 0.5
"""Strength that keeps the first lost color of 40 in 43: of the 26 photographs in 6 and 8 colors that lose any."""

_WORDS: dict[str, Callable[[float], str]] = {
    PSNR: judge_psnr,
    BLURRED_PSNR: judge_psnr,
    CIEDE2000: judge_difference,
    BLURRED_CIEDE2000: judge_difference,
}


class Span(NamedTuple):
    """Some text, and the color behind it."""

    text: str
    color: RGB | None = None


Line = list[Span]


def summarize_report(report: Report, columns: int = 80, bar: str = "#") -> Iterator[Line]:
    """Write a report for a person.

    Parameters
    ----------
    report : Report
    columns : int
        Width of the terminal, 40 or more.
    bar : str
        The character that bars are made of.

    Yields
    ------
    list of Span
        The lines, none wider than the terminal.
    """
    yield from _palette(report["palette"], columns, report["outputs"])
    yield from _bytes(report, columns, bar)
    error = report["error"]
    if error:
        yield from _wrap(_judge(report, error), columns)
        yield from _lost(error["lost"]["colors"], report["settings"], columns)


def summarize_shared(reports: Sequence[Report], columns: int = 80) -> Iterator[Line]:
    """Write the palette that several pictures share, with its shares of all of them: as they counted for it."""
    sums: dict[int, float] = {}
    entries = {}
    for report in reports:
        by_picture = report["settings"]["shared"] == "equal"
        for entry in report["palette"]:
            entries[entry["index"]] = entry
            counted = entry["share"] if by_picture else entry["count"]
            sums[entry["index"]] = sums.get(entry["index"], 0) + counted
    total = sum(sums.values())
    shared: list[PaletteEntry] = [
        {**entries[index], "share": counted / total, "count": int(counted > 0)} for index, counted in sums.items()
    ]
    yield from _palette(sorted(shared, key=lambda entry: -entry["share"]), columns, reports[0]["outputs"])


def _palette(entries: Sequence[PaletteEntry], columns: int, outputs: Iterable[str]) -> Iterator[Line]:
    places = [f"the {what}" for what in ("swatch", "report") if {what, f"shared-{what}"} & set(outputs)]
    where = f", all of them in {' and '.join(places)}" if places else ""
    used = [entry for entry in entries if entry["count"]]
    width = max(measure_width(_label(entry)) for entry in used) + 8
    room = columns - len(_INDENT)
    per_row = next((number for number in _BLOCKS if number * (width + 1) - 1 <= room), 1)
    shown = used[: per_row * max(_MAX_PALETTE_ROWS, math.ceil(_LEAST_SHOWN / per_row))]
    for start in range(0, len(shown), per_row):
        line = [Span(_INDENT)]
        for entry in shown[start : start + per_row]:
            line += [_block(entry, width), Span(" ")]
        yield line[:-1]
    if len(shown) < len(used):
        yield from _wrap([f"and {len(used) - len(shown):,} more{where}"], columns)
    if len(used) < len(entries):
        yield from _wrap([f"+{len(entries) - len(used):,} unused"], columns)


def _block(entry: PaletteEntry, width: int) -> Span:
    color = entry["rgb"] if entry["alpha"] else None
    return Span(f" {pad(_label(entry), width - 8)} {format_share(entry['share']):>6}", color)


def _label(entry: PaletteEntry) -> str:
    code = entry["hex"] if entry["alpha"] else "clear"
    return f"{code} {shorten(printable(entry['name']), _WIDEST_NAME, keeps_end=False)}" if entry["name"] else code


def _bytes(report: Report, columns: int, bar: str) -> Iterator[Line]:
    before, after = report["size"]["bytes_before"], report["size"]["bytes_after"]
    sizes = {"before": before, "after": after} if before is not None else {"after": after}
    widest = max(len(format_bytes(size)) for size in sizes.values())
    room = min(_LONGEST_BAR, columns - len(_INDENT) - len("before  ") - widest)
    for name, size in sizes.items():
        length = max(1, round(room * size / max(sizes.values())))
        yield [Span(f"{_INDENT}{name:6} {bar * length} {format_bytes(size)}")]
    facts = []
    if before is not None:
        change = change_of(before, after)
        link = " as the input" if change == "as large" else " than the input" if after > before else ""
        facts.append(change + link)
    facts.append(f"{report['size']['file_bits_per_pixel']:.2f} bits per pixel")
    yield from _wrap([", ".join(facts)], columns)


def _judge(report: Report, error: LossFacts) -> Iterator[str]:
    n_unique, n_colors = report["input"]["unique_colors"], len(report["palette"])
    if error["mse"] == 0:
        yield f"unchanged: it has only {n_unique:,} colors"
        return
    yield f"{n_colors:,} of {n_unique:,} colors"
    errors, asked = list_errors(report), name_target(report)
    if report["search"]:
        yield judge_target(report["search"]) + _say(asked, errors)
    for name, value in errors.items():
        if name != asked:
            yield f"{name} {MEASURES[name].write(value)}{_say(name, errors)}"
    if error["regions"]:
        box = error["regions"][0]["box"]
        yield f"worst at {box['x']}, {box['y']}: {box['width']} x {box['height']} pixels"


def _say(name: str | None, errors: Mapping[str, float]) -> str:
    return f": {_WORDS[name](errors[name])}" if name in _WORDS and name in errors else ""


def _lost(lost: Sequence[LostColor], settings: Mapping[str, Any], columns: int) -> Iterator[Line]:
    if not lost:
        return
    yield from _wrap(["colors that became others:"], columns)
    for color in lost[:_MAX_LOST]:
        was, became = (Span(f" {code} ", _rgb(code)) for code in (color["hex"], color["became"]))
        yield [Span(_INDENT), was, Span(" became "), became, Span(f" {format_share(color['share']):>6}")]
    if ways := list(_name_ways(lost[0]["hex"], settings)):
        yield from _wrap(ways, columns)


def _name_ways(code: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """Say how a color that is lost would be kept, and others with it: by what the run has not had."""
    if settings["palette"] is not None:
        yield f"to keep the first: write {code} into the palette"
        return
    if len(code) == len("#rrggbb"):
        yield f"to keep the first: --keep '{code}'"
    if settings["candidates"] is None and settings["accents"] < _ENOUGH_ACCENTS:
        yield f"some of them: --accents {_ENOUGH_ACCENTS}"
    if settings["candidates"] is None and settings["space"] not in ("oklab", "lab"):
        yield "more hues: --space oklab"


def _rgb(code: str) -> RGB:
    red, green, blue = bytes.fromhex(code[1:7])
    return red, green, blue


def _wrap(phrases: Sequence[str] | Iterator[str], columns: int) -> Iterator[Line]:
    """Fill lines with phrases, none broken that fits on a line of its own."""
    width = columns - len(_INDENT)
    line = ""
    for phrase in phrases:
        if line and len(line) + 2 + len(phrase) > width:
            yield [Span(_INDENT + line)]
            line = ""
        line = f"{line}; {phrase}" if line else phrase
        *full, line = textwrap.wrap(line, width)
        for text in full:
            yield [Span(_INDENT + text)]
    yield [Span(_INDENT + line)]
