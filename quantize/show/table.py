"""Figures of conversions in words and columns: plain text, which the terminal colors."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from quantize.records.report import Report
from quantize.show.figures import format_bytes
from quantize.show.measures import CIEDE2000, MEASURES, PSNR, SSIM, list_errors, name_target
from quantize.show.widths import measure_width, pad, shorten, wrap


class Row(NamedTuple):
    """What a table keeps of a picture; the report itself, which may be large, goes.

    `errors` are by the names of `MEASURES`, and `measure` is the one that was asked for.
    """

    name: str
    remark: str = ""
    colors: int | None = None
    before: int | None = None
    after: int | None = None
    seconds: float = 0.0
    errors: Mapping[str, float] = {}
    measure: str = PSNR


_MEASURE = "measure"
_COLUMNS = {"after": 10, _MEASURE: 9, "before": 10, "colors": 6, "time": 6}
"""Widths, the most important first: a narrow terminal does without the last."""
_ORDER = ("colors", "before", "after", _MEASURE, "time")
_LEAST_NAME = 12
_TITLES = {PSNR: "PSNR", SSIM: "SSIM", CIEDE2000: "CIEDE2000"}


def summarize(name: str, report: Report | None, remark: str = "") -> Row:
    """Keep a report's figures, or the remark that tells why there is none."""
    if report is None:
        return Row(name, remark)
    error, size = report["error"], report["size"]
    unchanged = error is not None and error["mse"] == 0
    return Row(
        name,
        "unchanged" if unchanged else "",
        len(report["palette"]),
        size["bytes_before"],
        size["bytes_after"],
        (report["timing"] or {}).get("total", 0) / 1000,  # what is kept of an earlier run may not tell
        list_errors(report),
        name_target(report) or PSNR,
    )


def format_table(rows: Sequence[Row], columns: int) -> Iterator[str]:
    """Write a head, and a text for each row: a line, or where one failed, as many as its remark takes.

    Parameters
    ----------
    rows : sequence of Row
    columns : int
        Width of the terminal; names, and then columns, give way to it.
    """
    kept = list(_COLUMNS)
    while len(kept) > 1 and _LEAST_NAME + sum(_COLUMNS[column] + 2 for column in kept) > columns:
        kept.pop()
    shown = [column for column in _ORDER if column in kept]
    folder = find_folder([row.name for row in rows])
    names = [row.name.removeprefix(folder) for row in rows]
    room = max(1, columns - sum(_COLUMNS[column] + 2 for column in shown))
    head = f"picture in {folder}" if folder else "picture"
    head = head if measure_width(head) <= room else f"in {shorten(folder, room - 3)}" if folder else "picture"
    width = min(room, max(measure_width(text) for text in (head, *names)))
    measure = next((row.measure for row in rows if row.after is not None), PSNR)
    titles = {_MEASURE: _TITLES[measure]}
    yield "  ".join([pad(head, width), *(f"{titles.get(column, column):>{_COLUMNS[column]}}" for column in shown)])
    for row, name in zip(rows, names, strict=True):
        if row.after is None:
            yield wrap(f"{pad(name, width)}  {row.remark}", columns)
            continue
        value = row.errors.get(measure)
        cells = {
            "colors": str(row.colors),
            "before": "" if row.before is None else format_bytes(row.before),
            "after": format_bytes(row.after),
            _MEASURE: row.remark or ("" if value is None else MEASURES[measure].write(value)),
            "time": f"{row.seconds:.1f} s",
        }
        yield "  ".join([pad(name, width), *(f"{cells[column]:>{_COLUMNS[column]}}" for column in shown)])


def find_folder(names: Sequence[str]) -> str:
    """Find the folder that all of several names begin with, with its last slash; or nothing."""
    if len(names) < 2:
        return ""
    start = os.path.commonprefix([name[: name.rfind("/") + 1] for name in names])  # noqa: RUF071 - cut at a slash
    return start[: start.rfind("/") + 1]
