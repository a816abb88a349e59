"""The mark by which our own files are known, and the refusal to replace any others."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PIL import Image

from quantize.errors import OutputError
from quantize.records.job import Job
from quantize.version import PALETTE_SCHEMA, REPORT_SCHEMA, SOFTWARE

_AT_START = (
    f"tEXtSoftware\0{SOFTWARE} ".encode(),
    *(f"# {SOFTWARE} ".encode(), f"/* {SOFTWARE} ".encode(), f"<!-- {SOFTWARE} ".encode()),
    f"{SOFTWARE} ".encode("utf-16-be"),
)
_WITHIN = 64
"""Bytes at the start of a PNG of ours, or of a GPL, CSS or ASE palette, in which its mark stands. HEX, PAL and ACT
have no place for one."""

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


def is_marked(path: Path) -> bool:
    """Tell whether a picture carries this program's mark."""
    return _begins_with_mark(path) or _read_mark(path).split(" ")[0] == SOFTWARE


def is_ours(path: Path, report: Path | None = None) -> bool:
    """Tell whether this program wrote a file: by the mark in it, or because the report beside it names it."""
    if path.suffix == ".json":
        return _read_json(path).get("schema") in (REPORT_SCHEMA, PALETTE_SCHEMA)
    if is_marked(path):
        return True
    written = _read_json(report) if report else {}
    named = written.get("outputs", {}) if written.get("schema") == REPORT_SCHEMA else {}
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


def _begins_with_mark(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(_WITHIN)
    except (OSError, ValueError):
        return False
    return any(mark in start for mark in _AT_START)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
