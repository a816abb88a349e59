"""A zlib stream of the cheapest symbols: zlib reads it, and it is smaller than zlib's own."""

import zlib

import numpy as np
import pytest

from quantize.files.writing import squeeze as module
from quantize.files.writing.squeeze import squeeze
from tests.conftest import make_photo

RNG = np.random.default_rng(0)
KINDS = {
    "one byte": np.full(1, 7, np.uint8),
    "two bytes": np.array([7, 7], np.uint8),
    "all zero": np.zeros(3000, np.uint8),
    "noise": RNG.integers(0, 256, 1500).astype(np.uint8),
    "few values": RNG.integers(0, 3, 2000).astype(np.uint8),
    "all values once": np.arange(256, dtype=np.uint8),
    "long runs": np.repeat(RNG.integers(0, 9, 30), RNG.integers(1, 300, 30)).astype(np.uint8),
    "halves unlike": np.append(RNG.integers(0, 4, 2500), RNG.integers(200, 256, 2500)).astype(np.uint8),
    "far repetition": np.tile(RNG.integers(0, 256, 600), 3).astype(np.uint8),
}


@pytest.mark.parametrize("name", KINDS)
def test_zlib_reads_the_bytes_again(name):
    assert zlib.decompress(squeeze(KINDS[name])) == KINDS[name].tobytes()


@pytest.mark.parametrize("name", KINDS)
def test_pieces_refer_to_those_before(name, monkeypatch):
    monkeypatch.setattr(module, "_PIECE", 1000)
    monkeypatch.setattr(module, "WINDOW", 700)
    stream = squeeze(KINDS[name])
    assert zlib.decompress(stream) == KINDS[name].tobytes()
    assert squeeze(KINDS[name], n_threads=2) == stream
    if name == "far repetition":
        assert len(stream) < 1.4 * 600


def test_random_bytes_of_any_length_come_back():
    for number in range(40):
        rng = np.random.default_rng(number)
        data = rng.integers(0, rng.integers(1, 257), rng.integers(1, 900)).astype(np.uint8)
        data = np.repeat(data, rng.integers(1, 1 + rng.integers(1, 40), len(data)))
        assert zlib.decompress(squeeze(data)) == data.tobytes()


@pytest.mark.parametrize("n_values", [4, 16, 100])
def test_labels_are_smaller_than_by_zlib(n_values):
    gray = np.asarray(make_photo(120, 90, 3).convert("L"))
    labels = (gray // (256 // n_values)).astype(np.uint8)
    assert len(squeeze(labels)) < 0.98 * len(zlib.compress(labels.tobytes(), 9))


def test_unlike_parts_have_codes_of_their_own(monkeypatch):
    data = KINDS["halves unlike"]
    apart = len(squeeze(data))
    monkeypatch.setattr(module, "_BLOCK_BITS", 1e9)
    assert apart < 0.97 * len(squeeze(data))
