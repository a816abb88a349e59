"""Draw the pictures of README.md from sample_images: ``python -m tests.draw_readme``, or ``make pictures``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from quantize import Settings, quantize_picture
from quantize.records.settings import DITHERS
from quantize.show.contrast import contrasting
from quantize.show.summary import summarize_report

ROOT = Path(__file__).parents[1]
SAMPLES, PICTURES = ROOT / "sample_images", ROOT / ".readme"
PAPER, INK = (255, 255, 255), (32, 32, 32)


def save(image: Image.Image, name: str, n_colors: int = 256) -> None:
    """Save a picture small, by our own means."""
    settings = Settings(n_colors=n_colors, optimize=True)
    quantize_picture(image.convert("RGB"), settings).save(PICTURES / name)


def draw_before_after() -> None:
    """A photograph, the same in 16 colors, and below both the swatch."""
    before = Image.open(SAMPLES / "coffee.jpg").convert("RGB").resize((504, 336), Image.Resampling.LANCZOS)
    result = quantize_picture(before, 16)
    swatch = result.swatch
    sheet = Image.new("RGB", (swatch.width, before.height + swatch.height + 16), PAPER)
    sheet.paste(before, (0, 16))
    sheet.paste(result.image.convert("RGB"), (sheet.width - before.width, 16))
    sheet.paste(swatch, (0, before.height + 16))
    save(sheet, "before-after.png")


def draw_dithers() -> None:
    """One face in eight colors, under each dither, at twice its size."""
    face = Image.open(SAMPLES / "astronaut.png").convert("RGB").crop((110, 10, 270, 150))
    width, height = 2 * face.width, 2 * face.height
    sheet = Image.new("RGB", (3 * width + 32, 2 * (height + 32)), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for number, dither in enumerate(DITHERS):
        shown = quantize_picture(face, Settings(n_colors=8, dither=dither)).image.convert("RGB")
        left, top = number % 3 * (width + 16), number // 3 * (height + 32)
        sheet.paste(shown.resize((width, height), Image.Resampling.NEAREST), (left, top))
        pen.text((left, top + height + 6), dither, INK, font)
    save(sheet, "dithers.png", 64)


def draw_accents() -> None:
    """A photograph, and the same in 12 colors without and with accents."""
    before = Image.open(SAMPLES / "astronaut.png").convert("RGB")
    shown = {"the photograph": before}
    for accents in (0, 0.5):
        settings = Settings(n_colors=12, accents=accents)
        shown[f"-k 12 --accents {accents}"] = quantize_picture(before, settings).image.convert("RGB")
    side = 336
    sheet = Image.new("RGB", (3 * side + 32, side + 32), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for number, (name, image) in enumerate(shown.items()):
        sheet.paste(image.resize((side, side), Image.Resampling.LANCZOS), (number * (side + 16), 0))
        pen.text((number * (side + 16), side + 6), name, INK, font)
    save(sheet, "accents.png", 128)


def draw_summary() -> None:
    """The summary of one picture as a terminal of 80 columns shows it."""
    report = quantize_picture(SAMPLES / "astronaut.png", Settings(n_colors=16)).report
    lines = list(summarize_report(report, 80, "\N{FULL BLOCK}"))
    cell, line_height = 8.4, 19
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{80 * cell + 16:.0f}" height="{line_height * len(lines) + 20}"'
        ' font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14">',
        '<rect width="100%" height="100%" rx="6" fill="#1d1c1a"/>',
    ]
    for row, line in enumerate(lines):
        column, baseline = 0, line_height * (row + 1) + 4
        for span in line:
            left, width = 8 + column * cell, len(span.text) * cell
            fill, text = "#eceae4", escape(span.text).replace(" ", "&#160;")
            if span.color:
                drawn.append(
                    f'<rect x="{left:.1f}" y="{baseline - 14}" width="{width:.1f}" height="{line_height}" '
                    f'fill="#{bytes(span.color).hex()}"/>'
                )
                fill = "#" + bytes(contrasting(span.color)).hex()
            drawn.append(f'<text x="{left:.1f}" y="{baseline}" fill="{fill}" textLength="{width:.1f}">{text}</text>')
            column += len(span.text)
    PICTURES.joinpath("summary.svg").write_text("\n".join([*drawn, "</svg>"]) + "\n", encoding="utf-8")


def draw_plot_and_page() -> None:
    """The plot as it is, and the page as a browser shows it, where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "quantize", "coffee.jpg", "-q", "--plot", "--page", "-d", folder]
        subprocess.run(command, check=True, cwd=SAMPLES, env={**os.environ, "PYTHONPATH": str(ROOT)})
        shutil.copy(Path(folder) / "coffee-k16-plot.png", PICTURES / "plot.png")
        browser = shutil.which("chromium") or shutil.which("google-chrome")
        if browser is None:
            print("no Chromium: page.png stays as it is")
            return
        shot = Path(folder) / "shot.png"
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1200,900", f"--screenshot={shot}"]
        page = (Path(folder) / "coffee-k16.html").as_uri()
        subprocess.run([browser, *options, page], check=True, capture_output=True)
        save(Image.open(shot), "page.png")


if __name__ == "__main__":
    draw_before_after()
    draw_dithers()
    draw_accents()
    draw_summary()
    draw_plot_and_page()
