"""What a file says of its colors in numbers, as an ICC profile, which Little CMS converts to sRGB.

PNG, third edition, 4.3: cICP comes before iCCP, sRGB, and then gAMA and cHRM. AVIF says the same as cICP in its nclx
box (ISO/IEC 23000-22, 7.3.6), where an ICC profile comes first. Both take their codes from ITU-T H.273.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.files.reading.png_chunks import walk_chunks

_D65 = (0.3127, 0.3290)
_SRGB = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
"""White, red, green and blue as x and y, in the order of a cHRM chunk."""

_PRIMARIES = {
    **dict.fromkeys((1, 2), _SRGB),
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    **dict.fromkeys((6, 7), (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    8: (0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
"""ITU-T H.273, table 2, without 10, which is no color space of three colors."""

_SRGB_CURVE = 0.0
"""In place of a gamma."""

_GAMMAS = {**dict.fromkeys((1, 2, 6, 13, 14, 15), _SRGB_CURVE), 4: 2.2, 5: 2.8, 8: 1.0}
"""ITU-T H.273, table 3. Video's curve of 1, 6, 14 and 15 is shown as sRGB, as browsers do."""

_LIGHTS = {16: "PQ", 18: "HLG"}
"""Curves of high dynamic range: what is brighter than white has no place in 8-bit sRGB."""

_USUAL_GAMMA = 2.2
_GAMMA_TOLERANCE = 0.05
"""libpng's PNG_GAMMA_THRESHOLD: a gamma so near to 2.2 is meant to be sRGB's curve."""

_UNSAID = (2, 2, True)
"""Codes of which the standard says "unspecified"."""

_SCALE, _OFFSET = 255 / 219, -16 / 219
"""ITU-R BT.709, 4: values of video to the full range, 0 to 1."""

_HEAD = 1 << 16
"""Bytes in which an AVIF's boxes before the picture end."""


class ColorTags(NamedTuple):
    """Red, green, blue and white, and the gamma of a display that shows the colors right (0 for sRGB's curve).

    `narrow` says that values are those of video: black is 16, and white 235.
    """

    chromaticities: Sequence[float] = _SRGB
    gamma: float = _SRGB_CURVE
    narrow: bool = False


def find_profile(image: Image.Image, file: IO[bytes] | None) -> tuple[bytes | None, tuple[str, ...]]:
    """Find the profile of an open image, or make one of its tags.

    Parameters
    ----------
    image : PIL.Image.Image
        A PNG or an AVIF.
    file : binary file or None
        Where it was opened from, if it was.

    Returns
    -------
    profile : bytes or None
        An ICC profile; None where the picture is sRGB, or says nothing.
    notices : tuple of str
        What the tags say that cannot be had, or that tags of the old kind were used.
    """
    embedded = image.info.get("icc_profile")
    if image.format == "AVIF" and not embedded and file:
        return _use_codes(_find_nclx(file) or _UNSAID, image)
    if image.format == "AVIF":
        return embedded, ()
    if file and (codes := _find_cicp(file)):
        return _use_codes(codes, image)
    if embedded or "srgb" in image.info:
        return embedded, ()
    return _use_chunks(image)


def _use_codes(codes: tuple[int, int, bool], image: Image.Image) -> tuple[bytes | None, tuple[str, ...]]:
    primaries, transfer, is_full = codes
    if transfer in _LIGHTS:
        return None, (f"its colors are {_LIGHTS[transfer]}, of high dynamic range, and were read as if they were sRGB",)
    if primaries not in _PRIMARIES or transfer not in _GAMMAS:
        return None, ("its kind of color has no conversion to sRGB, and was read as if it were sRGB",)
    tags = ColorTags(_PRIMARIES[primaries], _GAMMAS[transfer], narrow=not is_full)
    return (None if tags == ColorTags() else make_profile(tags, _is_gray(image))), ()


def _use_chunks(image: Image.Image) -> tuple[bytes | None, tuple[str, ...]]:
    tags = ColorTags()
    said = []
    if (gamma := image.info.get("gamma")) is not None:
        if not 0.01 <= gamma <= 100:
            return None, (f"its gAMA chunk of {gamma:g} is ignored",)
        if abs(gamma * _USUAL_GAMMA - 1) >= _GAMMA_TOLERANCE:
            tags = tags._replace(gamma=1 / gamma)
            said.append(f"gamma {gamma:g}")
    if (chromaticities := image.info.get("chromaticity")) and not _is_gray(image):
        if not _can_be(chromaticities):
            return None, ("its cHRM chunk is ignored, as such colors cannot be",)
        if np.abs(np.subtract(chromaticities, _SRGB)).max() > 0.001:
            tags = tags._replace(chromaticities=chromaticities)
            said.append("primaries of its own")
    if not said:
        return None, ()
    return make_profile(tags, _is_gray(image)), (f"has {' and '.join(said)}, and was converted to sRGB",)


