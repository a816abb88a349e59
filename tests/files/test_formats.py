"""What a format cannot hold is settled before the first color is counted."""

import os
import time

import numpy as np
import pytest

from quantize import Picture, Settings, load_picture, quantize_picture
from quantize.errors import OutputError
from quantize.files.formats import guess_format, read_ending, settle_format, suit_format

HALVES = np.array([[[9, 9, 9, 0], [9, 9, 9, 127], [9, 9, 9, 128], [9, 9, 9, 255]]], np.uint8)


def test_gif_knows_opaque_and_transparent_only_and_says_so() -> None:
    picture = suit_format(load_picture(HALVES), "gif")
    assert picture.pixels[0, :, 3].tolist() == [0, 0, 255, 255]
    assert picture.source.notices == ("partly transparent pixels became opaque or transparent, as GIF knows no others",)


def test_picture_of_which_nothing_stays_transparent_is_opaque_in_gif() -> None:
    picture = suit_format(load_picture(HALVES[:, 2:]), "gif")
    assert not picture.has_alpha
    assert picture.pixels.tolist() == [[[9, 9, 9], [9, 9, 9]]]


def test_the_picture_that_was_given_stays_as_it_was() -> None:
    picture = load_picture(HALVES)
    before = picture.keys.copy()
    suit_format(picture, "gif")
    assert (picture.keys == before).all()


@pytest.mark.parametrize("name", ["png", "webp"])
def test_other_formats_hold_any_alpha(name: str) -> None:
    picture = load_picture(HALVES)
    assert suit_format(picture, name) is picture


def test_palette_of_a_gif_has_no_translucent_entry() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (16, 16, 4), np.uint8)
    result = quantize_picture(pixels, Settings(n_colors=8, format="gif"))
    assert set(result.palette.colors[:, 3].tolist()) <= {0, 255}


def test_format_that_holds_no_picture_as_large_is_refused() -> None:
    picture = Picture(np.zeros((1, 16_384), np.uint32))
    with pytest.raises(OutputError, match="WebP holds at most 16,383 pixels a side, not 16384x1"):
        settle_format(picture, "webp")
    assert settle_format(picture, None) == "png"


def test_encoder_that_takes_more_memory_counts_a_pixel_as_more() -> None:
    pixels, settings = np.zeros((10, 10, 3), np.uint8), Settings(format="webp", max_pixels=309)
    with pytest.raises(OutputError, match=r"as much memory as 310, more than 309; allow more with --max-pixels 310"):
        quantize_picture(pixels, settings)
    assert quantize_picture(pixels, Settings(format="webp", max_pixels=310)).labels.shape == (10, 10)
    assert quantize_picture(pixels, Settings(format="png", max_pixels=309)).labels.shape == (10, 10)


def test_file_too_long_to_be_read_is_not_gone_through_for_a_second_frame(tmp_path) -> None:
    path = tmp_path / "long.gif"
    path.write_bytes(b"GIF89a\1\0\1\0\0\0\0")
    os.truncate(path, 3 << 30)
    begin = time.process_time()
    assert guess_format(str(path)) == "png"
    assert time.process_time() - begin < 1


def test_ending_promises_a_format() -> None:
    assert [read_ending(name) for name in ("a.PNG", "a.apng", "a", "a.b.gif", "a.jpg")] == [
        *("png", "png", None, "gif", "jpg")
    ]
