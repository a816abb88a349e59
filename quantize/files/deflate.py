"""Bytes to a zlib stream, in pieces that several threads can share.

Each piece is compressed with the end of the one before it as its dictionary, so that little is lost, and ends on a byte
boundary, so that the pieces can be joined; the way of pigz (Mark Adler).
"""

import zlib

from quantize.kmeans.chunks import map_chunks

_PIECE = 1 << 17
"""Bytes compressed at a time: pigz's default, of four windows."""

_WINDOW = 1 << 15
"""How far back deflate can refer."""

_MEMORY = 8
"""zlib's own default. Labels come out 0.5% smaller than with Pillow's 9: shorter blocks follow a picture better."""

_MEMORIES = (6, 8, 9)
"""What is tried for the smallest: each is best for some pictures."""

_HEADER = b"\x78\x9c"
"""RFC 1950: deflate with a window of 32 kB, at the default level."""


def compress(data: bytes, level: int, n_threads: int = 1) -> bytes:
    """Compress bytes into a zlib stream, the same for any number of threads."""
    if len(data) <= _PIECE:
        return _compress_whole(data, level)
    view = memoryview(data)

    def compress_piece(piece: slice) -> bytes:
        history = view[max(0, piece.start - _WINDOW) : piece.start]
        engine = zlib.compressobj(level, zlib.DEFLATED, -15, _MEMORY, zlib.Z_DEFAULT_STRATEGY, history)
        last = piece.stop == len(data)
        return engine.compress(view[piece]) + engine.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)

    pieces = map_chunks(compress_piece, len(data), _PIECE, n_threads)
    return b"".join([_HEADER, *pieces, zlib.adler32(data).to_bytes(4, "big")])


def compress_best(data: bytes) -> bytes:
    """Compress bytes into the smallest zlib stream that zlib makes of them."""
    return min((_compress_whole(data, 9, memory) for memory in _MEMORIES), key=len)


def _compress_whole(data: bytes, level: int, memory: int = _MEMORY) -> bytes:
    engine = zlib.compressobj(level, zlib.DEFLATED, 15, memory)
    return engine.compress(data) + engine.flush()
