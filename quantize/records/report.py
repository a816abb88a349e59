"""What a report says: typed dicts, key by key as they are written to report.json.

What each key means, its unit and its range stand in ``data/report.schema.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict


class InputFacts(TypedDict):
    """The picture that went in. `bytes` is its size on disk and `sha256` their hash, both None for arrays."""

    name: str
    format: str | None
    width: int
    height: int
    frames: int
    has_alpha: bool
    bytes: int | None
    sha256: str | None
    unique_colors: int


class PaletteEntry(TypedDict):
    """One palette color: its row in the file, its pixels and its share of them (0 to 1)."""

    index: int
    hex: str
    rgb: tuple[int, int, int]
    alpha: int
    name: str | None
    count: int
    share: float


class Spread(TypedDict):
    """A color difference over the pixels."""

    mean: float
    p95: float
    max: float


class Box(TypedDict):
    """A rectangle in pixels from the upper left corner of a frame; frames count from 0."""

    x: int
    y: int
    width: int
    height: int
    frame: int


class LostColor(TypedDict):
    """Colors of the source that look alike, and that no palette entry comes near. `spot` is where to see them."""

    hex: str
    share: float
    became: str
    ciede2000: float
    spot: Box | None


class LostFacts(TypedDict):
    """The share of the pixels that are lost, and what they are, those that matter most first."""

    share: float
    colors: list[LostColor]


class Region(TypedDict):
    """A place that came out badly."""

    box: Box
    ciede2000: float


class ErrorFacts(TypedDict):
    """The error in 8-bit sRGB, with alpha the mean of those on black and on white; `psnr` is None without error."""

    mse: float
    rmse: float
    psnr: float | None


class BlurredFacts(TypedDict):
    """What remains of the error of a dithered picture after the eye's blur, by the names of what is measured before."""

    psnr: float | None
    ciede2000: Spread | None


class LossFacts(ErrorFacts):
    """What was lost to the eye, too; `blurred` is None without a dither, and the last two unless all is measured."""

    ciede2000: Spread
    lost: LostFacts
    blurred: BlurredFacts | None
    ssim: float | None
    regions: list[Region] | None


class CurvePoint(TypedDict):
    """What a search saw of a number of colors; None is what it had no need to see.

    `sketched` tells that a quick palette of a part of the picture was measured: it shows the way but decides nothing.
    """

    colors: int
    sketched: bool
    mse: float
    psnr: float | None
    ssim: float | None
    delta_e: float | None
    bytes: int | None


class ByteParts(TypedDict):
    """Bytes of each part of a file. `palette` is None where it is packed with the labels, as in WebP."""

    palette: int | None
    labels: int
    container: int


class SizeFacts(TypedDict):
    """Bytes before and after, and bits per pixel: of the file, of plain labels, of their entropy, and as packed.

    `encoder` is what compressed the file.
    """

    bytes_before: int | None
    bytes_after: int
    encoder: str
    parts: ByteParts
    file_bits_per_pixel: float
    label_bits_per_pixel: int
    label_entropy_bits_per_pixel: float
    packed_label_bits_per_pixel: float
    entropy_over_packed: float | None


class Factor(TypedDict):
    """How many times less: `before` over `after`, and `of` says of what. None where there is no before."""

    of: str
    before: float | None
    after: float
    factor: float | None


class EngineFacts(TypedDict):
    """How the palette was found. `inertia` is the sum over pixels of the squared distance in normalized sRGB."""

    passes: int
    batches: int
    inertia: float | None


class SearchFacts(TypedDict):
    """How the number of colors was chosen: `reached` tells whether `value`, which was found, meets `target`."""

    measure: str
    target: float
    value: float | None
    reached: bool
    curve: list[CurvePoint]


class PatchFacts(TypedDict):
    """Patches of one color, in all frames, before and after small ones were given to their neighbors."""

    before: int
    after: int


class SharingFacts(TypedDict):
    """What one palette for all pictures costs this one: MSE with its own palette of as many colors, and the factor."""

    weight: str
    own_mse: float
    factor: float | None


class Report(TypedDict):
    """What is known of one conversion, key by key as it is written to report.json."""

    schema: str
    version: int
    software: str
    input: InputFacts
    outputs: Mapping[str, str]
    sha256: Mapping[str, str]
    request: str | None
    settings: Mapping[str, Any]
    palette: list[PaletteEntry]
    error: LossFacts | None
    size: SizeFacts
    factors: Mapping[str, Factor]
    engine: EngineFacts | None
    search: SearchFacts | None
    sharing: SharingFacts | None
    patches: PatchFacts | None
    notices: list[str]
    timing: Mapping[str, float]
