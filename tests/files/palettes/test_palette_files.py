"""Palette files: each format there and back, by hand-made bytes, and broken."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImagePalette

from quantize import Palette
from quantize.errors import InputError, OutputError, UsageError
from quantize.files.palettes.palette_files import PALETTE_FORMATS, encode_palette, encode_palettes
from quantize.pipeline.given_palette import load_palette
from quantize.records.settings import EXPORTS
from tests.conftest import make_flat, make_photo

NAMES = sorted(EXPORTS)
formats = pytest.mark.parametrize("name", NAMES)


def noise(n: int, n_channels: int = 3) -> np.ndarray:
    colors = np.random.default_rng(n).integers(0, 256, (n, n_channels), np.uint8)
    return np.where(colors[:, 3:].min(axis=1, initial=255, keepdims=True) > 0, colors, 0).astype(np.uint8)


@pytest.fixture
def load(tmp_path):
    def load(content: bytes | str, name: str = "given") -> Palette:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_palette(path)

    return load


def rows(palette: Palette) -> list[tuple[int, ...]]:
    return [tuple(row) for row in palette.colors.tolist()]


def test_names_of_formats_are_the_names_of_the_option():
    assert {name for name, one in PALETTE_FORMATS.items() if one.write} == set(EXPORTS)


@formats
@pytest.mark.parametrize("n", [1, 2, 16, 255, 256, 300, 4096])
def test_written_palette_is_read_back_whatever_its_file_is_called(load, name, n):
    colors = noise(n)
    if n > PALETTE_FORMATS[name].max_colors:
        with pytest.raises(OutputError, match=f"{name} holds 256 colors, not {n}"):
            encode_palette(Palette(colors), name)
        return
    data = encode_palette(Palette(colors), name, np.full(n, 1 / n))
    for file in (f"palette.{name}", "palette", "palette.txt"):
        assert (load(data, file).colors == colors).all(), file


@formats
def test_duplicates_and_order_survive(load, name):
    colors = np.array([[9, 9, 9], [0, 0, 0], [9, 9, 9], [255, 0, 0], [0, 0, 0]], np.uint8)
    assert (load(encode_palette(Palette(colors), name)).colors == colors).all()


@pytest.mark.parametrize("name", ["css", "scss", "json", "png"])
def test_alpha_is_written_where_the_format_holds_it(load, name):
    colors = noise(20, 4)
    assert (load(encode_palette(Palette(colors), name)).colors == colors).all()


@pytest.mark.parametrize("name", ["gpl", "hex", "pal", "ase", "act"])
def test_partly_transparent_colors_are_refused_where_it_does_not(name):
    with pytest.raises(
        OutputError, match=f"{name} holds no partly transparent colors; export one of json, css, scss, png"
    ):
        encode_palette(Palette(np.array([[1, 2, 3, 128]], np.uint8)), name)


def test_transparent_entry_is_marked_in_act_and_left_out_where_it_is_no_color(load):
    palette = Palette(np.array([[1, 2, 3, 255], [0, 0, 0, 0], [4, 5, 6, 255]], np.uint8))
    assert rows(load(encode_palette(palette, "act"))) == [(1, 2, 3, 255), (0, 0, 0, 0), (4, 5, 6, 255)]
    for name in ("gpl", "hex", "pal", "ase"):
        assert rows(load(encode_palette(palette, name))) == [(1, 2, 3), (4, 5, 6)]


@pytest.mark.parametrize("name", ["gpl", "ase", "json", "css", "scss"])
def test_names_are_kept(load, name):
    palette = Palette(np.array([[1, 2, 3], [4, 5, 6]], np.uint8), names=("Deep-Sea", "grün"))
    assert load(encode_palette(palette, name)).names == palette.names


def test_shares_stand_where_there_is_place_for_them():
    palette, shares = Palette(np.array([[228, 0, 43], [0, 0, 0]], np.uint8)), np.array([0.75, 0.25])
    assert b"228   0  43\t#e4002b 75.00%\n" in encode_palette(palette, "gpl", shares)
    assert b"--color-1: #e4002b; /* 75.00% */" in encode_palette(palette, "css", shares)
    assert "#e4002b 75.00%".encode("utf-16-be") in encode_palette(palette, "ase", shares)
    assert json.loads(encode_palette(palette, "json", shares))["palette"][0]["share"] == 0.75


@pytest.mark.parametrize("n", [1, 16, 256])
def test_pillow_reads_our_gpl_and_png(tmp_path, n):
    colors = noise(n)
    (tmp_path / "p.gpl").write_bytes(encode_palette(Palette(colors), "gpl", np.full(n, 1 / n)))
    assert bytes(ImagePalette.load(str(tmp_path / "p.gpl"))[0]) == colors.tobytes()
    (tmp_path / "p.png").write_bytes(encode_palette(Palette(colors), "png"))
    image = Image.open(tmp_path / "p.png")
    assert (image.mode, image.size) == ("P", (n, 1))
    assert bytes(image.getpalette()) == colors.tobytes()
    assert (np.asarray(image.convert("RGB"))[0] == colors).all()


def test_act_is_laid_out_as_adobe_says():
    # 256 colors of three bytes, the number of colors, and the index of the transparent one or -1: big-endian.
    data = encode_palette(Palette(np.array([[228, 0, 43], [1, 2, 3]], np.uint8)), "act")
    assert data == bytes([228, 0, 43, 1, 2, 3]) + bytes(3 * 254) + b"\x00\x02\xff\xff"


def test_ase_is_laid_out_as_adobe_writes_it():
    data = encode_palette(Palette(np.array([[255, 0, 51]], np.uint8), names=("Ré",)), "ase")
    title = "quantize 0.1.0\0".encode("utf-16-be")
    group = struct.pack(">HIH", 0xC001, 2 + len(title), len(title) // 2) + title
    body = b"\x00\x03" + "Ré\0".encode("utf-16-be") + b"RGB " + struct.pack(">fff", 1, 0, 0.2) + b"\x00\x02"
    color = b"\x00\x01" + struct.pack(">I", len(body)) + body
    end = b"\xc0\x02\x00\x00\x00\x00"
    assert data == b"ASEF\x00\x01\x00\x00\x00\x00\x00\x03" + group + color + end


def ase(*blocks: tuple[bytes, tuple[float, ...]]) -> bytes:
    """Swatches without names, in no group."""
    packed = b""
    for model, values in blocks:
        body = b"\x00\x01\x00\x00" + model + struct.pack(f">{len(values)}f", *values) + b"\x00\x00"
        packed += struct.pack(">HI", 1, len(body)) + body
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + packed


def test_ase_in_other_color_models_is_converted(load):
    swatches = [(b"Gray", (0.2,)), (b"CMYK", (0, 1, 1, 0)), (b"LAB ", (0.5, 0, 0)), (b"RGB ", (1.2, -0.1, 0.5))]
    assert rows(load(ase(*swatches))) == [(51, 51, 51), (255, 0, 0), (119, 119, 119), (255, 0, 128)]


def test_act_of_768_bytes_has_256_colors_and_one_of_772_those_it_counts(load):
    table = noise(256).tobytes()
    assert len(load(table)) == 256
    assert len(load(table + b"\x00\x07\xff\xff")) == 7
    assert load(table + b"\x00\x07\x00\x02").colors[:, 3].tolist() == [255, 255, 0, 255, 255, 255, 255]


def test_gpl_as_gimp_and_people_write_it(load):
    text = "GIMP Palette\r\nName: Nord\r\nColumns: 4\r\n#\r\n\r\n# dark\r\n 46  52  64\tnord 0\r\n236 239 244\r\n"
    palette = load(text)
    assert rows(palette) == [(46, 52, 64), (236, 239, 244)]
    assert palette.names == ("nord 0", "")


def test_gpl_of_the_old_kind_and_with_alpha(load):
    assert rows(load("GIMP Palette\n1 2 3 x\n")) == [(1, 2, 3)]
    palette = load("GIMP Palette\nChannels: RGBA\n#\n  0   0   0   0 Transparent\n254  91  89 255 Red\n")
    assert rows(palette) == [(0, 0, 0, 0), (254, 91, 89, 255)]
    assert palette.names == ("Transparent", "Red")


def test_name_in_an_old_encoding_does_not_cost_its_color(load):
    assert rows(load("GIMP Palette\n1 2 3 grün\n".encode("latin-1"))) == [(1, 2, 3)]


def test_hex_as_lospec_and_people_write_it(load):
    assert rows(load("2e3440\r\n\r\n#ECEFF4\n")) == [(46, 52, 64), (236, 239, 244)]
    assert len(load("\n".join(["00ff00"] * 110))) == 110  # 769 bytes less one line end: the size of a color table


def test_css_takes_the_custom_properties_that_are_colors(load):
    text = """
    :root { --night: #2e3440; --gap: 4px; /* --old: #ffffff; */ --snow: rgb(236 239 244);
      --link: var(--snow); --warm: tomato }
    a { color: red }
    """
    palette = load(text)
    assert rows(palette) == [(46, 52, 64), (236, 239, 244), (255, 99, 71)]
    assert palette.names == ("night", "snow", "warm")


def test_json_is_ours_or_a_list(load):
    ours = {"palette": [{"index": 1, "hex": "#000000"}, {"index": 0, "hex": "#e4002b", "name": "red"}]}
    assert rows(load(json.dumps(ours))) == [(228, 0, 43), (0, 0, 0)]
    assert load(json.dumps(ours)).names == ("red", "")
    assert rows(load('["#fff", [1, 2, 3], "tomato"]')) == [(255, 255, 255), (1, 2, 3), (255, 99, 71)]


def test_palette_of_an_indexed_picture_is_taken_whole(tmp_path):
    image = Image.new("P", (2, 2), 1)
    image.putpalette([1, 2, 3, 4, 5, 6, 1, 2, 3])
    image.save(tmp_path / "a.png")
    assert rows(load_palette(tmp_path / "a.png")) == [(1, 2, 3), (4, 5, 6), (1, 2, 3)]
    image.save(tmp_path / "b.png", transparency=2)
    assert rows(load_palette(tmp_path / "b.png")) == [(1, 2, 3, 255), (4, 5, 6, 255), (1, 2, 3, 0)]


def test_colors_of_any_other_picture_come_in_the_order_of_reading(tmp_path):
    make_flat([(9, 0, 0), (200, 1, 2), (9, 0, 0), (0, 0, 7)]).save(tmp_path / "a.bmp")
    assert rows(load_palette(tmp_path / "a.bmp")) == [(9, 0, 0), (200, 1, 2), (0, 0, 7)]


def test_picture_with_too_many_colors_is_refused(tmp_path):
    make_photo(96, 64).save(tmp_path / "photo.png")
    with pytest.raises(
        InputError, match=r"photo.png: has more than 4,096 colors, which a palette holds; quantize it first"
    ):
        load_palette(tmp_path / "photo.png")


BROKEN = {
    "GIMP Palette\n1 2 3\n4 5\n": "line 3: should be 3 whole numbers up to 255, not '4 5'",
    "GIMP Palette\n1 2 256\n": "line 2: should be 3 whole numbers up to 255, not '1 2 256'",
    "GIMP Palette\n#\n": "has no colors",
    "JASC-PAL\n0100\n3\n1 2 3\n": "line 3: announces 3 colors, but 1 follow",
    "JASC-PAL\n0200\n1\n1 2 3\n": "line 2: should be '0100', not '0200'",
    "JASC-PAL\n0100\nmany\n": "line 3: should be the number of colors, not 'many'",
    "JASC-PAL\n0100\n1\n1 2 x\n": "line 4: should be 3 whole numbers",
    "ff0000\n\n00ff0\n": "line 3: '00ff0' is not a color",
    ":root {\n  --a: #fff;\n  --b: #ff;\n}": "line 3: '#ff' is not a color",
    "--gap: 4px;": "has no colors",
    '{"palette": [\n"#fff",\n]}': "line 3: ",
    '{"colors": 3}': "should have its colors in a list called 'palette' or 'colors'",
    '["#fff", 7]': "color 2: should be '#rrggbb'",
    "": "is empty",
    "hello": "is not a palette that we can read; give one of gpl, pal, riff, ase, act, json, css, scss, "
    "hex, tailwind, png",
    b"ASEF\x00\x01\x00\x00\x00\x00\x00\x02" + ase((b"RGB ", (1, 0, 0)))[12:]: "block 2 of 2: is cut short",
    ase((b"HSB ", (1, 0, 0))): "block 1: has the color model b'HSB '",
    ase((b"RGB ", (float("nan"), 0, 0))): "block 1: has no finite color",
    noise(256).tobytes() + b"\x01\x01\xff\xff": "byte 768: announces 257 colors",
}


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: repr(content[:12]))
def test_broken_palette_is_a_sentence_with_its_place(load, content):
    with pytest.raises(InputError) as caught:
        load(content)
    sentence = str(caught.value)
    assert "given: " + BROKEN[content] in sentence
    assert "\n" not in sentence


def test_ending_says_what_a_file_without_a_signature_should_have_been(load):
    with pytest.raises(InputError, match=r"nord.gpl: line 1: should be 'GIMP Palette', not 'Gimp'"):
        load("Gimp\n1 2 3\n", "nord.gpl")
    with pytest.raises(InputError, match=r"x.act: has 4 bytes, but a color table has 768 or 772"):
        load(b"\1\2\3\4", "x.act")


def test_missing_file_is_neither_a_file_nor_a_color(tmp_path):
    with pytest.raises(UsageError, match=r"^'my.gpl' is neither a file nor a color; quantize --palettes lists"):
        load_palette("my.gpl")
    with pytest.raises(UsageError, match=r"^'pico8' is neither a file nor a color; did you mean the preset pico-8\?"):
        load_palette("pico8")
    with pytest.raises(InputError, match=r"this palette cannot be read \(Is a directory\)"):
        load_palette(tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_broken_picture_is_a_sentence(load, tmp_path):
    make_photo().quantize(16).save(tmp_path / "a.tiff")
    data = (tmp_path / "a.tiff").read_bytes()
    for start in range(8, len(data), 31):  # Pillow raises a dozen kinds of errors
        broken = data[:start] + b"\xff\x7f\x00" + data[start + 3 :]
        try:
            load(broken)
        except InputError as error:
            assert str(error).count("\n") == 0


@pytest.mark.parametrize("cut", [20, 200])
@formats
def test_cut_file_is_never_more_than_a_sentence(load, name, cut):
    data = encode_palette(Palette(noise(64)), name, np.full(64, 1 / 64))
    try:
        assert len(load(data[:-cut], f"cut.{name}")) <= 64
    except InputError as error:
        assert str(error).count("\n") == 0


def test_list_is_a_palette_called_custom():
    palette = load_palette("#1a2b3c,#fff,tomato,#fff")
    assert rows(palette) == [(26, 43, 60), (255, 255, 255), (255, 99, 71), (255, 255, 255)]
    assert palette.title == "custom"


def test_file_is_called_by_its_stem(load):
    assert load("fff", "nord.dark.hex").title == "nord.dark"


def test_file_goes_before_a_color_of_the_same_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("tomato").write_text("000000")
    assert rows(load_palette("tomato")) == [(0, 0, 0)]


def test_entries_that_no_pixel_has_are_left_out_where_that_is_asked(tmp_path):
    palette = Palette(np.array([[1, 1, 1], [2, 2, 2], [3, 3, 3]], np.uint8), names=("a", "b", "c"))
    paths = {"gpl": tmp_path / "p.gpl", "hex": tmp_path / "p.hex"}
    contents = encode_palettes(paths, palette, np.array([0.5, 0, 0.5]), only_used=True)
    assert contents[paths["hex"]] == b"010101\n030303\n"
    assert b"\tc\n" in contents[paths["gpl"]] and b"\tb\n" not in contents[paths["gpl"]]
    assert encode_palettes(paths, palette, np.array([0.5, 0, 0.5]))[paths["hex"]] == b"010101\n020202\n030303\n"
