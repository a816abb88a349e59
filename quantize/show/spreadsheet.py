"""A batch as a table of comma-separated values: a row for each picture, a column for each figure of its report.

RFC 4180, in UTF-8, with lines that end as Unix tools expect them. What has no value is empty. Strangers choose names:
one that begins as a formula does gets an apostrophe in front, as OWASP's page on CSV injection advises, and control
characters are spelled out as on the terminal.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from quantize.records.report import Report
from quantize.show.widths import printable, tell_shortly

_FIGURES = {
    "output": "outputs.picture",
    "format": "input.format",
    "width": "input.width",
    "height": "input.height",
    "has_alpha": "input.has_alpha",
    "unique_colors": "input.unique_colors",
    "bytes_before": "size.bytes_before",
    "bytes_after": "size.bytes_after",
    "bytes_factor": "factors.bytes.factor",
    "palette_colors": "factors.colors.after",
    "palette_bytes": "size.parts.palette",
    "label_bytes": "size.parts.labels",
    "container_bytes": "size.parts.container",
    "file_bits_per_pixel": "size.file_bits_per_pixel",
    "label_entropy_bits_per_pixel": "size.label_entropy_bits_per_pixel",
    "packed_label_bits_per_pixel": "size.packed_label_bits_per_pixel",
    "mse": "error.mse",
    "rmse": "error.rmse",
    "psnr": "error.psnr",
    "ciede2000_mean": "error.ciede2000.mean",
    "ciede2000_p95": "error.ciede2000.p95",
    "ciede2000_max": "error.ciede2000.max",
    "lost_share": "error.lost.share",
    "blurred_psnr": "error.blurred.psnr",
    "blurred_ciede2000_mean": "error.blurred.ciede2000.mean",
    "blurred_ciede2000_p95": "error.blurred.ciede2000.p95",
    "blurred_ciede2000_max": "error.blurred.ciede2000.max",
    "ssim": "error.ssim",
}
"""Columns, and where their values stand in a report."""

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with; the wide forms too, which some programs take for the same."""

HEAD = ("name", "status", "message", *_FIGURES)


class Spreadsheet:
    """The table of a batch, row by row."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self._writer = csv.writer(self._stream, lineterminator="\n")
        self._writer.writerow(HEAD)

    def add(self, name: str, report: Report | None, failure: str | None = None, skipped: str | None = None) -> None:
        """Add what became of a picture: its report, or why there is none."""
        status = "written" if report else "failed" if failure else "skipped"
        figures = [_look_up(report, path) for path in _FIGURES.values()]
        row = [name, status, tell_shortly(failure or skipped or "") or None, *figures]
        self._writer.writerow([_defuse(value) if isinstance(value, str) else value for value in row])

    def encode(self) -> bytes:
        """Give the bytes of the file."""
        return self._stream.getvalue().encode()


def _defuse(text: str) -> str:
    """Make a text one that no spreadsheet computes and no terminal obeys."""
    plain = printable(text)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def is_spreadsheet(data: bytes) -> bool:
    """Tell whether some bytes begin as our tables do, whose columns are these and no more."""
    return data.startswith(f"{','.join(HEAD)}\n".encode())


def _look_up(report: Report | None, path: str) -> Any:
    value: Any = report
    for key in path.split("."):
        value = value.get(key) if value is not None else None
    return str(value).lower() if isinstance(value, bool) else value
