"""Run lengths of BMP unpack as Pillow unpacks them, but sooner."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from quantize import InputError, load_picture
from quantize.files.reading import runs
from quantize.files.reading.runs import unpack_runs

WIDTH, HEIGHT = 13, 9


def make_bmp(data, width=WIDTH, height=HEIGHT, bits=8):
    palette = b"".join(bytes([i, 255 - i, i * 7 % 256, 0]) for i in range(1 << bits))
    start = 54 + len(palette)
    head = struct.pack("<2sIHHI", b"BM", start + len(data), 0, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 1 if bits == 8 else 2, len(data), 0, 0, 1 << bits, 0)
    return head + info + palette + data


def make_records(rng, n_records):
    """Runs, pixels as they are, ends of lines and of the picture, and skips, in any order."""
    parts = []
    for kind in rng.choice(5, n_records, p=[0.6, 0.2, 0.14, 0.04, 0.02]):
        count = int(rng.integers(3, 9))
        if kind == 0:
            parts.append(bytes([count - 2, int(rng.integers(256))]))
        elif kind == 1:
            pixels = rng.integers(0, 256, count).astype(np.uint8).tobytes()
            parts.append(bytes([0, count]) + pixels + bytes(len(pixels) % 2))
        else:
            parts.append([b"\0\0", b"\0\x02" + bytes([count, count % 2]), b"\0\x01"][kind - 2])
    return b"".join(parts)


@pytest.mark.parametrize("seed", range(40))
def test_bytes_unpack_as_by_pillow(seed):
    file = make_bmp(make_records(np.random.default_rng(seed), 60))
    try:
        expected = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
    except ValueError:
        with pytest.raises(InputError, match=r"truncated|not enough"):
            load_picture(io.BytesIO(file))
    else:
        assert (load_picture(io.BytesIO(file)).pixels == expected).all()


@pytest.mark.parametrize("data", [b"\x0d\x1f\0\0\x05\x2a\0\0", b"\0\x05\x12\x34\x50\0\x03\x71\0\x04\x98\x76"])
def test_nibbles_alternate_and_lines_begin_anew(data):
    file = make_bmp(data + b"\0\0\x0d\x33" * HEIGHT, bits=4)
    assert (load_picture(io.BytesIO(file)).pixels == np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))).all()


def test_what_overruns_a_line_is_left_out_and_what_it_lacks_is_of_color_0():
    pixels = unpack_runs(b"\x05\x07\x05\x08\0\0\x02\x09\0\0", 4, 3, has_nibbles=False)
    assert list(pixels) == [7, 7, 7, 7, 9, 9, 0, 0]


@pytest.mark.parametrize("bits", [4, 8])
def test_pixels_do_not_depend_on_how_many_records_are_unpacked_at_a_time(monkeypatch, bits):
    data = make_records(np.random.default_rng(0), 60).replace(b"\0\x01", b"\0\0")
    whole = unpack_runs(data, WIDTH, HEIGHT, has_nibbles=bits == 4)
    monkeypatch.setattr(runs, "_PIECE", 2)
    assert unpack_runs(data, WIDTH, HEIGHT, has_nibbles=bits == 4) == whole
    assert len(set(whole)) > 5
