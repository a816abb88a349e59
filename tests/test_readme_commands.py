"""What README says to type can be typed."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from quantize import Settings, quantize_picture
from tests.conftest import make_flat, make_photo

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")

COMMANDS = [line.split("  #")[0].strip() for line in re.findall(r"^    (quantize .*)$", README, re.MULTILINE)]
"""Those that stand on lines of their own."""

INSTEAD = README.split("## Instead of", 1)[1].split("\n## ", 1)[0]
OURS = re.findall(r"\| `(quantize [^`]*)`", INSTEAD)
THEIRS = re.findall(r"^\| `((?:pngquant|gifsicle) [^`]*)`", INSTEAD, re.MULTILINE)
EXPRESSIONS = re.findall(r"\| `(quantize_picture\([^`]*)` \|", INSTEAD)


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A folder with all files that README names."""
    monkeypatch.chdir(tmp_path)
    for folder in ("photos", "sprites", "site"):
        Path(folder).mkdir()
    for number, name in enumerate(["photo.jpg", "street.jpg", "photos/a.jpg", "photos/b.jpg", "photos/c.png"]):
        make_photo(seed=number).save(name)
    for name in ("photo.png", "sprites/a.png", "sprites/b.png", "site/a.png"):
        make_photo().save(name)
    colors = [(0, 0, 0), (255, 255, 255), (228, 0, 43), (20, 60, 90)]
    make_flat(colors).quantize().save("sprite.png")
    shutil.copy("sprite.png", "palette.png")
    shutil.copy("sprite.png", "other.png")
    make_photo().save("walk.gif", save_all=True, append_images=[make_photo(seed=1)])
    lines = "".join(f"{i * 9} {i * 7} {i * 5}\tcolor {i}\n" for i in range(20))
    for name in ("mine.gpl", "dmc.gpl"):
        Path(name).write_text(f"GIMP Palette\n#\n{lines}")
    return tmp_path


def expand(command):
    """The words of a command as a shell would give them, without what is sent elsewhere."""
    words = shlex.split(re.split(r" [|>] ", command)[0])[1:]
    return [name for word in words for name in (map(str, sorted(Path().glob(word))) if "*" in word else [word])]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_can_be_typed(quantize, workplace, command):
    if "--scheduler" in command:
        pytest.skip("needs a cluster")
    run = quantize(*expand(command), "-n")
    assert (run.code, run.err) == (0, "")


@pytest.mark.parametrize("command", OURS)
def test_command_that_stands_for_another_programs_does_its_work(quantize, workplace, command):
    run = quantize(*expand(command), "-q")
    assert (run.code, run.err) == (0, "")


@pytest.mark.parametrize("command", THEIRS)
def test_other_programs_take_what_is_said_of_them(workplace, command):
    if shutil.which(command.split()[0]) is None:
        pytest.skip("is not installed")
    assert subprocess.run(shlex.split(command), check=False).returncode in (0, 99)  # 99: the quality was not reached


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_that_stands_for_another_librarys_gives_a_picture(workplace, expression):
    image = make_photo()
    names = {"image": image, "array": np.asarray(image), "quantize_picture": quantize_picture, "Settings": Settings}
    assert np.asarray(eval(expression, names)).shape[:2] == (image.height, image.width)


def test_makefile_rule_works_when_pasted(workplace):
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    lines = README.split("    all: $(patsubst", 1)[1].split("\n\nIn place", 1)[0]
    rule = "\n".join(line.removeprefix("    ") for line in f"    all: $(patsubst{lines}".splitlines())
    Path("Makefile").write_text(f"{rule}\n")
    tools = Path("tools")
    tools.mkdir()
    (tools / "quantize").write_text(f'#!/bin/sh\nexec {sys.executable} -m quantize "$@"\n')
    (tools / "quantize").chmod(0o755)
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "PATH": f"{tools.absolute()}:{os.environ['PATH']}", "PYTHONPATH": root}
    subprocess.run(["make", "-j2"], check=True, env=environment)
    assert len(list(Path("small").iterdir())) == 6
    again = subprocess.run(["make"], check=True, env=environment, capture_output=True, text=True)
    assert "Nothing to be done" in again.stdout


def test_there_are_commands_to_try():
    assert len(COMMANDS) > 20
    assert len(OURS) == 7
    assert len(EXPRESSIONS) == 3
    assert THEIRS
