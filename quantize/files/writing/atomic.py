"""Bytes to files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from quantize.errors import OutputError


def save_files(contents: Mapping[Path, bytes], modified: float | None = None) -> None:
    """Write files, each whole or not at all: under a temporary name first, then renamed when all are complete.

    Parameters
    ----------
    contents : mapping of Path to bytes
    modified : float, optional
        Modification time that the files get, in seconds since 1970.

    Raises
    ------
    OutputError
        A file cannot be written; then none of them is. No temporary file stays, whatever happens.
    """
    written: dict[Path, Path] = {}
    try:
        for path, data in contents.items():
            # Noted before it is made, so that an interrupt finds it wherever it strikes.
            written[path] = path.with_name(f".quantize-{os.urandom(8).hex()}")
            _write(path, written[path], data)
            if modified is not None:
                os.utime(written[path], (modified, modified))
        try:
            _rename(written)
        except (KeyboardInterrupt, SystemExit):
            # What is complete is kept: no picture goes without its report.
            _rename({path: temporary for path, temporary in written.items() if temporary.exists()})
            raise
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def _write(path: Path, temporary: Path, data: bytes) -> None:
    try:
        with temporary.open("xb") as file:
            file.write(data)
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be written ({getattr(error, 'strerror', None) or error})") from None


def _rename(written: Mapping[Path, Path]) -> None:
    for path, temporary in written.items():
        try:
            temporary.replace(path)
        except OSError as error:
            raise OutputError(f"{path}: cannot be replaced ({error.strerror})") from None
