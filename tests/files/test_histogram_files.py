"""Histograms in files: what was saved comes back, and nothing else does."""

import numpy as np
import pytest

from quantize import Histogram, InputError, OutputError, count_colors, load_histogram, save_histogram
from tests.conftest import make_glow, make_photo


@pytest.mark.parametrize("make", [make_photo, make_glow])
def test_histogram_comes_back_and_adds_up(tmp_path, make):
    histogram = count_colors(make())
    save_histogram(histogram, tmp_path / "one.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["one.npz"]
    back = load_histogram(tmp_path / "one.npz")
    assert (back.keys == histogram.keys).all()
    assert back.has_alpha is histogram.has_alpha
    assert ((back + back).counts == 2 * histogram.counts).all()


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"keys": np.arange(2, dtype="<u4")},
        {"keys": np.arange(2), "counts": np.ones(2), "has_alpha": False},
        {"keys": np.arange(2, dtype="<u4"), "counts": np.ones(3), "has_alpha": False},
        {"keys": np.arange(2, dtype="<u4"), "counts": -np.ones(2), "has_alpha": False},
        {"keys": np.arange(2, dtype="<u4"), "counts": np.full(2, np.nan), "has_alpha": False},
        {"keys": np.arange(2, dtype="<u4")[::-1], "counts": np.ones(2), "has_alpha": False},
        {"keys": np.array([1 << 24], "<u4"), "counts": np.ones(1), "has_alpha": False},
        {"keys": np.array([None]), "counts": np.ones(1), "has_alpha": False},
    ],
)
def test_other_arrays_are_refused(tmp_path, arrays):
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(InputError, match=r"other\.npz: is (no|a broken) histogram"):
        load_histogram(tmp_path / "other.npz")


@pytest.mark.parametrize("data", [b"", b"no zip", b"\x93NUMPY\1\0", b"PK\3\4 cut off"])
def test_broken_file_is_a_sentence(tmp_path, data):
    (tmp_path / "broken.npz").write_bytes(data)
    with pytest.raises(InputError, match=r"broken\.npz: "):
        load_histogram(tmp_path / "broken.npz")


def test_missing_file_and_missing_folder_are_sentences(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_histogram(tmp_path / "missing.npz")
    with pytest.raises(OutputError, match="cannot be written"):
        save_histogram(Histogram(np.zeros(1, "<u4"), np.ones(1)), tmp_path / "missing" / "one.npz")
