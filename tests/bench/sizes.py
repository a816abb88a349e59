"""Bytes of PNGs over oxipng's, and of animated GIFs over gifsicle's, of the same pixels: names ``png`` and ``gif``.

oxipng is a program, or the Python package pyoxipng; what the extra quantize[optimize] would gain is left out here.
"""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from quantize import Settings, quantize_picture
from quantize.files.writing import recompression
from quantize.files.writing.saving import encode_picture
from tests.bench.photos import find_photos, print_table

COLORS = (16, 64, 256)
ANIMATION_COLORS = (32, 256)
N_FRAMES = 12
SIZE = (160, 120)

_KEEP_PALETTE = ("--nc", "--np", "--ng")
"""oxipng's options that leave color type and palette alone, as this program does."""


def find_oxipng() -> Callable[[bytes], bytes] | None:
    """Find what recompresses a PNG, its palette kept."""
    if shutil.which("oxipng"):
        command = ["oxipng", "-o4", *_KEEP_PALETTE, "--stdout", "-"]
        return lambda data: subprocess.run(command, input=data, capture_output=True, check=True).stdout
    try:
        import oxipng
    except ImportError:
        return None
    kept = {"palette_reduction": False, "color_type_reduction": False, "grayscale_reduction": False}
    return lambda data: bytes(oxipng.optimize_from_memory(data, level=4, **kept))


def encode(source: bytes, k: int, form: str, *, optimize: bool) -> bytes:
    return encode_picture(
        quantize_picture(io.BytesIO(source), Settings(n_colors=k, optimize=optimize, format=form))
    ).data


def run_png(folder: Path) -> dict[str, object]:
    squeeze = find_oxipng()
    if squeeze is None:
        print("\noxipng is not installed: bytes of PNG are left out.")
        return {}
    recompression.recompress = lambda data, encoder, **_: (data, encoder)
    figures: dict[str, object] = {}
    rows = []
    for k in COLORS:
        ratios = []
        for path in find_photos(folder):
            plain, small = (encode(path.read_bytes(), k, "png", optimize=optimize) for optimize in (False, True))
            least = min(len(squeeze(data)) for data in (plain, small))
            ratios.append((len(plain) / least, len(small) / least))
        figures[str(k)] = ratios
        rows.append([f"k = {k}", *np.mean(ratios, axis=0).tolist(), max(small for _, small in ratios)])
    print_table(["bytes over oxipng -o4's, palette kept", "default", "--optimize", "worst of these"], rows)
    return figures


def draw_animations(folder: Path) -> dict[str, list[Image.Image]]:
    """Draw a screen, a sprite, a talking head, a fade, a logo that turns, and noise."""
    with Image.open(find_photos(folder)[0]) as image:
        photo = image.convert("RGB").resize(SIZE)
    with Image.open(find_photos(folder)[-1]) as image:
        other = image.convert("RGB").resize(SIZE)
    rng = np.random.default_rng(0)
    font = ImageFont.load_default(size=12)
    logo = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    ImageDraw.Draw(logo).text((20, 30), "Qua", fill="#e4002b", font=ImageFont.load_default(size=60))
    drawn: dict[str, list[Image.Image]] = {name: [] for name in ("screen", "sprite", "head", "fade", "logo", "noise")}
    for number in range(N_FRAMES):
        screen = Image.new("RGB", SIZE, "#fdf6e3")
        ImageDraw.Draw(screen).text((4, 4), "\n".join("$ make test"[: number + 2 * i] for i in range(7)), "#333", font)
        sprite = photo.copy()
        ImageDraw.Draw(sprite).ellipse((8 * number, 40, 8 * number + 24, 64), fill="#ffd100", outline="#000")
        head = photo.copy()
        head.paste(other.crop((0, 0, 60, 50)).rotate(number), (50, 30))
        drawn["screen"].append(screen)
        drawn["sprite"].append(sprite)
        drawn["head"].append(head)
        drawn["fade"].append(Image.blend(photo, other, number / (N_FRAMES - 1)))
        drawn["logo"].append(logo.rotate(30 * number))
        drawn["noise"].append(Image.fromarray(rng.integers(0, 256, (60, 80, 3)).astype(np.uint8)))
    return drawn


def run_gif(folder: Path) -> dict[str, object]:
    if not shutil.which("gifsicle"):
        print("\ngifsicle is not installed: bytes of GIF are left out.")
        return {}
    rows, figures = [], {}
    for name, frames in draw_animations(folder).items():
        source = io.BytesIO()
        frames[0].save(source, "PNG", save_all=True, append_images=frames[1:], duration=80, loop=0)
        for k in ANIMATION_COLORS:
            plain, small = (encode(source.getvalue(), k, "gif", optimize=optimize) for optimize in (False, True))
            whole = subprocess.run(["gifsicle", "-U"], input=plain, capture_output=True, check=True).stdout
            least = len(subprocess.run(["gifsicle", "-O3"], input=whole, capture_output=True, check=True).stdout)
            figures[f"{name} {k}"] = (len(plain) / least, len(small) / least)
            rows.append([f"{name}, k = {k}", *figures[f"{name} {k}"]])
    print_table(["bytes over gifsicle -O3's", "default", "--optimize"], rows)
    return dict(figures)
