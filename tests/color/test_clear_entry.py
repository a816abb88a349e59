"""The transparent entry where consoles and sprite tools expect it."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from quantize import InputError, OutputError, Palette, Settings, quantize_picture
from quantize.color.clear_entry import mark_clear, place_clear
from quantize.files.writing.saving import encode_picture
from tests.conftest import make_flat, make_glow, make_photo

THREE = Palette(np.array([[1, 1, 1, 255], [2, 2, 2, 255], [0, 0, 0, 0]], np.uint8), names=("a", "b", ""))


def test_entry_moves_and_the_others_keep_their_order_and_names():
    placed = place_clear(THREE, 0)
    assert placed.hex == ["#00000000", "#010101", "#020202"]
    assert placed.names == ("", "a", "b")
    assert place_clear(THREE, 2).hex == THREE.hex


def test_entry_is_added_and_a_short_palette_made_longer():
    opaque = Palette(np.array([[1, 1, 1], [2, 2, 2]], np.uint8))
    assert place_clear(opaque, 1).hex == ["#010101", "#00000000", "#020202"]
    assert place_clear(opaque, 4).hex == ["#010101", "#020202", "#020202", "#020202", "#00000000"]


def test_entry_of_a_given_palette_keeps_its_color_in_the_file():
    opaque = Palette(np.array([[1, 1, 1], [2, 2, 2]], np.uint8))
    assert mark_clear(opaque, 1).colors.tolist() == [[1, 1, 1, 255], [2, 2, 2, 0]]


def test_entry_changes_places_with_one_that_is_transparent_already():
    swapped = mark_clear(replace(THREE, names=("one", "two", "none")), 0)
    assert swapped.hex == ["#00000000", "#020202", "#010101"]
    assert swapped.names == ("none", "two", "one")
    assert mark_clear(THREE, 2).hex == THREE.hex


def test_given_palette_has_no_row_beyond_its_last():
    with pytest.raises(InputError, match="the colors of the palette '' are 0 to 2"):
        mark_clear(THREE, 3)


@pytest.mark.parametrize("make", [make_glow, make_photo])
@pytest.mark.parametrize("row", [0, 3, 7])
@pytest.mark.parametrize("format", ["png", "gif"])
def test_found_palette_has_the_entry_there_and_counts_it(make, row, format):
    result = quantize_picture(make(), Settings(n_colors=8, transparent_index=row, format=format))
    assert len(result.palette) == 8
    pixels = np.asarray(Image.open(io.BytesIO(encode_picture(result).data)))
    alpha = np.asarray(make().convert("RGBA"))[..., 3]
    if make is make_photo:
        assert (pixels != row).all()  # it is there for others
    elif format == "gif":
        assert ((pixels == row) == (alpha < 128)).all()
    else:
        assert (pixels[alpha == 0] == row).all()


def test_entry_of_a_given_palette_is_for_transparent_pixels_alone():
    palette = Palette(np.array([[255, 0, 255], [0, 0, 0], [255, 255, 255]], np.uint8))
    result = quantize_picture(make_glow(), Settings(palette=palette, transparent_index=0))
    alpha = np.asarray(make_glow())[..., 3]
    assert ((result.labels == 0) == (alpha < 128)).all()
    assert len(result.palette) == 3
    pink = make_flat([(255, 0, 255), (0, 0, 0)])
    assert set(np.unique(quantize_picture(pink, Settings(palette=palette, transparent_index=0)).labels)) == {1, 2}


def test_webp_has_no_place_for_it():
    with pytest.raises(OutputError, match="WebP orders its palette itself"):
        quantize_picture(make_glow(), Settings(transparent_index=0, format="webp"))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("optimize", [False, True])
def test_picture_has_the_bits_that_were_asked_for(bits, optimize):
    result = quantize_picture(make_photo(), Settings(n_colors=2, bits=bits, optimize=optimize))
    data = encode_picture(result).data
    assert data[24] == bits
    assert (np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) == result.pixels).all()


def test_too_few_bits_are_refused():
    result = quantize_picture(make_photo(), Settings(n_colors=5, bits=2))
    with pytest.raises(OutputError, match=r"--bits 2 is 4 colors, and the palette has 5; give it more bits"):
        encode_picture(result)
    with pytest.raises(OutputError, match="--bits is the depth of a PNG, and not of a gif"):
        quantize_picture(make_photo(), Settings(n_colors=4, bits=2, format="gif"))
