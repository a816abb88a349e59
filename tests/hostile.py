"""Small real files of every format, and what strangers do to them."""

import io
import random
from functools import cache

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.conftest import make_photo

PHOTO = make_photo(40, 30)
_FRAMES = [make_photo(24, 16, seed) for seed in range(4)]
_ANIMATED = {"save_all": True, "append_images": _FRAMES[1:], "duration": 40, "loop": 0}
_COLOR_TAGS = PngInfo()
_COLOR_TAGS.add(b"gAMA", (70_000).to_bytes(4, "big"))
_COLOR_TAGS.add(b"cICP", bytes([12, 13, 0, 1]))
_EXIF = Image.Exif()
_EXIF[0x0112], _EXIF[0x010E] = 6, "a description"

# Name: the picture, Pillow's name of the format, and how it is saved.
KINDS: dict[str, tuple[Image.Image, str, dict[str, object]]] = {
    "JPG": (PHOTO, "JPEG", {"exif": _EXIF}),
    "CMYK.JPG": (PHOTO.convert("CMYK"), "JPEG", {}),
    "MPO": (PHOTO, "MPO", {"save_all": True, "append_images": [PHOTO]}),
    "PNG": (PHOTO, "PNG", {"exif": _EXIF}),
    "P.PNG": (PHOTO.quantize(20), "PNG", {"transparency": 3}),
    "16.PNG": (Image.new("I;16", (30, 20), 9000), "PNG", {}),
    "APNG": (_FRAMES[0], "PNG", _ANIMATED),
    "WEBP": (PHOTO, "WEBP", {}),
    "A.WEBP": (_FRAMES[0], "WEBP", _ANIMATED),
    "GIF": (_FRAMES[0], "GIF", _ANIMATED),
    "TIF": (PHOTO, "TIFF", {}),
    "LZW.TIF": (PHOTO, "TIFF", {"compression": "tiff_lzw"}),
    "F.TIF": (PHOTO.convert("F"), "TIFF", {}),
    "LAB.TIF": (PHOTO.convert("LAB"), "TIFF", {}),
    "BMP": (PHOTO, "BMP", {}),
    "AVIF": (PHOTO, "AVIF", {}),
    "A.AVIF": (_FRAMES[0], "AVIF", {**_ANIMATED, "speed": 10}),
    "B.ICO": (PHOTO.resize((32, 32)).convert("RGBA"), "ICO", {"sizes": [(32, 32)], "bitmap_format": "bmp"}),
    "HIDDEN.PNG": (_FRAMES[0], "PNG", {**_ANIMATED, "default_image": True, "blend": 1, "disposal": 2}),
    "GAMMA.PNG": (PHOTO, "PNG", {"pnginfo": _COLOR_TAGS}),
    "KEY.PNG": (PHOTO.convert("L"), "PNG", {"transparency": 90}),
    "DDS": (PHOTO, "DDS", {}),
    "PFM": (PHOTO.convert("F"), "PPM", {}),
    "PCX": (PHOTO, "PCX", {}),
    "SGI": (PHOTO, "SGI", {}),
    "MULTI.TIF": (PHOTO, "TIFF", {"save_all": True, "append_images": _FRAMES}),
    "ICO": (PHOTO.resize((48, 48)).convert("RGBA"), "ICO", {"sizes": [(48, 48), (16, 16)]}),
    "PPM": (PHOTO, "PPM", {}),
    "QOI": (PHOTO, "QOI", {}),
    "JP2": (PHOTO, "JPEG2000", {}),
    "TGA": (PHOTO, "TGA", {"compression": "tga_rle"}),
}


@cache
def make_file(kind: str) -> bytes:
    image, form, options = KINDS[kind]
    stream = io.BytesIO()
    image.copy().save(stream, form, **options)  # Pillow leaves what one format set for the next
    return stream.getvalue()


def flip_bytes(data: bytes, rng: random.Random) -> bytes:
    """Change a few bytes anywhere."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 4, 16))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _flip_head(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 4))):
        changed[rng.randrange(min(64, len(changed)))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    return bytes(changed)


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, len(data))]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:end] + data[start:end] * rng.choice((1, 3)) + data[end:]


def _remove(data: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:start] + data[end:]


MUTATIONS = (flip_bytes, flip_bytes, _flip_head, _flip_head, _truncate, _repeat, _remove)
