"""More pixels than memory: room for arrays in a temporary file, which the system brings to the disk and back.

The file has no name, so that none is left behind, however the process ends. It lies where Python's `tempfile` puts it:
in TMPDIR, or else in /tmp.
"""

from __future__ import annotations

import mmap
import os
from weakref import WeakSet

MOST_IN_MEMORY = 3 << 28
"""Bytes of one array that are held in memory: 200 million keys, more than `--max-pixels` allows unless it is given."""

_MAPPED: WeakSet[mmap.mmap] = WeakSet()


def reserve(n_bytes: int) -> mmap.mmap | None:
    """Make room in a temporary file for a large array; None where memory is to serve: for others, or for want of disk.

    Parameters
    ----------
    n_bytes : int

    Returns
    -------
    mmap or None
        What ``np.ndarray(shape, dtype, buffer)`` takes.
    """
    if n_bytes <= MOST_IN_MEMORY or not hasattr(os, "posix_fallocate"):
        return None
    import tempfile  # loads what makes random names, in 3 ms

    try:
        with tempfile.TemporaryFile(prefix="quantize-") as file:
            # All of it now: a disk that is full later would end the process.
            os.posix_fallocate(file.fileno(), 0, n_bytes)
            mapped = mmap.mmap(file.fileno(), n_bytes)
    except OSError:
        return None
    _MAPPED.add(mapped)
    return mapped


def let_go() -> None:
    """Let the system have the memory of what was read and written of such arrays; it is read again where it is used."""
    for mapped in _MAPPED:
        mapped.madvise(mmap.MADV_DONTNEED)
