"""Every kind of picture comes in as upright 8-bit sRGB, and says what was lost on the way."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from quantize import InputError, Settings, load_picture
from tests.conftest import make_flat, make_photo

PHOTO = make_photo(20, 12)
CLEAR = make_flat([(255, 0, 0, 0), (0, 255, 0, 128), (0, 0, 255, 255)], 3, 3)


def reload(image: Image.Image, kind: str, settings: Settings | None = None, **options: object):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    stream.seek(0)
    return load_picture(stream, settings)


def rgb(picture) -> np.ndarray:
    return picture.pixels[..., :3].astype(int)


LOSSLESS = [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("PPM", {}), ("WEBP", {"lossless": True}), ("QOI", {}), ("TGA", {})]


@pytest.mark.parametrize(("kind", "options"), LOSSLESS, ids=[kind for kind, _ in LOSSLESS])
def test_lossless_formats_come_in_exactly(kind, options):
    assert (rgb(reload(PHOTO, kind, **options)) == np.asarray(PHOTO)).all()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "JPEG2000"])
def test_lossy_formats_come_in_closely(kind):
    assert (
        np.abs(
            rgb(reload(PHOTO, kind, quality=95) if kind != "JPEG2000" else reload(PHOTO, kind)) - np.asarray(PHOTO)
        ).mean()
        < 8
    )


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "HSV"])
def test_every_8_bit_mode_is_what_pillow_shows(mode):
    image = PHOTO.convert({"PA": "RGBA", "RGBa": "RGBA", "HSV": "RGB"}.get(mode, mode)).convert(mode)
    assert np.abs(rgb(load_picture(image)) - np.asarray(image.convert("RGBA").convert("RGB"), int)).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_16_bit_gray_is_scaled_not_cut(kind):
    values = np.array([[0, 128, 129, 257, 32896, 65535]], np.uint16)
    picture = reload(Image.fromarray(values), kind)
    assert rgb(picture)[0, :, 0].tolist() == [0, 0, 1, 1, 128, 255]
    assert picture.source.notices == ()


def test_a_transparent_value_of_16_bit_gray_is_transparent():
    picture = reload(Image.fromarray(np.array([[7, 40000]], np.uint16)), "PNG", transparency=7)
    assert picture.pixels[0].tolist() == [[0, 0, 0, 0], [156, 156, 156, 255]]


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_wide_numbers_are_stretched_with_a_notice(dtype):
    picture = reload(Image.fromarray(np.array([[-100, 0, 300]], dtype)), "TIFF")
    assert rgb(picture)[0, :, 0].tolist() == [0, 64, 255]
    assert "-100 became black and 300 white" in picture.source.notices[0]


@pytest.mark.parametrize("values", [[np.nan, np.inf, -np.inf], [np.nan, 2, 4], [5, 5, 5], [-3e38, 0, 3e38]])
def test_numbers_that_are_none_do_not_spoil_the_others(values):
    shown = rgb(load_picture(Image.fromarray(np.array([values], np.float32))))[0, :, 0].tolist()
    assert shown in ([0, 0, 0], [0, 0, 255], [0, 128, 255])


def png_of_16_bits(color_type: int) -> bytes:
    from quantize.files.writing.png_container import join_chunks

    channels = {2: 3, 4: 2, 6: 4}[color_type]
    import zlib

    header = (4).to_bytes(4, "big") * 2 + bytes([16, color_type, 0, 0, 0])
    rows = (b"\0" + bytes(range(8 * channels))) * 4
    return join_chunks([("IHDR", header), ("IDAT", zlib.compress(rows))])


@pytest.mark.parametrize("color_type", [2, 4, 6])
def test_16_bits_a_channel_are_rounded_and_not_cut(color_type):
    data = png_of_16_bits(color_type)
    channels = {2: 3, 4: 2, 6: 4}[color_type]
    values = np.frombuffer(bytes(range(8 * channels)), ">u2").reshape(4, channels)
    expected = (values.astype(int) + 128) // 257
    picture = load_picture(io.BytesIO(data))
    assert picture.source.notices[0].startswith("its 16-bit values reach only")
    assert picture.pixels[2].tolist() == (expected if channels != 2 else expected[:, [0, 0, 0, 1]]).tolist()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_every_orientation_comes_in_upright(orientation, kind):
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = PHOTO.transpose(turns[orientation]) if orientation > 1 else PHOTO
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = reload(stored, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    assert (rgb(picture) == np.asarray(PHOTO)).all()


def wide_profile() -> bytes:
    """A profile with the sRGB curve and primaries swapped: nothing could be further from sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    place = {tag: profile.index(tag) for tag in (b"rXYZ", b"gXYZ")}
    red, green = (profile[at + 4 : at + 8] for at in place.values())
    profile[place[b"rXYZ"] + 4 : place[b"rXYZ"] + 8] = green
    profile[place[b"gXYZ"] + 4 : place[b"gXYZ"] + 8] = red
    return bytes(profile)


