"""Of each frame only what changed is stored, and what is shown is what was found: by compositors of our own."""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from quantize import Palette, Quantized, Settings, quantize_picture
from quantize.files.writing.saving import encode_picture
from quantize.records.picture import Animation, Picture
from quantize.records.settings import FORMATS
from tests.conftest import make_photo

WIDTH, HEIGHT = 23, 17


class Shown(NamedTuple):
    pixels: np.ndarray
    milliseconds: float


def make_clear(n: int = 6) -> np.ndarray:
    """A square that wanders over what is clear, and vanishes once."""
    frames = np.zeros((n, HEIGHT, WIDTH, 4), np.uint8)
    for index in range(n):
        if index != 3:
            frames[index, 2:9, 2 * index : 2 * index + 6] = (250, 40 * index, 10, 255)
            frames[index, 12:15, 3:20] = (20, 30, 200, 255)
    return frames


def make_gathering(n: int = 6) -> np.ndarray:
    """Spots that stay as they come, until some of them vanish."""
    frames = np.zeros((n, HEIGHT, WIDTH, 4), np.uint8)
    for index in range(n):
        frames[index:, 1 + 2 * index : 4 + 2 * index, 3 * index : 3 * index + 4] = (30 * index, 200, 10, 255)
    frames[4, 1:4] = 0
    return frames


def make_opaque(n: int = 6, seed: int = 0) -> np.ndarray:
    """A photograph of which scattered pixels change."""
    photo = np.asarray(make_photo(WIDTH, HEIGHT).convert("RGBA"))
    rng = np.random.default_rng(seed)
    frames = np.repeat(photo[None], n, axis=0)
    for index in range(1, n):
        changed = rng.random((HEIGHT, WIDTH)) < 0.2
        frames[index, changed] = 255 - frames[index, changed]
        frames[index, ..., 3] = 255
    return frames


def make_soft(n: int = 6) -> np.ndarray:
    """What fades away over a photograph that is partly transparent itself."""
    frames = make_opaque(n, seed=1)
    for index in range(n):
        frames[index, 3:12, index : index + 9, 3] = np.linspace(0, 255, 81).reshape(9, 9)
    frames[frames[..., 3] == 0] = 0
    return frames


MOVES = {"clear": make_clear, "gathering": make_gathering, "opaque": make_opaque, "soft": make_soft}


def quantize_frames(frames: np.ndarray, k: int, kind: str, durations: list[float] | None = None, **settings: object):
    keys = np.ascontiguousarray(frames).view("<u4")[..., 0]
    durations = durations or [50.0 + 10 * index for index in range(len(frames))]
    has_alpha = bool((frames[..., 3] < 255).any())
    picture = Picture(keys if has_alpha else keys & 0xFFFFFF, has_alpha, animation=Animation(tuple(durations)))
    return quantize_picture(picture, Settings(n_colors=k, format=kind, effort="fast", **settings))


def encode(result: Quantized) -> bytes:
    return encode_picture(result).data if hasattr(encode_picture(result), "data") else encode_picture(result)[0]


def unpack_lzw(data: bytes, bits: int, n: int) -> np.ndarray:
    """GIF 89a, appendix F."""
    clear, end = 1 << bits, (1 << bits) + 1
    table: list[bytes] = []
    width, place, before, out = bits + 1, 0, b"", []
    stream = int.from_bytes(data, "little")
    while True:
        code = stream >> place & (1 << width) - 1
        place += width
        if code == clear:
            table = [*(bytes([value]) for value in range(clear)), b"", b""]
            width, before = bits + 1, b""
            continue
        if code == end:
            break
        entry = table[code] if code < len(table) else before + before[:1]
        out.append(entry)
        if before and len(table) < 4096:
            table.append(before + entry[:1])
        before = entry
        if len(table) == 1 << width and width < 12:
            width += 1
    pixels = np.frombuffer(b"".join(out), np.uint8)
    assert len(pixels) == n
    return pixels


def read_blocks(data: bytes, place: int) -> tuple[bytes, int]:
    parts = []
    while data[place]:
        parts.append(data[place + 1 : place + 1 + data[place]])
        place += 1 + data[place]
    return b"".join(parts), place + 1


