"""Soft transparency: squared errors on white, gray and black over pngquant's: ``python -m tests.bench FOLDER soft``.

Twelve soft pictures are made from the photographs of a folder (cut-outs, vignettes, glows, shadows, glass, smoke), and
three antialiased logos from shapes and letters.
"""

import io
import shutil
import subprocess
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from quantize import Settings, quantize_picture
from quantize.files.writing.saving import encode_picture
from tests.bench.photos import find_photos, print_table

COLORS = (16, 64, 256)
GROUNDS = {"white": 255, "gray 128": 128, "black": 0}
SIZE = (384, 256)

Values = NDArray[Any]
Pixels = NDArray[np.uint8]


def ellipse(x: Values, y: Values, softness: float) -> Values:
    return ((1 - np.hypot(x, y)) / softness).clip(0, 1)


def blob(x: Values, y: Values, softness: float) -> Values:
    angle = np.arctan2(y, x)
    return ((0.75 + 0.15 * np.sin(5 * angle) - np.hypot(x, y)) / softness).clip(0, 1)


def cut_out(photo: Values, x: Values, y: Values, rng: np.random.Generator) -> Values:
    return np.dstack([photo, blob(x, y, rng.choice([0.02, 0.1, 0.25]))])


def vignette(photo: Values, x: Values, y: Values, rng: np.random.Generator) -> Values:
    return np.dstack([photo, (1 - np.hypot(x, y) ** 2 / 2).clip(0, 1) ** 1.5])


def glow(photo: Values, x: Values, y: Values, rng: np.random.Generator) -> Values:
    """A solid thing in a colored light that fades."""
    solid = ellipse(x * 2, y * 2, 0.03)[..., None]
    light = np.exp(-4 * np.maximum(np.hypot(x, y) - 0.5, 0)) * 0.9
    color = rng.uniform(0.4, 1, 3) * [1, 0.9, 0.5]
    alpha = solid[..., 0] + (1 - solid[..., 0]) * light
    return np.dstack([photo * solid + color * (1 - solid), alpha])


def shadow(photo: Values, x: Values, y: Values, rng: np.random.Generator) -> Values:
    """A solid thing over its blurred shadow."""
    solid = blob(x * 1.3, y * 1.3, 0.02)
    cast = blob(x * 1.3 - 0.15, y * 1.3 - 0.15, 0.5) * 0.6
    alpha = solid + cast * (1 - solid)
    return np.dstack([photo * (solid / np.maximum(alpha, 1e-6))[..., None], alpha])


def glass(photo: Values, x: Values, y: Values, rng: np.random.Generator) -> Values:
    """Tinted and half clear throughout, with highlights that are not."""
    bright = photo.mean(axis=2)
    return np.dstack([photo * 0.6 + 0.4, (0.25 + 0.75 * bright**2) * ellipse(x, y, 0.15)])


def smoke(photo: Values, x: Values, y: Values, rng: np.random.Generator) -> Values:
    return np.dstack([0.7 + 0.3 * photo, photo.mean(axis=2) ** 1.5 * (0.6 - y * 0.4).clip(0, 1)])


KINDS: dict[str, Callable[[Values, Values, Values, np.random.Generator], Values]] = {
    "cut-out": cut_out, "vignette": vignette, "glow": glow, "shadow": shadow, "glass": glass, "smoke": smoke,
}  # fmt: skip


def make_soft(folder: Path) -> dict[str, Image.Image]:
    """Make two pictures of each kind, each from another photograph."""
    y, x = np.mgrid[-1 : 1 : SIZE[1] * 1j, -1 : 1 : SIZE[0] * 1j]
    rng = np.random.default_rng(0)
    made = {}
    for (kind, make), path in zip([*KINDS.items()] * 2, cycle(find_photos(folder)), strict=False):
        with Image.open(path) as image:
            photo = np.asarray(image.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)) / 255
        pixels = np.rint(255 * make(photo, x, y, rng)).clip(0, 255).astype(np.uint8)
        made[f"{kind} of {path.stem}"] = Image.fromarray(pixels)
    return made


def make_logos() -> dict[str, Image.Image]:
    """Draw three logos large, and make them small."""
    font = ImageFont.load_default(size=360)
    logos = {}
    for name, colors in {
        "black logo": ["#000000"], "two-color logo": ["#e4002b", "#002b5c"],
        "logo on light": ["#000000", "#ffffff", "#ffd100", "#00a3e0"],
    }.items():  # fmt: skip
        image = Image.new("RGBA", (1600, 640), colors[-1][:7] + "00")
        draw = ImageDraw.Draw(image)
        for number, color in enumerate(colors):
            draw.ellipse((60 + 300 * number, 60, 500 + 300 * number, 500), fill=color)
            draw.text((500 + 40 * number, 120 + 60 * number), "Qua", fill=color, font=font)
        logos[name] = image.convert("RGBa").resize((320, 128), Image.Resampling.BOX).convert("RGBA")
        if name == "logo on light":
            halo = logos[name].getchannel("A").filter(ImageFilter.GaussianBlur(4))
            under = Image.new("RGBA", halo.size, "#000000")
            under.putalpha(halo)
            logos[name] = Image.alpha_composite(under, logos[name])
    return logos


def lay(pixels: Pixels, ground: int) -> Values:
    alpha = pixels[..., 3:] / 255
    return pixels[..., :3] * alpha + ground * (1 - alpha)


def errors(before: Pixels, after: Pixels) -> dict[str, float]:
    return {name: float(((lay(before, g) - lay(after, g)) ** 2).sum(axis=-1).mean()) for name, g in GROUNDS.items()}


def ours(image: Image.Image, k: int) -> Pixels:
    with Image.open(io.BytesIO(encode_picture(quantize_picture(image, Settings(n_colors=k))).data)) as result:
        return np.asarray(result.convert("RGBA"))


def pngquants(image: Image.Image, k: int) -> Pixels:
    source = io.BytesIO()
    image.save(source, "PNG")
    command = ["pngquant", "--nofs", "--speed", "1", str(k), "-"]
    data = subprocess.run(command, input=source.getvalue(), capture_output=True, check=True).stdout
    with Image.open(io.BytesIO(data)) as result:
        return np.asarray(result.convert("RGBA"))


def compare(images: dict[str, Image.Image]) -> dict[str, dict[str, list[float]]]:
    """Return our error over pngquant's by number of colors and background, a ratio a picture."""
    ratios: dict[str, dict[str, list[float]]] = {}
    for k in COLORS:
        pairs = [
            (errors(np.asarray(image), ours(image, k)), errors(np.asarray(image), pngquants(image, k)))
            for image in images.values()
        ]
        ratios[str(k)] = {
            name: [(mine[name] + 0.01) / (other[name] + 0.01) for mine, other in pairs] for name in GROUNDS
        }
    return ratios


def run(folder: Path) -> dict[str, object]:
    figures: dict[str, object] = {}
    if not shutil.which("pngquant"):
        print("\npngquant is not installed: soft transparency is left out.")
        return figures
    for title, images in {"soft pictures": make_soft(folder), "logos": make_logos()}.items():
        ratios = compare(images)
        rows = [
            [f"k = {k}, on {name}", float(np.mean(values)), max(values), list(images)[int(np.argmax(values))]]
            for k, grounds in ratios.items()
            for name, values in grounds.items()
        ]
        print_table([f"MSE over pngquant's, {len(images)} {title}", "mean", "worst", "which"], rows)
        figures[title] = ratios
    return figures