def test_a_profile_that_is_not_srgb_is_converted():
    picture = reload(make_flat([(255, 0, 0)]), "PNG", icc_profile=wide_profile())
    assert np.abs(rgb(picture)[0, 0] - [0, 255, 0]).max() <= 2
    assert picture.source.notices == ()


def test_transparency_is_kept_beside_a_profile():
    picture = reload(CLEAR, "PNG", icc_profile=wide_profile())
    assert picture.pixels[..., 3].tolist() == np.asarray(CLEAR)[..., 3].tolist()
    assert np.abs(picture.pixels[1, 0].astype(int) - [255, 0, 0, 128]).max() <= 2


def test_srgb_is_left_exactly_as_it_is():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (rgb(reload(PHOTO, "PNG", icc_profile=profile)) == np.asarray(PHOTO)).all()


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, wide_profile()[:200]])
def test_a_broken_profile_is_a_notice_and_ignored(profile):
    picture = reload(PHOTO, "PNG", icc_profile=profile)
    assert (rgb(picture) == np.asarray(PHOTO)).all()
    assert picture.source.notices[0].startswith("its color profile is ignored (")


def test_a_profile_of_another_kind_of_color_is_a_notice():
    notices = reload(PHOTO.convert("L"), "PNG", icc_profile=wide_profile()).source.notices
    assert notices == ("its color profile is ignored (it is for RGB, the picture is L)",)


def test_lab_is_converted():
    assert np.abs(rgb(load_picture(PHOTO.convert("LAB"))) - np.asarray(PHOTO)).mean() < 3


def test_the_first_page_and_the_largest_size_are_used_with_a_notice():
    picture = reload(PHOTO, "TIFF", save_all=True, append_images=[make_photo(9, 9)])
    assert (picture.size, picture.source.notices) == ((20, 12), ("holds several pictures; the first is used",))
    picture = reload(make_photo(64, 64).convert("RGBA"), "ICO", sizes=[(16, 16), (64, 64), (32, 32)])
    assert (picture.size, picture.source.notices) == ((64, 64), ("holds 3 sizes; the largest, 64x64, is used",))


def test_fully_transparent_pixels_are_one_color_whatever_they_hide():
    picture = reload(make_flat([(255, 0, 0, 0), (9, 9, 9, 0), (0, 0, 255, 255)], 3, 3), "PNG")
    assert (picture.has_alpha, picture.keys[:2].tolist()) == (True, [[0, 0, 0]] * 2)


def test_alpha_that_is_opaque_everywhere_is_none():
    assert not reload(PHOTO.convert("RGBA"), "PNG").has_alpha


def test_background_is_laid_under_transparency():
    picture = reload(CLEAR, "PNG", Settings(background="#ffffff"))
    assert not picture.has_alpha
    assert picture.pixels[:, 0].tolist() == [[255, 255, 255], [127, 255, 127], [0, 0, 255]]


