"""Colors that stand side by side get labels side by side, and nothing else changes."""

import numpy as np
import pytest
from PIL import Image

from quantize import Quantized, Settings, load_palette, quantize_picture
from quantize.files.writing import palette_order
from quantize.files.writing.palette_order import choose_order
from tests.conftest import make_flat, make_photo


def reorder(result: Quantized) -> Quantized:
    return result.reorder(choose_order(result))


def count_steps(labels: np.ndarray) -> float:
    """Bits of the differences between neighbors, about."""
    differences = [np.diff(labels.astype(int), axis=axis) for axis in (0, 1)]
    return sum(np.log2(1 + np.abs(values)).sum() for values in differences)


def test_order_changes_no_pixel_and_keeps_what_belongs_together():
    image = make_photo(23, 17).convert("RGBA")
    image.putalpha(Image.fromarray(np.resize(np.arange(0, 256, 5, dtype=np.uint8), (17, 23))))
    result = quantize_picture(image, Settings(n_colors=20))
    ordered = reorder(result)
    assert (ordered.pixels == result.pixels).all()
    assert ordered.palette.hex != result.palette.hex
    assert sorted(zip(ordered.palette.hex, ordered.counts, strict=True)) == sorted(
        zip(result.palette.hex, result.counts, strict=True)
    )
    opaque = ordered.palette.colors[:, 3] == 255
    assert (np.diff(opaque.astype(int)) >= 0).all()


@pytest.mark.parametrize("k", [40, 100])
def test_neighbors_get_labels_that_differ_less(k):
    result = quantize_picture(make_photo(64, 64), Settings(n_colors=k, effort="fast"))
    neighbors = palette_order._count_neighbors(result.labels, k)
    chained = result.reorder(palette_order._chain(neighbors))
    steps = [count_steps(each.labels) for each in (result, chained, reorder(result))]
    assert steps[2] < steps[1] < steps[0]


def test_a_given_palette_keeps_its_order():
    given = load_palette("#ffffff,#000000,#808080,#ff0000,#00ff00")
    assert choose_order(quantize_picture(make_photo(), Settings(palette=given))) is None


@pytest.mark.parametrize("strip", [1, 3, 10**6])
def test_neighbors_are_counted_in_strips_as_at_once(monkeypatch, strip):
    labels = np.random.default_rng(0).integers(0, 4, (2, 9, 7), np.uint8)
    expected = np.zeros((4, 4), int)
    for frame in labels:
        for one, other in [
            *zip(frame[1:].ravel(), frame[:-1].ravel(), strict=True),
            *zip(frame[:, 1:].ravel(), frame[:, :-1].ravel(), strict=True),
        ]:
            if one != other:
                expected[one, other] += 1
                expected[other, one] += 1
    monkeypatch.setattr(palette_order, "_STRIP", 7 * strip)
    assert palette_order._count_neighbors(labels, 4).tolist() == expected.tolist()


@pytest.mark.parametrize("colors", [1, 2, 3])
def test_order_takes_the_smallest_palettes(colors):
    image = make_flat([(10 * n, 0, 0) for n in range(colors)])
    assert (reorder(quantize_picture(image)).pixels == np.asarray(image)).all()
