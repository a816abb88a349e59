"""A TIFF that is read piece by piece has the pixels that Pillow reads of it as a whole."""

import io

import numpy as np
import pytest
from PIL import Image

from quantize import Settings
from quantize.errors import InputError
from quantize.files.reading import tiles
from quantize.files.reading.loading import load_picture
from tests.bench.mosaics import Mosaic
from tests.conftest import make_glow, make_photo


@pytest.fixture
def pieces(monkeypatch):
    """Read small pictures in pieces, and tell how many strips or tiles each has."""
    found = []
    find_layout = tiles.find_layout

    def find(image):
        layout = find_layout(image)
        found.append(layout and (len(layout.offsets), layout.together))
        return layout

    monkeypatch.setattr(tiles, "_LARGE", 0)
    monkeypatch.setattr(tiles, "_PIECE", 16 * 48)
    monkeypatch.setattr(tiles, "find_layout", find)
    return found


def save(image: Image.Image, compression: str = "tiff_lzw", rows: int = 5, orientation: int = 1, **more) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "TIFF", compression=compression, tiffinfo={278: rows, 274: orientation}, **more)
    return stream.getvalue()


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "jpeg", "tiff_adobe_deflate"])
def test_pieces_have_the_pixels_of_the_whole(pieces, monkeypatch, mode, compression):
    image = make_glow() if mode in ("LA", "RGBA") else make_photo()
    image = Image.merge("LAB", image.split()) if mode == "LAB" else image.convert(mode)
    if mode in ("P", "LA") and compression == "jpeg":
        pytest.skip("JPEG holds no such pixels")
    data = save(image, compression, rows=8 if compression == "jpeg" else 5)
    read = load_picture(io.BytesIO(data), Settings(n_threads=2))
    monkeypatch.setattr(tiles, "_LARGE", 1 << 60)
    whole = load_picture(io.BytesIO(data))
    assert pieces[0] == ((4, 2) if compression == "jpeg" else (7, 3))
    assert (read.keys == whole.keys).all()
    assert (read.has_alpha, read.source.notices) == (whole.has_alpha, whole.source.notices)


@pytest.mark.parametrize("orientation", [3, 6])
def test_pieces_are_turned_upright(pieces, orientation):
    upright = load_picture(io.BytesIO(save(make_photo(), orientation=orientation))).keys
    stored = load_picture(io.BytesIO(save(make_photo()))).keys
    assert pieces == [(7, 3), (7, 3)]
    assert (upright == (stored[::-1, ::-1] if orientation == 3 else np.rot90(stored, -1))).all()


def test_tiles_at_the_edges_are_cut(pieces, tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    make_photo(1000, 700).save(tmp_path / "photos" / "one.png")
    Mosaic(tmp_path / "photos", (600, 530)).save_tiled(tmp_path / "tiled.tif")
    read = load_picture(tmp_path / "tiled.tif")
    monkeypatch.setattr(tiles, "_LARGE", 1 << 60)
    assert pieces == [(4, 1)]
    assert read.size == (600, 530)
    assert (read.keys == load_picture(tmp_path / "tiled.tif").keys).all()


def test_truncated_piece_is_one_sentence(pieces, tmp_path):
    data = bytearray(save(make_photo()))
    with Image.open(io.BytesIO(data)) as image:
        offset = image.tag_v2[273][-1]
    place = data.find(offset.to_bytes(4, "little"), offset)
    data[place : place + 4] = (len(data) - 1).to_bytes(4, "little")
    (tmp_path / "cut.tif").write_bytes(data)
    with pytest.raises(InputError, match=r"cut.tif: not a readable image .truncated."):
        load_picture(tmp_path / "cut.tif")