FOREIGN = {
    "a.heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "is HEIC"), "a.svg": (b"<?xml version='1.0'?><svg/>", "is SVG"),
    "a.nef": (b"MM\0*", "is a camera raw file"), "a.pdf": (b"%PDF-1.7", "is PDF"),
    "a.eps": (b"%!PS-Adobe-3.0 EPSF-3.0", "is PostScript"), "b.eps": (b"\xc5\xd0\xd3\xc6", "is PostScript"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_what_pillow_cannot_read_is_named_with_the_way_to_convert_it(tmp_path, name):
    data, words = FOREIGN[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"{name}: {words}.*, as with "):
        load_picture(path)


def test_size_is_refused_before_any_pixel_is_read():
    with pytest.raises(InputError, match=r"has 20x12 = 240 pixels, more than 239; .* --max-pixels 240"):
        reload(PHOTO, "PNG", Settings(max_pixels=239))
    reload(PHOTO, "PNG", Settings(max_pixels=240))


def test_all_frames_count(tmp_path):
    frames = [make_photo(10, 10, seed) for seed in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match="has 10x10 in 3 frames = 300 pixels"):
        load_picture(tmp_path / "a.gif", Settings(max_pixels=299))


def test_metadata_is_read_only_when_asked_for():
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "a description", 6
    stream = io.BytesIO()
    PHOTO.save(stream, "JPEG", exif=exif, dpi=(300, 300), comment=b"hello")
    assert load_picture(io.BytesIO(stream.getvalue())).metadata is None
    metadata = load_picture(io.BytesIO(stream.getvalue()), Settings(keep_metadata=True)).metadata
    assert metadata
    assert (metadata.dpi, metadata.texts["Comment"]) == ((300, 300), "hello")
    kept = Image.Exif()
    kept.load(b"Exif\0\0" + metadata.exif)
    assert dict(kept) == {0x010E: "a description"}


def test_layout_of_a_tiff_is_not_metadata(tmp_path):
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[0x010E] = "kept"
    PHOTO.save(tmp_path / "a.tif", tiffinfo=info)
    metadata = load_picture(Path(tmp_path / "a.tif"), Settings(keep_metadata=True)).metadata
    assert metadata
    kept = Image.Exif()
    kept.load(b"Exif\0\0" + metadata.exif)
    assert dict(kept) == {0x010E: "kept"}


def tiff(values: bytes, width: int, bits: tuple[int, ...], photometric: int = 1, **tags: object) -> io.BytesIO:
    """An uncompressed little-endian TIFF of one row, whose further tags are given as t339=1 and the like."""
    entries = {256: width, 257: 1, 258: bits, 259: 1, 262: photometric, 273: 8, 277: len(bits), 278: 1}
    entries |= {279: len(values)} | {int(name[1:]): value for name, value in tags.items()}
    data = values + b"\0" * (len(values) % 2)
    directory = len(entries).to_bytes(2, "little")
    extra = b""
    start = 8 + len(data) + 2 + 12 * len(entries) + 4
    for tag, value in sorted(entries.items()):
        numbers = value if isinstance(value, tuple) else (value,)
        packed = np.array(numbers, "<u4" if tag in (273, 279) else "<u2").tobytes()
        kind = 4 if tag in (273, 279) else 3
        field = packed.ljust(4, b"\0")
        if len(packed) > 4:
            field = (start + len(extra)).to_bytes(4, "little")
            extra += packed
        directory += np.array([tag, kind], "<u2").tobytes() + len(numbers).to_bytes(4, "little") + field
    return io.BytesIO(b"II*\0" + (8 + len(data)).to_bytes(4, "little") + data + directory + bytes(4) + extra)


def test_12_bits_of_tiff_reach_from_black_to_white():
    picture = load_picture(tiff(bytes([0x00, 0x0F, 0xFF, 0x80, 0x00, 0x10]), 4, (12,)))
    assert rgb(picture)[0, :, 0].tolist() == [0, 255, 128, 1]
    assert picture.source.notices == ()


def test_white_that_is_0_is_white_in_16_bits():
    values = np.array([0, 65535, 257], "<u2").tobytes()
    assert rgb(load_picture(tiff(values, 3, (16,), 0)))[0, :, 0].tolist() == [255, 0, 254]


def test_white_that_is_0_is_white_in_floating_points():
    picture = load_picture(tiff(np.array([0, 0.5, 1], "<f4").tobytes(), 3, (32,), 0, t339=3))
    assert rgb(picture)[0, :, 0].tolist() == [255, 127, 0]
    assert "0 became white and 1 black" in picture.source.notices[0]


def test_16_bits_that_reach_only_a_part_of_their_range_are_a_notice():
    picture = reload(Image.fromarray(np.array([[0, 4095]], np.uint16)), "PNG")
    assert rgb(picture)[0, :, 0].tolist() == [0, 16]
    assert picture.source.notices[0].startswith("its 16-bit values reach only 4095; if they have 12 bits, stretch them")


@pytest.mark.parametrize("order", ["II", "MM"])
def test_planes_of_16_bits_are_read_apart(tmp_path, order):
    tifffile = pytest.importorskip("tifffile")
    values = np.random.default_rng(0).integers(0, 65536, (3, 12, 20)).astype(np.uint16)
    byteorder = "<" if order == "II" else ">"
    tifffile.imwrite(tmp_path / "a.tif", values, byteorder=byteorder, photometric="rgb", planarconfig="separate")
    expected = ((values.astype(int) + 128) // 257).transpose(1, 2, 0)
    assert (rgb(load_picture(tmp_path / "a.tif")) == expected).all()


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate", "packbits"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_48_bit_tiff_is_rounded(tmp_path, byteorder, compression):
    tifffile = pytest.importorskip("tifffile")
    values = np.random.default_rng(0).integers(0, 65536, (12, 20, 3)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", values, byteorder=byteorder, photometric="rgb")
    if compression:
        with Image.open(tmp_path / "a.tif") as image:
            values = values // 256 * 257
            image.save(tmp_path / "a.tif", compression=compression)
    assert (rgb(load_picture(tmp_path / "a.tif")) == (values.astype(int) + 128) // 257).all()


def test_whole_numbers_without_a_sign_have_none():
    values = np.array([0, 2**31, 2**32 - 1], "<u4").tobytes()
    picture = load_picture(tiff(values, 3, (32,), t339=1))
    assert rgb(picture)[0, :, 0].tolist() == [0, 128, 255]
    assert "0 became black and 4.29497e+09 white" in picture.source.notices[0]


@pytest.mark.parametrize("kind", ["Pf\n3 1\n-1.0\n", "Pf\n3 1\n1.0\n"])
def test_a_float_map_is_stretched_with_a_notice(kind):
    for numbers, shown in (
        ([1, 128, 255], [0, 128, 255]),
        ([0, np.nan, 1], [0, 0, 255]),
        ([-1, 1, np.inf], [0, 255, 255]),
    ):
        values = np.array(numbers, "<f4" if "-" in kind else ">f4").tobytes()
        picture = load_picture(io.BytesIO(kind.encode() + values))
        assert rgb(picture)[0, :, 0].tolist() == shown
        assert "floating-point numbers" in picture.source.notices[0]


def test_premultiplied_gray_is_divided():
    picture = load_picture(tiff(bytes([100, 200, 0, 0, 40, 255]), 3, (8, 8), t338=1))
    assert picture.pixels[0].tolist() == [[127, 127, 127, 200], [0, 0, 0, 0], [40, 40, 40, 255]]


@pytest.mark.parametrize("kind", ["TGA", "BMP"])
def test_alpha_that_is_0_throughout_was_not_used(kind):
    image = PHOTO.convert("RGBA")
    image.putalpha(0)
    stream = io.BytesIO()
    image.save(stream, kind)
    data = bytearray(stream.getvalue())
    if kind == "BMP":  # as BITMAPV4HEADER with a mask for alpha, which Pillow reads but does not write
        masks = np.array([0xFF0000, 0xFF00, 0xFF, 0xFF000000], "<u4").tobytes()
        header = np.array([108], "<u4").tobytes() + data[18:30] + b"\3\0\0\0" + data[34:54] + masks + bytes(52)
        data = data[:10] + np.array([14 + 108], "<u4").tobytes() + header + data[54:]
    picture = load_picture(io.BytesIO(bytes(data)))
    assert not picture.has_alpha
    assert (rgb(picture) == np.asarray(PHOTO)).all()
    assert picture.source.notices == ("its alpha is 0 throughout, and was taken as unused",)


@pytest.mark.parametrize(
    "junk", [b"Exif\0\0junk", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b""]
)
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("keep", [False, True])
def test_junk_beside_the_pixels_never_refuses_a_picture(kind, junk, keep):
    picture = reload(PHOTO, kind, Settings(keep_metadata=keep), exif=b"Exif\0\0" + junk, xmp=b"\xff\0<junk")
    assert picture.size == PHOTO.size


SVG = [
    "<svg:svg xmlns:svg='x'/>",
    "<?xml version='1.0'?>" + "<!-- long -->" * 900 + "<svg>",
    "\ufeff<svg/>",
    "<s-1:svg >",
]


@pytest.mark.parametrize("text", SVG)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_drawing_is_named_as_such_whatever_stands_before_it(tmp_path, text, encoding):
    (tmp_path / "a.svg").write_bytes(text.encode(encoding))
    with pytest.raises(InputError, match="is SVG"):
        load_picture(tmp_path / "a.svg")


def test_what_metadata_says_of_pixels_that_are_no_longer_so_is_left_out():
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "kept", 6
    exif.get_ifd(0x8769).update({0xA001: 2, 0xA002: 20, 0x829A: 0.5})
    xmp = b'<x tiff:Orientation=\'6\' tiff:Orientation="6" exif:ColorSpace="2" dc:title="kept"/>'
    metadata = reload(PHOTO, "JPEG", Settings(keep_metadata=True), exif=exif, xmp=xmp).metadata
    kept = Image.Exif()
    kept.load(b"Exif\0\0" + metadata.exif)
    assert (kept[0x010E], dict(kept.get_ifd(0x8769))) == ("kept", {0x829A: 0.5})
    text = metadata.texts["XML:com.adobe.xmp"]
    assert "kept" in text
    assert 'Orientation="' not in text
    assert "ColorSpace" not in text


@pytest.mark.parametrize("orientation", range(1, 9))
def test_labels_of_an_indexed_picture_are_turned_as_its_pixels_are(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = reload(PHOTO.quantize(20), "PNG", Settings(own_palette=True), exif=exif)
    assert (picture.indexed.colors[picture.indexed.labels][..., :3] == picture.pixels).all()


def test_an_image_of_the_caller_is_left_as_it_was():
    frames = [make_photo(8, 8, seed) for seed in range(3)]
    stream = io.BytesIO()
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    with Image.open(stream) as image:
        picture = load_picture(image)
        assert (image.tell(), picture.animation, picture.source.format) == (0, None, "WEBP")
    assert (rgb(picture) == np.asarray(frames[0])).all()


def test_a_sentence_stays_short_where_a_name_is_long(tmp_path):
    path = tmp_path / f"{'n' * 150}.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")
    with pytest.raises(InputError, match=r"heif-convert IN out\.png") as caught:
        load_picture(path)
    assert len(str(caught.value)) - len(str(path)) < 100


def test_animation_in_a_format_that_is_not_written_says_what_it_becomes(tmp_path):
    frames = [Image.new("RGB", (16, 16), color) for color in ("#204060", "#e0a030")]
    for name in ("a.avif", "a.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=100)
    words = ("animations are not written as AVIF; this one becomes an animated PNG",)
    for name in (None, "png"):
        assert load_picture(tmp_path / "a.avif", Settings(format=name)).source.notices == words
    assert load_picture(tmp_path / "a.avif", Settings(format="gif")).source.notices == ()
    assert load_picture(tmp_path / "a.webp").source.notices == ()
