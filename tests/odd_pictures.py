"""Odd files: small pictures of every mode in every format that Pillow saves, and PNGs made chunk by chunk.

What a file shows is told by who made it, or by Pillow where its reading is beyond doubt; this program is not asked.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import make_photo

Pixels = NDArray[np.uint8]

SIZES = ((1, 1), (1, 40), (40, 1), (7, 5), (33, 20))

SAVERS: dict[str, dict[str, Any]] = {
    **{name: {} for name in ("PNG", "GIF", "BMP", "DIB", "PCX", "PPM", "QOI", "SGI", "IM", "MSP", "XBM", "TGA", "DDS")},
    **{name: {} for name in ("ICO", "CUR", "JPEG", "MPO", "AVIF", "JPEG2000", "BLP", "SPIDER", "TIFF")},
    "WEBP": {"lossless": True, "exact": True},
    **{f"TIFF {how}": {"compression": how} for how in ("packbits", "tiff_lzw", "tiff_deflate", "jpeg", "group4")},
    "TGA tga_rle": {"compression": "tga_rle"},
    "PNG low": {"optimize": True},
}  # fmt: skip
"""Pillow's names of formats, with options behind a space."""

MODES = (
    "1",
    "L",
    "LA",
    "P",
    "RGB",
    "RGBA",
    "CMYK",
    "YCbCr",
    "LAB",
    "HSV",
    "I;16",
    "I",
    "F",
    "RGBX",
    "La",
    "RGBa",
    "PA",
)

_ONLY = {"TIFF group4": ("1",), "TIFF jpeg": ("L", "RGB", "YCbCr", "CMYK")}
"""The modes of savers that complain of others past Python."""

_PLAIN = ("1", "L", "LA", "P", "RGB", "RGBA")
"""Modes that Pillow itself converts to RGBA as everybody does."""

_DOUBTFUL = ("MPO", "AVIF", "JPEG2000", "ICO", "CUR", "DDS", "BLP", "TGA", "BMP", "DIB")
"""Formats whose alpha or colors a reader may rightly see in another way than Pillow does."""


class Odd(NamedTuple):
    """A file, and what it shows: frames as (height, width, 4), or None where only its size is certain."""

    name: str
    data: bytes
    size: tuple[int, int]
    frames: list[Pixels] | None = None
    durations: tuple[int, ...] = ()


