"""Palettes and colors that people give, from text to 8-bit sRGB."""

import random
import struct
import time

import numpy as np
import pytest

from quantize.errors import InputError
from quantize.files.palettes.palette_files import encode_palette
from quantize.files.palettes.presets import list_presets
from quantize.pipeline.given_palette import load_palette, parse_color
from quantize.records.palette import MAX_COLORS, Palette
from quantize.records.settings import EXPORTS
from tests.hostile import MUTATIONS


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_palette(path)


def test_numbers_of_other_models_become_srgb_in_their_places(tmp_path):
    text = "--red: oklch(63.7% 0.237 25.331); --ink: #000; --pale: lab(100 0 0 / 50%); --pink: oklch(0.8 0.1 0)"
    palette = write(tmp_path / "a.css", text)
    assert palette.hex == ["#fb2c36", "#000000", "#ffffff80", "#f3a3bb"]
    assert palette.names == ("red", "ink", "pale", "pink")
    assert parse_color("hsl(120 100% 25% / 20%)") == (0, 128, 0, 51)


def test_presets_are_palettes_with_a_source_and_a_license():
    sizes = {name: len(load_palette(name)) for name in list_presets()}
    assert sizes == {
        "gameboy": 4, "pico-8": 16, "nord": 16, "c64": 16, "cga": 16, "ega": 64, "bw": 2, "epaper-7": 7, "spectra-6": 6,
        "web": 216,
    }  # fmt: skip
    for name in sizes:
        palette = load_palette(name)
        assert palette.title == name
        assert len(np.unique(palette.colors, axis=0)) == len(palette)
    assert load_palette("nord").names[:2] == ("nord0", "nord1")
    assert {(0, 0, 0), (0xAA, 0x55, 0), (0xFF,) * 3} <= set(map(tuple, load_palette("ega").colors.tolist()))


def test_file_goes_before_a_preset_of_the_same_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "nord", "000000")
    assert load_palette("nord").hex == ["#000000"]


def test_lospec_json_and_json_by_name(tmp_path):
    assert write(tmp_path / "a", '{"name": "X", "author": "", "colors": ["2e3440", "eceff4"]}').hex == [
        "#2e3440",
        "#eceff4",
    ]
    named = write(tmp_path / "b", '{"red": {"DEFAULT": "#f00", "900": "#900"}, "ink": [0, 0, 1]}')
    assert (named.hex, named.names) == (["#ff0000", "#990000", "#000001"], ("red", "red-900", "ink"))


def test_paint_net_has_alpha_first(tmp_path):
    text = "; paint.net Palette File\n; 96 colors\nFF2e3440\n80eceff4 ; snow\n"
    assert write(tmp_path / "a.txt", text).hex == ["#2e3440", "#eceff480"]


def test_eight_digits_are_refused_where_nothing_says_where_alpha_stands(tmp_path):
    with pytest.raises(InputError, match=r"line 2: '80112233' may have its alpha first or last; write #rrggbbaa"):
        write(tmp_path / "a.hex", "112233\n80112233\n")
    assert write(tmp_path / "b.hex", "; RRGGBBAA\n80112233\n").hex == ["#80112233"]
    assert write(tmp_path / "c.hex", "#80112233\n").hex == ["#80112233"]
    assert write(tmp_path / "d.hex", "; AARRGGBB\n#80112233\n").hex == ["#11223380"]
    with pytest.raises(InputError, match=r"color 1: 'ff112233' may have"):
        write(tmp_path / "a.json", '["ff112233"]')


def test_hex_has_comments_after_semicolons(tmp_path):
    assert write(tmp_path / "a.hex", ";my colors\n2e3440 ; night\n\n#eceff4\n").hex == ["#2e3440", "#eceff4"]


def test_hex_may_have_several_colors_in_a_line(tmp_path):
    assert write(tmp_path / "a.hex", "#2e3440, #eceff4\n000 fff\n").hex == ["#2e3440", "#eceff4", "#000000", "#ffffff"]


def riff(*colors, count=None):
    body = struct.pack("<HH", 0x300, count or len(colors)) + b"".join(bytes((*color, 0)) for color in colors)
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"PAL data" + struct.pack("<I", len(body)) + body


