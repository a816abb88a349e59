"""Where the installed command starts, and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("observer", ["cProfile", "trace"])
def test_what_a_profiler_has_to_say_at_the_end_is_said(photo: Path, observer: str) -> None:
    options = ["-o", "times"] if observer == "cProfile" else ["--count", "-C", "times"]
    command = [sys.executable, "-m", observer, *options, "--module" if observer == "trace" else "-m", "quantize"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run([*command, "--version"], cwd=photo.parent, check=True, capture_output=True, env=environment)
    assert (photo.parent / "times").exists()
