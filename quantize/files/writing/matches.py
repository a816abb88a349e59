"""Where bytes stood before: the nearest earlier match of each position, for every length worth a trial.

Positions that begin alike are of one class, and the classes of a greater length are pairs of those of a lesser one
(R. M. Karp, R. E. Miller, A. L. Rosenberg: Rapid identification of repeated patterns. STOC 1972).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.files.writing.deflate_codes import LONGEST, SHORTEST, WINDOW

LENGTHS = np.array([*range(SHORTEST, 9), 10, 12, 16, 24, 32, 64, 128])
"""Lengths that are looked for, none more than twice the one before. Most matches are short; what is longer than 16 is
taken at one of these lengths or as long as it is. All from 3 to 16 make photographs 0.4% smaller, in 1.4 times the
time; all 256 0.8%, in more than ten times."""

_LONG = 16
"""From here on a match is measured."""

_PLACE = 20
"""Bits of a position: two classes and a position are one integer, which is faster to sort than an index."""

_WORD = 8
"""Bytes compared at a time."""

Distances = NDArray[np.uint16]


class Matches(NamedTuple):
    """The matches of each of n positions.

    Attributes
    ----------
    distances : ndarray of shape (n_lengths, n), dtype uint16
        To the nearest match of each of `LENGTHS`; 0 is none.
    longest, farthest : ndarray of shape (n,), dtype uint16
        Length and distance of the match of the greatest of `LENGTHS`, as long as it really is; 0 where that is short.
    """

    distances: Distances
    longest: Distances
    farthest: Distances

    def skip(self, n: int) -> Matches:
        """Leave out the first positions."""
        return Matches(self.distances[:, n:], self.longest[n:], self.farthest[n:])


def find_matches(data: NDArray[np.uint8]) -> Matches:
    """Find the matches of fewer than 2^20 bytes."""
    n = len(data)
    distances = np.zeros((len(LENGTHS), n), np.uint16)
    wide = data.astype(np.int64)
    at = np.arange(max(0, n - SHORTEST + 1))
    keys = wide[at] << 16 | wide[at + 1] << 8 | wide[at + 2]
    classes = np.empty(n, np.int64)
    for row, step in enumerate([*np.diff(LENGTHS).tolist(), n]):
        if not at.size:
            break
        ordered = np.sort(keys << _PLACE | at)
        at = ordered & ((1 << _PLACE) - 1)
        apart, is_alike = np.diff(at), np.diff(ordered >> _PLACE) == 0
        is_near = is_alike & (apart <= WINDOW)
        distances[row, at[1:][is_near]] = apart[is_near]
        # What is like no other now is like none at a greater length.
        is_shared = np.append(is_alike, False) | np.append(False, is_alike)
        classes.fill(-1)
        classes[at[is_shared]] = np.cumsum(np.append(False, ~is_alike))[is_shared]
        at = np.flatnonzero(classes[: max(0, n - step)] >= 0)
        at = at[classes[at + step] >= 0]
        keys = classes[at] << _PLACE | classes[at + step]
    return Matches(distances, *_measure(data, distances))


def _measure(data: NDArray[np.uint8], distances: Distances) -> tuple[Distances, Distances]:
    longest, farthest = np.zeros(len(data), np.uint16), np.zeros(len(data), np.uint16)
    for row in np.flatnonzero(LENGTHS >= _LONG):
        found = distances[row] > 0
        longest[found], farthest[found] = LENGTHS[row], distances[row, found]
    padded = np.append(data, np.zeros(LONGEST + _WORD, np.uint8)).astype(np.uint64)
    words = np.zeros(len(data) + LONGEST, np.uint64)
    for place in range(_WORD):
        words |= padded[place : place + len(words)] << np.uint64(8 * place)
    at = np.flatnonzero(longest)
    while at.size:
        ends, most = at + longest[at], np.minimum(LONGEST, len(data) - at)
        unlike = words[ends] ^ words[ends - farthest[at]]
        # The lowest bit that differs tells how many of the eight bytes before it do not.
        lowest = (unlike & (~unlike + np.uint64(1))).astype(np.float64)
        n_alike = np.where(unlike > 0, np.log2(np.maximum(lowest, 1)) // 8, _WORD).astype(np.intp)
        longest[at] = np.minimum(longest[at] + n_alike, most)
        at = at[(n_alike == _WORD) & (longest[at] < most)]
    return longest, farthest