def test_riff_palette_is_read(tmp_path):
    assert write(tmp_path / "a.pal", riff((1, 2, 3), (4, 5, 6))).hex == ["#010203", "#040506"]
    with pytest.raises(InputError, match="announces 3 colors, but 1 follow"):
        write(tmp_path / "b.pal", riff((1, 2, 3), count=3))
    later = riff((1, 2, 3))
    later = later[:12] + b"offl\x03\0\0\0abc\0" + later[12:]  # a chunk of an odd size before the colors
    assert write(tmp_path / "d.pal", later).hex == ["#010203"]
    with pytest.raises(InputError, match="is cut short"):
        write(tmp_path / "c.pal", riff((1, 2, 3))[:20])


def test_short_color_table_is_known_by_its_name(tmp_path):
    assert write(tmp_path / "a.act", bytes(range(12))).hex == ["#000102", "#030405", "#060708", "#090a0b"]


@pytest.mark.parametrize("name", ["a.hex", "a.gpl", "a.pal", "a.css", "a.json", "a.ase"])
def test_no_more_is_read_of_very_many_colors_than_a_palette_holds(tmp_path, name):
    n = 500_000
    swatch = struct.pack(">HIH", 1, 24, 1) + b"\0\0LAB " + struct.pack(">3f", 0.5, 0, 0) + b"\0\0\0\0"
    contents = {
        "a.hex": "112233\n" * n,
        "a.gpl": "GIMP Palette\n" + "1 2 3\n" * n,
        "a.pal": f"JASC-PAL\n0100\n{n}\n" + "1 2 3\n" * n,
        "a.css": "--a:#123;" * n,
        "a.json": "[" + '"#123",' * (n - 1) + '"#123"]',
        "a.ase": b"ASEF" + struct.pack(">HHI", 1, 0, n) + swatch * n,
    }
    start = time.process_time()
    with pytest.raises(InputError, match="has more than 4,096 colors"):
        write(tmp_path / name, contents[name])
    assert time.process_time() - start < 3


def test_thousands_of_swatches_in_other_models_are_converted_at_once(tmp_path):
    swatch = struct.pack(">HIH", 1, 24, 1) + b"\0\0LAB " + struct.pack(">3f", 0.5, 0, 0) + b"\0\0\0\0"
    start = time.process_time()
    palette = write(tmp_path / "a.ase", b"ASEF" + struct.pack(">HHI", 1, 0, 4096) + swatch * 4096)
    assert (palette.colors == 119).all() and len(palette) == 4096
    assert time.process_time() - start < 1


def test_endless_file_is_read_up_to_a_limit(tmp_path):
    with pytest.raises(InputError, match="/dev/zero: has more than 64 MB"):
        load_palette("/dev/zero")


def test_picture_with_more_pixels_than_allowed_is_refused(tmp_path):
    from PIL import Image

    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="has 1,200 pixels, more than 1,000"):
        load_palette(tmp_path / "a.png", max_pixels=1000)


def test_postscript_is_never_run(tmp_path):
    with pytest.raises(InputError, match="is not a palette that we can read"):
        write(tmp_path / "a.eps", "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n")


@pytest.mark.filterwarnings("ignore")
def test_broken_palette_of_any_kind_is_a_palette_or_one_sentence(tmp_path):
    colors = np.random.default_rng(0).integers(0, 256, (20, 3), np.uint8)
    palette = Palette(colors, names=tuple(f"n {number}" for number in range(20)))
    whole = [encode_palette(palette, name) for name in EXPORTS] + [riff((1, 2, 3), (4, 5, 6))]
    whole.append(b"export default { colors: { a: { 50: '#fff' }, b: 'oklch(0.5 0.1 20 / 50%)' } }")
    for number in range(400):
        rng = random.Random(number)
        data = rng.choice(MUTATIONS)(rng.choice(whole), rng)
        try:
            assert len(write(tmp_path / f"x.{rng.choice((*EXPORTS, 'txt'))}", data)) <= MAX_COLORS
        except InputError as error:
            assert "\n" not in str(error) and len(str(error)) < 300 + len(str(tmp_path))
