"""Bytes to a zlib stream, in pieces that several threads can share.

Each piece is compressed with the end of the one before it as its dictionary, so that little is lost, and ends on a byte
boundary, so that the pieces can be joined; the way of pigz (Mark Adler).
"""

import zlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from quantize.parallel.threads import map_chunks

Deflate = Callable[[NDArray[np.uint8], int], bytes]
"""Compresses the rows of a PNG, whose pixels are some bytes wide."""

_PIECE = 1 << 17
"""Bytes compressed at a time: pigz's default, of four windows."""

_WINDOW = 1 << 15
"""How far back deflate can refer."""

_MEMORY = 8
"""zlib's own default. Labels come out 0.5% smaller than with Pillow's 9: shorter blocks follow a picture better."""

_MEMORIES = (6, _MEMORY, 9)
"""What is tried for the smallest: each is best for some pictures."""

_LARGE = 1 << 22
"""Bytes from which pieces on several threads are worth more than 0.2% of the size."""

_HEADER = b"\x78\x9c"
"""RFC 1950: deflate with a window of 32 kB, at the default level."""


def compress(rows: NDArray[np.uint8], level: int, n_threads: int = 1) -> bytes:
    """Compress rows of bytes into a zlib stream, the same for any number of threads."""
    view = rows.reshape(-1).data
    if len(view) <= _PIECE:
        return _compress_whole(view, level)

    def compress_piece(piece: slice) -> bytes:
        history = view[max(0, piece.start - _WINDOW) : piece.start]
        engine = zlib.compressobj(level, zlib.DEFLATED, -15, _MEMORY, zlib.Z_DEFAULT_STRATEGY, history)
        last = piece.stop == len(view)
        return engine.compress(view[piece]) + engine.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)

    pieces = map_chunks(compress_piece, len(view), _PIECE, n_threads)
    return b"".join([_HEADER, *pieces, zlib.adler32(view).to_bytes(4, "big")])


def compress_best(candidates: Sequence[NDArray[np.uint8]], n_threads: int = 1) -> bytes:
    """Compress the one of several forms of the same rows that zlib makes smallest, as small as it can."""
    if candidates[0].size > _LARGE:
        return min((compress(rows, 9, n_threads) for rows in candidates), key=len)
    tasks = [(rows, memory) for rows in candidates for memory in _MEMORIES]

    def attempt(task: slice) -> bytes:
        rows, memory = tasks[task.start]
        return _compress_whole(rows.reshape(-1).data, 9, memory)

    return min(map_chunks(attempt, len(tasks), 1, n_threads), key=len)


def _compress_whole(data: memoryview, level: int, memory: int = _MEMORY) -> bytes:
    engine = zlib.compressobj(level, zlib.DEFLATED, 15, memory)
    return engine.compress(data) + engine.flush()
