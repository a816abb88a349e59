"""The mark by which our own files are known, and the refusal to replace any others."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PIL import Image

from quantize import __version__
from quantize.errors import OutputError
from quantize.files.naming import Job
from quantize.records import REPORT_SCHEMA

SOFTWARE = "quantize"
"""What a PNG's Software text, a GIF's comment and a WebP's EXIF software tag start with."""

MARK = f"{SOFTWARE} {__version__}"

EXIF_SOFTWARE = 0x0131
"""EXIF 2.32, 4.6.4."""


def refuse_foreign(job: Job) -> None:
    """Refuse to replace files that this program did not write.

    Raises
    ------
    OutputError
        An output exists, is not ours, and may not be overwritten.
    """
    for path in job.outputs.paths:
        if os.path.isdir(path):  # noqa: PTH112 - no error for a name that no file can have
            raise OutputError(f"{path}: is a directory; give the picture another name")
        if not job.overwrite and os.path.lexists(path) and not is_ours(path, job.outputs.report):
            raise OutputError(f"{path}: exists and was not written by quantize; use --force to replace it")


def is_ours(path: Path, report: Path | None = None) -> bool:
    """Tell whether this program wrote a file: by the mark in it, or because the report beside it names it."""
    if path.suffix == ".json":
        return _read_report(path) is not None
    if _read_mark(path).split(" ")[0] == SOFTWARE:
        return True
    named = (_read_report(report) or {}).get("outputs", {}) if report else {}
    return isinstance(named, dict) and path.name in named.values()


def _read_mark(path: Path) -> str:
    try:
        with Image.open(path, formats=("PNG", "GIF", "WEBP")) as image:
            if image.format == "GIF":
                return bytes(image.info.get("comment", b"")).decode("latin-1")
            if image.format == "WEBP":
                return str(image.getexif().get(EXIF_SOFTWARE, ""))
            return str(image.info.get("Software", ""))
    except Exception:
        return ""


def _read_report(path: Path) -> dict[str, Any] | None:
    try:
        report = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) and report.get("schema") == REPORT_SCHEMA else None
