"""Pixels of PNM, DDS, QOI and packed BMP, which Pillow decodes one by one in Python, at a microsecond or two each.

PNM and DDS are read by numpy. A pixel of QOI depends on those before it, so that it takes Python, too, but less of it.

- PNM: https://netpbm.sourceforge.net/doc/ppm.html and its neighbors
- QOI: https://qoiformat.org/qoi-specification.pdf
- DDS: https://learn.microsoft.com/windows/win32/direct3ddds/dds-pixelformat
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from quantize.files.reading.runs import RunDecoder

_PIECE = 1 << 20
"""Bytes of text, or numbers, decoded at a time."""

_QOI_MOST, _QOI_PIECE = 5, 1 << 16
"""Bytes of a pixel at most, and pixels decoded at a time."""

_COMMENT = re.compile(rb"#[^\r\n]*")
_NO_NUMBERS = bytes(byte for byte in range(256) if byte not in b"0123456789 \t\n\v\f\r")


def replace_decoders(image: Image.Image) -> None:
    """Let the tiles of an image that is not loaded yet be decoded by what is quicker, where it is."""
    tiles: list[Any] = getattr(image, "tile", [])
    if len(tiles) == 1 and tiles[0][0] in _DECODERS:
        name = f"quantize {tiles[0][0]}"
        Image.register_decoder(name, _DECODERS[tiles[0][0]])
        image.tile = [tiles[0]._replace(codec_name=name)]  # type: ignore[attr-defined]


class _Decoder(ImageFile.PyDecoder):
    """What Pillow asks for pixels: all of them at once, out of `fd`."""

    _pulls_fd = True

    def decode(self, buffer: Any) -> tuple[int, int]:
        n_samples = self.state.xsize * self.state.ysize * Image.getmodebands(self.mode)
        samples = np.empty(n_samples, np.int32 if self.mode == "I" else np.uint8)
        filled = 0
        for part in self.read_samples(n_samples):
            part = part[: n_samples - filled]
            samples[filled : filled + len(part)] = part
            filled += len(part)
            if filled == n_samples:
                break
        else:
            raise ValueError("not enough image data")
        self.set_as_raw(samples.tobytes(), "I;32N" if self.mode == "I" else "1;8" if self.mode == "1" else self.mode)
        return -1, 0

    def read_samples(self, n_samples: int) -> Iterator[NDArray[Any]]:
        raise NotImplementedError

    def scale(self, values: NDArray[Any]) -> NDArray[Any]:
        """Scale to 8 bits, or those of gray with more to 16, as Pillow does."""
        most, highest = (65535 if self.mode == "I" else 255), self.args[-1]
        scaled: NDArray[Any] = np.minimum(most, (values.astype(np.int64) * most + highest // 2) // highest)
        return scaled

    def read(self, n_bytes: int) -> bytes:
        assert self.fd is not None
        return self.fd.read(n_bytes)


class _PnmDecoder(_Decoder):
    """Bytes, or pairs of them, on a scale that does not end at 255."""

    def read_samples(self, n_samples: int) -> Iterator[NDArray[Any]]:
        size = 1 if self.args[-1] < 256 else 2
        while data := self.read(min(_PIECE, n_samples) * size):
            yield self.scale(np.frombuffer(data[: len(data) // size * size], f">u{size}"))


class _PlainPnmDecoder(_Decoder):
    """Numbers as text. Those of black and white have one digit each and need no space between."""

    def read_samples(self, n_samples: int) -> Iterator[NDArray[Any]]:
        for text in self._read_texts():
            if text.translate(None, _NO_NUMBERS) != text:
                raise ValueError("broken data")
            if self.mode == "1":
                digits = np.frombuffer(b"".join(text.split()), np.uint8) - np.uint8(ord("0"))
                yield np.where(digits > 0, 0, 255)
            else:
                values = np.fromstring(text, np.int64, sep=" ") if text.strip() else np.empty(0, np.int64)
                if values.size and values.max() > self.args[-1]:
                    raise ValueError("broken data")
                yield self.scale(values)

    def _read_texts(self) -> Iterator[bytes]:
        """Read pieces without comments, each of which ends where a number does."""
        rest = b""
        while data := self.read(_PIECE):
            text = rest + data
            last = max(text.rfind(b"\n"), text.rfind(b"\r"))
            # Without a line's end a comment may go on, and without one in a megabyte it is no picture.
            end = 1 + (last if b"#" in text[last + 1 :] else max(text.rfind(b" "), text.rfind(b"\t"), last))
            rest = text[end:]
            if len(rest) > 2 * _PIECE:
                raise ValueError("broken data")
            yield _COMMENT.sub(b"", text[:end])
        yield _COMMENT.sub(b"", rest)


class _DdsDecoder(_Decoder):
    """Whole numbers of which each channel has some bits."""

    def read_samples(self, n_samples: int) -> Iterator[NDArray[Any]]:
        n_bits, masks = self.args
        size = n_bits // 8
        shifts = [(mask & -mask).bit_length() - 1 if mask else 0 for mask in masks]
        while data := self.read(_PIECE * size) if size else b"":
            rows = np.frombuffer(data[: len(data) // size * size], np.uint8).reshape(-1, size)
            values = np.pad(rows, ((0, 0), (0, 4 - size))).view("<u4")[:, 0]
            channels = [
                (values & np.uint32(mask)) >> np.uint32(shift) for mask, shift in zip(masks, shifts, strict=True)
            ]
            tops = [max(1, mask >> shift) for mask, shift in zip(masks, shifts, strict=True)]
            scaled = [channel * np.uint64(255) // np.uint64(top) for channel, top in zip(channels, tops, strict=True)]
            yield np.stack(scaled, axis=-1).reshape(-1)


class _QoiDecoder(_Decoder):
    """Differences from the pixel before, pixels seen lately by a hash of theirs, and runs."""

    def read_samples(self, n_samples: int) -> Iterator[NDArray[Any]]:
        n_bands = Image.getmodebands(self.mode)
        # A pixel takes five bytes at most; so many are read that what follows the picture is never decoded.
        codes = iter(self.read(_QOI_MOST * n_samples // n_bands))
        for keys in _decode_qoi(codes):
            yield keys.view(np.uint8).reshape(-1, 4)[:, :n_bands].reshape(-1)


def _decode_qoi(codes: Iterator[int]) -> Iterator[NDArray[np.uint32]]:
    """Decode pixels, the bytes R, G, B and alpha, some thousands at a time."""
    seen = [0] * 64
    red, green, blue, alpha, key = 0, 0, 0, 255, 255 << 24
    is_whole = True
    while is_whole:
        keys: list[int] = []
        try:
            while len(keys) < _QOI_PIECE:
                code = next(codes)
                if code >= 254:
                    red, green, blue = next(codes), next(codes), next(codes)
                    alpha = next(codes) if code == 255 else alpha
                elif code >= 192:
                    keys += [key] * (code - 191)
                    continue
                elif code >= 128:
                    other, rise = next(codes), code - 160
                    red = red + rise + (other >> 4) - 8 & 255
                    green = green + rise & 255
                    blue = blue + rise + (other & 15) - 8 & 255
                elif code >= 64:
                    red = red + (code >> 4 & 3) - 2 & 255
                    green = green + (code >> 2 & 3) - 2 & 255
                    blue = blue + (code & 3) - 2 & 255
                else:
                    key = seen[code]
                    red, green, blue, alpha = key & 255, key >> 8 & 255, key >> 16 & 255, key >> 24
                key = red | green << 8 | blue << 16 | alpha << 24
                seen[3 * red + 5 * green + 7 * blue + 11 * alpha & 63] = key
                keys.append(key)
        except StopIteration:
            is_whole = False
        yield np.array(keys, "<u4")


_DECODERS: dict[str, type[ImageFile.PyDecoder]] = {
    "ppm": _PnmDecoder,
    "ppm_plain": _PlainPnmDecoder,
    "dds_rgb": _DdsDecoder,
    "qoi": _QoiDecoder,
    "bmp_rle": RunDecoder,
}
"""By Pillow's names of its own decoders."""
