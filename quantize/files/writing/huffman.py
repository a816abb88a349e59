"""Prefix codes that write symbols in the fewest bits, and how deflate writes such codes down (RFC 1951, 3.2.7).

D. A. Huffman: A method for the construction of minimum-redundancy codes. Proceedings of the IRE 40, 1952.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_MOST_BITS = 15
_MOST_BITS_OF_LENGTHS = 7
"""Of a code, and of the code in which codes are written down."""

_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
"""In which the lengths of that code stand."""

_FEWEST_SYMBOLS = 257
"""Of a block: all bytes and its end."""

Bits = NDArray[np.uint8]
"""A 0 or 1 each, in the order in which they are packed."""


class Code(NamedTuple):
    """The bits of each symbol, the first of them lowest, and how many they are: 0 where a symbol has none."""

    words: NDArray[np.int64]
    lengths: NDArray[np.int64]


def make_code(counts: Sequence[int], most_bits: int = _MOST_BITS) -> Code:
    """Make the code for symbols of which there are so many; at least one there must be."""
    lengths = np.array(_find_lengths(counts, most_bits))
    words, word = np.zeros(len(lengths), np.int64), 0
    for n_bits in range(1, most_bits + 1):
        word <<= 1
        for symbol in np.flatnonzero(lengths == n_bits):
            words[symbol] = int(f"{word:0{n_bits}b}"[::-1], 2)
            word += 1
    return Code(words, lengths)


def _find_lengths(counts: Sequence[int], most_bits: int) -> list[int]:
    lengths = [0] * len(counts)
    heap = [(count, symbol, [symbol]) for symbol, count in enumerate(counts) if count]
    if len(heap) == 1:
        lengths[heap[0][1]] = 1
    heapq.heapify(heap)
    while len(heap) > 1:
        (one, _, these), (other, number, those) = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in these + those:
            lengths[symbol] += 1
        heapq.heappush(heap, (one + other, number, these + those))
    if max(lengths) <= most_bits:
        return lengths
    return _find_lengths([(count + 1) // 2 for count in counts], most_bits)  # the rare become less rare


def join_bits(words: NDArray[Any], lengths: NDArray[Any]) -> Bits:
    """Write words of so many bits one behind the other, each from its lowest bit on."""
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    bits: Bits = (np.repeat(words, lengths) >> places & 1).astype(np.uint8)
    return bits


def write_codes(symbols: Code, distances: Code) -> Bits:
    """Write down the two codes of a block."""
    n_symbols = max(_FEWEST_SYMBOLS, int(np.flatnonzero(symbols.lengths)[-1]) + 1)
    n_distances = int(np.flatnonzero(distances.lengths)[-1]) + 1
    lengths = np.concatenate([symbols.lengths[:n_symbols], distances.lengths[:n_distances]])
    runs, extra, extra_bits = np.array(list(_join_runs(lengths.tolist()))).T
    code = make_code(np.bincount(runs, minlength=len(_ORDER)).tolist(), _MOST_BITS_OF_LENGTHS)
    shown = code.lengths[list(_ORDER)]
    shown = shown[: max(4, int(np.flatnonzero(shown)[-1]) + 1)]
    head = np.array([n_symbols - _FEWEST_SYMBOLS, n_distances - 1, len(shown) - 4, *shown])
    n_bits = code.lengths[runs]
    return np.concatenate(
        [
            join_bits(head, np.array([5, 5, 4, *[3] * len(shown)])),
            join_bits(code.words[runs] | extra << n_bits, n_bits + extra_bits),
        ]
    )


def _join_runs(lengths: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Lengths up to 15 stand for themselves; 16 repeats the last, 17 and 18 are zeros, as many as extra bits say."""
    for length, group in groupby(lengths):
        n_left = len(list(group))
        if length:
            yield length, 0, 0
            n_left -= 1
        while n_left >= 3:
            n = min(n_left, 6 if length else 138)
            yield (16, n - 3, 2) if length else (17, n - 3, 3) if n <= 10 else (18, n - 11, 7)
            n_left -= n
        yield from [(length, 0, 0)] * n_left
