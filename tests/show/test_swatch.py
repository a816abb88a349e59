"""The swatch: looked at by eye, held here to what can be measured."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from quantize import Palette, Settings, quantize_picture
from quantize.files.writing.png import encode_drawing
from quantize.records.srgb import lay_on
from quantize.show.swatch import render_swatch
from tests.conftest import make_flat, make_photo

TILES_BEGIN = 72


def swatch_of(colors, counts=None, palette=None):
    """The swatch of a picture of one row, in which each color has so many pixels; 5 without."""
    row = np.repeat(np.array(colors, np.uint8), 5 if counts is None else counts, axis=0)
    settings = Settings(palette=palette) if palette else Settings(n_colors=max(1, len(colors)))
    quantized = quantize_picture(row[None], settings)
    return quantized, render_swatch(quantized)


def some_colors(n, channels=3):
    return np.random.default_rng(0).permuted(np.arange(n * channels * 5) % 256)[: n * channels].reshape(n, channels)


def count(pixels):
    codes, counts = np.unique(pixels.reshape(-1, 3) @ [1, 1 << 8, 1 << 16], return_counts=True)
    return dict(zip(codes.tolist(), counts.tolist(), strict=True))


def runs(line):
    """The lengths of runs of one color on a line of pixels."""
    changes = np.flatnonzero((line[1:] != line[:-1]).any(axis=1)) + 1
    return np.diff([0, *changes, len(line)]).tolist()


@pytest.mark.parametrize("k", [1, 2, 7, 16, 64, 250, 447])
def test_every_color_has_an_equal_tile_of_exactly_itself(k):
    quantized, drawing = swatch_of(some_colors(k))
    seen = count(drawing.pixels[TILES_BEGIN:])
    codes = quantized.palette.colors @ [1, 1 << 8, 1 << 16]
    inside = [seen[code] for code in codes.tolist()]
    assert np.median(inside) == min(inside)
    assert min(inside) >= 22 * 50


def test_strip_is_true_to_the_shares_in_the_order_of_the_tiles():
    _, drawing = swatch_of([(255, 0, 0), (0, 0, 255), (0, 0, 0)], [300, 100, 4])
    strip = drawing.pixels[30, 17:-17]
    assert [strip[place].tolist() for place in (0, -20, -1)] == [[255, 0, 0], [0, 0, 255], [0, 0, 0]]
    red, blue, black = runs(strip)
    assert red + blue + black == 990
    assert red / 990 == pytest.approx(300 / 404, abs=0.003)
    assert blue / 990 == pytest.approx(100 / 404, abs=0.003)


@pytest.mark.parametrize(("k", "most"), [(16, 6000), (256, 40_000)])
def test_swatch_is_a_small_indexed_png(k, most, tmp_path):
    quantized = quantize_picture(make_photo(64, 64), Settings(n_colors=k))
    data = encode_drawing(render_swatch(quantized))
    assert len(data) <= most
    (tmp_path / "x.png").write_bytes(data)
    image = Image.open(tmp_path / "x.png")
    assert image.mode == "P"
    assert (np.asarray(image.convert("RGB")) == render_swatch(quantized).pixels).all()


@pytest.mark.parametrize("k", [1, 2, 7, 16, 64, 256])
@pytest.mark.parametrize("channels", [3, 4])
def test_no_code_reaches_into_the_next_tile_or_over_the_edge(k, channels):
    """In the line of codes, what is not paper never spans the gutter to the right of a tile."""
    _, drawing = swatch_of(some_colors(k, channels))
    pixels = drawing.pixels.astype(int)
    paper = pixels[0, 0]
    frames = np.flatnonzero((pixels[TILES_BEGIN] != paper).any(axis=1))
    ends = frames[np.flatnonzero(np.diff([*frames, 2000]) > 1)]
    row = next(y for y in range(TILES_BEGIN, len(pixels)) if (pixels[y] == paper).all())
    for end in ends.tolist():
        assert (pixels[TILES_BEGIN:row, end + 1 : end + 3] == paper).all()
        assert (pixels[row : row + 18, end + 1 : end + 3] == paper).all(), "its label is wider than the tile"


def test_white_does_not_vanish_on_the_paper():
    _, drawing = swatch_of([(255, 255, 255)])
    above, edge, inside = drawing.pixels[TILES_BEGIN - 1 : TILES_BEGIN + 2, 40]
    assert edge.tolist() != above.tolist() == inside.tolist() == [255, 255, 255]


def test_transparent_color_is_shown_on_a_checkerboard():
    _, drawing = swatch_of([(255, 0, 0, 128), (0, 0, 0, 0)])
    assert len(np.unique(drawing.pixels[TILES_BEGIN + 10, 20:100], axis=0)) == 2


def test_colors_that_no_pixel_has_are_counted_and_not_shown():
    colors = some_colors(20).astype(np.uint8)
    full, shown = swatch_of(colors[:4], palette=Palette(colors, title="x"))
    _, plain = swatch_of(colors[:4])
    assert len(shown.colors) == len(plain.colors)
    assert len(full.palette) == 20
    note = shown.labels[len(plain.labels) - 8 :]
    assert (note[:, :120] != note[0, 0]).any(), "+16 unused"
    assert (note[:, 120:] == note[0, 0]).all()


def test_names_stand_below_their_codes_and_long_ones_are_cut():
    colors = np.array([(255, 0, 0), (0, 0, 255)], np.uint8)
    heights = []
    for names in ((), ("red", "a very " + "very " * 40 + "long name of a blue")):
        _, drawing = swatch_of(colors, palette=Palette(colors, names=names, title="x"))
        assert (drawing.labels[:, -10:] == drawing.labels[0, 0]).all(axis=1)[TILES_BEGIN:].all()
        heights.append(len(drawing.labels))
    assert heights[1] > heights[0]


def test_rows_of_tiles_are_equally_full():
    _, drawing = swatch_of(some_colors(9))
    paper = drawing.labels[0, 0]
    tiles = [np.count_nonzero(np.diff((line != paper).astype(int)) == 1) for line in drawing.labels]
    assert tiles[TILES_BEGIN] == 5
    assert tiles[-60] == 4


@pytest.mark.parametrize("is_narrow", [False, True])
def test_palette_of_256_lends_three_colors_to_the_text_and_nobody_sees_it(is_narrow):
    reds = np.stack([np.full(256, 255), np.arange(256) // 16 + 200, np.arange(256) % 16 + 200], axis=1)
    quantized, drawing = swatch_of(reds if is_narrow else some_colors(256))
    assert len(drawing.colors) == 256
    assert drawing.labels.dtype == np.uint8
    assert drawing.pixels[0, 0].tolist() == [255, 255, 255]
    codes = {row.tobytes() for row in drawing.colors}
    missing = [row for row in quantized.palette.colors if row.tobytes() not in codes]
    assert len(missing) <= 3
    for row in missing:
        assert np.abs(drawing.colors.astype(int) - row).max(axis=1).min() <= (2 if is_narrow else 12)


def test_palette_that_has_white_gray_and_black_lends_nothing():
    colors = np.unique(np.vstack([some_colors(250), [(255,) * 3, (140,) * 3, (30,) * 3]]), axis=0).astype(np.uint8)
    colors = np.vstack([colors, [(1, 2, value) for value in range(256 - len(colors))]]).astype(np.uint8)
    _, drawing = swatch_of(colors, palette=Palette(colors, title="x"))
    codes = {row.tobytes() for row in drawing.colors}
    assert all(row.tobytes() in codes for row in colors)
    assert len(drawing.colors) == 256


def test_second_looks_of_transparent_colors_are_shown_as_others():
    soft = np.hstack([some_colors(200), np.full((200, 1), 128)])
    quantized, drawing = swatch_of(soft)
    codes = {row.tobytes() for row in drawing.colors}
    first = lay_on(quantized.palette.colors, 255)
    assert len(drawing.colors) == 256
    assert all(row.tobytes() in codes for row in first)


def test_largest_palette_can_be_drawn():
    _, drawing = swatch_of(some_colors(4096))
    assert drawing.pixels.shape[1] == 1024
    assert len(drawing.labels) <= 1100


def test_font_is_loaded_only_for_a_swatch(photo):
    probe = (
        "import sys; sys.argv = ['quantize', 'photo.png', '-q', *sys.argv[1:]]\n"
        "from quantize.command.cli import run; run()\n"
        "print('PIL.ImageFont' in sys.modules)"
    )
    for arguments, loaded in ((["--no-swatch"], "False\n"), ([], "True\n")):
        done = subprocess.run(
            [sys.executable, "-c", probe, *arguments], capture_output=True, text=True, check=True, cwd=photo.parent
        )
        assert done.stdout == loaded


def test_stripes_of_two_colors_are_told_by_their_shares():
    quantized = quantize_picture(make_flat([(255, 0, 0), (0, 0, 255), (255, 0, 0), (255, 0, 0)]), Settings(n_colors=2))
    by_share = render_swatch(quantized).pixels[TILES_BEGIN + 5]
    given = render_swatch(quantized, [0, 1]).pixels[TILES_BEGIN + 5]
    assert by_share[30].tolist() == [255, 0, 0]
    assert given[30].tolist() == quantized.palette.colors[0].tolist()
