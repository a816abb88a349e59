"""One picture on one screen: its palette, its bytes before and after, and what was lost, in words.

Text only, in spans that may have a background: the terminal paints them.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from quantize.records.report import LossFacts, LostFacts, PaletteEntry, Report
from quantize.show.figures import change_of, format_bytes, format_share
from quantize.show.words import judge_difference, judge_psnr

RGB = tuple[int, int, int]

_INDENT = "  "
_LEAST_SHOWN = 16
"""Palette entries that are shown at any width: those of the default."""
_MAX_PALETTE_ROWS = 4
_LONGEST_BAR = 60
_MAX_LOST = 3


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
    yield from _palette(report["palette"], columns)
    yield from _bytes(report, columns, bar)
    error = report["error"]
    if error:
        yield from _wrap(_judge(report, error), columns)
        yield from _lost(error["lost"], columns)


def _palette(entries: Sequence[PaletteEntry], columns: int) -> Iterator[Line]:
    width = max(len(entry["hex"]) for entry in entries) + 8
    per_row = max(1, (columns - len(_INDENT)) // width)
    shown = entries[: per_row * max(_MAX_PALETTE_ROWS, math.ceil(_LEAST_SHOWN / per_row))]
    for start in range(0, len(shown), per_row):
        yield [Span(_INDENT), *(_block(entry, width) for entry in shown[start : start + per_row])]
    if len(shown) < len(entries):
        yield from _wrap([f"and {len(entries) - len(shown)} more, all of them in the swatch and the report"], columns)


def _block(entry: PaletteEntry, width: int) -> Span:
    code, color = (entry["hex"], entry["rgb"]) if entry["alpha"] else ("clear", None)
    return Span(f" {code:{width - 8}} {format_share(entry['share']):>6}", color)


def _bytes(report: Report, columns: int, bar: str) -> Iterator[Line]:
    before, after = report["size"]["bytes_before"], report["size"]["bytes_after"]
    sizes = {"before": before, "after": after} if before is not None else {"after": after}
    widest = max(len(format_bytes(size)) for size in sizes.values())
    room = min(_LONGEST_BAR, columns - len(_INDENT) - len("before  ") - widest)
    for name, size in sizes.items():
        length = max(1, round(room * size / max(sizes.values())))
        yield [Span(f"{_INDENT}{name:6} {bar * length} {format_bytes(size)}")]
    facts = [] if before is None else [f"{change_of(before, after)}{'' if after <= before else ' than the input'}"]
    facts.append(f"{report['size']['file_bits_per_pixel']:.2f} bits per pixel")
    yield from _wrap([", ".join(facts)], columns)


def _judge(report: Report, error: LossFacts) -> Iterator[str]:
    n_unique, n_colors = report["input"]["unique_colors"], len(report["palette"])
    if error["mse"] == 0:
        yield f"unchanged: it has only {n_unique:,} colors"
        return
    yield f"{n_colors:,} of {n_unique:,} colors"
    if error["psnr"] is not None:
        yield f"PSNR {error['psnr']:.1f} dB: {judge_psnr(error['psnr'])}"
    difference = error["ciede2000"] or error["oklab"]
    name = "color difference" + (" (CIEDE2000)" if error["ciede2000"] else "")
    yield f"{name} {difference['mean']:.1f}: {judge_difference(difference['mean'])}"
    if error["ssim"] is not None:
        yield f"SSIM {error['ssim']:.3f}"
    if error["regions"]:
        box = error["regions"][0]["box"]
        yield f"worst at {box['x']}, {box['y']}: {box['width']} x {box['height']} pixels"


def _lost(lost: LostFacts, columns: int) -> Iterator[Line]:
    if not lost["colors"]:
        return
    share = format_share(lost["share"])
    yield from _wrap([f"{share} of the pixels have no color near theirs in the palette, above all:"], columns)
    for color in lost["colors"][:_MAX_LOST]:
        was, became = (Span(f" {code} ", _rgb(code)) for code in (color["hex"], color["became"]))
        yield [Span(_INDENT), was, Span(" became "), became, Span(f" {format_share(color['share']):>6}")]


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