def show_gif(data: bytes) -> Iterator[Shown]:
    """GIF 89a, 18 to 23: what is cleared away is clear, as every browser has it."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    n_colors = 2 << (flags & 7)
    colors = np.frombuffer(data[13 : 13 + 3 * n_colors], np.uint8).reshape(-1, 3)
    place, canvas = 13 + 3 * n_colors, np.zeros((height, width, 4), np.uint8)
    flags = delay = hole = 0
    while data[place] != 0x3B:
        if data[place] == 0x21:
            content, following = read_blocks(data, place + 2)
            if data[place + 1] == 0xF9:
                flags, delay, hole = struct.unpack("<BHB", content)
            place = following
            continue
        assert data[place] == 0x2C
        x, y, w, h, own = struct.unpack_from("<HHHHB", data, place + 1)
        assert own == 0
        bits = data[place + 10]
        content, place = read_blocks(data, place + 11)
        labels = unpack_lzw(content, bits, w * h).reshape(h, w)
        before = canvas.copy()
        drawn = labels != hole if flags & 1 else np.ones(labels.shape, bool)
        part = canvas[y : y + h, x : x + w]
        part[drawn, :3], part[drawn, 3] = colors[labels[drawn]], 255
        yield Shown(canvas.copy(), 10 * delay)
        disposal = flags >> 2 & 7
        if disposal == 2:
            part[:] = 0
        elif disposal == 3:
            canvas = before


def blend(canvas: np.ndarray, drawn: np.ndarray) -> None:
    """Lay opaque and clear pixels over others: what lies between would not be shown as it was found."""
    assert np.isin(drawn[..., 3], (0, 255)).all()
    canvas[drawn[..., 3] == 255] = drawn[drawn[..., 3] == 255]


def show_png(data: bytes) -> Iterator[Shown]:
    """The APNG specification: each frame's data as a PNG of its own, blended onto a canvas."""
    chunks, place = [], 8
    while place < len(data):
        size = struct.unpack_from(">I", data, place)[0]
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += 12 + size
    head = dict(chunks)[b"IHDR"]
    shared = [(name, body) for name, body in chunks if name in (b"PLTE", b"tRNS")]
    canvas = np.zeros((*struct.unpack(">II", head[:8])[::-1], 4), np.uint8)
    numbers = itertools.count()
    for (name, control), (kind, body) in itertools.pairwise(chunks):
        if name != b"fcTL":
            continue
        number, w, h, x, y, over, under, dispose, over_what = struct.unpack(">IIIIIHHBB", control)
        assert (number, dispose) == (next(numbers), 0)
        if kind == b"fdAT":
            assert struct.unpack(">I", body[:4])[0] == next(numbers)
            body = body[4:]
        own = [(b"IHDR", struct.pack(">II", w, h) + head[8:]), *shared, (b"IDAT", body), (b"IEND", b"")]
        parts = [struct.pack(">I", len(b)) + n + b + struct.pack(">I", zlib.crc32(n + b)) for n, b in own]
        drawn = read_rgba(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
        part = canvas[y : y + h, x : x + w]
        if over_what:
            blend(part, drawn)
        else:
            part[:] = drawn
        yield Shown(canvas.copy(), 1000 * over / under)


def read_rgba(data: bytes) -> np.ndarray:
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")).copy()
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def show_webp(data: bytes) -> Iterator[Shown]:
    """RFC 9649, 2.7.1: each frame's data as a WebP of its own, blended onto a canvas."""
    canvas: np.ndarray | None = None
    place = 12
    while place < len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        body = data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
        if name == b"VP8X":
            canvas = np.zeros(
                (int.from_bytes(body[7:10], "little") + 1, int.from_bytes(body[4:7], "little") + 1, 4), "u1"
            )
        if name != b"ANMF":
            continue
        x, y, w, h, delay = (int.from_bytes(body[at : at + 3], "little") for at in range(0, 15, 3))
        drawn = read_rgba(b"RIFF" + struct.pack("<I", len(body) - 12) + b"WEBP" + body[16:])
        part = canvas[2 * y : 2 * y + h + 1, 2 * x : 2 * x + w + 1]
        assert part.shape == drawn.shape
        assert not body[15] & 1
        if body[15] & 2:
            part[:] = drawn
        else:
            blend(part, drawn)
        yield Shown(canvas.copy(), delay)


SHOW = {"gif": show_gif, "png": show_png, "webp": show_webp}


def expect(result: Quantized) -> list[np.ndarray]:
    pixels = result.pixels
    if pixels.shape[-1] == 3:
        pixels = np.concatenate([pixels, np.full((*pixels.shape[:-1], 1), 255, np.uint8)], axis=-1)
    return [*pixels]


@pytest.mark.parametrize(("k", "optimize"), [(2, False), (16, False), (256, False), (300, False), (16, True)])
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_shown_is_what_was_found(kind, move, k, optimize):
    if kind == "gif" and (k > 256 or move == "soft"):
        pytest.skip("GIF holds 256 colors, and none that are partly transparent")
    result = quantize_frames(MOVES[move](), k, kind, optimize=optimize)
    shown = list(SHOW[kind](encode(result)))
    assert len(shown) == 6
    assert [frame.milliseconds for frame in shown] == pytest.approx([50, 60, 70, 80, 90, 100], abs=5)
    for frame, expected in zip(shown, expect(result), strict=True):
        assert frame.pixels.tolist() == expected.tolist()


@pytest.mark.parametrize("k", [31, 32, 256])
@pytest.mark.parametrize("kind", FORMATS)
def test_pixels_that_stay_are_hardly_stored_again(kind, k):
    """Of a photograph a few scattered pixels change: the box around them is nearly all of it."""
    frames = np.repeat(make_opaque(1), 2, axis=0)
    frames[1, 1::9, 1::9] = (255, 255, 255, 255)
    equal, changed = (len(encode(quantize_frames(frames[which], k, kind))) for which in ([1, 1], [0, 1]))
    assert changed - equal < 0.2 * equal


@pytest.mark.parametrize("kind", FORMATS)
def test_a_frame_is_not_larger_than_all_of_it(kind):
    """Noise that changes everywhere is stored as it is."""
    frames = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 4), np.uint8)
    frames[..., 3] = 255
    frames[1:, 3, 3] = frames[0, 3, 3]
    result = quantize_frames(frames, 256, kind)
    singles = [len(encode(quantize_frames(np.stack([frame, frame]), 256, kind))) for frame in frames]
    assert len(encode(result)) < sum(singles)


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("kind", FORMATS)
def test_an_animation_of_equal_frames_stays_one(kind, optimize):
    frames = np.repeat(make_opaque(1), 4, axis=0)
    result = quantize_frames(frames, 8, kind, optimize=optimize)
    shown = list(SHOW[kind](encode(result)))
    assert len(shown) >= 2
    assert sum(frame.milliseconds for frame in shown) == 50 + 60 + 70 + 80
    assert Image.open(io.BytesIO(encode(result))).is_animated


