"""Figures of conversions in words and columns: plain text, which the terminal colors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from quantize.records import Report


def format_bytes(n_bytes: float) -> str:
    """Write a size in decimal units, as disks and pngquant's own documentation count."""
    for unit in ("bytes", "kB", "MB"):
        if n_bytes < 1000 or unit == "MB":
            break
        n_bytes /= 1000
    return f"{n_bytes:.0f} {unit}" if unit == "bytes" else f"{n_bytes:.1f} {unit}"


def describe(report: Report) -> list[str]:
    """Say in a few phrases what was gained and lost."""
    n_unique, n_colors = report["input"]["unique_colors"], len(report["palette"])
    if report["error"]["psnr"] is None:
        figures = [f"unchanged: it has only {n_unique} colors"]
    else:
        figures = [f"{n_colors} of {n_unique:,} colors", f"PSNR {report['error']['psnr']:.1f} dB"]
    before, after = report["size"]["bytes_before"], report["size"]["bytes_after"]
    if before is None:
        return [*figures, format_bytes(after)]
    return [*figures, f"{format_bytes(before)} -> {format_bytes(after)} ({change_of(before, after)})"]


def change_of(before: float, after: float) -> str:
    """Say how many times smaller or larger a file became."""
    return f"{before / after:.1f} times smaller" if after <= before else f"{after / before:.1f} times LARGER"


class Row(NamedTuple):
    """What a table keeps of a picture; the report itself, which may be large, goes."""

    name: str
    colors: int | None = None
    before: int | None = None
    after: int | None = None
    psnr: float | None = None
    seconds: float | None = None
    remark: str = ""


def summarize(name: str, report: Report | None, remark: str = "") -> Row:
    """Keep a report's figures, or the remark that tells why there is none."""
    if report is None:
        return Row(name, remark=remark)
    size, psnr = report["size"], report["error"]["psnr"]
    seconds = sum(report["timing"].values()) / 1000
    return Row(
        name,
        len(report["palette"]),
        size["bytes_before"],
        size["bytes_after"],
        psnr,
        seconds,
        "unchanged" if psnr is None else "",
    )


def format_table(rows: Sequence[Row], columns: int) -> Iterator[str]:
    """Write a head, a line for each row, and the totals.

    Parameters
    ----------
    rows : sequence of Row
    columns : int
        Width of the terminal; names give way to it.
    """
    width = min(max(12, columns - 54), max(len(row.name) for row in rows))
    yield f"{'picture':{width}}  colors      before       after    PSNR dB    time"
    for row in rows:
        name = f"{shorten(row.name, width):{width}}"
        if row.after is None:
            yield f"{name}  {row.remark}"
            continue
        before, after = "" if row.before is None else format_bytes(row.before), format_bytes(row.after)
        quality = row.remark or f"{row.psnr:.1f}"
        yield f"{name}  {row.colors:>6}  {before:>10}  {after:>10}  {quality:>9}  {row.seconds:4.1f} s"
    yield _totals(rows)


def _totals(rows: Sequence[Row]) -> str:
    done = [row for row in rows if row.after is not None]
    totals = [f"{len(done)} of {len(rows)} pictures"]
    for what in ("skipped", "failed"):
        if number := sum(row.remark.startswith(what) for row in rows):
            totals.append(f"{number} {what}")
    # Only what has a size before and after can be compared.
    pairs = [(row.before, row.after) for row in done if row.before is not None and row.after is not None]
    if pairs:
        before, after = (sum(side) for side in zip(*pairs, strict=True))
        totals.append(f"{format_bytes(before)} -> {format_bytes(after)} ({change_of(before, after)})")
    return ", ".join(totals)


def shorten(name: str, width: int) -> str:
    """Cut the beginning of a name that is too long."""
    return name if len(name) <= width else "..." + name[3 - width :]
