"""The mark by which our own files are known, and the refusal to replace any others."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from PIL import Image

from quantize.errors import OutputError
from quantize.files.seals import is_sealed
from quantize.files.writing.atomic import is_special
from quantize.records.job import STDIO, Job
from quantize.version import PALETTE_SCHEMA, REPORT_SCHEMA, SOFTWARE

_VERSION = r"\d+\.\d+\.\d+"
_WITHIN = 128
"""Bytes at the start of a PNG of ours, or of a GPL, CSS or ASE palette, in which its mark stands. HEX, PAL and ACT
have no place for one."""

_HEAD = 1 << 12
"""Bytes in which nearly every PNG has come to its pixels."""

_PNG = b"\x89PNG\r\n\x1a\n"

_TABLES = ("input", "outputs", "sha256")
"""Keys of a report that are read here: a report that somebody has changed may hold anything."""

_HASHED_AT_LEAST, _HASHED_PER_PIXEL = 1 << 28, 16
"""Bytes of a file that is hashed: a second's work, and what no format takes more of, in a tenth of the time that the
pixels take. A sparse file may announce any number."""

EXIF_SOFTWARE = 0x0131
"""EXIF 2.32, 4.6.4."""


@functools.cache
def _mark_at_start() -> re.Pattern[bytes]:
    # Compiled when first used: a run in an empty folder saves the 3 ms.
    return re.compile(
        rb"tEXtSoftware\0%(mark)s|(\A|\n)# %(mark)s\r?\n|\A/\* %(mark)s \*/|<!-- %(mark)s|%(wide)s"
        % {
            b"mark": f"{SOFTWARE} {_VERSION}( [0-9a-f]{{8}})?".encode(),
            b"wide": re.escape(f"{SOFTWARE} ".encode("utf-16-be")),
        }
    )


def refuse_foreign(job: Job, paths: Iterable[Path] | None = None) -> None:
    """Refuse to replace files that this program did not write.

    Parameters
    ----------
    job : Job
    paths : iterable of Path, optional
        What will be written, where that is not the job's own.

    Raises
    ------
    OutputError
        An output exists, is not ours, and may not be overwritten.
    """
    for path in job.outputs.paths if paths is None else paths:
        if os.path.isdir(path):  # noqa: PTH112 - no error for a name that no file can have
            raise OutputError(f"{path}: is a directory; give the picture another name")
        if not job.may_replace(path) and os.path.lexists(path) and not is_special(path):
            if not job.is_named:
                _refuse_other_source(path, job)
            if not is_ours(path, job.outputs.report):
                raise OutputError(f"{path}: exists and was not written by quantize; use --force to replace it")


def _refuse_other_source(path: Path, job: Job) -> None:
    """Refuse to replace what the report beside it says was made of another picture."""
    report = read_report(job.outputs.report)
    source = report.get("input", {}).get("name")
    if not isinstance(source, str) or job.source == STDIO or path.name not in _list_names(report):
        return
    source, name = Path(source).name, Path(job.source).name
    if source != name:
        template = "{stem}-{ext}-k{k}" if Path(source).stem == Path(name).stem else "{stem}-{parent}-k{k}"
        raise OutputError(
            f"{path}: is the result of {source}; part them with --name '{template}', or use --force to replace it"
        )


def is_marked(path: str | Path) -> bool:
    """Tell whether a picture carries this program's mark, and has not been changed since by another that kept it."""
    if is_special(Path(path)):  # a pipe is read once
        return False
    head = _read_head(path)
    says_so = _mark_at_start().search(head, 0, _WITHIN) is not None
    says_so = says_so or (_may_say_software(head) and _read_mark(path).split(" ")[0] == SOFTWARE)
    return says_so and is_sealed(_read(Path(path))) is not False


def is_ours(path: Path, report: Path | None = None) -> bool:
    """Tell whether this program wrote a file as it is now.

    Its mark and the checksum behind that vouch for its content, and so does the report beside it, by a hash. A mark
    alone, as earlier versions wrote it, does where no report knows the file.
    """
    data = _read(path)
    seal = is_sealed(data)
    if path.suffix == ".json":
        return seal is not False and _read_json(data).get("schema") in (REPORT_SCHEMA, PALETTE_SCHEMA)
    written = read_report(report)
    hashes = written.get("sha256")
    for what, name in written.get("outputs", {}).items():
        if name == path.name and isinstance(hashes, dict) and what in hashes:
            return hash_content(data) == hashes[what] or (seal is True and is_marked(path))
    return is_marked(path) or path.name in _list_names(written)


def hash_content(data: bytes) -> str:
    """Give the SHA-256 of some bytes, by which a report knows the files that it names."""
    import hashlib  # loads OpenSSL, in 2 ms

    return hashlib.sha256(data).hexdigest()


def hash_file(file: IO[bytes], n_pixels: int) -> str | None:
    """Give the SHA-256 of an open file from its start; None where it is much longer than its pixels need."""
    import hashlib

    if file.seek(0, os.SEEK_END) > _HASHED_AT_LEAST + _HASHED_PER_PIXEL * n_pixels:
        return None
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # files have more than IO tells


def read_report(path: Path | None) -> dict[str, Any]:
    """Read a report of ours; empty where there is none, or what is there is broken."""
    report = _read_json(_read(path)) if path else {}
    if report.get("schema") != REPORT_SCHEMA:
        return {}
    return {key: value for key, value in report.items() if key not in _TABLES or isinstance(value, dict)}


def _list_names(report: dict[str, Any]) -> list[Any]:
    return list(report.get("outputs", {}).values())


def _read(path: Path) -> bytes:
    try:
        return b"" if is_special(path) else path.read_bytes()
    except (OSError, ValueError):
        return b""


def _may_say_software(head: bytes) -> bool:
    """Tell by its beginning whether a file may name its software further on: Pillow takes twenty times as long."""
    if head.startswith(_PNG):
        pixels = head.find(b"IDAT")
        return pixels < 0 or b"Software" in head[:pixels]
    return head.startswith((b"GIF8", b"RIFF"))


def _read_mark(path: str | Path) -> str:
    try:
        with Image.open(path, formats=("PNG", "GIF", "WEBP")) as image:
            if image.format == "GIF":
                return bytes(image.info.get("comment", b"")).decode("latin-1")
            if image.format == "WEBP":
                return str(image.getexif().get(EXIF_SOFTWARE, ""))
            return str(image.info.get("Software", ""))
    except Exception:
        return ""


def _read_head(path: str | Path) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - of thousands of inputs, a path takes half the time
            return file.read(_HEAD)
    except (OSError, ValueError):
        return b""


def _read_json(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