@pytest.mark.parametrize("kind", FORMATS)
def test_optimize_lets_go_of_duplicates(kind):
    frames = make_opaque(3)[[0, 1, 1, 1, 2]]
    result = quantize_frames(frames, 8, kind, optimize=True)
    shown = list(SHOW[kind](encode(result)))
    assert [frame.milliseconds for frame in shown] == [50, 60 + 70 + 80, 90]


def test_gif_has_one_clear_label_whatever_the_order_of_a_given_palette():
    """What is less than half opaque is clear, wherever the palette says so first."""
    given = Palette(np.array([[200, 0, 0, 90], [0, 0, 0, 255], [0, 0, 0, 0], [0, 90, 0, 255]], np.uint8))
    frames = make_clear(2)
    result = quantize_frames(frames, 4, "gif")
    labels = (np.arange(result.labels.size) % 4).astype(np.uint8).reshape(result.labels.shape)
    result = replace(result, palette=given, labels=labels)
    for frame, expected in zip(show_gif(encode(result)), given.colors[labels], strict=True):
        clear = expected[..., 3] < 128
        assert (frame.pixels[clear] == 0).all()
        assert (frame.pixels[~clear] == expected[~clear]).all()


def test_gif_codes_begin_at_the_fewest_bits():
    """Nine bits for each of two colors would be four times as many."""
    frames = np.zeros((2, 32, 32, 4), np.uint8)
    frames[..., 3] = 255
    frames[1, ..., 0] = 255 * np.random.default_rng(0).integers(0, 2, (32, 32))
    data = encode(quantize_frames(frames, 2, "gif"))
    assert len(data) < 2 * 32 * 32 / 8 + 100
