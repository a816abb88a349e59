"""Bytes to a zlib stream that is smaller than zlib's own, slowly.

zlib takes the longest match that it meets. Here the cheapest symbols are found for what symbols cost, which depends on
how often each is used: so again with the prices that come of it, as in Zopfli (L. Vandevenne, J. Alakuijala, 2013), and
with prices of its own where a part of the data is unlike the one before, as in libdeflate (E. Biggers).
"""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.files.writing.deflate_codes import (
    DISTANCE_BITS,
    DISTANCE_CODE,
    DISTANCE_START,
    END,
    FIRST_LENGTH,
    LENGTH_BITS,
    LENGTH_CODE,
    LENGTH_START,
    N_DISTANCES,
    N_SYMBOLS,
    WINDOW,
)
from quantize.files.writing.huffman import Bits, join_bits, make_code, write_codes
from quantize.files.writing.matches import find_matches
from quantize.files.writing.optimal_parse import Prices, Symbols, find_cheapest
from quantize.parallel.threads import map_chunks

_HEADER = b"\x78\xda"
"""RFC 1950: deflate with a window of 32 kB, as small as can be."""

_PIECE = 1 << 17
"""Bytes squeezed at a time, in 40 MB of memory."""

_MOST_AT_ONCE = 2
"""Such pieces, however many processors there are: a small picture takes some 65 MB without them, and 130 is allowed."""

_ROUNDS = 2
"""The second round gains 2%, a third 0.5%, a fourth 0.1%, each in a quarter of the time of two."""

_SYMBOLS_APART = 512
"""Blocks end after some times as many symbols; half as many gain 0.03%."""

_BLOCK_BITS, _CODE_BITS = 60, 3.2
"""What a block costs by itself, and for each symbol that it uses: the mean over photographs of 16 to 256 colors."""

_RARE = 0.4
"""How often a symbol is thought of that was not used yet, so that it has a price."""

Counts = NDArray[np.int64]
"""How often each symbol is used, and behind these each distance."""


def squeeze(rows: NDArray[np.uint8], n_threads: int = 1) -> bytes:
    """Compress the rows of a PNG into a zlib stream, the same for any number of threads."""
    data = rows.reshape(-1)
    size = -(-len(data) // -(-len(data) // _PIECE))
    bits = map_chunks(lambda piece: _squeeze_piece(data, piece), len(data), size, min(n_threads, _MOST_AT_ONCE))
    stream = np.packbits(np.concatenate(bits), bitorder="little").tobytes()
    return _HEADER + stream + zlib.adler32(data.data).to_bytes(4, "big")


def _squeeze_piece(data: NDArray[np.uint8], piece: slice) -> Bits:
    own, start = data[piece], max(0, piece.start - WINDOW)
    matches = find_matches(data[start : piece.stop]).skip(piece.start - start)
    prices = [_guess_prices(own)]
    for _ in range(_ROUNDS):
        symbols = find_cheapest(own, matches, prices)
        blocks = _find_blocks(symbols)
        prices = [_set_prices(int(symbols.starts[block.start]), _count(symbols, block)) for block in blocks]
    is_end = piece.stop == len(data)
    return np.concatenate([_write_block(symbols, block, is_last=is_end and block is blocks[-1]) for block in blocks])


def _guess_prices(data: NDArray[np.uint8]) -> Prices:
    counts = np.bincount(data, minlength=256)
    literals = np.log2(len(data) / np.maximum(counts, _RARE)) + 0.5
    lengths = np.minimum(4 + 0.2 * np.arange(len(LENGTH_CODE)), 8) + LENGTH_BITS[LENGTH_CODE]
    return _make_prices(0, literals, lengths, DISTANCE_BITS + 4.5)


def _set_prices(start: int, counts: Counts) -> Prices:
    used = np.split(np.maximum(counts, _RARE), [N_SYMBOLS])
    symbols, distances = (np.log2(part.sum() / part) for part in used)
    lengths = (symbols[FIRST_LENGTH:] + LENGTH_BITS)[LENGTH_CODE]
    return _make_prices(start, symbols[:END], lengths, distances + DISTANCE_BITS)


def _make_prices(start: int, literals: NDArray[Any], lengths: NDArray[Any], distances: NDArray[Any]) -> Prices:
    parts = (literals, lengths, np.append(distances, np.inf))
    return Prices(start, *(part.astype(np.float32) for part in parts))


def _count(symbols: Symbols, block: slice) -> Counts:
    codes = np.bincount(symbols.codes[block], minlength=N_SYMBOLS)
    codes[END] = 1
    distances = np.bincount(DISTANCE_CODE[symbols.distances[block]], minlength=N_DISTANCES + 1)
    return np.concatenate([codes, distances[:N_DISTANCES]])


def _find_blocks(symbols: Symbols) -> list[slice]:
    """Join short blocks to the one beside, those first that gain most by it."""
    n = len(symbols.starts)
    ends = np.linspace(0, n, max(1, n // _SYMBOLS_APART) + 1).astype(int).tolist()
    counts = [_count(symbols, slice(*pair)) for pair in pairwise(ends)]
    costs = [_reckon_bits(count) for count in counts]
    gains = [costs[i] + costs[i + 1] - _reckon_bits(counts[i] + counts[i + 1]) for i in range(len(counts) - 1)]
    while gains and (gain := max(gains)) > 0:
        first = gains.index(gain)
        counts[first : first + 2] = [counts[first] + counts[first + 1]]
        costs[first : first + 2] = [costs[first] + costs[first + 1] - gain]
        del gains[first], ends[first + 1]
        for i in (first - 1, first):
            if 0 <= i < len(gains):
                gains[i] = costs[i] + costs[i + 1] - _reckon_bits(counts[i] + counts[i + 1])
    return [slice(*pair) for pair in pairwise(ends)]


def _reckon_bits(counts: Counts) -> float:
    bits = _BLOCK_BITS + _CODE_BITS * np.count_nonzero(counts)
    for part in np.split(counts, [N_SYMBOLS]):
        used = part[part > 0]
        bits += used @ np.log2(used.sum() / used) if used.size else 0
    return float(bits)


def _write_block(symbols: Symbols, block: slice, *, is_last: bool) -> Bits:
    codes, lengths, distances = symbols.codes[block], symbols.lengths[block], symbols.distances[block]
    counts, distance_counts = np.split(_count(symbols, block), [N_SYMBOLS])
    code = make_code(counts.tolist())
    distance_counts[0] += not distance_counts.any()  # a code has a symbol, even if none is used
    distance_code = make_code(distance_counts.tolist())
    is_match = distances > 0
    length, distance = LENGTH_CODE[lengths[is_match]], DISTANCE_CODE[distances[is_match]]
    words, n_bits = code.words[codes], code.lengths[codes]
    for more, more_bits in (
        (lengths[is_match] - LENGTH_START[length], LENGTH_BITS[length]),
        (distance_code.words[distance], distance_code.lengths[distance]),
        (distances[is_match] - DISTANCE_START[distance], DISTANCE_BITS[distance]),
    ):
        words[is_match] |= more << n_bits[is_match]
        n_bits[is_match] += more_bits
    return np.concatenate(
        [
            join_bits(np.array([is_last, 2]), np.array([1, 2])),  # whether it is the last, and that it has codes
            write_codes(code, distance_code),
            join_bits(words, n_bits),
            join_bits(code.words[[END]], code.lengths[[END]]),
        ]
    )