def _is_gray(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "LA", "I;16")


def _can_be(chromaticities: Sequence[float]) -> bool:
    """Tell whether there are three colors that make the white, each with some light of its own."""
    points = np.reshape(chromaticities, (4, 2))
    if not (points[:, 1] > 0.001).all() or np.linalg.cond(_to_xyz(points[1:]).T) > 1e4:
        return False
    return bool((np.linalg.solve(_to_xyz(points[1:]).T, _to_xyz(points[:1])[0]) > 0).all())


def _find_cicp(file: IO[bytes]) -> tuple[int, int, bool] | None:
    for chunk in walk_chunks(file):
        if chunk.name == b"cICP" and chunk.length == 4:
            file.seek(chunk.data.start)
            primaries, transfer, _, is_full = file.read(4)
            return primaries, transfer, bool(is_full)
        if chunk.name == b"IDAT":
            break
    return None


def _find_nclx(file: IO[bytes]) -> tuple[int, int, bool] | None:
    file.seek(0)
    head = file.read(_HEAD)
    place = head.find(b"colrnclx")
    if place < 0 or len(head) < place + 12:
        return None
    primaries, transfer = struct.unpack_from(">2H", head, place + 8)
    return primaries, transfer, True  # the decoder gives full range in any case


_D50 = np.array([0.9642, 1.0, 0.8249])
"""ICC.1:2022, 7.2.16: the white of the profile connection space."""

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""ICC.1:2022, annex E."""


def make_profile(tags: ColorTags, gray: bool) -> bytes:
    """Make an ICC profile of a display, with three colors and a curve, or of gray with a curve (ICC.1:2022)."""
    parts = {b"wtpt": _xyz_type(_D50)}
    curve = _curve_type(tags.gamma, *((_SCALE, _OFFSET) if tags.narrow else (1.0, 0.0)))
    if gray:
        parts[b"kTRC"] = curve
    else:
        for name, column in zip((b"r", b"g", b"b"), _find_colorants(tags.chromaticities).T, strict=True):
            parts[name + b"XYZ"] = _xyz_type(column)
            parts[name + b"TRC"] = curve
    table = struct.pack(">I", len(parts))
    place = 128 + 4 + 12 * len(parts)
    for name, data in parts.items():
        table += name + struct.pack(">II", place, len(data))
        place += len(data)
    white = struct.pack(">3i", *np.rint(_D50 * 65536).astype(int))
    kind = b"GRAY" if gray else b"RGB "
    head = struct.pack(">I4sI4s4s4s12s4s28s", place, b"", 0x04200000, b"mntr", kind, b"XYZ ", b"", b"acsp", b"") + white
    return head.ljust(128, b"\0") + table + b"".join(parts.values())


def _find_colorants(chromaticities: Sequence[float]) -> NDArray[np.float64]:
    """Find the XYZ of red, green and blue, as columns, under D50."""
    points = np.reshape(chromaticities, (4, 2))
    white, colors = _to_xyz(points[:1])[0], _to_xyz(points[1:]).T
    colorants = colors * np.linalg.solve(colors, white)
    scale = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD @ colorants
    return adapted


def _to_xyz(points: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = points.T
    return np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=-1)


def _xyz_type(values: NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *np.rint(values * 65536).astype(int))


def _curve_type(gamma: float, scale: float, offset: float) -> bytes:
    """Make the curve of light for values that are scaled, and then shifted."""
    # IEC 61966-2-1, as g, a, b, c, d, e and f of the fifth parametric curve; or a power, the second of them.
    numbers: tuple[float, ...] = (gamma, scale, offset)
    if gamma == _SRGB_CURVE:
        numbers = (
            2.4,
            scale / 1.055,
            (offset + 0.055) / 1.055,
            scale / 12.92,
            (0.04045 - offset) / scale,
            0,
            offset / 12.92,
        )
    kind = 4 if gamma == _SRGB_CURVE else 1
    return b"para" + bytes(4) + struct.pack(f">HH{len(numbers)}i", kind, 0, *(round(65536 * n) for n in numbers))
