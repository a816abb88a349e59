"""Colors in the models of CSS Color 4 and of swatch files, as 8-bit sRGB.

https://www.w3.org/TR/css-color-4/, whose matrices are those of the primaries and white points that it lists; Oklab by
`quantize.color.spaces`. What sRGB cannot show is clipped, as browsers do. CMYK is the plain mixture, without profiles.
"""

import colorsys
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from quantize.color.spaces import CONES, OPPONENTS, encode
from quantize.records.srgb import decode

Values = NDArray[np.float64]

_D50 = np.array([0.3457 / 0.3585, 1.0, (1 - 0.3457 - 0.3585) / 0.3585])
_D65 = np.array([0.3127 / 0.3290, 1.0, (1 - 0.3127 - 0.3290) / 0.3290])
"""White points, from the chromaticities that CSS Color 4 gives."""

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""K. M. Lam: Metamerism and colour constancy, 1985: XYZ to the cone responses in which a white point is exchanged."""

_CIE_E, _CIE_K = 216 / 24389, 24389 / 27
"""CIE 15:2004: where the cube root of L* begins, and the slope before."""


def _primaries(*xy: tuple[float, float], white: Values = _D65) -> Values:
    """Make the matrix from linear RGB to XYZ, of the chromaticities of its primaries."""
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in xy]).T
    matrix: Values = columns * np.linalg.solve(columns, white)
    return matrix


_TO_XYZ = {
    "srgb-linear": _primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    "display-p3": _primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    "a98-rgb": _primaries((0.6400, 0.3300), (0.2100, 0.7100), (0.1500, 0.0600)),
    "rec2020": _primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "prophoto-rgb": _primaries((0.734699, 0.265301), (0.159597, 0.840403), (0.036598, 0.000105), white=_D50),
}
_FROM_D65 = np.linalg.inv(_TO_XYZ["srgb-linear"])
_FROM_D50 = _FROM_D65 @ np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D65) / (_BRADFORD @ _D50)) @ _BRADFORD


def _signed(curve: Callable[[Values], Values]) -> Callable[[Values], Values]:
    return lambda values: np.sign(values) * curve(np.abs(values))


_CURVES: dict[str, Callable[[Values], Values]] = {
    "srgb-linear": lambda values: values,
    "display-p3": decode,
    "a98-rgb": lambda values: values ** (563 / 256),
    "rec2020": lambda values: values**2.4,  # ITU-R BT.1886, as CSS has it since 2025: csswg-drafts, issue 12574
    "prophoto-rgb": lambda values: np.where(values <= 16 / 512, values / 16, values**1.8),
}


def _from_rgb(name: str) -> Callable[[Values], Values]:
    matrix = (_FROM_D50 if name == "prophoto-rgb" else _FROM_D65) @ _TO_XYZ[name]
    curve = _signed(_CURVES[name])
    return lambda values: encode(curve(values) @ matrix.T)


def _from_lab(values: Values) -> Values:
    lightness, a, b = values.T
    y = (lightness + 16) / 116
    roots = np.stack([y + a / 500, y, y - b / 200], axis=1)
    cubes = np.where(roots**3 > _CIE_E, roots**3, (116 * roots - 16) / _CIE_K)
    return encode(cubes * _D50 @ _FROM_D50.T)


def _from_oklab(values: Values) -> Values:
    return encode((values @ np.linalg.inv(OPPONENTS).T) ** 3 @ np.linalg.inv(CONES).T)


def _unroll(values: Values) -> Values:
    """Turn lightness, chroma and hue into lightness and two axes."""
    hue = np.radians(values[:, 2])
    return np.stack([values[:, 0], values[:, 1] * np.cos(hue), values[:, 1] * np.sin(hue)], axis=1)


def _each(convert: Callable[[float, float, float], Iterable[float]]) -> Callable[[Values], Values]:
    """Convert hue in degrees and two percentages one by one, by the standard library."""
    return lambda values: np.array([list(convert(h / 360, s / 100, t / 100)) for h, s, t in values.tolist()])


def _from_hwb(hue: float, white: float, black: float) -> Iterable[float]:
    if white + black >= 1:
        return (white / (white + black),) * 3
    return (white + level * (1 - white - black) for level in colorsys.hsv_to_rgb(hue, 1, 1))


MODELS: dict[str, Callable[[Values], Values]] = {
    "srgb": lambda values: values,
    "hsl": _each(lambda hue, saturation, lightness: colorsys.hls_to_rgb(hue, lightness, saturation)),
    "hsv": _each(colorsys.hsv_to_rgb),
    "hwb": _each(_from_hwb),
    "lab": _from_lab,
    "lch": lambda values: _from_lab(_unroll(values)),
    "oklab": _from_oklab,
    "oklch": lambda values: _from_oklab(_unroll(values)),
    **{name: _from_rgb(name) for name in _TO_XYZ},
    "xyz-d65": lambda values: encode(values @ _FROM_D65.T),
    "xyz-d50": lambda values: encode(values @ _FROM_D50.T),
    "cmyk": lambda values: (1 - values[:, :3]) * (1 - values[:, 3:]),
}
"""From numbers as CSS writes them to sRGB in 0..1: hues in degrees, percentages to 100, lightness of Oklab to 1."""


def convert_colors(model: str, values: Values) -> NDArray[np.uint8]:
    """Convert colors of a model to 8-bit sRGB.

    Parameters
    ----------
    model : str
        A name in `MODELS`.
    values : ndarray of shape (n, 3), or (n, 4) for cmyk
        In the units of CSS: see `MODELS`.

    Returns
    -------
    ndarray of shape (n, 3), dtype uint8
        What lies outside of sRGB is clipped.
    """
    # Seven digits: what is a half but for rounding is a half, and goes up, as browsers have it.
    return np.floor((MODELS[model](values).clip(0, 1) * 255).round(7) + 0.5).astype(np.uint8)
