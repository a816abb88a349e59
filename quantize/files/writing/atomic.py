"""Bytes to files that appear whole or not at all, all of a picture or none.

A file is written under a temporary name beside its place, brought to the disk, and renamed. What is no regular file,
such as a device or a pipe, is written into, and a symbolic link is followed.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from quantize.errors import OutputError

_HOST = f"{zlib.crc32(os.uname().nodename.encode() if hasattr(os, 'uname') else b''):08x}"
_TEMPORARY = re.compile(r"\.quantize-([0-9a-f]+)-(\d+)-[0-9a-f]+")
"""Names the machine and the process that writes, so that the next run knows what one that was killed has left."""

_STARTED = time.time()

_LONGEST = 86_400
"""Seconds: what is older is nobody's, even of a machine whose processes are not seen here. Writing takes one."""

_OPEN_FILES = ("/dev/fd/", "/dev/std", "/proc/")
"""What the names of open files begin with, which may be of any kind; nothing can be put beside them."""


def save_files(
    contents: Mapping[Path, bytes], modified: float | None = None, check: Callable[[], object] | None = None
) -> None:
    """Write files, each whole or not at all: under a temporary name first, then renamed when all are complete.

    Parameters
    ----------
    contents : mapping of Path to bytes
    modified : float, optional
        Modification time that the files get, in seconds since 1970.
    check : callable, optional
        Called when all files are complete, just before they are renamed: raises where they may not be.

    Raises
    ------
    OutputError
        A file cannot be written; then none of them is, and what was there before is there again. No temporary file
        stays, whatever happens.
    """
    streams = {path: data for path, data in contents.items() if is_special(path)}
    written: dict[Path, Path] = {}
    backups: dict[Path, Path] = {}
    try:
        for path, data in contents.items():
            if path not in streams:
                place = _follow_links(path)
                _remove_leftovers_once(place.parent)
                # Noted before it is made, so that an interrupt finds it wherever it strikes.
                written[place] = _name_temporary(place)
                _write(path, written[place], data)
                if modified is not None:
                    os.utime(written[place], (modified, modified))
        if check:
            check()
        for path, data in streams.items():
            _write_into(path, data)
        try:
            _rename(written, backups)
        except (KeyboardInterrupt, SystemExit):
            # What is complete is kept: no picture goes without its report.
            _rename({path: temporary for path, temporary in written.items() if temporary.exists()}, backups)
            raise
    finally:
        for temporary in (*written.values(), *backups.values()):
            with contextlib.suppress(OSError):  # a disk that is read-only says so of what is not there, too
                temporary.unlink()


def is_special(path: Path) -> bool:
    """Tell whether a name stands for something that is written into: a device, a pipe, or what a process has open."""
    if os.fspath(path).startswith(_OPEN_FILES):
        return True
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a third of the time, once for each of many pictures
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _follow_links(path: Path) -> Path:
    try:
        return path.resolve() if path.is_symlink() else path
    except (OSError, RuntimeError, ValueError) as error:
        raise OutputError(f"{path}: cannot be written ({getattr(error, 'strerror', None) or error})") from None


def _name_temporary(path: Path) -> Path:
    return path.with_name(f".quantize-{_HOST}-{os.getpid()}-{os.urandom(8).hex()}")


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of processes that are no more."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if (match := _TEMPORARY.fullmatch(entry.name)) and _is_left(entry, match[1], int(match[2])):
                os.unlink(entry.path)  # noqa: PTH108 - of an entry


_remove_leftovers_once = cache(remove_leftovers)


def _is_left(entry: os.DirEntry[str], host: str, process: int) -> bool:
    """Tell whether nobody writes a temporary file any more."""
    changed = entry.stat(follow_symlinks=False).st_ctime
    if host == _HOST:
        # In a container, each run may have the same number.
        return changed < _STARTED if process == os.getpid() else not _is_alive(process)
    return time.time() - changed > _LONGEST


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    with contextlib.suppress(OSError):  # nobody may ever ask what became of it, as in a container
        return b") Z " not in Path(f"/proc/{process}/stat").read_bytes()
    return True


def _write(path: Path, temporary: Path, data: bytes) -> None:
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be written ({getattr(error, 'strerror', None) or error})") from None


def _write_into(path: Path, data: bytes) -> None:
    try:
        with path.open("wb") as stream:
            stream.write(data)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from None


def _rename(written: Mapping[Path, Path], backups: dict[Path, Path]) -> None:
    done: list[Path] = []
    for path, temporary in written.items():
        try:
            if path.is_file() and path not in backups:
                backups[path] = _name_temporary(path)
                os.link(path, backups[path])
        except OSError:
            backups.pop(path, None)  # a file system without links: what is replaced there cannot come back
        try:
            temporary.replace(path)
        except OSError as error:
            _take_back(done, backups)
            raise OutputError(f"{path}: cannot be replaced ({error.strerror})") from None
        done.append(path)


def _take_back(done: list[Path], backups: Mapping[Path, Path]) -> None:
    for path in done:
        with contextlib.suppress(OSError):
            if path in backups:
                backups[path].replace(path)
            else:
                path.unlink(missing_ok=True)
