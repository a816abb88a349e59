"""The cheapest way to say bytes by literals and matches, at given prices.

From the end backward: what is left costs what one symbol costs and what is left behind that (J. A. Storer, T. G.
Szymanski: Data compression via textual substitution. Journal of the ACM 29, 1982). Many stretches of the data are gone
through side by side, so that numpy has something to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.files.writing.deflate_codes import DISTANCE_CODE, FIRST_LENGTH, LENGTH_CODE, LONGEST
from quantize.files.writing.matches import LENGTHS, Matches

_STRETCH = 256
"""Positions of a stretch: as many steps, each of one position in 256."""

_BEYOND = 64
"""Positions by which a stretch looks into the next, so that it ends as if it went on. What lies behind those is priced
like the mean."""

_LITERAL, _MEASURED = 0, len(LENGTHS) + 1
"""Choices: a literal, a match of each of `LENGTHS`, and the longest as long as it is."""

_STEPS = np.array([1, *LENGTHS])

Floats = NDArray[np.float32]
Places = NDArray[np.intp]


class Prices(NamedTuple):
    """What symbols cost from a position on, in bits, those that follow a code included.

    Attributes
    ----------
    start : int
    literals : ndarray of shape (256,)
    lengths : ndarray of shape (259,)
    distances : ndarray of shape (31,)
        By code; the last, which is none, costs infinitely much.
    """

    start: int
    literals: Floats
    lengths: Floats
    distances: Floats


class Symbols(NamedTuple):
    """Literals and matches in the order of the data, each array of shape (n_symbols,).

    Attributes
    ----------
    starts : ndarray of intp
        Where in the data they begin.
    codes : ndarray of intp
        Bytes, and the codes of lengths.
    lengths, distances : ndarray of intp
        1 and 0 for a literal.
    """

    starts: Places
    codes: Places
    lengths: Places
    distances: Places


def find_cheapest(data: NDArray[np.uint8], matches: Matches, prices: Sequence[Prices]) -> Symbols:
    """Find the cheapest symbols.

    Parameters
    ----------
    data : ndarray of shape (n,), dtype uint8
    matches : Matches
        Of each of its positions.
    prices : sequence of Prices
        In order of their starts, the first at 0.
    """
    n_stretches = -(-len(data) // _STRETCH)
    longest = np.zeros((n_stretches + 1) * _STRETCH, np.intp)
    longest[: len(data)] = matches.longest
    choices = _choose(_price(data, matches, prices), longest.reshape(-1, _STRETCH).T)[: len(data)]
    steps = np.append(_STEPS, 0)[choices] + np.where(choices == _MEASURED, matches.longest, 0)
    starts = np.array(_walk(steps.tolist()))
    chosen, lengths = choices[starts], steps[starts]
    nearest = matches.distances[np.clip(chosen, 1, len(LENGTHS)) - 1, starts]
    distances = np.where(chosen == _MEASURED, matches.farthest[starts], nearest)
    is_literal = chosen == _LITERAL
    codes = np.where(is_literal, data[starts], FIRST_LENGTH + LENGTH_CODE[lengths])
    return Symbols(starts, codes, lengths, np.where(is_literal, 0, distances).astype(np.intp))


def _price(data: NDArray[np.uint8], matches: Matches, prices: Sequence[Prices]) -> Floats:
    """Price each choice at each position, of shape (_STRETCH, n_choices, n_stretches + 1)."""
    n_stretches = -(-len(data) // _STRETCH)
    priced = np.full((_MEASURED + 1, (n_stretches + 1) * _STRETCH), np.inf, np.float32)
    priced[_LITERAL, len(data) :] = 0  # behind the end all is free
    ends = [*(block.start for block in prices[1:]), len(data)]
    for block, end in zip(prices, ends, strict=True):
        here = slice(block.start, end)
        priced[_LITERAL, here] = block.literals[data[here]]
        for row, length in enumerate(LENGTHS):
            by_distance = (block.lengths[length] + block.distances)[DISTANCE_CODE]
            priced[row + 1, here] = by_distance[matches.distances[row, here]]
        far = block.distances[DISTANCE_CODE][matches.farthest[here]]
        priced[_MEASURED, here] = block.lengths[matches.longest[here]] + far
    return np.ascontiguousarray(priced.reshape(_MEASURED + 1, -1, _STRETCH).transpose(2, 0, 1))


def _choose(priced: Floats, longest: Places) -> NDArray[np.uint8]:
    """Choose what is cheapest with all that follows, at each position."""
    n_stretches, n_steps = priced.shape[2] - 1, _STRETCH + _BEYOND
    rest = np.zeros((n_steps + LONGEST, n_stretches), np.float32)
    mean = (priced[:, :_MEASURED, :-1] / _STEPS[:, np.newaxis]).min(axis=1).mean()
    rest[n_steps:] = -mean * np.arange(LONGEST, dtype=np.float32)[:, np.newaxis]
    choices = np.empty((_STRETCH, n_stretches), np.uint8)
    total, stretch = np.empty((_MEASURED + 1, n_stretches), np.float32), np.arange(n_stretches)
    for step in range(n_steps - 1, -1, -1):
        row, here = step % _STRETCH, slice(1, None) if step >= _STRETCH else slice(0, -1)
        total[:_MEASURED] = rest[step + _STEPS]
        total[_MEASURED] = rest[step + longest[row, here], stretch]
        total += priced[row, :, here]
        total.min(axis=0, out=rest[step])
        if step < _STRETCH:
            choices[step] = total.argmin(axis=0)
    return choices.T.reshape(-1)


def _walk(steps: list[int]) -> list[int]:
    starts, at, end = [], 0, len(steps)
    while at < end:
        starts.append(at)
        at += steps[at]
    return starts
