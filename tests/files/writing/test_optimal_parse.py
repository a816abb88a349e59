"""The cheapest symbols, held against every way to say the same bytes."""

from functools import cache

import numpy as np
import pytest

from quantize.files.writing import optimal_parse as module
from quantize.files.writing.deflate_codes import DISTANCE_CODE
from quantize.files.writing.matches import LENGTHS, find_matches
from quantize.files.writing.optimal_parse import Prices, find_cheapest


def make_prices(start, rng):
    literals, lengths, distances = (rng.uniform(2, 9, n).astype(np.float32) for n in (256, 259, 31))
    distances[-1] = np.inf
    return Prices(start, literals, lengths, distances)


def pay(symbols, data, prices):
    total = 0.0
    for at, length, distance in zip(symbols.starts, symbols.lengths, symbols.distances, strict=True):
        block = [block for block in prices if block.start <= at][-1]
        total += (
            block.lengths[length] + block.distances[DISTANCE_CODE[distance]] if distance else block.literals[data[at]]
        )
    return total


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_cheaper(seed):
    rng = np.random.default_rng(seed)
    data = np.repeat(rng.integers(0, 3, 60), rng.integers(1, 9, 60))[:200].astype(np.uint8)
    matches, prices = find_matches(data), [make_prices(0, rng), make_prices(90, rng)]

    @cache  # type: ignore[untyped-decorator]
    def rest(at: int) -> float:
        if at == len(data):
            return 0.0
        block = prices[at >= 90]
        ways = [block.literals[data[at]] + rest(at + 1)]
        pairs = [*zip(LENGTHS, matches.distances[:, at], strict=True), (matches.longest[at], matches.farthest[at])]
        for length, distance in pairs:
            if distance:
                price = block.lengths[length] + block.distances[DISTANCE_CODE[distance]]
                ways.append(price + rest(at + int(length)))
        return min(ways)

    symbols = find_cheapest(data, matches, prices)
    assert pay(symbols, data, prices) == pytest.approx(rest(0), rel=1e-5)
    assert symbols.starts.tolist() == (np.cumsum(symbols.lengths) - symbols.lengths).tolist()
    for at, length, distance in zip(symbols.starts, symbols.lengths, symbols.distances, strict=True):
        assert all(data[at + i] == data[at + i - distance] for i in range(length))


def test_stretches_end_as_if_they_went_on(monkeypatch):
    rng = np.random.default_rng(9)
    data = np.repeat(rng.integers(0, 9, 900), rng.integers(1, 4, 900)).astype(np.uint8)
    matches, prices = find_matches(data), [make_prices(0, rng)]
    costs = []
    for stretch in (256, 4096):
        monkeypatch.setattr(module, "_STRETCH", stretch)
        costs.append(pay(find_cheapest(data, matches, prices), data, prices))
    assert costs[0] <= 1.001 * costs[1]
