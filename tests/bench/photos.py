"""The photographs of a folder, and what others reached on them."""

import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg")


def find_photos(folder: Path, *, large: bool = False) -> list[Path]:
    """Photographs below a folder: those over a megapixel, or the others."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    return [path for path in paths if (pixels(path) > 1_000_000) == large]


def pixels(path: Path) -> int:
    with Image.open(path) as image:
        return image.width * image.height


def read_best_known(folder: Path) -> dict[str, dict[str, float]]:
    """Best known MSE by picture and number of colors, from the nearest reference_mse.json; empty if there is none."""
    for place in (folder, *folder.resolve().parents):
        path = place / "reference_mse.json"
        if path.exists():
            sets = [value for value in json.loads(path.read_text()).values() if isinstance(value, dict)]
            return {
                name: {k: methods["best_known"] for k, methods in by_k.items()}
                for pictures in sets
                for name, by_k in pictures.items()
            }
    return {}


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table; numbers get three digits."""
    print("\n| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row) + " |")
