"""Show that two checkouts write the same bytes: ``python -m tests.bench.same_bytes OTHER [PICTURE...]``.

For changes that should change nothing. Every picture is converted with three numbers of colors, crossed with every
dither, space, format and effort, by this checkout and by the OTHER one; pictures, swatches, palettes, and reports less
their timing are compared. Exits with 1 where any file differs, and names it.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NUMBERS = (4, 16, 256)
VARIANTS: dict[str, tuple[str, ...]] = {
    "--dither": ("none", "floyd-steinberg", "atkinson", "sierra-lite", "bayer", "blue-noise"),
    "--space": ("linear", "oklab", "lab"),
    "--format": ("gif", "webp"),
    "--effort": ("fast", "best"),
}
EXPORTS = ("gpl", "hex", "pal", "act", "ase", "css", "json", "png")


def list_commands() -> Iterator[list[str]]:
    for k in NUMBERS:
        for option, values in VARIANTS.items():
            for value in values:
                yield ["-k", str(k), option, value]


def hash_outputs(checkout: Path, pictures: list[Path], options: list[str]) -> dict[str, str]:
    """Convert the pictures in an empty folder, and hash each file by its name."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    exports = [argument for name in EXPORTS for argument in ("--export", name)]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-P", "-m", "quantize", *map(str, pictures), *options, *exports, "-q", "-d", folder]
        subprocess.run(command, env=environment, cwd=folder, check=True)
        return {path.name: hash_file(path) for path in sorted(Path(folder).iterdir())}


def hash_file(path: Path) -> str:
    data = path.read_bytes()
    if path.name.endswith("-report.json"):
        report = json.loads(data)
        report.pop("timing", None)
        data = json.dumps(report, sort_keys=True).encode()
    return hashlib.sha256(data).hexdigest()


def main() -> int:
    other, *names = sys.argv[1:]
    pictures = [Path(name).resolve() for name in names] or sorted(Path("sample_images").resolve().glob("*.[jp]*g"))
    n_files, n_commands, n_different = 0, 0, 0
    for options in list_commands():
        here = hash_outputs(Path.cwd(), pictures, options)
        there = hash_outputs(Path(other).resolve(), pictures, options)
        different = [name for name in here.keys() | there.keys() if here.get(name) != there.get(name)]
        for name in sorted(different):
            print(f"{' '.join(options)}: {name} differs")
        n_files, n_commands, n_different = n_files + len(here), n_commands + 1, n_different + len(different)
    print(f"{n_files} files of {len(pictures)} pictures by {n_commands} commands: {n_different or 'none'} differ")
    return 1 if n_different else 0


if __name__ == "__main__":
    sys.exit(main())
