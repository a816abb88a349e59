"""What is written is what was found, in as few bytes as may be, and carries our mark and nothing private."""

import importlib.util
import io
import itertools
import json
import os
import struct
import sys
import types
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from quantize import OutputError, Settings, load_palette, load_picture, quantize_picture, save_picture
from quantize.files.marks import is_ours
from quantize.files.writing.deflate import _PIECE, compress
from quantize.files.writing.png_rows import filter_by_entropy, pack_labels
from quantize.files.writing.saving import ENCODERS, encode_picture
from quantize.records.settings import FORMATS
from tests.conftest import make_flat, make_photo

ALPHA = make_photo(23, 17).convert("RGBA")
ALPHA.putalpha(Image.fromarray(np.resize(np.arange(0, 256, 5, dtype=np.uint8), (17, 23))))
HOLES = make_photo(23, 17).convert("RGBA")
HOLES.putalpha(Image.fromarray(np.resize(np.array([0, 255, 255], np.uint8), (17, 23))))


def encode(image: Image.Image, k: int = 16, **settings: object) -> tuple:
    result = quantize_picture(image, Settings(n_colors=k, **settings))
    encoded = encode_picture(result)
    return result.reorder(encoded.order), encoded.data


def decode(data: bytes, like) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA" if like.pixels.shape[-1] == 4 else "RGB"))


def chunks(data: bytes) -> dict[str, bytes]:
    found, at = {}, 8
    while at < len(data):
        size = struct.unpack(">I", data[at : at + 4])[0]
        found[data[at + 4 : at + 8].decode()] = data[at + 8 : at + 8 + size]
        at += 12 + size
    return found


def test_the_names_of_formats_are_those_of_the_encoders():
    assert tuple(ENCODERS) == FORMATS


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 16, 17, 256])
@pytest.mark.parametrize("image", [make_photo(23, 17), make_photo(1, 1), make_photo(1, 9)], ids=["photo", "1x1", "1x9"])
def test_what_is_read_back_is_what_was_found(image, k):
    found = quantize_picture(image, Settings(n_colors=k))
    for kind, optimize in itertools.product(FORMATS, (False, True)):
        result = replace(found, settings=replace(found.settings, format=kind, optimize=optimize))
        data = encode_picture(result).data
        assert (decode(data, result) == found.pixels).all(), (kind, optimize)


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("k", [2, 9, 256])
def test_transparency_is_read_back_as_it_was_found(k, kind, optimize):
    result, data = encode(HOLES if kind == "gif" else ALPHA, k, format=kind, optimize=optimize)
    assert (decode(data, result) == result.pixels).all()


@pytest.mark.parametrize("kind", ["png", "webp"])
@pytest.mark.parametrize("image", [make_photo(40, 40), ALPHA.resize((40, 40))], ids=["opaque", "alpha"])
def test_more_than_256_colors_are_exactly_those(image, kind):
    result, data = encode(image, 300, format=kind)
    assert (decode(data, result) == result.pixels).all()
    assert len(result.palette) == 300


@pytest.mark.parametrize(("k", "bits"), [(1, 1), (2, 1), (4, 2), (16, 4), (256, 8)])
def test_labels_pack_to_the_fewest_bits_from_the_left(k, bits):
    labels = (np.arange(7)[None] % k).astype(np.uint8)
    unpacked = [
        int(f"{byte:08b}"[at : at + bits], 2) for byte in pack_labels(labels, bits)[0, 1:] for at in range(0, 8, bits)
    ]
    assert unpacked[:7] == labels[0].tolist()


