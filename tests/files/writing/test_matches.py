"""Where bytes stood before, held against a search of every distance."""

import numpy as np
import pytest

from quantize.files.writing import matches as module
from quantize.files.writing.deflate_codes import LONGEST
from quantize.files.writing.matches import LENGTHS, find_matches

RNG = np.random.default_rng(1)


def search(data: bytes, at: int, length: int, window: int) -> int:
    """The least distance to the same bytes, or 0."""
    wanted = data[at : at + length]
    if len(wanted) < length:
        return 0
    return next((d for d in range(1, min(at, window) + 1) if data[at - d : at - d + length] == wanted), 0)


@pytest.mark.parametrize("window", [20, 1 << 15])
@pytest.mark.parametrize(
    "data",
    [
        RNG.integers(0, 2, 300).astype(np.uint8),
        np.tile(RNG.integers(0, 9, 40), 8).astype(np.uint8),
        np.zeros(400, np.uint8),
        np.array([5, 5], np.uint8),
    ],
    ids=["bits", "repeated", "zero", "short"],
)
def test_nearest_of_every_length_is_found(data, window, monkeypatch):
    monkeypatch.setattr(module, "WINDOW", window)
    found, text = find_matches(data), data.tobytes()
    for at in range(len(data)):
        expected = [search(text, at, length, window) for length in LENGTHS]
        assert found.distances[:, at].tolist() == expected
        far = next((d for d, length in zip(expected[::-1], LENGTHS[::-1], strict=True) if d and length >= 16), 0)
        assert found.farthest[at] == far
        same = 0
        while far and same < LONGEST and at + same < len(data) and text[at + same - far] == text[at + same]:
            same += 1
        assert found.longest[at] == same
