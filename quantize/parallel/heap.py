"""Memory that was freed and goes back to the system, or is used again, rather than kept for later."""

from __future__ import annotations

import sys
from contextlib import suppress

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def share_heap() -> None:
    """Let all threads use one heap.

    glibc gives each thread its own, and each keeps what was freed in it: a picture of 4 megapixels took 50 MB more.
    Threads here allocate large arrays and few, so that none waits for another. To be called before any thread starts.
    """
    if sys.platform != "linux":
        return
    import ctypes  # numpy loads it, too

    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
