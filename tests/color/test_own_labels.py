"""Labels that an indexed picture came with: kept where a palette gives each its color, and never else."""

import io

import numpy as np
import pytest
from PIL import Image

from quantize import InputError, Palette, Settings, quantize_picture
from quantize.files.writing.saving import encode_picture
from quantize.pipeline.given_palette import load_palette
from quantize.records.settings import DITHERS
from tests.conftest import make_photo

DUPLICATES = [(10, 0, 0), (20, 0, 0), (10, 0, 0), (30, 30, 30), (1, 2, 3), (10, 0, 0)]


@pytest.fixture
def indexed(tmp_path):
    """A picture in which equal colors have several rows, with more rows than it uses."""
    labels = np.random.default_rng(0).integers(0, 6, (20, 30), np.uint8)
    image = Image.fromarray(labels, "L").convert("P")
    image.putdata(labels.reshape(-1).tolist())
    image.putpalette([value for color in [*DUPLICATES, (0, 9, 0)] for value in color])
    image.save(tmp_path / "a.png")
    return tmp_path / "a.png", labels


def stored(result):
    image = Image.open(io.BytesIO(encode_picture(result).data))
    return np.asarray(image), image


@pytest.mark.parametrize("dither", DITHERS)
@pytest.mark.parametrize("format", ["png", "gif"])
def test_indices_are_kept_with_the_palette_of_the_same_file(indexed, dither, format):
    path, labels = indexed
    for given in ({"palette": load_palette(path)}, {"own_palette": True}):
        pixels, image = stored(quantize_picture(path, Settings(dither=dither, format=format, **given)))
        assert (pixels == labels).all()
        assert image.getpalette()[:21] == [value for color in [*DUPLICATES, (0, 9, 0)] for value in color]


def test_indices_are_kept_with_a_transparent_entry(indexed, tmp_path):
    path, labels = indexed
    Image.open(path).save(tmp_path / "t.png", transparency=3)
    pixels, image = stored(quantize_picture(tmp_path / "t.png", Settings(own_palette=True)))
    assert (pixels == labels).all()
    assert image.info["transparency"] == 3


@pytest.mark.parametrize("format", ["png", "gif"])
def test_transparent_entry_moves_without_a_change_of_any_pixel(indexed, tmp_path, format):
    """It changes places with another, whose pixels follow; duplicates stay where they are."""
    path, labels = indexed
    Image.open(path).save(tmp_path / "t.png", transparency=3)
    moved = np.array([3, 1, 2, 0, 4, 5])[labels]
    for given in ({"palette": load_palette(tmp_path / "t.png")}, {"own_palette": True}):
        result = quantize_picture(tmp_path / "t.png", Settings(transparent_index=0, format=format, **given))
        pixels, image = stored(result)
        assert (pixels == moved).all()
        shown, source = (np.asarray(one.convert("RGBA")) for one in (image, Image.open(tmp_path / "t.png")))
        assert (shown[labels != 3] == source[labels != 3]).all()
        assert (shown[labels == 3, 3] == 0).all()


def test_indices_are_not_kept_where_a_pixel_would_change(indexed):
    path, _ = indexed
    palette = load_palette(path)
    other = Palette(np.roll(palette.colors, 1, axis=0))
    result = quantize_picture(path, Settings(palette=other))
    assert (result.pixels == np.asarray(Image.open(path).convert("RGB"))).all()
    assert set(np.unique(result.labels)) == {1, 2, 4, 5}  # of equal rows the first
    short = quantize_picture(path, Settings(palette=Palette(palette.colors[:2])))
    assert int(short.labels.max()) <= 1


def test_image_that_is_open_keeps_its_indices_too(indexed):
    path, labels = indexed
    with Image.open(path) as image:
        assert (quantize_picture(image, Settings(own_palette=True)).labels == labels).all()


def test_picture_without_a_palette_has_none_to_keep(tmp_path):
    make_photo().save(tmp_path / "photo.png")
    with pytest.raises(InputError, match=r"photo.png: has no palette of its own, which -p - would keep"):
        quantize_picture(tmp_path / "photo.png", Settings(own_palette=True))