def make_pictures() -> Iterator[tuple[str, Image.Image]]:
    """Photographs, noise, gray and one color, opaque and with alpha of every kind, of odd sizes."""
    for number, size in enumerate(SIZES):
        width, height = size
        rng = np.random.default_rng(number)
        photo = np.asarray(make_photo(width, height, number))
        noise = rng.integers(0, 256, photo.shape).astype(np.uint8)
        colors = {"photo": photo, "noise": noise, "dark": photo // 5, "gray": noise[..., :1].repeat(3, axis=2)}
        x = np.linspace(0, 255, width) + np.zeros((height, 1))
        alphas = {
            "opaque": x * 0 + 255, "clear": x * 0, "fade": x, "hard": 255 * (x > 90), "almost": 252 + x % 4,
            "levels": rng.choice([0, 1, 100, 128, 254, 255], x.shape), "noise": rng.integers(0, 256, x.shape),
        }  # fmt: skip
        for color, values in colors.items():
            for alpha, opacity in alphas.items():
                if (len(color) + len(alpha) + number) % 3 == 0 or alpha == "levels":
                    pixels = np.dstack([values, opacity]).astype(np.uint8)
                    yield f"{color} {alpha} {width}x{height}", Image.fromarray(pixels)


def convert(image: Image.Image, mode: str) -> Image.Image:
    """Bring a picture to a mode, through the nearest that Pillow can."""
    if mode == "P":
        return image.quantize(9) if image.mode == "RGBA" else image.convert("P")
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    if mode == "LAB":
        from PIL import ImageCms

        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        made = ImageCms.profileToProfile(image.convert("RGB"), *profiles, outputMode="LAB")
        assert made is not None
        return made
    first = {"La": "LA", "RGBa": "RGBA", "PA": "P", "HSV": "RGB", "YCbCr": "RGB", "CMYK": "RGB"}.get(mode)
    return (image.convert(first) if first else image).convert(mode)


def save_all() -> Iterator[Odd]:
    """Save every picture in every mode and format that Pillow knows how to."""
    for name, image in make_pictures():
        for mode in MODES:
            try:
                made = convert(image, mode)
            except ValueError:
                continue
            for saver, options in SAVERS.items():
                if mode not in _ONLY.get(saver, MODES):
                    continue
                form = saver.partition(" ")[0]
                stream = io.BytesIO()
                try:
                    made.copy().save(stream, form, **options)
                    size, frames = _read_by_pillow(stream.getvalue(), form, mode)
                except Exception:  # what Pillow cannot save, and what it cannot read again
                    continue
                yield Odd(f"{saver} {mode} {name}", stream.getvalue(), size, frames)


def _read_by_pillow(data: bytes, form: str, mode: str) -> tuple[tuple[int, int], list[Pixels] | None]:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        if mode not in _PLAIN or image.mode not in _PLAIN or form in _DOUBTFUL:
            return image.size, None
        return image.size, [np.asarray(image.convert("RGBA"))]


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def make_png(samples: Pixels, bits: int, color_type: int, *chunks: bytes) -> bytes:
    """Make a PNG of samples (height, width, channels) of any depth."""
    height, width = samples.shape[:2]
    rows = samples.reshape(height, -1).astype(np.uint16)
    if bits == 16:
        packed = rows.astype(">u2").view(np.uint8).reshape(height, -1)
    else:
        single = np.unpackbits(rows.astype(np.uint8)[..., None], axis=2)[..., 8 - bits :].reshape(height, -1)
        packed = np.packbits(single, axis=1)
    lines = np.hstack([np.zeros((height, 1), np.uint8), packed]).tobytes()
    head = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    parts = (chunk(b"IHDR", head), *chunks, chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def make_pngs() -> Iterator[Odd]:
    """Gray, color and palettes of every depth, with color keys, and with tables of alpha that end early."""
    rng = np.random.default_rng(5)
    for bits in (1, 2, 4, 8, 16):
        top = (1 << bits) - 1
        gray = rng.integers(0, top + 1, (9, 11, 1)).astype(np.uint16)
        key = int(gray[0, 0, 0])
        eight = np.rint(gray * (255 / top)).astype(np.uint8) if bits < 16 else (gray >> 8).astype(np.uint8)
        alpha = np.where(gray == key, 0, 255).astype(np.uint8)
        made = make_png(gray, bits, 0, chunk(b"tRNS", struct.pack(">H", key)))
        yield Odd(f"gray of {bits} bits with a key", made, (11, 9), [np.dstack([eight.repeat(3, axis=2), alpha])])
        if bits <= 8:
            n = min(256, top + 1)
            table, opacity = rng.integers(0, 256, (n, 3)), rng.integers(0, 256, max(1, n // 2))
            rows = gray[..., 0]
            shown = np.dstack([table[rows], np.append(opacity, np.full(n - len(opacity), 255))[rows]]).astype(np.uint8)
            chunks = chunk(b"PLTE", table.astype(np.uint8).tobytes()), chunk(b"tRNS", bytes(opacity.tolist()))
            yield Odd(
                f"palette of {bits} bits with half a table of alpha", make_png(gray, bits, 3, *chunks), (11, 9), [shown]
            )
    wide = rng.integers(0, 65536, (9, 11, 3)).astype(np.uint16)
    wide[0, 0], wide[0, 1] = (4660, 1, 2), (4661, 1, 2)
    alpha = (255 * (wide != wide[0, 0]).any(axis=2)).astype(np.uint8)
    made = make_png(wide, 16, 2, chunk(b"tRNS", struct.pack(">3H", *wide[0, 0])))
    yield Odd("color of 16 bits with a key", made, (11, 9), [np.dstack([(wide >> 8).astype(np.uint8), alpha])])


def make_animations() -> Iterator[Odd]:
    """A square that moves, a fade, noise, and frames that are alike, in all formats that move."""
    kinds: dict[str, Callable[[int], Image.Image]] = {
        "square": lambda n: _draw_square(n), "alike": lambda n: _draw_square(n // 3),
        "noise": lambda n: make_photo(20, 14, n).convert("RGBA"), "clear square": lambda n: _draw_square(n, 0),
    }  # fmt: skip
    savers: dict[str, dict[str, Any]] = {
        **{f"GIF {n}": {"format": "GIF", "disposal": n} for n in (0, 1, 2)},
        **{f"PNG {d}{b}": {"format": "PNG", "disposal": d, "blend": b} for d in (0, 1) for b in (0,)},
        "WEBP": {"format": "WEBP", "lossless": True, "exact": True},
    }
    for kind, draw in kinds.items():
        frames = [draw(n) for n in range(5)]
        for saver, options in savers.items():
            if kind == "clear square" and saver in ("GIF 0", "GIF 1"):
                continue  # what was drawn before would shine through
            stream = io.BytesIO()
            frames[0].save(
                stream, save_all=True, append_images=frames[1:], duration=[40, 50, 60, 70, 80], loop=0, **options
            )
            shown = [np.asarray(frame) for frame in frames] if kind != "alike" else None
            yield Odd(f"{saver} of {kind}", stream.getvalue(), frames[0].size, shown, (40, 50, 60, 70, 80))


def _draw_square(number: int, ground: int = 255) -> Image.Image:
    image = Image.new("RGBA", (20, 14), (240, 240, 200, ground) if ground else (0, 0, 0, 0))
    image.paste((200, 30, 10 * number, 255), (2 * number, 3, 2 * number + 5, 9))
    return image


@cache
def list_made() -> list[Odd]:
    """List all of them."""
    return [*make_animations(), *make_pngs(), *save_all()]
