"""A palette and a picture that were not made for each other."""

import numpy as np
import pytest
from PIL import Image

from quantize import Histogram, Palette, Settings, apply_palette, load_picture, quantize_picture
from quantize.color.histogram import count_colors
from quantize.color.matching import match_transparency
from quantize.color.measure.metrics import measure_error, pair_colors
from quantize.errors import InputError
from quantize.records.picture import harden_alpha
from quantize.records.settings import DITHERS
from tests.conftest import make_photo


def rows(*colors):
    return np.array(colors, np.uint8)


def picture_of(*colors):
    return load_picture(rows(*colors)[None])


def match(picture, *colors):
    return match_transparency(picture, count_colors(picture), Palette(rows(*colors)))


def test_half_and_more_is_opaque_and_less_is_gone():
    keys = rows((1, 2, 3, 128), (1, 2, 3, 255), (1, 2, 3, 127), (0, 0, 0, 0)).view("<u4").reshape(-1)
    assert harden_alpha(keys).tolist() == [0xFF030201, 0xFF030201, 0, 0]


def test_opaque_picture_takes_the_colors_of_what_is_rather_opaque():
    found = match(picture_of((5, 5, 5)), (0, 0, 0, 0), (9, 9, 9, 128), (1, 1, 1, 255), (5, 5, 5, 127))
    assert found.palette.colors.tolist() == [[0, 0, 0], [9, 9, 9], [1, 1, 1], [5, 5, 5]]
    assert found.rows.tolist() == [1, 2]
    result = quantize_picture(rows((5, 5, 4), (8, 8, 8))[None], Settings(palette=found.usable))
    assert result.pixels.tolist() == [[[1, 1, 1], [9, 9, 9]]]


def test_labels_count_in_the_palette_that_was_given():
    palette = Palette(rows((0, 0, 0, 0), (9, 9, 9, 255), (1, 1, 1, 255)))
    result = quantize_picture(rows((1, 1, 2), (8, 8, 8))[None], Settings(palette=palette))
    assert result.labels.tolist() == [[2, 1]]
    assert result.color_labels.tolist() == [1, 2] or result.color_labels.tolist() == [2, 1]
    assert result.counts.tolist() == [0, 1, 1]
    colors, _, labels, _ = pair_colors(result)
    assert {tuple(c): tuple(result.palette.colors[i]) for c, i in zip(colors.tolist(), labels, strict=True)} == {
        (1, 1, 2): (1, 1, 1), (8, 8, 8): (9, 9, 9),
    }  # fmt: skip


def test_palette_of_nothing_but_transparency_cannot_color_an_opaque_picture():
    with pytest.raises(InputError, match="is opaque, but all colors of the palette are transparent"):
        match(picture_of((5, 5, 5)), (0, 0, 0, 0))


def test_opaque_palette_gets_a_transparent_entry_only_where_it_is_needed():
    faint, solid = picture_of((9, 9, 9, 20), (9, 9, 9, 255)), picture_of((9, 9, 9, 200), (9, 9, 9, 255))
    assert match(faint, (9, 9, 9)).palette.colors.tolist() == [[9, 9, 9, 255], [0, 0, 0, 0]]
    assert match(solid, (9, 9, 9)).palette.colors.tolist() == [[9, 9, 9, 255]]
    assert match(faint, (0, 0, 0, 0), (9, 9, 9, 255)).palette.colors.tolist() == [[0, 0, 0, 0], [9, 9, 9, 255]]


def test_added_entry_has_no_name():
    palette = Palette(rows((9, 9, 9)), names=("gray",))
    picture = picture_of((9, 9, 9, 20), (9, 9, 9, 255))
    assert match_transparency(picture, count_colors(picture), palette).palette.names == ("gray", "")


def test_partly_transparent_entries_are_compared_as_they_are():
    picture = picture_of((200, 0, 0, 120), (200, 0, 0, 255))
    result = quantize_picture(picture, Settings(palette=Palette(rows((200, 0, 0, 128), (200, 0, 0, 255)))))
    assert result.labels.tolist() == [[0, 1]]


def test_transparent_pixels_are_gone_whatever_the_given_palette_has():
    result = quantize_picture(
        picture_of((0, 0, 0, 0), (200, 0, 0, 120)), Settings(palette=Palette(rows((200, 0, 0, 99))))
    )
    assert result.pixels.tolist() == [[[0, 0, 0, 0], [200, 0, 0, 99]]]


@pytest.mark.parametrize("dither", DITHERS)
def test_opaque_black_is_not_gone_for_want_of_a_dark_color(dither):
    colors = [[(0, 0, 0, 0), (0, 0, 0, 255)] * 8] * 8
    result = quantize_picture(
        np.array(colors, np.uint8), Settings(palette=Palette(rows((255, 255, 255), (255, 255, 0))), dither=dither)
    )
    assert (result.pixels[:, ::2] == 0).all()
    assert (result.pixels[:, 1::2, 3] == 255).all()


@pytest.mark.parametrize("dither", DITHERS)
@pytest.mark.parametrize("k", [4, 16])
def test_opaque_stays_opaque_and_gone_stays_gone_beside_soft_edges(k, dither):
    image = make_photo(40, 40, seed=2).convert("RGBA")
    x = np.arange(-20, 20)
    image.putalpha(Image.fromarray((255 * (1.5 - np.hypot(x, x[:, None]) / 12)).clip(0, 255).astype(np.uint8)))
    result = quantize_picture(image, Settings(n_colors=k, dither=dither))
    before, after = result.picture.pixels[..., 3], result.pixels[..., 3]
    assert (after[before == 255] == 255).all()
    assert (after[before == 0] == 0).all()


def test_error_is_measured_against_the_picture_itself():
    picture = picture_of((200, 0, 0, 100), (200, 0, 0, 255))
    result = quantize_picture(picture, Settings(palette=Palette(rows((200, 0, 0)))))
    assert result.picture is picture
    red = 200 * 100 / 255
    lost = (red**2 + (100 - red) ** 2 + 2 * 100**2) / 2  # on black, and on white
    assert measure_error(result)["mse"] == pytest.approx(lost / 2)


def test_colors_of_one_pixel_hardened_alike_share_a_label():
    picture = picture_of((9, 9, 9, 200), (9, 9, 9, 230), (9, 9, 9, 255), (9, 9, 9, 10))
    histogram = count_colors(picture)
    result = apply_palette(picture, histogram, Palette(rows((9, 9, 9))), Settings(palette=Palette(rows((9, 9, 9)))))
    assert isinstance(result.histogram, Histogram)
    assert len(result.color_labels) == 4
    assert result.labels.tolist() == [[0, 0, 0, 1]]
    assert result.counts.tolist() == [3, 1]
