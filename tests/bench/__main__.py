"""Measure quality and speed on a folder of photographs: ``python -m tests.bench FOLDER [NAME...]``.

Prints tables for the README, and writes the figures to out/bench.json.
"""

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from tests.bench import (
    accents,
    dither,
    engine,
    memory,
    quality,
    reports,
    scale,
    scaling,
    sizes,
    soft,
    spaces,
    speed,
    targets,
)

BENCHES = {
    "quality": quality.run,
    "speed": speed.run,
    "scaling": scaling.run,
    "memory": memory.run,
    "reports": reports.run,
    "spaces": spaces.run,
    "targets": targets.run,
    "dither": dither.run,
    "soft": soft.run,
    "png": sizes.run_png,
    "gif": sizes.run_gif,
    "accents": accents.run,
    "engine": lambda _: engine.main(),
}

BY_NAME = {"scale": scale.run}
"""Those that take long, and run where they are named."""


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "sample_images")
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pillow", "scikit-learn"))
    print(f"On {machine}, {versions}:")
    figures: dict[str, object] = {"machine": machine, "versions": versions}
    for name in sys.argv[2:] or BENCHES:
        figures[name] = {**BENCHES, **BY_NAME}[name](folder)
    out = Path("out")
    out.mkdir(exist_ok=True)
    (out / "bench.json").write_text(json.dumps(figures, indent=1) + "\n")
    print("\nThe figures are in out/bench.json.")


if __name__ == "__main__":
    main()
