"""Animated PNG as its specification says, against a compositor of a few plain lines."""

import io
import itertools
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from quantize import Settings, load_picture
from tests.conftest import make_photo

SIZE = (12, 9)
BOXES = [(0, 0, 12, 9), (2, 1, 6, 5), (0, 3, 9, 6), (5, 0, 7, 9)]
"""Left, top, width and height of each frame."""

KINDS = ["RGBA", "P", "L", "LA", "L key", "2-bit key", "I;16", "I;16 key", "RGB", "RGB;16 key"]


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def parts(png: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        found.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def raw_png(values: np.ndarray, bits: int, color_type: int, key: tuple[int, ...] = ()) -> bytes:
    """A PNG without filters, of whole numbers of 2, 8 or 16 bits in rows of pixels of channels."""
    height, width = values.shape[:2]
    flat = values.reshape(height, -1)
    if bits == 2:
        padded = np.pad(flat, ((0, 0), (0, -flat.shape[1] % 4))).reshape(height, -1, 4)
        rows = (padded << [6, 4, 2, 0]).sum(axis=-1).astype(np.uint8)
    else:
        rows = flat.astype(f">u{bits // 8}").view(np.uint8)
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    transparency = chunk(b"tRNS", struct.pack(f">{len(key)}H", *key)) if key else b""
    data = zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + transparency + chunk(b"IDAT", data) + chunk(b"IEND")


def make_frame(kind: str, size: tuple[int, int], seed: int) -> tuple[bytes, np.ndarray]:
    """A PNG that stands still, and its pixels as RGBA."""
    rng = np.random.default_rng(seed)
    shape = size[::-1]
    alpha = rng.choice(np.uint8([0, 1, 100, 128, 254, 255]), shape)
    if kind == "P":
        image = Image.fromarray(rng.integers(0, 4, shape, np.uint8), "P")
        image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 90, 90])
        stream = io.BytesIO()
        image.save(stream, "PNG", transparency=bytes([255, 128, 0, 7]))
        levels = np.array([[255, 0, 0, 255], [0, 255, 0, 128], [0, 0, 255, 0], [90, 90, 90, 7]], np.uint8)
        return stream.getvalue(), levels[np.asarray(image)]
    if kind in ("RGBA", "RGB", "LA", "L"):
        channels = {"RGBA": 4, "RGB": 3, "LA": 2, "L": 1}[kind]
        values = rng.integers(0, 256, (*shape, channels), np.uint8)
        if channels in (2, 4):
            values[..., -1] = alpha
        color_type = {"RGBA": 6, "RGB": 2, "LA": 4, "L": 0}[kind]
        color = values[..., :3] if channels >= 3 else np.repeat(values[..., :1], 3, -1)
        opacity = values[..., -1] if channels in (2, 4) else np.full(shape, 255, np.uint8)
        return raw_png(values, 8, color_type), np.dstack([color, opacity])
    bits, levels = {"2": (2, np.arange(4)), "L": (8, np.arange(0, 256, 51)), "I": (16, np.array([0, 5, 257, 40000])),
                    "R": (16, np.array([0, 5, 257, 40000]))}[kind[0]]  # fmt: skip
    values = rng.choice(levels, (*shape, 3 if kind[0] == "R" else 1))
    key = (int(levels[1]),) * values.shape[-1] if "key" in kind else ()
    color = np.repeat((values * 255 + (1 << bits) // 2 - 1) // ((1 << bits) - 1), 3 // values.shape[-1], -1)
    opacity = np.where(bool(key) & (values == levels[1]).all(-1), 0, 255)
    return raw_png(values, bits, 2 if kind[0] == "R" else 0, key), np.dstack([color, opacity]).astype(np.uint8)


def make_apng(kind: str, controls: list[tuple[int, int]], hidden: bool = False) -> tuple[bytes, list[np.ndarray]]:
    """An animation with a disposal and a blend for each frame, and its frames before they are composed."""
    frames = [make_frame(kind, box[2:], seed) for seed, box in zip(range(len(controls)), BOXES, strict=False)]
    still, _ = make_frame(kind, SIZE, 99)
    known = dict(parts(still if hidden else frames[0][0]))
    body = chunk(b"acTL", struct.pack(">II", len(frames), 3))
    body += b"".join(chunk(name, known[name]) for name in (b"PLTE", b"tRNS") if name in known)
    body += chunk(b"IDAT", known[b"IDAT"]) if hidden else b""
    number = 0
    for index, ((data, _), box, (disposal, blend)) in enumerate(zip(frames, BOXES, controls, strict=False)):
        control = (*box[2:], *box[:2], index + 1, 50, disposal, blend)
        body += chunk(b"fcTL", struct.pack(">5I2H2B", number, *control))
        number += 1
        pixels = dict(parts(data))[b"IDAT"]
        if index or hidden:
            for part in (pixels[:9], pixels[9:]):
                body += chunk(b"fdAT", struct.pack(">I", number) + part)
                number += 1
        else:
            body += chunk(b"IDAT", pixels)
    return still[:8] + chunk(b"IHDR", known[b"IHDR"]) + body + chunk(b"IEND"), [pixels for _, pixels in frames]


def compose(frames: list[np.ndarray], controls: list[tuple[int, int]]) -> list[np.ndarray]:
    """What the specification says, in real numbers and pixel by pixel."""
    canvas, shown = np.zeros((*SIZE[::-1], 4)), []
    for frame, (left, top, width, height), (disposal, blend) in zip(frames, BOXES, controls, strict=False):
        before = canvas.copy()
        for y, x in itertools.product(range(height), range(width)):
            *over, a = frame[y, x] / 255
            *under, b = canvas[top + y, left + x] / 255
            alpha = a + b * (1 - a)
            if not blend:
                color, alpha = over, a
            else:
                color = [(c * a + d * b * (1 - a)) / alpha if alpha else 0 for c, d in zip(over, under, strict=True)]
            canvas[top + y, left + x] = np.multiply([*color, alpha], 255).round()
        shown.append(canvas.copy())
        if disposal == 1:
            canvas[top : top + height, left : left + width] = 0
        elif disposal == 2:
            canvas = before
    for canvas in shown:
        canvas[canvas[..., 3] == 0] = 0
    return shown


def rgba(picture) -> np.ndarray:
    pixels = picture.pixels.astype(int)
    return pixels if picture.has_alpha else np.insert(pixels, 3, 255, axis=-1)


def check(kind: str, controls: list[tuple[int, int]], hidden: bool = False) -> None:
    data, frames = make_apng(kind, controls, hidden)
    picture = load_picture(io.BytesIO(data))
    if len(controls) == 1:
        assert picture.animation is None
    else:
        assert picture.animation.plays == 3
        assert picture.animation.durations == (20, 40, 60, 80)[: len(controls)]
    shown = rgba(picture).reshape(-1, *SIZE[::-1], 4)
    expected = compose(frames, controls)
    assert len(shown) == len(expected)
    for one, other in zip(shown, expected, strict=True):
        solid = other[..., 3] >= 16  # below, a color is the quotient of two small numbers that were rounded
        assert np.abs(one[..., 3] - other[..., 3]).max() <= 1
        assert np.abs(one - other)[solid].max() <= 1


@pytest.mark.parametrize("second", list(itertools.product(range(3), range(2))))
@pytest.mark.parametrize("first", range(3))
def test_every_blend_and_disposal_is_as_specified(first, second):
    check("RGBA", [(first, 0), second, (0, 1), (1, 1)])


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_pixels_is_composed_with_its_own_transparency(kind, hidden):
    check(kind, [(0, 0), (2, 1), (1, 1), (0, 0)], hidden)


def test_one_frame_beside_a_hidden_default_image_is_the_picture():
    check("RGBA", [(0, 0)], hidden=True)


INVALID = {
    "no frames": lambda data: data.replace(chunk(b"acTL", struct.pack(">II", 2, 3)), chunk(b"acTL", bytes(8))),
    "out of sequence": lambda data: swap(data, b"fdAT", lambda body: struct.pack(">I", 77) + body[4:]),
    "outside": lambda data: swap(data, b"fcTL", lambda body: body[:12] + struct.pack(">I", 99) + body[16:]),
    "unknown way": lambda data: swap(data, b"fcTL", lambda body: body[:24] + b"\x09\0"),
    "not one acTL": lambda data: swap(data, b"acTL", lambda body: body[:4]),
}


def swap(data: bytes, name: bytes, change) -> bytes:
    """Change the last chunk of a name."""
    found = parts(data)
    last = max(index for index, part in enumerate(found) if part[0] == name)
    found[last] = (name, change(found[last][1]))
    return data[:8] + b"".join(chunk(*part) for part in found)


@pytest.mark.parametrize("words", INVALID)
def test_an_invalid_animation_is_left_aside_for_the_default_image(words):
    data, _ = make_apng("RGBA", [(0, 0), (0, 1)], hidden=True)
    picture = load_picture(io.BytesIO(INVALID[words](data)))
    default = make_frame("RGBA", SIZE, 99)[1].astype(int)
    default[default[..., 3] == 0] = 0
    assert picture.animation is None
    assert (rgba(picture) == default).all()
    assert picture.source.notices[0].startswith("its animation is invalid (")


@pytest.mark.parametrize("number", [2, 4])
def test_a_broken_frame_ends_the_animation_before_it(number):
    data, _ = make_apng("RGBA", [(0, 0)] * 4)
    whole = load_picture(io.BytesIO(data))
    found = parts(data)
    places = [index for index, part in enumerate(found) if part[0] == b"fdAT"]
    at = places[2 * (number - 2) + 1]
    found[at] = (b"fdAT", found[at][1][:12] + bytes(len(found[at][1]) - 12))
    picture = load_picture(io.BytesIO(data[:8] + b"".join(chunk(*part) for part in found)))
    assert (rgba(picture) == rgba(whole)[: number - 1].reshape(rgba(picture).shape)).all()
    assert f"frame {number} of 4 is broken" in picture.source.notices[0]


def test_a_file_that_breaks_off_has_the_frames_before_that():
    data, _ = make_apng("RGBA", [(0, 0)] * 4)
    picture = load_picture(io.BytesIO(data[: data.rindex(b"fcTL") + 9]))
    assert picture.n_frames == 3
    assert picture.source.notices == ("announces 4 frames, of which it holds 3",)


def test_metadata_and_text_of_an_animation_are_read():
    frames = [make_photo(*SIZE, seed) for seed in range(2)]
    stream = io.BytesIO()
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:], dpi=(300, 300))
    metadata = load_picture(io.BytesIO(stream.getvalue()), Settings(keep_metadata=True)).metadata
    assert metadata
    assert metadata.dpi == pytest.approx((300, 300), abs=0.1)