def undo_filters(data: bytes, height: int, step: int) -> list[list[int]]:
    """PNG 1.2, section 6, byte by byte."""
    stride = len(data) // height - 1
    rows: list[list[int]] = []
    for y in range(height):
        kind, *row = data[y * (stride + 1) : (y + 1) * (stride + 1)]
        above = rows[-1] if rows else [0] * stride
        for x in range(stride):
            a, b = row[x - step] if x >= step else 0, above[x]
            c = above[x - step] if x >= step else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row[x] = (row[x] + [0, a, b, (a + b) // 2, paeth][kind]) % 256
        rows.append(row)
    return rows


@pytest.mark.parametrize("step", [1, 3, 4])
@pytest.mark.parametrize("strip", [2, 7, 100])
def test_filters_come_undone_by_the_rules_of_png(monkeypatch, step, strip):
    rows = np.random.default_rng(step).integers(0, 256, (30, 12 * step)).cumsum(axis=0).astype(np.uint8)
    rows[10:20] = rows[10:20, :1]
    monkeypatch.setattr("quantize.files.writing.png_rows._STRIP", strip * rows.shape[1])
    unfiltered = np.pad(rows, ((0, 0), (1, 0)))
    filtered = filter_by_entropy(unfiltered, step).tobytes()
    assert undo_filters(filtered, 30, step) == rows.tolist()
    assert len({filtered[:: 12 * step + 1][y] for y in range(30)}) > 1


@pytest.mark.parametrize("size", [0, 1, _PIECE, _PIECE + 1, 3 * _PIECE + 17])
def test_pieces_join_to_one_stream_whatever_the_threads(size):
    rows = np.random.default_rng(0).integers(0, 9, (size, 1), np.uint8)
    data = rows.tobytes()
    streams = {compress(rows, 6, n_threads) for n_threads in (1, 2, 3)}
    assert len(streams) == 1
    stream = streams.pop()
    assert zlib.decompress(stream) == data
    assert len(stream) < 1.01 * len(zlib.compress(data, 6)) + 12


def test_labels_are_stored_unfiltered_and_smaller_than_pillow_stores_them():
    _, data = encode(make_photo(256, 256))
    image = Image.open(io.BytesIO(data))
    again = io.BytesIO()
    image.save(again, "PNG")
    assert len(data) < 0.97 * len(again.getvalue())


def test_optimize_is_smaller_than_default_and_both_say_what_was_used():
    photo = make_photo(128, 128).filter(ImageFilter.GaussianBlur(2))
    sizes = []
    for optimize in (False, True):
        result = quantize_picture(photo, Settings(n_colors=64, optimize=optimize))
        encoded = encode_picture(result)
        data, encoder = encoded.data, encoded.encoder
        sizes.append(len(data))
        assert encoder.startswith(("zlib", "oxipng"))
    assert sizes[1] < sizes[0]


def test_oxipng_is_told_to_leave_the_palette_and_a_larger_result_is_dropped(monkeypatch):
    calls = []
    fake = types.ModuleType("oxipng")
    fake.PngError = ValueError
    fake.optimize_from_memory = lambda data, **options: calls.append(options) or fake.result(data)
    monkeypatch.setitem(sys.modules, "oxipng", fake)
    result = quantize_picture(make_photo(), Settings(optimize=True))
    fake.result = lambda data: data[:-1]
    assert encode_picture(result).encoder == "oxipng level 4"
    fake.result = lambda data: data + b"!"
    assert encode_picture(result).encoder.startswith("zlib's format")
    assert calls[0]["palette_reduction"] is False


@pytest.mark.skipif(not importlib.util.find_spec("oxipng"), reason="the extra quantize[optimize] is not installed")
def test_oxipng_keeps_palette_order_and_pixels():
    result, data = encode(ALPHA, 30, optimize=True)
    image = Image.open(io.BytesIO(data))
    assert (np.asarray(image) == result.labels).all()
    assert bytes(image.getpalette("RGB")[:90]) == result.palette.colors[:, :3].tobytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_our_files_are_known_by_their_mark(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    save_picture(quantize_picture(make_photo()), path)
    assert Image.open(path).format == kind.upper()
    assert is_ours(path)
    make_photo().save(path)
    assert not is_ours(path)


TOO_MUCH = {"gif": (65_536, 300), "webp": (16_384, 2)}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_a_format_that_cannot_hold_the_size_says_so(kind):
    wide = Image.new("L", (TOO_MUCH[kind][0], 1))
    with pytest.raises(OutputError, match=r"pixels a side, not .*x1; use --format png"):
        encode(wide, format=kind)


def test_gif_refuses_more_than_256_colors():
    with pytest.raises(OutputError, match="GIF holds at most 256 colors, not 300"):
        encode(make_photo(40, 40), 300, format="gif")


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A photograph with a position, a camera, a comment, a resolution and an age."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 1
    exif[0x8825] = {1: "N", 2: (48.0, 12.0, 0.0)}
    path = tmp_path / "private.jpg"
    make_photo().save(path, exif=exif, comment=b"my address", dpi=(300, 300), xmp=b"<x:xmpmeta>secret</x:xmpmeta>")
    os.utime(path, (1e9, 1e9))
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_private_survives_by_default(quantize, private, kind):
    assert quantize(private, "--format", kind).code == 0
    data = (private.parent / f"private-k16.{kind}").read_bytes()
    assert not any(word in data for word in (b"Maker", b"address", b"secret", b"pHYs"))
    assert (private.parent / f"private-k16.{kind}").stat().st_mtime != 1e9


@pytest.mark.parametrize("optimize", [[], ["--optimize"]])
def test_keep_metadata_keeps_it_in_png(quantize, private, optimize):
    assert quantize(private, "--keep-metadata", *optimize).code == 0
    path = private.parent / "private-k16.png"
    image = Image.open(path)
    image.load()
    exif = image.getexif()
    assert (exif[0x010F], exif.get_ifd(0x8825)[2]) == ("Maker", (48.0, 12.0, 0.0))
    assert 0x0112 not in exif
    assert image.text["Comment"] == "my address"
    assert "secret" in image.text["XML:com.adobe.xmp"]
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert path.stat().st_mtime == 1e9
    assert is_ours(path)


def test_keep_metadata_keeps_what_webp_and_gif_can_hold(quantize, private):
    for kind in ("webp", "gif"):
        assert quantize(private, "--keep-metadata", "--format", kind).code == 0
        assert is_ours(private.parent / f"private-k16.{kind}")
    webp = Image.open(private.parent / "private-k16.webp")
    assert webp.getexif()[0x010F] == "Maker"
    assert b"secret" in webp.info["xmp"]
    assert b"my address" in (private.parent / "private-k16.gif").read_bytes()


def test_an_srgb_profile_is_kept_and_another_is_not():
    from PIL import ImageCms

    from tests.files.reading.test_loading import wide_profile

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile, kept in ((srgb, srgb), (wide_profile(), None)):
        stream = io.BytesIO()
        make_photo().save(stream, "PNG", icc_profile=profile)
        stream.seek(0)
        result = quantize_picture(stream, Settings(keep_metadata=True))
        assert Image.open(io.BytesIO(encode_picture(result).data)).info.get("icc_profile") == kept


def test_gray_in_gray_out():
    for space in ("rgb",):
        for mode in ("L", "LA", "1"):
            result = quantize_picture(make_photo(40, 40).convert(mode), Settings(n_colors=7, space=space))
            colors = result.palette.colors
            assert (colors[:, :3] == colors[:, :1]).all()
            assert len(colors) <= 7


def test_transparent_pixels_have_no_vote_and_an_entry():
    """However many they are, the other entries are found as if they were not there."""
    base = make_photo(32, 16).convert("RGBA")
    palettes = []
    for height in (17, 160):
        image = Image.new("RGBA", (32, height), (200, 10, 10, 0))
        image.paste(base, (0, 0))
        result = quantize_picture(image, Settings(n_colors=9))
        assert (result.pixels[16:] == 0).all()
        assert (result.pixels[:16, :, 3] == 255).all()
        palettes.append(result.palette.hex)
    assert palettes[0] == palettes[1]
    assert len(palettes[0]) == 9


def test_one_color_is_too_few_for_a_transparent_picture(quantize, tmp_path):
    HOLES.save(tmp_path / "holes.png")
    run = quantize("holes.png", "-k", "1")
    assert run.code == 1
    assert "holes.png: its transparent pixels take a palette entry of their own" in run.err
    assert quantize("holes.png", "-k", "1", "--background", "white", "-q").code == 0
    assert Image.open(tmp_path / "holes-k1.png").convert("RGBA").getcolors()[0][1][3] == 255


def test_skip_if_larger_compares_bytes_and_says_so(quantize, tmp_path, listing):
    make_flat([(1, 2, 3)], 2, 2).save(tmp_path / "tiny.png")
    make_photo(64, 64).save(tmp_path / "photo.bmp")
    size = (tmp_path / "tiny.png").stat().st_size
    run = quantize("tiny.png", "photo.bmp", "--skip-if-larger")
    assert run.code == 0
    assert (
        f"tiny.png: skipped, its result has {size + 26 + 12} bytes" in run.err
        or "tiny.png: skipped, its result has" in run.err
    )
    assert f"bytes, and the picture {size}" in run.err
    assert [name for name in listing() if name.startswith("tiny-")] == []
    assert (tmp_path / "photo-k16.png").exists()
    assert quantize("tiny.png", "--skip-if-larger", "--strict").code == 1
    assert quantize("tiny.png").code == 0


def test_settings_of_another_format_do_not_stick(tmp_path):
    result = quantize_picture(make_photo(), Settings(format="gif"))
    save_picture(replace(result), tmp_path / "x.webp")
    assert load_picture(tmp_path / "x.webp").source.format == "WEBP"


WRONG = {
    ("-o", "x.jpg"): "-o x.jpg: a result is a png, gif or webp",
    ("-o", "x.gif", "--format", "png"): "these contradict each other",
    ("--format", "gif", "-k", "257"): "GIF holds at most 256 colors, not 257",
    ("-o", "x.gif", "-k", "300"): "GIF holds at most 256 colors, not 300",
    ("--format", "jpeg"): "'jpeg' is not one of",
    ("--background", "colour"): "'colour' is not a color",
    ("--background", "#ffffff80"): "is not opaque itself",
    ("--max-pixels", "0"): "0 is not in the range",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_options_are_exit_2_and_write_nothing(quantize, photo, listing, arguments):
    run = quantize("photo.png", *arguments)
    assert run.code == 2
    assert WRONG[arguments] in run.err
    assert listing() == ["photo.png"]


def test_format_follows_the_name_of_the_output(quantize, photo, tmp_path):
    for name, kind in {"a.gif": "GIF", "a.webp": "WEBP", "a.apng": "PNG", "a": "PNG"}.items():
        assert quantize("photo.png", "-o", name, "--no-swatch", "--report", "none", "-q").code == 0
        assert Image.open(tmp_path / name).format == kind


def test_chunks_stand_in_the_order_of_the_standard():
    _, data = encode(ALPHA, 9)
    assert [*chunks(data)] == ["IHDR", "tEXt", "PLTE", "tRNS", "IDAT", "IEND"]


CHOICES = {
    "--colors": ("2", "7", "16", "40", "256", "300"),
    "--format": FORMATS,
    "--dither": ("none", "atkinson", "bayer"),
    "--space": ("rgb", "oklab"),
    "--background": (None, "#ffffff"),
    "--seed": ("0", "3"),
    "--palette": (None, None, "#102030,#fff,#c04000,#0a8f3c"),
}
IMAGES = {"photo": make_photo(40, 30), "gray": make_photo(40, 30).convert("L"), "alpha": ALPHA, "holes": HOLES}


@pytest.mark.parametrize("optimize", [False, True], ids=["default", "optimize"])
@pytest.mark.parametrize("seed", range(8))
def test_command_and_library_write_the_same_bytes(quantize, tmp_path, seed, optimize):
    """Whatever is asked for: the command knows nothing that the library does not."""
    random = np.random.default_rng([seed, optimize])
    asked = {name: values[random.integers(len(values))] for name, values in CHOICES.items()}
    if asked["--format"] == "gif":
        asked["--colors"] = "16"
    if asked["--palette"]:
        asked["--colors"] = asked["--seed"] = None
    image = IMAGES[[*IMAGES][seed % len(IMAGES)]]
    image.save(tmp_path / "in.png")
    options = [word for name, value in asked.items() if value is not None for word in (name, value)]
    run = quantize("in.png", "-o", f"out.{asked['--format']}", *options, *["--optimize"] * optimize)
    assert run.code == 0, run.err
    settings = Settings(
        n_colors=int(asked["--colors"] or 16),
        palette=None if asked["--palette"] is None else load_palette(asked["--palette"]),
        format=asked["--format"],
        dither=asked["--dither"],
        space=asked["--space"],
        background=asked["--background"],
        seed=int(asked["--seed"] or 0),
        optimize=optimize,
    )
    save_picture(quantize_picture(tmp_path / "in.png", settings), tmp_path / f"library.{asked['--format']}")
    written, expected = (tmp_path / f"{stem}.{asked['--format']}" for stem in ("out", "library"))
    assert written.read_bytes() == expected.read_bytes()
    told = json.loads((tmp_path / "out-report.json").read_text())
    if asked["--format"] == "png" and len(told["palette"]) <= 256 and Image.open(written).mode == "P":
        stored = Image.open(written).getpalette("RGB")
        for entry in told["palette"]:
            assert stored[3 * entry["index"] : 3 * entry["index"] + 3] == entry["rgb"]


@pytest.mark.parametrize("kind", FORMATS)
def test_optimize_is_never_larger(kind):
    for image, k in ((make_flat([(1, 2, 3)]), 2), (make_photo(1, 1), 1), (make_photo(40, 3), 16), (HOLES, 4)):
        sizes = [len(encode(image, k, format=kind, optimize=optimize)[1]) for optimize in (False, True)]
        assert sizes[1] <= sizes[0]


def test_gray_needs_no_palette_under_optimize():
    """Levels of one, two or four bits where they are enough, and one of them for what is clear where one is free."""
    levels = np.resize(np.array([0, 85, 170, 255], np.uint8), (30, 31))
    for image, bits in ((Image.fromarray(levels), 2), (make_photo(64, 64).convert("L"), 8)):
        result, data = encode(image, 256, optimize=True)
        assert (data[24], data[25]) == (bits, 0)
        assert (decode(data, result) == result.pixels).all()
    holes = Image.merge("LA", [make_photo(64, 64).convert("L"), Image.fromarray(np.eye(64, dtype=np.uint8) * 255)])
    result, data = encode(holes, 40, optimize=True)
    assert (decode(data, result) == result.pixels).all()


def test_a_given_palette_is_stored_as_it_was_given():
    given = load_palette("#ffffff,#000000,#808080")
    image = make_photo(30, 30).convert("L")
    data = encode_picture(quantize_picture(image, Settings(palette=given, optimize=True))).data
    assert Image.open(io.BytesIO(data)).getpalette("RGB")[:9] == [255] * 3 + [0] * 3 + [128] * 3


def test_rows_take_the_filter_that_leaves_the_least_entropy():
    """What repeats the row above is nothing after its filter, and a row of its own is left alone."""
    rows = np.random.default_rng(0).integers(0, 256, (40, 300), np.uint8)
    rows[20:] = rows[19]
    filtered = filter_by_entropy(np.pad(rows, ((0, 0), (1, 0))), 1)
    assert set(filtered[20:, 0]) == {2}
    assert not filtered[20:, 1:].any()


def test_filters_of_narrow_pictures_take_little_memory():
    """Rows of a byte or two choose together: each alone would have counts of 10 kB."""
    import tracemalloc

    rows = np.zeros((65_535, 2), np.uint8)
    tracemalloc.start()
    filter_by_entropy(rows, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6
