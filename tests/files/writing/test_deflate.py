"""A zlib stream that is made in pieces: the same however the bytes come."""

import zlib

import numpy as np
import pytest

from quantize.files.writing import deflate
from quantize.files.writing.deflate import compress, compress_strips

BYTES = np.random.default_rng(0).integers(0, 4, 5000, np.uint8)


@pytest.mark.parametrize("cut", [1, 7, 64, 999, 1000, 4999, 5000])
@pytest.mark.parametrize("n_bytes", [40, 64, 1000, 5000])
def test_stream_does_not_depend_on_strips(monkeypatch, cut, n_bytes):
    monkeypatch.setattr(deflate, "_PIECE", 64)
    monkeypatch.setattr(deflate, "_WINDOW", 100)
    rows = BYTES[:n_bytes]
    stream = compress(rows, 6)
    assert zlib.decompress(stream) == rows.tobytes()
    strips = (rows[start : start + cut] for start in range(0, n_bytes, cut))
    assert compress_strips(strips, n_bytes, 6, n_threads=2) == stream


def test_large_picture_is_packed_strip_by_strip(quantize, photo, monkeypatch):
    assert quantize("photo.png", "-o", "whole.png", "-k", "5").code == 0
    monkeypatch.setattr("quantize.files.writing.png._STRIP", 100)
    assert quantize("photo.png", "-o", "strips.png", "-k", "5").code == 0
    whole, strips = ((photo.parent / f"{name}.png").read_bytes() for name in ("whole", "strips"))
    assert whole == strips
