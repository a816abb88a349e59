"""Write the live help into README.md: ``python -m tests.write_readme``."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def read_help() -> str:
    """The help as the command prints it, 100 columns wide."""
    done = subprocess.run(
        [sys.executable, "-m", "quantize", "--help"], capture_output=True, text=True, check=True,
        env={"COLUMNS": "100", "PATH": "", "PYTHONPATH": str(README.parent)},
    )  # fmt: skip
    return done.stdout.replace("python -m quantize", "quantize").strip()


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    pattern = re.compile(r"(?<=## Options\n).*?```text\n.*?```", re.DOTALL)
    block = pattern.search(text)
    assert block, "README.md has no block of text under '## Options'"
    start = block[0].split("```text", 1)[0]
    README.write_text(text.replace(block[0], f"{start}```text\n{read_help()}\n```"), encoding="utf-8")
