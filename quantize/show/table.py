"""Figures of conversions in words and columns: plain text, which the terminal colors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from quantize.records.report import Report
from quantize.show.figures import format_bytes


class Row(NamedTuple):
    """What a table keeps of a picture; the report itself, which may be large, goes. `errors` are by measure."""

    name: str
    remark: str = ""
    colors: int | None = None
    before: int | None = None
    after: int | None = None
    seconds: float = 0.0
    errors: Mapping[str, float] = {}


class Measure(NamedTuple):
    """How a measure is written, and whether the larger value is the worse."""

    text: str
    larger_is_worse: bool


MEASURES = {
    "PSNR": Measure("{:.1f} dB", False),
    "color difference": Measure("{:.1f}", True),
    "SSIM": Measure("{:.3f}", False),
    "CIEDE2000": Measure("{:.1f}", True),
}

_COLUMNS = {"after": 10, "PSNR dB": 9, "before": 10, "colors": 6, "time": 6}
"""Widths, the most important first: a narrow terminal does without the last."""
_LEAST_NAME = 12


def summarize(name: str, report: Report | None, remark: str = "") -> Row:
    """Keep a report's figures, or the remark that tells why there is none."""
    if report is None:
        return Row(name, remark)
    error, size = report["error"], report["size"]
    errors = {}
    if error:
        found = {
            "PSNR": error["psnr"],
            "color difference": error["oklab"]["mean"],
            "SSIM": error["ssim"],
            "CIEDE2000": error["ciede2000"] and error["ciede2000"]["mean"],
        }
        errors = {measure: value for measure, value in found.items() if value is not None}
    unchanged = error is not None and error["mse"] == 0
    return Row(
        name,
        "unchanged" if unchanged else "",
        len(report["palette"]),
        size["bytes_before"],
        size["bytes_after"],
        report["timing"]["total"] / 1000,
        errors,
    )


def format_table(rows: Sequence[Row], columns: int) -> Iterator[str]:
    """Write a head, and a line for each row.

    Parameters
    ----------
    rows : sequence of Row
    columns : int
        Width of the terminal; names, and then columns, give way to it.
    """
    kept = list(_COLUMNS)
    while len(kept) > 1 and _LEAST_NAME + sum(_COLUMNS[title] + 2 for title in kept) > columns:
        kept.pop()
    titles = [title for title in ("colors", "before", "after", "PSNR dB", "time") if title in kept]
    width = columns - sum(_COLUMNS[title] + 2 for title in titles)
    width = min(max(_LEAST_NAME, width), max(len(row.name) for row in [*rows, Row("picture")]))
    yield "  ".join([f"{'picture':{width}}", *(f"{title:>{_COLUMNS[title]}}" for title in titles)])
    for row in rows:
        name = f"{shorten(row.name, width):{width}}"
        if row.after is None:
            yield f"{name}  {row.remark}"
            continue
        cells = {
            "colors": str(row.colors),
            "before": "" if row.before is None else format_bytes(row.before),
            "after": format_bytes(row.after),
            "PSNR dB": row.remark or (f"{row.errors['PSNR']:.1f}" if "PSNR" in row.errors else ""),
            "time": f"{row.seconds:.1f} s",
        }
        yield "  ".join([name, *(f"{cells[title]:>{_COLUMNS[title]}}" for title in titles)])


def shorten(name: str, width: int) -> str:
    """Cut the beginning of a name that is too long."""
    return name if len(name) <= width else "..." + name[3 - width :]
