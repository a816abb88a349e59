"""MSE of the written file, by effort and number of colors, over the best that is known."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from quantize import Settings, load_picture, quantize_picture
from quantize.files.writing.saving import encode_picture
from quantize.records.settings import EFFORTS
from tests.bench.photos import find_photos, print_table, read_best_known

COLORS = (4, 16, 32, 64, 128, 256)


def mse_of_file(path: Path, settings: Settings) -> float:
    """Quantize, encode, decode, and compare with the source."""
    picture = load_picture(path)
    data = encode_picture(quantize_picture(picture, settings)).data
    with Image.open(io.BytesIO(data)) as image:
        difference = np.asarray(image.convert("RGB")).astype(np.int32) - picture.pixels
    return float((difference**2).sum(axis=2).mean())


def run(folder: Path, efforts: tuple[str, ...] = EFFORTS) -> dict[str, object]:
    photos = find_photos(folder)
    errors = {
        (effort, k): {photo.name: mse_of_file(photo, Settings(n_colors=k, effort=effort)) for photo in photos}
        for effort in efforts
        for k in COLORS
    }
    best = read_best_known(folder)
    if not best:
        print("\nNo reference_mse.json here: ratios are over the effort `best`.")
        best = {photo.name: {str(k): errors["best", k][photo.name] for k in COLORS} for photo in photos}
    figures: dict[str, dict[str, float]] = {}
    rows = []
    for effort in efforts:
        ratios = {k: [mse / best[name][str(k)] for name, mse in errors[effort, k].items()] for k in COLORS}
        means = {str(k): float(np.exp(np.mean(np.log(ratios[k])))) for k in COLORS}
        worst = max(max(values) for values in ratios.values())
        figures[effort] = {**means, "worst": worst}
        rows.append([effort, *means.values(), worst])
    print_table([f"MSE over best known, {len(photos)} photographs", *(f"k = {k}" for k in COLORS), "worst"], rows)
    return {"photographs": len(photos), "ratios": figures}
