import io
import zlib

import numpy as np
import pytest
from PIL import Image

from quantize.files.writing.byte_parts import measure_parts
from tests.conftest import make_photo


def encode(frames, name, **options):
    stream = io.BytesIO()
    frames[0].save(stream, name, save_all=len(frames) > 1, append_images=frames[1:], **options)
    return stream.getvalue()


def photos(n):
    return [make_photo(seed=seed) for seed in range(n)]


FILES = {
    "indexed PNG": lambda: encode([make_photo().quantize(16)], "PNG"),
    "true color PNG": lambda: encode(photos(1), "PNG"),
    "APNG": lambda: encode(photos(3), "PNG"),
    "GIF": lambda: encode([make_photo().quantize(16)], "GIF"),
    "animated GIF": lambda: encode([photo.quantize(16) for photo in photos(3)], "GIF", comment=b"!,;"),
    "WebP": lambda: encode(photos(1), "WEBP", lossless=True),
    "animated WebP": lambda: encode(photos(3), "WEBP", lossless=True),
}


@pytest.mark.parametrize("name", FILES)
def test_parts_sum_to_the_file(name):
    data = FILES[name]()
    parts = measure_parts(data)
    assert sum(size or 0 for size in parts.values()) == len(data)
    assert all(size is None or size >= 0 for size in parts.values())
    assert parts["labels"] > len(data) / 2


def test_png_has_its_palette_in_one_chunk_and_its_labels_in_another():
    image = make_photo().quantize(16)
    parts = measure_parts(encode([image], "PNG", transparency=bytes([0, 128])))
    assert parts["palette"] == 16 * 3 + 2
    assert parts["container"] == 8 + 25 + 12 * 4  # signature, IHDR, and length, name and checksum of four chunks


def test_labels_of_an_apng_are_without_its_sequence_numbers():
    data = encode(photos(3), "PNG")
    streams, place = {}, 8
    while place < len(data):
        length, name = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        streams[name] = streams.get(name, b"") + data[place + 8 : place + 8 + length]
        place += length + 12
    assert measure_parts(data)["labels"] == len(streams[b"IDAT"]) + len(streams[b"fdAT"]) - 4 * data.count(b"fdAT")
    assert zlib.decompress(streams[b"IDAT"])


def test_gif_counts_the_palettes_of_its_frames():
    frames = [Image.fromarray(np.full((8, 8, 3), value, np.uint8)).quantize(2) for value in (10, 200)]
    data = encode(frames, "GIF")
    assert measure_parts(data)["palette"] % 6 == 0
    assert measure_parts(data)["palette"] >= 6


def test_webp_packs_its_palette_with_the_labels():
    assert measure_parts(FILES["WebP"]())["palette"] is None
