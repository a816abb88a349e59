"""Where the installed command starts, and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quantize.__main__ import main


@pytest.mark.parametrize("observer", ["cProfile", "trace"])
def test_what_a_profiler_has_to_say_at_the_end_is_said(photo: Path, observer: str) -> None:
    options = ["-o", "times"] if observer == "cProfile" else ["--count", "-C", "times"]
    command = [sys.executable, "-m", observer, *options, "--module" if observer == "trace" else "-m", "quantize"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run([*command, "--version"], cwd=photo.parent, check=True, capture_output=True, env=environment)
    assert (photo.parent / "times").exists()


def test_signal_after_the_one_that_ends_changes_nothing(photo: Path) -> None:
    """While Python takes itself apart, signals have their own effect again."""
    script = (
        "import atexit, os, signal, sys\n"
        "from quantize.command import cli\n"
        "from quantize.__main__ import main\n"
        "cli.run = lambda: sys.exit(143)\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGKILL)\n"
        "main()\n"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 143


@pytest.mark.parametrize("error", [MemoryError(), ImportError("libx.so: failed to map segment\nand more")])
def test_want_of_memory_while_modules_load_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def run() -> None:
        raise error

    ended: list[int] = []
    monkeypatch.setattr("quantize.command.cli.run", run)
    monkeypatch.setattr("os._exit", ended.append)
    monkeypatch.setattr("quantize.__main__._is_observed", lambda: False)
    main()
    assert ended == [1]
    assert capsys.readouterr().err in (
        "quantize: cannot go on (no memory is left)\n",
        "quantize: cannot go on (libx.so: failed to map segment)\n",
    )
