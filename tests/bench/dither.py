"""What a dither trades: squared error, the error once the eye has mixed the dots, size and time; and against others."""

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from quantize import Palette, Settings, find_palette, load_picture
from quantize.color.dither.names import DITHERS
from quantize.color.dither.strength import LEAST_STRENGTH
from quantize.color.histogram import count_colors
from quantize.files.writing.saving import encode_picture
from quantize.pipeline.quantize import apply_palette
from quantize.records.picture import Histogram, Picture
from tests.bench.photos import find_photos, print_table

COLORS = (16, 64, 256)
STRENGTHS = (*[(name, None) for name in DITHERS], ("floyd-steinberg", 1.0))
SIGMA = 1.5
"""Of the blur that stands for the eye, in pixels."""
ROUNDS = 5

_IMAGEMAGICK = next(filter(shutil.which, ("magick", "convert-im6.q16", "convert")), "magick")
"""ImageMagick 7, 6 beside another program of that name, 6."""

Pixels = np.ndarray


def run(folder: Path) -> dict[str, object]:
    photos = find_photos(folder)
    errors: dict[tuple[str, int], list[tuple[float, float]]] = {}
    sizes: dict[tuple[str, int], list[int]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for photo in photos:
            picture = load_picture(photo)
            histogram, source = count_colors(picture), picture.pixels.astype(np.float32)
            for k in COLORS:
                palette = find_palette(histogram, Settings(n_colors=k))
                results = {}
                for name, strength in STRENGTHS:
                    label = name if strength is None else f"{name}, strength {strength:g}"
                    settings = Settings(n_colors=k, dither=name, **({"dither_strength": strength} if strength else {}))
                    quantized = apply_palette(picture, histogram, palette, settings)
                    results[label] = quantized.pixels
                    sizes.setdefault((label, k), []).append(len(encode_picture(quantized).data))
                for label, pixels in {**results, **_ask_others(picture, palette, Path(scratch))}.items():
                    pair = (_mse(source, pixels), _mse(_blur(source), _blur(pixels)))
                    errors.setdefault((label, k), []).append(pair)
    labels = list(dict.fromkeys(label for label, _ in errors))
    means = {label: [tuple(np.mean(errors[label, k], axis=0)) for k in COLORS] for label in labels}
    bytes_ = {label: [statistics.mean(sizes[label, k]) for k in COLORS] for label in labels if (label, 16) in sizes}
    print_table(
        [f"{len(photos)} photographs", *(f"MSE, blurred, k = {k}" for k in COLORS), "kB"],
        [
            [
                label,
                *(f"{plain:.1f} / {blurred:.1f}" for plain, blurred in means[label]),
                " / ".join(f"{size / 1000:.0f}" for size in bytes_.get(label, [])),
            ]
            for label in labels
        ],
    )
    return {"errors": means, "bytes": bytes_, "time": _race(photos[0])}


def _ask_others(picture: Picture, palette: Palette, scratch: Path) -> dict[str, Pixels]:
    image = Image.fromarray(np.ascontiguousarray(picture.pixels))
    given = Image.new("P", (1, 1))
    given.putpalette(palette.colors.tobytes())
    results = {"Pillow, our palette": image.quantize(palette=given, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")}
    k, source, target = len(palette), scratch / "source.png", scratch / "target.png"
    commands = {
        "pngquant": ["pngquant", "--force", "-o", str(target), str(k), str(source)],
        "ImageMagick": [_IMAGEMAGICK, str(source), "-dither", "FloydSteinberg", "-colors", str(k), f"png:{target}"],
    }
    image.save(source)
    for name, command in commands.items():
        if shutil.which(command[0]):
            subprocess.run(command, check=True)
            results[name] = Image.open(target).convert("RGB")
    return {name: np.asarray(result) for name, result in results.items()}


def _race(photo: Path) -> dict[str, float]:
    """CPU time of each dither, over Pillow's diffusion onto the same palette, and over plain remap."""
    picture = load_picture(photo)
    histogram, rows, figures = count_colors(picture), [], {}
    image = Image.fromarray(np.ascontiguousarray(picture.pixels))
    for k in COLORS:
        palette = find_palette(histogram, Settings(n_colors=k, effort="fast"))
        given = Image.new("P", (1, 1))
        given.putpalette(palette.colors.tobytes())
        in_pillow = _time(lambda given=given: image.quantize(palette=given, dither=Image.Dither.FLOYDSTEINBERG))
        times = {name: _time(_calling(name, picture, histogram, palette)) for name in DITHERS}
        for name, seconds in times.items():
            rows.append([name, k, seconds / in_pillow, seconds / times["none"]])
            figures[f"{name}, k={k}, over Pillow"] = seconds / in_pillow
            figures[f"{name}, k={k}, over none"] = seconds / times["none"]
    print_table([f"time of a dither, {photo.name}", "k", "over Pillow's Floyd-Steinberg", "over plain remap"], rows)
    return figures


def _calling(name: str, picture: Picture, histogram: Histogram, palette: Palette) -> Callable[[], object]:
    settings = Settings(dither=name, dither_strength=LEAST_STRENGTH)
    return lambda: DITHERS[name](picture, histogram, palette, settings)


def _time(function: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return statistics.median(times)


def _blur(pixels: Pixels) -> Pixels:
    return gaussian_filter(pixels.astype(np.float32), (SIGMA, SIGMA, 0))


def _mse(one: Pixels, other: Pixels) -> float:
    return float(np.square(one - other.astype(np.float32)).sum(axis=-1).mean())
