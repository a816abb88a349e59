"""PNM, DDS and QOI decode to what they say, also in the kinds that Pillow decodes pixel by pixel."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from quantize import InputError, load_picture

WIDTH, HEIGHT = 7, 5


def shown(data: bytes) -> np.ndarray:
    return load_picture(io.BytesIO(data)).pixels.astype(int)


def write_text(values: np.ndarray, between: bytes = b" ") -> bytes:
    return between.join(b"%d" % value for value in values.ravel())


@pytest.mark.parametrize("most", [1, 7, 100, 255, 256, 1000, 4095, 65535])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_scale_reaches_from_black_to_white(most, channels):
    values = np.random.default_rng(most).integers(0, most + 1, (HEIGHT, WIDTH, channels))
    expected = np.broadcast_to(np.floor(values * 255 / most + 0.5), (HEIGHT, WIDTH, 3))
    kinds = (b"P5", b"P2") if channels == 1 else (b"P6", b"P3")
    header = b"\n# a comment\n%d %d\n%d\n" % (WIDTH, HEIGHT, most)
    raw = values.astype(">u2" if most > 255 else "u1").tobytes()
    for data in (raw, write_text(values), write_text(values, b" # 7\n"), write_text(values, b"\r\n") + b"\n"):
        kind = kinds[0] if data is raw else kinds[1]
        assert np.abs(shown(kind + header + data) - expected).max() <= (most > 255 and channels == 1)


@pytest.mark.parametrize("between", [b"", b" ", b"\n", b"#1\n"])
def test_black_and_white_as_text_need_no_space(between):
    bits = np.random.default_rng(0).integers(0, 2, (HEIGHT, WIDTH))
    data = b"P1\n%d %d\n" % (WIDTH, HEIGHT) + write_text(bits, between)
    assert (shown(data)[..., 0] == np.where(bits, 0, 255)).all()


BROKEN = {
    b"P3 2 1 255 1 2 3 4 5": "truncated",
    b"P6 2 1 99 123": "truncated",
    b"P3 1 1 9 1 2 x": "broken data",
    b"P3 2 1 9 1 2 3 4 5 10": "broken data",
    b"P2 1 1 9 -1": "broken data",
    b"P3 1 1 9 1.5 2 3": "broken data",
}


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_number_or_missing_is_one_sentence(data):
    with pytest.raises(InputError, match=rf"not a readable image \({BROKEN[data]}\)"):
        load_picture(io.BytesIO(data))


@pytest.mark.parametrize("comments", [b"#" + b"x" * 70_000 + b"\n", b"#\n" * 40_000])
def test_a_header_of_comments_alone_is_refused_at_once(comments):
    with pytest.raises(InputError, match="more than 65,536 bytes of comments"):
        load_picture(io.BytesIO(b"P6\n" + comments + b"1 1\n255\n..."))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_dds_decodes_as_pillow_shows_it(mode):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)).convert(mode)
    stream = io.BytesIO()
    image.save(stream, "DDS")
    expected = np.asarray(image.convert("RGBA")).copy()
    expected[expected[..., 3] == 0] = 0
    assert (shown(stream.getvalue()) == expected[..., : 4 if "A" in mode else 3]).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("levels", [2, 4, 256])
def test_qoi_decodes_as_it_was_saved(mode, levels):
    # Few levels come as runs and pixels seen before, small steps as differences, noise as it is.
    rng = np.random.default_rng(levels)
    pixels = rng.integers(0, levels, (40, 30, len(mode)))
    pixels[20:] = np.cumsum(pixels[20:], axis=1) - 3
    pixels[..., 3:] |= 1
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, "QOI")
    assert (shown(stream.getvalue()) == pixels.astype(np.uint8)).all()


@pytest.mark.parametrize("data", [b"", b"\xfe\1\2", b"\xc0", b"\x80"])
def test_qoi_with_too_few_pixels_is_truncated(data):
    with pytest.raises(InputError, match="truncated"):
        load_picture(io.BytesIO(b"qoif" + struct.pack(">IIBB", 2, 2, 3, 0) + data))


def test_qoi_does_not_decode_what_follows_the_picture():
    run_of_four = b"\xc3"
    data = b"qoif" + struct.pack(">IIBB", 2, 2, 3, 0) + run_of_four + b"\xfe" * 5
    assert shown(data).tolist() == np.zeros((2, 2, 3)).tolist()
