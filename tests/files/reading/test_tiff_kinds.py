"""TIFFs that Pillow does not read are refused with a sentence that says what they are."""

import io
import struct

import pytest

from quantize import InputError, load_picture
from tests.conftest import make_photo

BITS, COMPRESSION, COLOR, SAMPLES = 258, 259, 262, 277


def make_tiff(order: bytes, tag: int, value: int) -> io.BytesIO:
    """Make a TIFF, and change one entry of its directory."""
    stream = io.BytesIO()
    make_photo(6, 4).save(stream, "TIFF")
    data = bytearray(stream.getvalue()) if order == b"II" else write_big_endian()
    ends = "<" if order == b"II" else ">"
    (start,) = struct.unpack_from(f"{ends}I", data, 4)
    (n_entries,) = struct.unpack_from(f"{ends}H", data, start)
    for place in range(start + 2, start + 2 + 12 * n_entries, 12):
        if struct.unpack_from(f"{ends}H", data, place) == (tag,):
            struct.pack_into(f"{ends}H", data, place + 8, value)
    return io.BytesIO(bytes(data))


def write_big_endian() -> bytearray:
    """Write a gray picture of 1 pixel whose directory is in the other order of bytes."""
    entries = [(256, 1), (257, 1), (BITS, 8), (COMPRESSION, 1), (COLOR, 1), (273, 8), (SAMPLES, 1), (278, 1), (279, 1)]
    table = b"".join(struct.pack(">HHIHH", tag, 3, 1, value, 0) for tag, value in entries)
    return bytearray(b"MM\0*" + struct.pack(">I", 10) + b"x\0" + struct.pack(">H", len(entries)) + table + bytes(4))


@pytest.mark.parametrize("order", [b"II", b"MM"])
@pytest.mark.parametrize(
    ("tag", "value", "words"),
    [
        (COMPRESSION, 34661, "compressed as JBIG"),
        (COMPRESSION, 50002, "compressed as JPEG XL"),
        (COMPRESSION, 61111, "compressed as number 61111"),
        (COLOR, 32803, "of raw camera data"),
        (COLOR, 32845, "of LogLuv"),
        (SAMPLES, 7, "7 channels of 8 bits"),
    ],
)
def test_a_kind_that_pillow_lacks_is_named(order, tag, value, words):
    with pytest.raises(InputError, match=rf"is a TIFF .*{words}.*which Pillow does not read; convert it first"):
        load_picture(make_tiff(order, tag, value))


def test_a_kind_that_pillow_reads_in_the_other_order_of_bytes_alone_is_named():
    with pytest.raises(InputError, match=r"is a TIFF of gray, 1 channel of 32 bits, which Pillow does not read"):
        load_picture(make_tiff(b"MM", BITS, 32))


def test_a_usual_kind_that_is_broken_is_not_blamed_on_its_kind():
    with pytest.raises(InputError, match="not an image that Pillow can read"):
        load_picture(make_tiff(b"II", 256, 0))


@pytest.mark.parametrize("length", [4, 8, 9, 30])
def test_a_directory_that_is_cut_short_is_one_sentence(length):
    with pytest.raises(InputError, match=r"not an image|not a readable image"):
        load_picture(io.BytesIO(bytes(write_big_endian()[:length])))


def test_a_decoder_that_fails_is_broken_data_and_no_number():
    with pytest.raises(InputError, match=r"\(broken data\)$"):
        load_picture(make_tiff(b"II", COMPRESSION, 50000))
