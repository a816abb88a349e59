"""Odd files whose values are not bytes, or not sRGB: written by hand, with what they show reckoned from their numbers.

TIFF 6.0, PFM (P. Debevec's form), PNG's gAMA, Windows' icons and cursors.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.odd_pictures import Odd, Pixels, chunk, make_png

HEIGHT, WIDTH = 9, 13
SIZE = (WIDTH, HEIGHT)

_GRAY_FROM_WHITE, _GRAY, _RGB = 0, 1, 2
_STRAIGHT = 2


def show_gray(levels: NDArray[Any], alpha: NDArray[Any] | None = None) -> list[Pixels]:
    opacity = np.full(levels.shape, 255) if alpha is None else alpha
    return [np.dstack([levels, levels, levels, opacity]).round().astype(np.uint8)]


def make_tiff(samples: NDArray[Any], color: int, *, order: str = "<", form: int = 1, **more: int) -> bytes:
    """Make an uncompressed TIFF of samples (height, width, channels) of whole bytes, or of packed bits if so told.

    `form` is 1 for whole numbers, 2 for those with a sign and 3 for floats; `planar`, `extra` and `bits` may be given.
    """
    height, width, n_channels = samples.shape
    bits = more.get("bits", 8 * samples.dtype.itemsize)
    planes = list(np.moveaxis(samples, 2, 0)) if more.get("planar") == 2 else [samples]
    if bits == 8 * samples.dtype.itemsize:
        strips = [plane.astype(samples.dtype.newbyteorder(order)).tobytes() for plane in planes]
    else:
        places = np.arange(bits - 1, -1, -1)
        rows = (samples.reshape(height, -1, 1) >> places & 1).astype(np.uint8).reshape(height, -1)
        strips = [np.packbits(rows, axis=1).tobytes()]
    entries: dict[int, list[int]] = {
        256: [width], 257: [height], 258: [bits] * n_channels, 259: [1], 262: [color], 273: [], 277: [n_channels],
        278: [height], 279: [len(strip) for strip in strips], 284: [more.get("planar", 1)], 339: [form] * n_channels,
    }  # fmt: skip
    if "extra" in more:
        entries[338] = [more["extra"]]
    place = 8 + 2 + 12 * len(entries) + 4
    long = b""
    entries[273] = [0] * len(strips)
    start = place + sum(4 * len(found) for found in entries.values() if len(found) > 1)
    entries[273] = [start + sum(map(len, strips[:number])) for number in range(len(strips))]
    table = b""
    for tag, found in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(found)}I", *found)
        table += struct.pack(f"{order}HHI", tag, 4, len(found))
        table += packed if len(found) == 1 else struct.pack(f"{order}I", place + len(long))
        long += packed if len(found) > 1 else b""
    head = b"II*\0" if order == "<" else b"MM\0*"
    first = struct.pack(f"{order}IH", 8, len(entries))
    return head + first + table + bytes(4) + long + b"".join(strips)


def make_depths() -> Iterator[Odd]:
    """TIFFs of 8 to 32 bits and floats, PFMs of any range, and PNGs of every gamma."""
    rng = np.random.default_rng(11)
    for order, end in (("<", "little"), (">", "big")):
        wide = rng.integers(0, 65536, (HEIGHT, WIDTH, 3)).astype(np.uint16)
        eight = np.rint(wide / 257)
        gray, levels = wide[..., :1], eight[..., 0]
        name = f"TIFF of 16 bits, {end} end first"
        yield Odd(f"{name}, gray", make_tiff(gray, _GRAY, order=order), SIZE, show_gray(levels))
        if order == "<":  # Pillow reads no other of these
            made = make_tiff(gray, _GRAY_FROM_WHITE, order=order)
            yield Odd(f"{name}, gray from white", made, SIZE, show_gray(255 - levels))
        for planar in (1, 2):
            made = make_tiff(wide, _RGB, order=order, planar=planar)
            shown = [np.dstack([eight, np.full((HEIGHT, WIDTH), 255)]).astype(np.uint8)]
            yield Odd(f"{name}, color, planes {planar}", made, SIZE, shown)
        large = rng.integers(0, 1 << 32, (HEIGHT, WIDTH, 1), np.uint32)
        if order == "<":
            made = make_tiff(large, _GRAY, order=order)
            yield Odd(f"TIFF of 32 bits, {end} end first", made, SIZE, show_gray(stretch(large[..., 0])))
        signed = large.view(np.int32)
        made = make_tiff(signed, _GRAY, order=order, form=2)
        yield Odd(f"TIFF of 32 bits and sign, {end} end first", made, SIZE, show_gray(stretch(signed[..., 0])))
    twelve = rng.integers(0, 1 << 12, (HEIGHT, WIDTH, 1)).astype(np.uint16)
    made = make_tiff(twelve, _GRAY, bits=12)
    yield Odd("TIFF of 12 bits", made, SIZE, show_gray(np.rint(twelve[..., 0] * (255 / 4095))))
    both = rng.integers(0, 256, (HEIGHT, WIDTH, 2)).astype(np.uint8)
    made = make_tiff(both, _GRAY, extra=_STRAIGHT)
    yield Odd("TIFF of gray with alpha", made, SIZE, show_gray(both[..., 0], both[..., 1]))
    for low, high in ((0, 1), (1, 255), (-5, 3), (1e-6, 2e-6), (-1e30, 1e30)):
        for order in "<>":
            values = rng.uniform(low, high, (HEIGHT, WIDTH)).astype(f"{order}f4")
            values[3, 4:7] = np.nan, np.inf, -np.inf
            scale = -1.0 if order == "<" else 1.0
            made = f"Pf\n{WIDTH} {HEIGHT}\n{scale}\n".encode() + values[::-1].tobytes()
            yield Odd(f"PFM from {low} to {high}, {order}", made, SIZE, show_gray(stretch(values)))
            made = make_tiff(values[..., np.newaxis].astype("f4"), _GRAY, order=order, form=3)
            yield Odd(f"TIFF of floats from {low} to {high}, {order}", made, SIZE, show_gray(stretch(values)))
    for gamma in (0.25, 1.0, 1.8, 2.6):
        gray = rng.integers(0, 256, (HEIGHT, WIDTH, 1)).astype(np.uint16)
        made = make_png(gray, 8, 0, chunk(b"gAMA", struct.pack(">I", round(100_000 / gamma))))
        light = (gray[..., 0] / 255) ** gamma
        curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        yield Odd(f"PNG of gamma {gamma}", made, SIZE, show_gray(np.rint(255 * curve)))


def stretch(values: NDArray[Any]) -> NDArray[np.float64]:
    """Bring the least to black and the greatest to white; what is no number, or infinite, to the nearer end."""
    exact = values.astype(np.float64)
    least, most = exact[np.isfinite(exact)].min(), exact[np.isfinite(exact)].max()
    exact = np.nan_to_num(exact, nan=least, posinf=most, neginf=least)
    stretched: NDArray[np.float64] = np.rint(255 * (exact - least) / (most - least))
    return stretched


def make_icons() -> Iterator[Odd]:
    """Icons and cursors of two depths, of which the deepest is shown, with a mask or with alpha."""
    rng = np.random.default_rng(12)
    for kind in (1, 2):
        name = ("icon", "cursor")[kind - 1]
        pixels = rng.integers(0, 256, (16, 16, 4)).astype(np.uint8)
        pixels[..., 3] = rng.choice([0, 90, 255], (16, 16))
        deep = _make_bitmap(pixels[::-1, :, [2, 1, 0, 3]].tobytes(), 32, b"", bytes(16 * 4))
        table, labels = rng.integers(0, 256, (16, 4)).astype(np.uint8), rng.integers(0, 16, (16, 16))
        table[:, 3] = 0
        mask = rng.random((16, 16)) < 0.4
        nibbles = (labels[::-1, ::2] << 4 | labels[::-1, 1::2]).astype(np.uint8).tobytes()
        masked = np.hstack([np.packbits(mask[::-1], axis=1), np.zeros((16, 2), np.uint8)]).tobytes()
        flat = _make_bitmap(nibbles, 4, table.tobytes(), masked)
        shown = [np.dstack([table[labels][..., [2, 1, 0]], np.where(mask, 0, 255)]).astype(np.uint8)]
        yield Odd(f"{name} of 4 bits with a mask", _join_icon(kind, [(4, flat)]), (16, 16), shown)
        for bitmaps in ([(4, flat), (32, deep)], [(32, deep), (4, flat)]):
            yield Odd(f"{name} of {bitmaps[0][0]} bits first", _join_icon(kind, bitmaps), (16, 16), [pixels])


def _make_bitmap(rows: bytes, bits: int, table: bytes, mask: bytes) -> bytes:
    return struct.pack("<IiiHHIIiiII", 40, 16, 32, 1, bits, 0, 0, 0, 0, 0, 0) + table + rows + mask


def _join_icon(kind: int, bitmaps: list[tuple[int, bytes]]) -> bytes:
    place, entries = 6 + 16 * len(bitmaps), b""
    for bits, data in bitmaps:
        # A cursor has its hot spot where an icon has its planes and bits.
        entries += struct.pack("<BBBBHHII", 16, 16, 0, 0, *((1, bits) if kind == 1 else (3, 5)), len(data), place)
        place += len(data)
    return struct.pack("<HHH", 0, kind, len(bitmaps)) + entries + b"".join(data for _, data in bitmaps)
